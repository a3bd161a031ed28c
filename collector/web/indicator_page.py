"""The page about one figure: its value, the definition in force, and the records behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import ClassVar

from collector.config.definition_changes import changes_within
from collector.config.definitions import (
    definition_content,
    definitions,
    without_idle_rules,
)
from collector.config.settings import Settings
from collector.measuring.engine.arithmetic import arithmetic
from collector.measuring.engine.doubts import doubts
from collector.measuring.engine.explain import Explanation, explain
from collector.measuring.figures.figure import Figure, definition_date, known_span
from collector.measuring.figures.rules import rules_in_words
from collector.model.bilingual import Language, Text
from collector.model.periods import EXPORTED, Period, require_measurable
from collector.report.content.definition_sections import change_in_words, definition_in_words
from collector.text.dates import LocalTimes, day
from collector.text.durations import duration
from collector.text.measures import target_text
from collector.text.period_names import RUNNING, period_name
from collector.text.words import capital, words_in
from collector.text.words.definitions import exclusion_reason
from collector.text.words.records import VERDICT_WORDS, fact_in_words
from collector.text.words.tables import word
from collector.web.desk import Desk
from collector.web.page import Page, Words
from collector.web.paging import Paging, paged
from collector.web.parameters import ORGANIZATION, PAGE, Options, Parameter, Question, Unknown
from collector.web.standing import Standing, standing

_PAGE_SIZE = 100
_AHEAD = timedelta(days=366)
VERDICTS: tuple[str, ...] = ("met", "missed", "pending", "excluded")

_WORDS: Words = {
    "now": {"sv": "Nuvärde", "en": "Now"},
    "target": {"sv": "Målvärde", "en": "Target"},
    "of": {"sv": "av", "en": "of"},
    "state": {"sv": "Läge", "en": "State"},
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
    "show": {"sv": "Visa", "en": "Show"},
    "skip": {"sv": "Till posterna", "en": "To the records"},
}


@dataclass(frozen=True, slots=True)
class Record:
    """A record behind the figure: its verdict and the reason, when it counts, the time it took and
    the limit (in words, as in ``explain``), and the arithmetic line by line."""

    source: str
    id: str
    url: str | None
    organization: str
    verdict: str
    verdict_text: str
    reason: str
    facts: str
    counted: str
    elapsed: str
    limit: str
    due: str
    arithmetic: list[str]


@dataclass(frozen=True, slots=True)
class Change:
    """A change of the definition within the period: since when, of what, and both values."""

    since: date
    path: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class IndicatorContent:
    """A figure taken apart. ``first`` and ``after``: the instants of the period. ``good``: records
    that met it, of ``standing.n``; None if it is no share. ``excluded``: records by reason.
    ``given_on``: the date of a value given by hand, with its ``comment``. ``records``: those of
    the list's page."""

    indicator: str
    title: str
    organization: str | None
    period: str
    first: datetime
    after: datetime
    standing: Standing
    good: int | None
    excluded: dict[str, int]
    target: str
    rule: str
    doubts: list[str]
    changes: list[Change]
    definition: list[tuple[str, list[str]]]
    given_on: date | None
    comment: str | None
    is_measured: bool
    records: list[Record]
    paging: Paging


def _periods(desk: Desk, language: Language) -> Options:
    return [(name, capital(RUNNING[name][language])) for name in EXPORTED]


def _period(desk: Desk, text: str) -> str:
    period = require_measurable(desk.measuring.period(text, desk.now))
    if period.last > desk.today + _AHEAD:
        raise ValueError(f"{period.name!r} ends more than a year ahead: there are no data for it")
    return text


def _own_name(desk: Desk, language: Language, text: str) -> str:
    period = desk.measuring.period(text, desk.now)
    words = words_in(language, desk.settings.locale)
    return capital(period_name(period, desk.measuring.fiscal, words))


def _verdicts(desk: Desk, language: Language) -> Options:
    return [("", _WORDS["all"][language]), *((each, _WORDS[each][language]) for each in VERDICTS)]


_PERIOD = Parameter(
    "period",
    f"One of {', '.join(EXPORTED)}, or a period written with dates, such as 2020-07.",
    Text(sv="Period", en="Period"),
    _periods,
    _period,
    default="month",
    named=_own_name,
)
_VERDICT = Parameter(
    "verdict",
    f"Only records of this verdict: {', '.join(VERDICTS)}.",
    Text(sv="Bedömning", en="Verdict"),
    _verdicts,
)


