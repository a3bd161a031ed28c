"""Which figures rest on so few records that they could reveal something about individuals.

See :class:`Masks` for the rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from collector.model.periods import month_index, month_start
from collector.report.content.frozen import Content, Indicator, Span

HiddenReason = Literal["too_few", "protected"]
"""``too_few``: based on too few records. ``protected``: hidden so that no small figure can be
computed from those shown."""

Dates = tuple[date, date]
"""First and last date."""
FigureKey = tuple[str | None, Dates]
"""Organization (None: the whole desk) and dates of a figure. A month that is the period itself is
one figure, shown twice."""

_MONTH, _PERIOD, _YEAR = range(3)
_DAY = timedelta(days=1)


class Masks:
    """The figures that are hidden in a document (small-number suppression).

    The rule: no sum or difference of shown figures may rest on 1 to ``min_n`` - 1 records. Shown
    are the whole desk's months, period and year so far, and each organization's period and year
    so far. As long as anything that can be computed is that small, one more figure is hidden:

    - the figure itself, if it is small (``too_few``),
    - otherwise the smallest of those that give it away (``protected``): months before the period,
      the period before the year so far.

    What can be computed are remainders, of two kinds. In time: a span minus the largest shown spans
    within it, for the desk and for each organization. By organization: the desk minus the shown
    organizations, in the period, in the year so far, and in the rest of the longer of the two
    without the shorter; records without an organization are part of that remainder. Since any two
    spans are nested or disjoint, everything that can be computed is a sum of such remainders. A
    month that the period cuts in two counts as two pieces. If the whole desk is hidden in a span,
    so are its organizations. That there were no records is no secret. Figures entered by hand and
    plain counts of records reveal nothing and stay.
    """

    def __init__(self, content: Content) -> None:
        self._period: Dates = (content.first, content.last)
        self._year: Dates = (content.year[0], content.year[2])
        self._last = content.last
        self._hidden: dict[str, dict[FigureKey, HiddenReason]] = {
            each.id: hidden_figures(self._figures(each), each.min_n, self._period, self._year)
            for each in content.indicators
            if each.has_denominator and each.min_n
        }

    def figure(
        self, indicator: Indicator, span: Span, organization: str | None
    ) -> HiddenReason | None:
        """Why a figure is hidden; None if it is shown. ``organization`` None: the whole desk."""
        dates = self._period if span == "period" else self._year
        return self._hidden.get(indicator.id, {}).get((organization, dates))

    def month(self, indicator: Indicator, month: str) -> HiddenReason | None:
        """Why the whole desk's figure of a month (``2020-07``) is hidden; None if it is shown."""
        return self._hidden.get(indicator.id, {}).get((None, self._dates(month)))

    def _dates(self, month: str) -> Dates:
        first = date.fromisoformat(f"{month}-01")
        return first, min(self._last, month_start(month_index(first) + 1) - _DAY)

    def _figures(self, indicator: Indicator) -> list[Shown]:
        """All shown figures of an indicator. The months come first, so that a month that is also
        the period or the year so far is ranked as that."""
        figures: dict[FigureKey, Shown] = {}
        for each in indicator.months():
            dates = self._dates(each["month"])
            figures[None, dates] = Shown(None, dates, each["eligible"], _MONTH)
        spans: tuple[tuple[Span, Dates, int], ...] = (
            ("period", self._period, _PERIOD),
            ("year_to_date", self._year, _YEAR),
        )
        for span, dates, rank in spans:
            for figure in indicator.raw[span]:
                name = figure["organization"]
                figures[name, dates] = Shown(name, dates, figure["eligible"], rank)
        return list(figures.values())


@dataclass(frozen=True, slots=True)
class Shown:
    """A shown figure based on ``n`` records. The lower its rank, the sooner it is hidden to protect
    others. ``of``: the dates of the whole month, if it is only a piece of one."""

    organization: str | None
    dates: Dates
    n: int
    rank: int
    of: Dates | None = None

    @property
    def key(self) -> FigureKey:
        """The figure that is hidden to hide this one: itself, or the month it is a piece of."""
        return self.organization, self.of or self.dates

    def within(self, other: Shown) -> bool:
        """Whether its dates are a proper part of the other's."""
        inside = other.dates[0] <= self.dates[0] and self.dates[1] <= other.dates[1]
        return inside and self.dates != other.dates


