"""The page of open tickets: those with running clocks, the earliest deadline first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response

from collector.config.settings import sources_delivering
from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.freshness import staleness
from collector.measuring.engine.open_work import RunningClock, running_clocks
from collector.model.bilingual import Language
from collector.model.groups import other_than
from collector.text.characters import DASH, NBSP
from collector.text.dates import LocalTimes, local_times
from collector.text.durations import wall_clock
from collector.text.numbers import number
from collector.text.vocabulary import STATE_LOOKS, WHOLE_DESK, state_text
from collector.web.page import Page, data_as_of, language_of, other_language, plain_text

NO_PRIORITY = "-"
"""The ``priority`` parameter for tickets without a priority. Boards show a dash for those and pass
it on, so a dash is accepted as well."""

_MAX_ROWS = 500

_WORDS: dict[str, dict[Language, str]] = {
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
    "show": {"sv": "Visa", "en": "Show"},
    "none": {"sv": "Inga tidsgränser löper.", "en": "No deadline is running."},
    "of": {"sv": "över tiden av", "en": "overdue of"},
    "first": {"sv": "De första visas", "en": "Shown are the first"},
    "other": {"sv": "In English", "en": "På svenska"},
}


@dataclass(frozen=True, slots=True)
class OpenTicketsRequest:
    """The validated parameters of a request, groups of ``OpenWork``. None: not filtered;
    ``priority`` "": without one."""

    priority: str | None
    organization: str | None
    language: Language

    def link(self, language: Language) -> str:
        """A link to this page in another language; relative, so that it works behind a proxy."""
        parameters = {
            "priority": NO_PRIORITY if self.priority == "" else self.priority,
            "organization": self.organization,
            "lang": language,
        }
        return f"?{urlencode({key: value for key, value in parameters.items() if value})}"


class OpenPage(Page):
    """Answers ``/open?priority=&organization=&lang=``."""

    TEMPLATE = "open.html"

    def answer(self, request: Request) -> Response:
        """The page; 400 for invalid parameters."""
        measuring, now = self._measuring(), self._now()
        try:
            asked = _asked(request, measuring)
        except ValueError as error:
            return plain_text(str(error), 400)
        return self._rendered(lambda: _context(measuring, asked, now))


def _asked(request: Request, measuring: Measuring) -> OpenTicketsRequest:
    """Validate a request. Raises ValueError for invalid parameters."""
    settings, query = measuring.settings, request.query_params
    priority, organization = query.get("priority") or None, query.get("organization") or None
    if priority == DASH and priority not in settings.priorities:
        priority = NO_PRIORITY
    priorities, organizations = _groups(settings.priorities), _groups(settings.organizations)
    if priority is not None and priority not in (*priorities, NO_PRIORITY):
        raise ValueError(f"priority: {priority[:60]!r} is not one of the configured ones")
    if organization is not None and organization not in organizations:
        raise ValueError(f"organization: {organization[:60]!r} is not one of the configured ones")
    return OpenTicketsRequest(
        "" if priority == NO_PRIORITY else priority, organization, language_of(request, settings)
    )


def _groups(names: Sequence[str]) -> list[str]:
    """The groups of tickets by names: the names and all others."""
    return [*names, other_than(names)]


def _context(measuring: Measuring, asked: OpenTicketsRequest, now: int) -> dict[str, object]:
    settings, language = measuring.settings, asked.language
    when = local_times(settings.timezone, language, settings.locale)
    today = measuring.today(now)
    states = measuring.store.polls.states()
    found = running_clocks(measuring, now, asked.priority, asked.organization)
    stale = staleness(settings, now, states).get("tickets")
    doubt = {None: "no_data", True: "stale"}.get(stale)
    titles = {name: settings.indicator(name, today).title[language] for name in settings.indicators}
    words = {name: each[language] for name, each in _WORDS.items()}
    return {
        "t": words,
        "language": language,
        "other": other_language(language, settings),
        "asked": asked,
        "seen": data_as_of(sources_delivering(settings, "tickets"), states, when, language),
        "read": stale is not None,
        "doubt": doubt,
        "doubted": doubt and state_text(doubt, language),
        "total": len({(each.source, each.id) for each in found}),
        "overdue": len({(each.source, each.id) for each in found if each.overdue}),
        "priorities": [
            (None, "", words["all"]),
            *((each, each, each) for each in settings.priorities),
            (other := other_than(settings.priorities), other, words["others"]),
            ("", NO_PRIORITY, words["without"]),
        ],
        "organizations": [
            (None, WHOLE_DESK[language]),
            *((each, each) for each in settings.organizations),
            (other_than(settings.organizations), words["others"]),
        ],
        "rows": [_row(each, now, when, titles, asked) for each in found[:_MAX_ROWS]],
        "count": lambda n: number(n, language),
        "more": _MAX_ROWS if len(found) > _MAX_ROWS else None,
    }


def _row(
    each: RunningClock,
    now: int,
    when: LocalTimes,
    titles: dict[str, str],
    asked: OpenTicketsRequest,
) -> dict[str, object]:
    left = f"{_WORDS['overdue' if each.overdue else 'in'][asked.language]} "
    left += wall_clock(abs(each.due - now), asked.language)
    return {
        "name": f"{each.source}/{each.id}",
        "url": each.url if (each.url or "").startswith(("https://", "http://")) else None,
        "organization": each.organization,
        "priority": each.priority,
        "indicator": titles[each.indicator],
        "figure": f"indicator/{quote(each.indicator)}?period=month&lang={asked.language}",
        "due": when(each.due),
        "left": f"{STATE_LOOKS['missed'].symbol}{NBSP}{left}" if each.overdue else left,
        "overdue": each.overdue,
    }
