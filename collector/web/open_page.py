"""The page of open tickets: those with running clocks, the earliest deadline first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from collector.config.settings import sources_delivering
from collector.measuring.engine.freshness import staleness
from collector.measuring.engine.open_work import RunningClock, running_clocks
from collector.model.bilingual import Language, Text
from collector.model.codes import State
from collector.model.groups import other_than
from collector.text.characters import DASH, NBSP
from collector.text.durations import wall_clock
from collector.text.vocabulary import STATE_LOOKS, WHOLE_DESK
from collector.web.desk import Desk
from collector.web.page import Page, Words
from collector.web.paging import Paging, paged
from collector.web.parameters import PAGE, Options, Parameter, Question

NO_PRIORITY = "-"
"""The ``priority`` parameter for tickets without a priority. Boards show a dash for those and pass
it on, so a dash is accepted as well."""

_PAGE_SIZE = 100

_WORDS: Words = {
    "title": {"sv": "Öppna ärenden med tidsgräns", "en": "Open tickets with a deadline"},
    "record": {"sv": "Ärende", "en": "Ticket"},
    "organization": {"sv": "Organisation", "en": "Organization"},
    "priority": {"sv": "Prioritet", "en": "Priority"},
    "indicator": {"sv": "Mått", "en": "Indicator"},
    "deadline": {"sv": "Tidsgräns", "en": "Deadline"},
    "left": {"sv": "Kvar (klocktid)", "en": "Left (wall clock)"},
    "overdue": {"sv": "Över tiden med", "en": "Overdue by"},
    "in": {"sv": "om", "en": "in"},
    "all": {"sv": "alla", "en": "all"},
    "without": {"sv": "utan prioritet", "en": "without a priority"},
    "others": {"sv": "övriga", "en": "others"},
    "none": {"sv": "Inga tidsgränser löper.", "en": "No deadline is running."},
    "of": {"sv": "över tiden av", "en": "overdue of"},
}


@dataclass(frozen=True, slots=True)
class OpenClock:
    """A running clock of an open ticket: when it is ``due``, and the seconds ``left`` until then by
    the wall clock, negative once it is overdue. ``priority`` and ``organization`` may be empty."""

    source: str
    id: str
    url: str | None
    organization: str
    priority: str
    indicator: str
    title: str
    due: datetime
    left: int
    overdue: bool


@dataclass(frozen=True, slots=True)
class OpenContent:
    """The open tickets with a running clock: ``total`` tickets, ``overdue`` of them, and the
    clocks of this page of the list. ``doubt``: why that cannot be relied on; with no_data nothing
    is known at all."""

    total: int
    overdue: int
    doubt: State | None
    clocks: list[OpenClock]
    paging: Paging


def _priorities(desk: Desk, language: Language) -> Options:
    names = desk.settings.priorities
    return [
        ("", _WORDS["all"][language]),
        *((each, each) for each in names),
        (other_than(names), _WORDS["others"][language]),
        (NO_PRIORITY, _WORDS["without"][language]),
    ]


def _priority(desk: Desk, text: str) -> str:
    known = desk.settings.priorities
    if text == DASH and text not in known:
        return NO_PRIORITY
    return _one_of("priority", text, (*_groups(known), NO_PRIORITY))


def _organizations(desk: Desk, language: Language) -> Options:
    names = desk.settings.organizations
    return [
        ("", WHOLE_DESK[language]),
        *((each, each) for each in names),
        (other_than(names), _WORDS["others"][language]),
    ]


def _organization(desk: Desk, text: str) -> str:
    return _one_of("organization", text, _groups(desk.settings.organizations))


def _one_of(name: str, text: str, known: Sequence[str]) -> str:
    if text not in known:
        raise ValueError(f"{name}: {text[:60]!r} is not one of the configured ones")
    return text


def _groups(names: Sequence[str]) -> list[str]:
    """The groups of tickets by names: the names and all others."""
    return [*names, other_than(names)]


_PRIORITY = Parameter(
    "priority",
    f"Only tickets of this priority: a configured one, the group of all others, or {NO_PRIORITY} "
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


class OpenPage(Page[OpenContent]):
    """Answers ``/open?priority=&organization=&page=&lang=``."""

    NAME = "open"
    PATH = "/open"
    LABEL = Text(sv="Öppna", en="Open")
    ABOUT = "The open tickets with running clocks, the earliest deadline first."
    PARAMETERS = (_PRIORITY, _ORGANIZATION, PAGE)
    CONTENT = OpenContent
    WORDS: ClassVar[Words] = _WORDS
    EVERY = 30

    def content(self, desk: Desk, asked: Question) -> OpenContent:
        """The clocks that run now."""
        priority = asked.get("priority")
        found = running_clocks(
            desk.measuring,
            desk.now,
            "" if priority == NO_PRIORITY else priority,
            asked.get("organization"),
        )
        shown, paging = paged(found, asked.page, _PAGE_SIZE, len(found))
        states = desk.measuring.store.polls.states()
        doubts: dict[bool | None, State] = {None: "no_data", True: "stale"}
        titles = {
            name: desk.settings.indicator(name, desk.today).title[asked.language]
            for name in desk.settings.indicators
        }
        return OpenContent(
            total=len({(each.source, each.id) for each in found}),
            overdue=len({(each.source, each.id) for each in found if each.overdue}),
            doubt=doubts.get(staleness(desk.settings, desk.now, states).get("tickets")),
            clocks=[_clock(desk, each, titles) for each in shown],
            paging=paging,
        )

    def title(self, content: OpenContent, language: Language) -> str:
        """The same for every question."""
        return _WORDS["title"][language]

    def sources(self, desk: Desk, content: OpenContent) -> list[str]:
        """Those that deliver tickets."""
        return sources_delivering(desk.settings, "tickets")

    def extras(self, desk: Desk, content: OpenContent, asked: Question) -> Mapping[str, object]:
        """Instants and durations in words."""
        return {
            "when": desk.times(asked.language),
            "left": lambda each: _left(each, asked.language),
        }


def _clock(desk: Desk, each: RunningClock, titles: Mapping[str, str]) -> OpenClock:
    return OpenClock(
        source=each.source,
        id=each.id,
        url=each.url if (each.url or "").startswith(("https://", "http://")) else None,
        organization=each.organization,
        priority=each.priority,
        indicator=each.indicator,
        title=titles[each.indicator],
        due=desk.moment(each.due),
        left=each.due - desk.now,
        overdue=each.overdue,
    )


def _left(each: OpenClock, language: Language) -> str:
    """How long there is left, or how long it is overdue."""
    text = _WORDS["overdue" if each.overdue else "in"][language]
    text = f"{text} {wall_clock(abs(each.left), language)}"
    return f"{STATE_LOOKS['missed'].symbol}{NBSP}{text}" if each.overdue else text