class IndicatorPage(Page[IndicatorContent]):
    """Answers ``/indicator/ID?period=&organization=&verdict=&page=&lang=``."""

    NAME = "indicator"
    PATH = "/indicator/{name}"
    ABOUT = "A figure taken apart: its value, its definition, and the records behind it."
    PARAMETERS = (_PERIOD, ORGANIZATION, _VERDICT, PAGE)
    CONTENT = IndicatorContent
    WORDS: ClassVar[Words] = _WORDS

    def content(self, desk: Desk, asked: Question) -> IndicatorContent:
        """The figure, measured for the period asked for."""
        name, language, measuring = asked.path, asked.language, desk.measuring
        if name not in desk.settings.indicators:
            known = ", ".join(desk.settings.indicators)
            raise Unknown(f"there is no indicator {name[:60]!r}; there are: {known}")
        period = measuring.period(asked.get("period") or _PERIOD.default, desk.now)
        figure = _figure(desk, name, period, asked.get("organization"))
        records, paging = _records(desk, asked, period)
        first, after = measuring.instants(period)
        return IndicatorContent(
            indicator=name,
            title=figure.title[language],
            organization=figure.organization,
            period=_own_name(desk, language, period.name),
            first=desk.moment(first),
            after=desk.moment(after),
            standing=standing(figure, language),
            good=figure.good if figure.is_share else None,
            excluded=figure.excluded,
            target=target_text(figure.measure, language),
            rule=capital(
                rules_in_words(desk.settings, name, (period.first, *figure.turns), language)
            ),
            doubts=[
                each.line(language)
                for each in doubts(
                    measuring, desk.now, [(measuring.timeline(name), figure.lacking)]
                )
                if each.concerns(name)
            ],
            changes=_changes(desk, name, period, language),
            definition=_definition(
                desk.settings, name, definition_date(period, desk.today), language
            ),
            given_on=figure.given_on,
            comment=figure.comment,
            is_measured=figure.is_measured,
            records=records,
            paging=paging,
        )

    def title(self, content: IndicatorContent, language: Language) -> str:
        """The indicator's title, with the organization."""
        whole = content.organization is None
        return content.title if whole else f"{content.title} · {content.organization}"

    def sources(self, desk: Desk, content: IndicatorContent) -> list[str]:
        """Those that the figure draws on."""
        return list(desk.measuring.sources[content.indicator])

    def extras(
        self, desk: Desk, content: IndicatorContent, asked: Question
    ) -> Mapping[str, object]:
        """Instants and dates in words."""
        when, locale = desk.times(asked.language), desk.settings.locale
        bounds = (content.first, content.after)
        return {
            "span": " – ".join(when(int(each.timestamp())) for each in bounds),
            "given_on": content.given_on and day(content.given_on, asked.language, locale),
        }


def _figure(desk: Desk, name: str, period: Period, organization: str | None) -> Figure:
    measuring, now = desk.measuring, desk.now
    states = measuring.store.polls.states()
    first = measuring.history_of(period, now)
    tallies = measuring.tallies(first, period.after, now, only=[name])
    figures = measuring.figures(tallies, period, now, states, [name])
    return next(each for each in figures if each.organization == organization)


def _definition(
    settings: Settings, name: str, on: date, language: Language
) -> list[tuple[str, list[str]]]:
    """The definition in force on a day: the name of each section, and its settings in words."""
    content = without_idle_rules(definition_content(settings, name, on))
    sections = definition_in_words(name, content, content, language)
    return [(word(section, language), lines) for section, lines in sections.items()]


def _changes(desk: Desk, name: str, period: Period, language: Language) -> list[Change]:
    history = definitions(desk.settings, name)
    changes = changes_within(history, *known_span(period, desk.today))
    return [Change(each.since, *change_in_words(each, language)) for each in changes]


def _records(desk: Desk, asked: Question, period: Period) -> tuple[list[Record], Paging]:
    """The records on the page of the list that is asked for."""
    measuring = desk.measuring
    timeline = measuring.timeline(asked.path)
    if not timeline.clock:
        return paged([], 1, _PAGE_SIZE)
    organization, verdict = asked.get("organization"), asked.get("verdict")
    found: Iterator[Explanation] = (
        each
        for each in explain(measuring, timeline, period, desk.now)
        if organization in (None, each.organization) and verdict in (None, each.verdict)
    )
    shown, paging = paged(found, asked.page, _PAGE_SIZE)
    when = desk.times(asked.language)
    return [_record(each, when, asked.language) for each in shown], paging


def _record(each: Explanation, when: LocalTimes, language: Language) -> Record:
    return Record(
        source=each.source,
        id=each.id,
        url=each.url if (each.url or "").startswith(("https://", "http://")) else None,
        organization=each.organization or "",
        verdict=each.verdict,
        verdict_text=VERDICT_WORDS[each.verdict][language],
        reason=each.reason and exclusion_reason(each.reason, language, 1),
        facts=", ".join(fact_in_words(*fact, language) for fact in each.facts.items()),
        counted=when(each.counted_at),
        elapsed="" if each.clock.elapsed is None else duration(each.clock.elapsed),
        limit="" if each.clock.limit is None else duration(each.clock.limit),
        due="" if each.clock.due is None else when(each.clock.due),
        arithmetic=[] if each.clock.start is None else list(arithmetic(each, when, language)),
    )
