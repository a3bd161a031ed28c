"""A figure taken apart: by organization and other fields, by the time its records took, and beside
the same period a year before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from collector.config.settings import sources_delivering
from collector.measuring.engine.freshness import with_true_ages
from collector.measuring.engine.splitting import can_be_split, split_by_each
from collector.measuring.figures.compared_in_words import change_in_words, quantile_text
from collector.measuring.figures.distribution import BOUNDS, groups, quantile
from collector.measuring.figures.figure import Figure
from collector.measuring.kinds.table import kind_of
from collector.model.bilingual import Language
from collector.model.codes import State
from collector.model.periods import Period
from collector.text.measures import amount_text
from collector.text.words import capital
from collector.text.words.records import field_name, value_of_field
from collector.text.words.tables import word
from collector.web.desk import Desk

_AT_A_TIME = 31
"""How many days of records a page may read whatever they hold."""
_CHEAP = 5_000
"""As many records are read at once for a longer period, too."""
_MOST_BARS = 12
_MOST_PARTS = 30

_FIELDS = {
    "tickets": ("team", "category", "priority", "weekday", "hour"),
    "calls": ("queue", "weekday", "hour"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the figure: the ``value`` of the field it has in common, as a parameter of the page
    asks for it (``-`` where the field is empty), and in words. ``n``: records that the figure is
    of; ``missed``: those of a share that missed."""

    value: str
    label: str
    figure: float | None
    text: str
    n: int
    missed: int | None
    pending: int
    state: State | None


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The figure by a field, ``by``, of its records. ``left_out``: smaller parts not listed.
    ``others``: records of the figure that are in no part, as those of organizations that are not
    configured, or of none."""

    by: str
    title: str
    parts: list[Part]
    left_out: int
    others: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """``n`` records that took more than ``low`` and at most ``high`` seconds."""

    low: int
    high: int | None
    n: int


@dataclass(frozen=True, slots=True)
class Distribution:
    """How long the records took. ``limit``: in seconds, where one limit holds for the period."""

    groups: list[Group]
    limit: int | None
    median: str
    ninety: str


@dataclass(frozen=True, slots=True)
class Compared:
    """The figure beside another period, whose dates are ``period``: the other ``value`` and the
    ``change``, in the figure's unit and in words."""

    name: str
    title: str
    period: str
    value: float | None
    text: str
    n: int
    change: float | None
    verdict: str | None
    change_text: str


def may_be_read(desk: Desk, name: str, period: Period) -> bool:
    """Whether a page may read every record of a period: a month, or few records. Raises
    StoreError."""
    if (period.after - period.first).days <= _AT_A_TIME:
        return True
    measured_on = desk.measuring.timeline(name).versions[0].indicator.measured_on
    if measured_on is None:
        return True
    sources = sources_delivering(desk.settings, measured_on)
    records = desk.measuring.store.records
    return records.are_at_most(_CHEAP, sources, *desk.measuring.instants(period))


def by_organization(figures: Iterable[Figure], language: Language) -> Breakdown | None:
    """The figure of each organization; None where there are fewer than two, where no record has an
    organization (as calls), and for values given by hand."""
    found = list(figures)
    own = [each for each in found if each.organization is not None and each.is_measured]
    if len(own) < 2 or not any(each.eligible or each.pending or each.excluded for each in own):
        return None
    title = capital(field_name("organization", language))
    parts = [
        _part(each, each.organization or "", each.organization or "", language) for each in own
    ]
    whole = sum(each.eligible for each in found if each.organization is None)
    others = whole - sum(each.eligible for each in own)
    return Breakdown("organization", title, parts, 0, others)


def breakdowns(
    desk: Desk, name: str, period: Period, organization: str | None, language: Language
) -> list[Breakdown]:
    """The figure by each field that its records have. It reads the records of the period. Raises
    StoreError."""
    measuring = desk.measuring
    timeline = measuring.timeline(name)
    measured_on = timeline.versions[0].indicator.measured_on or ""
    fields = [each for each in _FIELDS.get(measured_on, ()) if can_be_split(timeline, each)]
    split = split_by_each(
        measuring,
        period,
        desk.now,
        fields,
        with_true_ages(desk.now, desk.states()),
        name,
        organization,
    )
    found = []
    for by, figures in split.items():
        parts = [_split_part(each, by, language) for each in figures if each.part is not None]
        if by == "hour" or len(parts) > 1:
            title = capital(field_name(by, language))
            left_out = max(0, len(parts) - _MOST_PARTS)
            found.append(Breakdown(by, title, parts[:_MOST_PARTS], left_out))
    return found


def _split_part(figure: Figure, by: str, language: Language) -> Part:
    assert figure.part is not None
    value = figure.part.value
    return _part(
        figure,
        "-" if value is None else str(value),
        capital(value_of_field(by, value, language)),
        language,
    )


def _part(figure: Figure, value: str, label: str, language: Language) -> Part:
    return Part(
        value=value,
        label=label,
        figure=figure.value,
        text=amount_text(figure.measure, figure.value, language),
        n=figure.eligible,
        missed=figure.eligible - figure.good if figure.is_share else None,
        pending=figure.pending,
        state=figure.state,  # type: ignore[arg-type]
    )


def distribution_of(
    desk: Desk, figure: Figure, period: Period, language: Language
) -> Distribution | None:
    """How the times of the records are spread; None without any."""
    median, ninety = (quantile(figure.histogram, share) for share in (0.5, 0.9))
    if median is None or ninety is None:
        return None
    limits = set(_limits(desk, figure.indicator, period))
    limit = limits.pop() if len(limits) == 1 else None
    return Distribution(
        groups=[Group(*each) for each in groups(figure.histogram, _MOST_BARS, limit)],
        limit=limit,
        median=quantile_text(median, language),
        ninety=quantile_text(ninety, language),
    )


def is_over(group: Group, limit: int | None) -> bool | None:
    """Whether the records of a group took longer than the limit; None if it lies within the group
    or there is none."""
    if limit is None:
        return None
    if group.high is not None and group.high <= limit:
        return False
    return True if group.low >= limit else None


def is_exact(limit: int) -> bool:
    """Whether the records within a limit can be told from the others by the distribution."""
    return limit in BOUNDS


def _limits(desk: Desk, name: str, period: Period) -> Iterator[int | None]:
    """The limits in force within a period."""
    timeline = desk.measuring.timeline(name)
    for day in (period.first, *timeline.between(period.first, period.after)):
        yardstick = timeline.on(day)
        yield kind_of(yardstick.indicator).limit(yardstick)


def comparisons_of(figure: Figure, language: Language) -> list[Compared]:
    """The figure beside the period before and a year before, as far as they are known."""
    return [
        Compared(
            name=each.name,
            title=word(each.name, language),
            period=each.period,
            value=each.value,
            text=amount_text(figure.measure, each.value, language),
            n=each.eligible,
            change=each.change,
            verdict=each.verdict,
            change_text=change_in_words(figure, each, language),
        )
        for each in figure.comparisons
        if each.value is not None and each.name in ("year_before", "previous")
    ]