def hidden_figures(
    figures: Sequence[Shown], min_n: int, period: Dates, year: Dates
) -> dict[FigureKey, HiddenReason]:
    """Which figures of one indicator are hidden, and why; see :class:`Masks`.

    ``period`` and ``year`` are the dates of the period and of the year so far.
    """

    def small(n: int) -> bool:
        return 0 < n < min_n

    reasons: dict[FigureKey, HiddenReason] = {
        each.key: "too_few" for each in figures if small(each.n)
    }
    pieces = _cut(figures, period)
    while True:
        visible = [each for each in pieces if each.key not in reasons]
        hide = _without_whole(visible, reasons) or next(
            _gives_away(visible, small, period, year), []
        )
        if not hide:
            return reasons
        reasons |= dict.fromkeys((each.key for each in hide), "protected")


def _cut(figures: Sequence[Shown], period: Dates) -> list[Shown]:
    """The figures, with a month in whose middle the period begins cut in two pieces.

    The records of the piece within the period are those of the period minus its later months.
    """
    desk = [each for each in figures if each.organization is None]
    of_period = max((each.n for each in desk if each.dates == period), default=0)
    pieces: list[Shown] = []
    for each in figures:
        begin, end = each.dates
        if each.rank != _MONTH or not begin < period[0] <= end < period[1]:
            pieces.append(each)
            continue
        later = [o for o in desk if end < o.dates[0] and o.dates[1] <= period[1]]
        within = min(each.n, max(0, of_period - sum(other.n for other in _largest(later))))
        pieces.append(Shown(None, (begin, period[0] - _DAY), each.n - within, _MONTH, each.dates))
        pieces.append(Shown(None, (period[0], end), within, _MONTH, each.dates))
    return pieces


def _without_whole(visible: Sequence[Shown], reasons: dict[FigureKey, HiddenReason]) -> list[Shown]:
    """The organizations shown in a span in which the whole desk is hidden."""
    return [
        each for each in visible if each.n and each.organization and (None, each.dates) in reasons
    ]


def _gives_away(
    visible: Sequence[Shown], small: Callable[[int], bool], period: Dates, year: Dates
) -> Iterator[list[Shown]]:
    """The figures to hide for each small remainder of the shown ones."""
    for each in visible:
        inside = _largest([o for o in visible if o.within(each) and _same(o, each)])
        if small(each.n - sum(other.n for other in inside)):
            yield [_first_to_hide([each, *inside])]
    at = {(each.organization, each.dates): each for each in visible}
    for dates in {period, year}:
        parts = [each for each in visible if each.organization and each.dates == dates]
        if (None, dates) in at and small(at[None, dates].n - sum(each.n for each in parts)):
            yield [_first_to_hide(parts or [at[None, dates]])]
    yield from _small_rests(at, small, *sorted((period, year)))


def _small_rests(
    at: dict[FigureKey, Shown], small: Callable[[int], bool], longer: Dates, shorter: Dates
) -> Iterator[list[Shown]]:
    """The same for the part of the longer of the two spans outside the shorter."""
    names = [name for name, dates in at if dates == longer and (name, shorter) in at]
    left = {name: at[name, longer].n - at[name, shorter].n for name in names}
    parts = [name for name in names if name and left[name]]
    if None in left and small(left[None] - sum(left[name] for name in parts)):
        name = min(parts, key=lambda name: (left[name], name), default=None)
        yield [_first_to_hide([at[name, longer], at[name, shorter]])]


def _same(one: Shown, other: Shown) -> bool:
    return one.organization == other.organization


def _largest(inside: Sequence[Shown]) -> list[Shown]:
    """Those that are not part of any other."""
    return [each for each in inside if not any(each.within(other) for other in inside)]


def _first_to_hide(figures: Sequence[Shown]) -> Shown:
    """The one that is hidden to protect the others: lowest rank, then fewest records."""
    return min(
        (each for each in figures if each.n), key=lambda each: (each.rank, each.n, each.key[0])
    )
