"""The content of the page about one figure: what is published or kept of it, and the records of a
period that a page may read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from collector.config.definition_changes import changes_within
from collector.config.definitions import (
    definition_content,
    without_idle_rules,
)
from collector.config.settings import Settings
from collector.measuring.engine.doubts import doubts
from collector.measuring.figures.figure import Figure, definition_date, known_span
from collector.measuring.figures.rules import rules_in_words
from collector.model.bilingual import Language
from collector.model.periods import Period, month_index, month_start
from collector.report.content.definition_sections import change_in_words, definition_in_words
from collector.text import dates
from collector.text.measures import target_text
from collector.text.period_names import period_name
from collector.text.words import capital, words_in
from collector.text.words.definitions import exclusion_reason
from collector.text.words.tables import word
from collector.web.desk import Desk
from collector.web.indicator_parts import (
    Breakdown,
    Compared,
    Distribution,
    breakdowns,
    by_organization,
    comparisons_of,
    distribution_of,
    may_be_read,
)
from collector.web.indicator_records import PAGE_SIZE, Record, RecordTold, listed, told
from collector.web.paging import Paging
from collector.web.parameters import Question
from collector.web.standing import MonthPoint, Standing, month_points, standing

_MONTH = timedelta(days=31)
_MOST_MONTHS = 24


@dataclass(frozen=True, slots=True)
class Change:
    """A change of the definition within the period: since when, of what, and both values."""

    since: date
    path: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class MonthLink:
    """A month whose records can be listed: ``2020-07``, and its name."""

    period: str
    name: str


@dataclass(frozen=True, slots=True)
class Excluded:
    """How many records are left out for a ``reason``, as a code and in words."""

    reason: str
    text: str
    n: int


@dataclass(frozen=True, slots=True)
class IndicatorContent:
    """A figure taken apart. ``first`` and ``after``: the instants of the period.

    ``standing``: None for a period that is neither kept nor short enough to be measured for a
    page; the command ``measure`` gives it. ``purged``: a sentence if records of the period were
    purged. ``good``: records that met it, of ``standing.n``; None if it is no share.
    ``given_on``: the date of a value given by hand, with its ``comment``. ``trend``: the last
    months; ``by_organization`` and ``breakdowns``: the parts of the figure. ``months``: where
    the period holds too many records for a page, the months to choose from, the latest first;
    ``records`` and ``breakdowns`` are then empty. ``records``: those of the list's page.
    ``told``: the record that is asked for.
    """

    indicator: str
    title: str
    organization: str | None
    period_name: str
    period: str
    first: datetime
    after: datetime
    standing: Standing | None
    good: int | None
    excluded: list[Excluded]
    target: str
    rule: str
    purged: str
    doubts: list[str]
    changes: list[Change]
    definition: list[tuple[str, list[str]]]
    given_on: date | None
    comment: str | None
    is_measured: bool
    comparisons: list[Compared]
    trend: list[MonthPoint]
    distribution: Distribution | None
    by_organization: Breakdown | None
    breakdowns: list[Breakdown]
    months: list[MonthLink]
    records: list[Record]
    paging: Paging
    told: RecordTold | None


def indicator_content(desk: Desk, asked: Question, period: Period) -> IndicatorContent:
    """The content for a validated question. Raises Unknown for a record that there is not,
    StoreError."""
    name, language, organization = asked.path, asked.language, asked.get("organization")
    figures = figures_of(desk, name, period)
    figure = next((each for each in figures if each.organization == organization), None)
    readable = figure is not None and may_be_read(desk, name, period)
    records: list[Record] = []
    paging = Paging(1, PAGE_SIZE, more=False, total=0)
    if readable:
        records, paging = listed(desk, asked, period)
    first, after = desk.measuring.instants(period)
    today = definition_date(period, desk.today)
    timeline = desk.measuring.timeline(name)
    turns = (period.first, *timeline.between(period.first, period.after))
    present = f"{desk.today:%Y-%m}"
    is_measured = bool(timeline.clock)
    return IndicatorContent(
        indicator=name,
        title=desk.settings.indicator(name, today).title[language],
        organization=organization,
        period_name=own_name(desk, language, period.name),
        period=period.name,
        first=desk.moment(first),
        after=desk.moment(after),
        standing=None if figure is None else standing(figure, language),
        good=figure.good if figure is not None and figure.is_share and is_measured else None,
        excluded=[] if figure is None else _excluded(figure, language),
        target="" if figure is None else target_text(figure.measure, language),
        rule=capital(rules_in_words(desk.settings, name, turns, language)),
        purged=_purged(desk, figure, period, language),
        doubts=[] if figure is None else _doubts(desk, figure, language),
        changes=_changes(desk, name, period, language),
        definition=_definition(desk.settings, name, today, language),
        given_on=None if figure is None else figure.given_on,
        comment=None if figure is None else figure.comment,
        is_measured=is_measured,
        comparisons=[] if figure is None else comparisons_of(figure, language),
        trend=month_points(desk.months(name, organization), present),
        distribution=None if figure is None else distribution_of(desk, figure, period, language),
        by_organization=by_organization(figures, language) if organization is None else None,
        breakdowns=breakdowns(desk, name, period, organization, language)
        if readable and is_measured
        else [],
        months=[] if readable or not is_measured else _months(desk, period, language),
        records=records,
        paging=paging,
        told=told(desk, asked),
    )


def figures_of(desk: Desk, name: str, period: Period) -> list[Figure]:
    """The figures of an indicator in a period, of the whole desk and of each organization: from
    what is kept or published; otherwise measured, if it is a month or less. Empty for others.
    Raises StoreError."""
    measuring, now = desk.measuring, desk.now
    if desk.live is not None:
        kept = desk.live.figures_of(name, period, now)
        if kept is not None:
            return kept
    organizations = (None, *desk.settings.organizations)
    published = [desk.figures(period.name, each).get(name) for each in organizations]
    if published[0] is not None:
        return [each for each in published if each is not None]
    is_short = period.after - period.first <= _MONTH
    if not is_short and measuring.timeline(name).clock:
        return []
    states = dict(desk.stored_states())
    first = measuring.history_of(period, now) if is_short else period.first
    tallies = measuring.tallies(first, period.after if is_short else first, now, only=[name])
    return list(measuring.figures(tallies, period, now, states, [name]))


def own_name(desk: Desk, language: Language, text: str) -> str:
    """The name of a period in words."""
    period = desk.measuring.period(text, desk.now)
    words = words_in(language, desk.settings.locale)
    return capital(period_name(period, desk.measuring.fiscal, words))


def _excluded(figure: Figure, language: Language) -> list[Excluded]:
    return [
        Excluded(reason, exclusion_reason(reason, language, n), n)
        for reason, n in figure.excluded.items()
    ]


def _doubts(desk: Desk, figure: Figure, language: Language) -> list[str]:
    timeline = desk.measuring.timeline(figure.indicator)
    found = doubts(desk.measuring, desk.now, [(timeline, figure.lacking)])
    return [each.line(language) for each in found if each.concerns(figure.indicator)]


def _purged(desk: Desk, figure: Figure | None, period: Period, language: Language) -> str:
    if figure is not None and figure.purged is not None:
        return capital(word("purged", language, figure.purged)) + "."
    gone = desk.measuring.purged.gone(period)
    return "" if gone is None else capital(word("purged_list", language, *gone)) + "."


def _months(desk: Desk, period: Period, language: Language) -> list[MonthLink]:
    """The months of a period up to now, the latest first."""
    last = min(period.last, desk.today)
    indices = range(month_index(last), month_index(period.first) - 1, -1)
    starts = [month_start(index) for index in indices[:_MOST_MONTHS]]
    return [MonthLink(f"{each:%Y-%m}", capital(dates.month(each, language))) for each in starts]


def _definition(
    settings: Settings, name: str, on: date, language: Language
) -> list[tuple[str, list[str]]]:
    """The definition in force on a day: the name of each section, and its settings in words."""
    content = without_idle_rules(definition_content(settings, name, on))
    sections = definition_in_words(name, content, content, language)
    return [(word(section, language), lines) for section, lines in sections.items()]


def _changes(desk: Desk, name: str, period: Period, language: Language) -> list[Change]:
    changes = changes_within(desk.measuring.definitions(name), *known_span(period, desk.today))
    return [Change(each.since, *change_in_words(each, language)) for each in changes]
