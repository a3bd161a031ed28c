"""The page about one figure: its value, the definition in force, and the records behind it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from collector.config.definition_changes import changes_within
from collector.config.definitions import (
    definition_content,
    definitions,
    without_idle_rules,
)
from collector.config.settings import Settings
from collector.measuring.engine.arithmetic import arithmetic
from collector.measuring.engine.doubts import doubts
from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.explain import Explanation, explain
from collector.measuring.figures.figure import Figure, definition_date, known_span
from collector.measuring.figures.rules import rules_in_words
from collector.model.bilingual import Language
from collector.model.periods import EXPORTED, Period, require_measurable
from collector.report.content.definition_sections import change_in_words, definition_in_words
from collector.store import PollState
from collector.text.dates import LocalTimes, day, local_times
from collector.text.durations import duration
from collector.text.measures import amount_text, target_text
from collector.text.numbers import number
from collector.text.period_names import RUNNING, period_name
from collector.text.vocabulary import WHOLE_DESK, state_text
from collector.text.words import capital, words_in
from collector.text.words.definitions import exclusion_reason
from collector.text.words.records import VERDICT_WORDS, fact_in_words
from collector.text.words.tables import word
from collector.web.page import Page, data_as_of, language_of, other_language, plain_text

_PAGE_SIZE = 100
_AHEAD = timedelta(days=366)
VERDICTS = ("met", "missed", "pending", "excluded")

_WORDS: dict[str, dict[Language, str]] = {
    "now": {"sv": "Nuvärde", "en": "Now"},
    "target": {"sv": "Målvärde", "en": "Target"},
    "of": {"sv": "av", "en": "of"},
    "records": {"sv": "poster", "en": "records"},
    "pending": {"sv": "väntar", "en": "pending"},
    "excluded": {"sv": "undantagna", "en": "excluded"},
    "met": {"sv": "nådda", "en": "met"},
    "missed": {"sv": "missade", "en": "missed"},
    "all": {"sv": "alla", "en": "all"},
    "formula": {"sv": "Så räknas det", "en": "How it is made"},
    "definition": {"sv": "Gällande definition", "en": "Definition in force"},
    "changes": {"sv": "Ändringar under perioden", "en": "Changes within the period"},
    "from": {"sv": "från", "en": "from"},
    "behind": {"sv": "Posterna bakom siffran", "en": "The records behind the figure"},
    "none": {"sv": "Inga poster.", "en": "No records."},
    "verdict": {"sv": "Bedömning", "en": "Verdict"},
    "record": {"sv": "Post", "en": "Record"},
    "organization": {"sv": "Organisation", "en": "Organization"},
    "counted": {"sv": "Räknas", "en": "Counts"},
    "elapsed": {"sv": "Tid", "en": "Time"},
    "limit": {"sv": "Gräns", "en": "Limit"},
    "arithmetic": {"sv": "Uträkning", "en": "Arithmetic"},
    "doubts": {"sv": "Frågas efter förgäves", "en": "Asked in vain"},
    "period": {"sv": "Period", "en": "Period"},
    "show": {"sv": "Visa", "en": "Show"},
    "next": {"sv": "Fler", "en": "More"},
    "other": {"sv": "In English", "en": "På svenska"},
    "skip": {"sv": "Till posterna", "en": "To the records"},
}


@dataclass(frozen=True, slots=True)
class IndicatorRequest:
    """The validated parameters of a request. None: not filtered."""

    indicator: str
    period: Period
    organization: str | None
    verdict: str | None
    page: int
    language: Language

    def link(self, **changes: object) -> str:
        """A link to this page with some parameters changed; relative, to work behind a proxy."""
        parameters: dict[str, object] = {
            "period": self.period.name,
            "organization": self.organization,
            "verdict": self.verdict,
            "page": None,
            "lang": self.language,
        }
        chosen = {key: value for key, value in (parameters | changes).items() if value is not None}
        return f"?{urlencode(chosen)}"


class IndicatorPage(Page):
    """Answers ``/indicator/ID?period=&organization=&verdict=&page=&lang=``."""

    TEMPLATE = "indicator.html"

    def answer(self, request: Request) -> Response:
        """The page; 404 for an unknown indicator, 400 for invalid parameters."""
        measuring, now = self._measuring(), self._now()
        try:
            asked = _asked(request, measuring, now)
        except KeyError as unknown:
            known = ", ".join(measuring.settings.indicators)
            return plain_text(f"there is no indicator {unknown}; there are: {known}", 404)
        except ValueError as error:
            return plain_text(str(error), 400)
        return self._rendered(lambda: _context(measuring, asked, now))


def _asked(request: Request, measuring: Measuring, now: int) -> IndicatorRequest:
    """Validate a request. Raises KeyError for an unknown indicator, ValueError for the rest."""
    settings, query = measuring.settings, request.query_params
    name = request.path_params["name"]
    if name not in settings.indicators:
        raise KeyError(name)
    organization = query.get("organization") or None
    if organization is not None and organization not in settings.organizations:
        raise ValueError(f"organization: {organization!r} is not one of the configured ones")
    verdict = query.get("verdict") or None
    if verdict is not None and verdict not in VERDICTS:
        raise ValueError(f"verdict: {verdict!r} is not one of {', '.join(VERDICTS)}")
    page = query.get("page", "1")
    if not page.isascii() or not page.isdigit() or len(page) > 7 or not 1 <= int(page) <= 10**6:
        raise ValueError(f"page: {page[:20]!r} is not a page number")
    language = language_of(request, settings)
    period = require_measurable(measuring.period(query.get("period") or "month", now))
    if period.last > measuring.today(now) + _AHEAD:
        raise ValueError(f"{period.name!r} ends more than a year ahead: there are no data for it")
    return IndicatorRequest(name, period, organization, verdict, int(page), language)


def _context(measuring: Measuring, asked: IndicatorRequest, now: int) -> dict[str, object]:
    settings, language, period = measuring.settings, asked.language, asked.period
    today = measuring.today(now)
    when = local_times(settings.timezone, language, settings.locale)
    states, timeline = measuring.store.polls.states(), measuring.timeline(asked.indicator)
    figure = _figure(measuring, asked, now, states)
    rows, more = _rows(measuring, asked, now)
    bounds = measuring.instants(period)
    own_name = period_name(period, measuring.fiscal, words_in(language, settings.locale))
    return {
        "t": {name: words[language] for name, words in _WORDS.items()},
        "language": language,
        "other": other_language(language, settings),
        "asked": asked,
        "figure": figure,
        "rule": capital(
            rules_in_words(settings, asked.indicator, (period.first, *figure.turns), language)
        ),
        "title": figure.title[language],
        "value": amount_text(figure.measure, figure.value, language),
        "share": figure.unit == "ratio",
        "target": target_text(figure.measure, language),
        "state": figure.state and state_text(figure.state, language),
        "span": f"{when(bounds[0])} – {when(bounds[1])}",
        "seen": data_as_of(measuring.sources[asked.indicator], states, when, language),
        "periods": _periods(asked, own_name),
        "organizations": [(None, WHOLE_DESK[language]), *((o, o) for o in settings.organizations)],
        "verdicts": [(None, _WORDS["all"][language])]
        + [(v, _WORDS[v][language]) for v in VERDICTS],
        "definition": _definition(settings, asked, definition_date(period, today)),
        "doubts": [
            each.line(language)
            for each in doubts(measuring, now, [(timeline, figure.lacking)])
            if each.concerns(asked.indicator)
        ],
        "changes": _changes(measuring, asked, today),
        "period": capital(own_name),
        "rows": [_row(each, when, language) for each in rows],
        "more": more,
        "excluded": sum(figure.excluded.values()),
        "count": lambda n: number(n, language),
        "given_on": figure.given_on and day(figure.given_on, language, settings.locale),
    }


def _periods(asked: IndicatorRequest, own_name: str) -> list[tuple[str, str]]:
    """The periods to choose from, as (name, label): those of the boards and the requested one."""
    names = [(name, RUNNING[name][asked.language]) for name in EXPORTED]
    own = asked.period.name
    return names if own in EXPORTED else [(own, own_name), *names]


def _figure(
    measuring: Measuring, asked: IndicatorRequest, now: int, states: dict[str, PollState]
) -> Figure:
    first = measuring.history_of(asked.period, now)
    tallies = measuring.tallies(first, asked.period.after, now, only=[asked.indicator])
    figures = measuring.figures(tallies, asked.period, now, states, [asked.indicator])
    return next(f for f in figures if f.organization == asked.organization)


def _definition(
    settings: Settings, asked: IndicatorRequest, on: date
) -> list[tuple[str, list[str]]]:
    """The definition in force on a day: the name of each section, and its settings in words."""
    content = without_idle_rules(definition_content(settings, asked.indicator, on))
    sections = definition_in_words(asked.indicator, content, content, asked.language)
    return [(word(name, asked.language), lines) for name, lines in sections.items()]


def _changes(
    measuring: Measuring, asked: IndicatorRequest, today: date
) -> list[tuple[str, str, str, str]]:
    history = definitions(measuring.settings, asked.indicator)
    changes = changes_within(history, *known_span(asked.period, today))
    return [(str(c.since), *change_in_words(c, asked.language)) for c in changes]


def _rows(
    measuring: Measuring, asked: IndicatorRequest, now: int
) -> tuple[list[Explanation], bool]:
    """The records on the requested page, and whether another page follows."""
    timeline = measuring.timeline(asked.indicator)
    if not timeline.clock:
        return [], False

    def matching() -> Iterator[Explanation]:
        for each in explain(measuring, timeline, asked.period, now):
            if asked.organization is not None and each.organization != asked.organization:
                continue
            if asked.verdict is None or each.verdict == asked.verdict:
                yield each

    start = (asked.page - 1) * _PAGE_SIZE
    found = list(islice(matching(), start, start + _PAGE_SIZE + 1))
    return found[:_PAGE_SIZE], len(found) > _PAGE_SIZE


def _row(each: Explanation, when: LocalTimes, language: Language) -> dict[str, object]:
    return {
        "verdict": VERDICT_WORDS[each.verdict][language],
        "reason": each.reason and exclusion_reason(each.reason, language, 1),
        "name": f"{each.source}/{each.id}",
        "url": each.url if (each.url or "").startswith(("https://", "http://")) else None,
        "organization": each.organization or "",
        "facts": ", ".join(fact_in_words(*fact, language) for fact in each.facts.items()),
        "counted": when(each.counted_at),
        "elapsed": "" if each.clock.elapsed is None else duration(each.clock.elapsed),
        "limit": "" if each.clock.limit is None else duration(each.clock.limit),
        "due": "" if each.clock.due is None else when(each.clock.due),
        "lines": [] if each.clock.start is None else list(arithmetic(each, when, language)),
    }
