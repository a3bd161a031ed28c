"""The page of open tickets: what needs hands, the earliest deadline first, and what is not
listed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import ClassVar

from collector.config.settings import sources_delivering
from collector.measuring.engine.freshness import staleness
from collector.measuring.engine.open_tickets import OpenList, RunningClock, open_list, open_teams
from collector.model.bilingual import Language, Text
from collector.model.codes import NoClock, State
from collector.model.groups import other_than
from collector.text.characters import DASH
from collector.text.durations import duration
from collector.text.vocabulary import WHOLE_DESK
from collector.text.words.reasons import without_clock
from collector.web.desk import Desk
from collector.web.page import Page, Words
from collector.web.paging import Paging, paged
from collector.web.parameters import PAGE, Options, Parameter, Question

NOTHING = "-"
"""The ``priority`` and ``team`` parameters for tickets without one. Boards show a dash for those
and pass it on, so a dash is accepted as well."""

_PAGE_SIZE = 100
_LONGEST = 200

_WORDS: Words = {
    "title": {"sv": "Öppna ärenden", "en": "Open tickets"},
    "record": {"sv": "Ärende", "en": "Ticket"},
    "organization": {"sv": "Organisation", "en": "Organization"},
    "priority": {"sv": "Prioritet", "en": "Priority"},
    "team": {"sv": "Grupp", "en": "Team"},
    "indicator": {"sv": "Indikator", "en": "Indicator"},
    "deadline": {"sv": "Tidsgräns", "en": "Deadline"},
    "left": {"sv": "Arbetstid kvar", "en": "Business time left"},
    "unit": {"sv": "h:min:s", "en": "h:min:s"},
    "over_by": {"sv": "över med", "en": "over by"},
    "overdue": {"sv": "Över tiden", "en": "Overdue"},
    "next": {"sv": "Näst på tur", "en": "Due next"},
    "also": {"sv": "även", "en": "also"},
    "closed": {"sv": "stängt nu", "en": "closed now"},
    "all": {"sv": "Alla", "en": "All"},
    "all_teams": {"sv": "Alla grupper", "en": "All teams"},
    "without": {"sv": "utan prioritet", "en": "without a priority"},
    "without_team": {"sv": "utan grupp", "en": "without a team"},
    "others": {"sv": "övriga", "en": "others"},
    "none_configured": {
        "sv": "Inget ärendesystem är inlagt bland källorna.",
        "en": "No ticket system is configured among the sources.",
    },
    "unknown": {
        "sv": "Öppna ärenden är inte kända: ärendesystemet är inte läst till slutet än.",
        "en": "Open tickets are not known: the ticket system was not read to its end yet.",
    },
    "none": {"sv": "Inga tidsgränser löper.", "en": "No deadline is running."},
    "open": {"sv": "öppna", "en": "open"},
    "running": {"sv": "med löpande tidsgräns", "en": "with a running deadline"},
    "unlisted": {"sv": "Inte i listan", "en": "Not in the list"},
    "excluded": {"sv": "undantagna enligt reglerna", "en": "excluded by the rules"},
    "tickets": {"sv": "ärenden", "en": "tickets"},
}


@dataclass(frozen=True, slots=True)
class OpenClock:
    """A running clock: the deadline of an ``indicator``, the seconds of business time ``left``
    until then (negative once they are overdrawn), whether its calendar is ``open`` now, and in how
    many seconds that ``changes``; None if not within a week."""

    indicator: str
    title: str
    due: datetime
    left: int
    overdue: bool
    open: bool
    changes: int | None


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """An open ticket and its running ``clocks``, the earliest deadline first. ``priority``,
    ``organization`` and ``team`` may be empty."""

    source: str
    id: str
    url: str | None
    organization: str
    priority: str
    team: str
    clocks: list[OpenClock]


@dataclass(frozen=True, slots=True)
class Unlisted:
    """How many open tickets have no running clock for a ``reason``."""

    reason: NoClock
    text: str
    n: int


@dataclass(frozen=True, slots=True)
class OpenContent:
    """The open tickets: how many are ``open``, have a running clock (``total``) and are
    ``overdue``; those of this page of the list; and why the others are not in it. ``excluded``:
    open tickets that the rules leave out, whatever was asked for. ``doubt``: why all that cannot be
    relied on; with no_data nothing is known at all."""

    open: int
    total: int
    overdue: int
    doubt: State | None
    tickets: list[OpenTicket]
    unlisted: list[Unlisted]
    excluded: int
    paging: Paging


def _priorities(desk: Desk, language: Language) -> Options:
    names = desk.settings.priorities
    return [
        ("", _WORDS["all"][language]),
        *((each, each) for each in names),
        (other_than(names), _WORDS["others"][language]),
        (NOTHING, _WORDS["without"][language]),
    ]


def _priority(desk: Desk, text: str) -> str:
    known = desk.settings.priorities
    if text == DASH and text not in known:
        return NOTHING
    return _one_of("priority", text, (*_groups(known), NOTHING))


def _organizations(desk: Desk, language: Language) -> Options:
    names = desk.settings.organizations
    return [
        ("", WHOLE_DESK[language]),
        *((each, each) for each in names),
        (other_than(names), _WORDS["others"][language]),
    ]


def _organization(desk: Desk, text: str) -> str:
    return _one_of("organization", text, _groups(desk.settings.organizations))


def _teams(desk: Desk, language: Language) -> Options:
    """The teams that have open tickets now."""
    found = open_teams(desk.measuring, desk.now)
    without = [(NOTHING, _WORDS["without_team"][language])] if "" in found else []
    return [
        ("", _WORDS["all_teams"][language]),
        *((each, each) for each in found if each),
        *without,
    ]


def _team(_: Desk, text: str) -> str:
    """Any team: one whose last ticket was just closed is still the answer to a question."""
    if len(text) > _LONGEST:
        raise ValueError(f"team: {text[:60]!r} is too long for a team's name")
    return NOTHING if text == DASH else text


def _one_of(name: str, text: str, known: Sequence[str]) -> str:
    if text not in known:
        raise ValueError(f"{name}: {text[:60]!r} is not one of the configured ones")
    return text


def _groups(names: Sequence[str]) -> list[str]:
    """The groups of tickets by names: the names and all others."""
    return [*names, other_than(names)]


_PRIORITY = Parameter(
    "priority",
    f"Only tickets of this priority: a configured one, the group of all others, or {NOTHING} "
    "for tickets without one.",
    Text(sv="Prioritet", en="Priority"),
    _priorities,
    _priority,
)
_ORGANIZATION = Parameter(
    "organization",
    "Only tickets of this organization: a configured one, or the group of all others.",
    Text(sv="Organisation", en="Organization"),
    _organizations,
    _organization,
)

_TEAM = Parameter(
    "team",
    f"Only tickets that are with this team now; {NOTHING} for tickets without one.",
    Text(sv="Grupp", en="Team"),
    _teams,
    _team,
    named=lambda _desk, _language, text: text,
)


class OpenPage(Page[OpenContent]):
    """Answers ``/open?priority=&team=&organization=&page=&lang=``."""

    NAME = "open"
    PATH = "/open"
    LABEL = Text(sv="Öppna", en="Open")
    ABOUT = "The open tickets with running clocks, the earliest deadline first."
    PARAMETERS = (_PRIORITY, _TEAM, _ORGANIZATION, PAGE)
    CONTENT = OpenContent
    WORDS: ClassVar[Words] = _WORDS
    EVERY = 30

    def content(self, desk: Desk, asked: Question) -> OpenContent:
        """The clocks that run now."""
        found = open_list(
            desk.measuring,
            desk.now,
            _wanted(asked.get("priority")),
            asked.get("organization"),
            _wanted(asked.get("team")),
        )
        tickets = _tickets(desk, found, asked.language)
        shown, paging = paged(tickets, asked.page, _PAGE_SIZE, len(tickets))
        states = desk.stored_states()
        doubts: dict[bool | None, State] = {None: "no_data", True: "stale"}
        return OpenContent(
            open=found.open,
            total=len(tickets),
            overdue=sum(each.clocks[0].overdue for each in tickets),
            doubt=doubts.get(staleness(desk.settings, desk.now, states).get("tickets")),
            tickets=shown,
            unlisted=[
                Unlisted(reason, without_clock(reason, asked.language), n)
                for reason, n in found.without.items()
            ],
            excluded=found.excluded,
            paging=paging,
        )

    def title(self, content: OpenContent, language: Language) -> str:
        """The same for every question."""
        return _WORDS["title"][language]

    def sources(self, desk: Desk, content: OpenContent) -> list[str]:
        """Those that deliver tickets."""
        return sources_delivering(desk.settings, "tickets")

    def extras(self, desk: Desk, content: OpenContent, asked: Question) -> Mapping[str, object]:
        """The overdue tickets and the others; instants and durations in words."""
        by_state = groupby(content.tickets, key=lambda each: each.clocks[0].overdue)
        return {
            "groups": [(overdue, list(each)) for overdue, each in by_state],
            "configured": bool(sources_delivering(desk.settings, "tickets")),
            "when": desk.times(asked.language),
            "duration": duration,
        }


def _wanted(text: str | None) -> str | None:
    return "" if text == NOTHING else text


def _tickets(desk: Desk, found: OpenList, language: Language) -> list[OpenTicket]:
    """The tickets, each with its clocks, in the order of their first deadline."""
    titles = {
        name: desk.settings.indicator(name, desk.today).title[language]
        for name in desk.settings.indicators
    }
    by_ticket: dict[tuple[str, str], list[RunningClock]] = {}
    for each in found.clocks:
        by_ticket.setdefault((each.source, each.id), []).append(each)
    return [
        OpenTicket(
            source=own[0].source,
            id=own[0].id,
            url=own[0].url if (own[0].url or "").startswith(("https://", "http://")) else None,
            organization=own[0].organization,
            priority=own[0].priority,
            team=own[0].team,
            clocks=[_clock(desk, each, titles) for each in own],
        )
        for own in by_ticket.values()
    ]


def _clock(desk: Desk, each: RunningClock, titles: Mapping[str, str]) -> OpenClock:
    return OpenClock(
        indicator=each.indicator,
        title=titles[each.indicator],
        due=desk.moment(each.due),
        left=each.left,
        overdue=each.overdue,
        open=each.hours.is_open,
        changes=None if each.hours.until is None else each.hours.until - desk.now,
    )
