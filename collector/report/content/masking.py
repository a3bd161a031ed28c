"""Which figures rest on so few records that they would tell of single people.

See :class:`Masks` for the rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from collector.model.periods import month_index, month_start
from collector.report.content.frozen import Content, Indicator, Span

Why = Literal["too_few", "protected"]
"""``too_few``: small itself. ``protected``: hidden so that no small one can be computed."""

Dates = tuple[date, date]
"""First and last date."""
Key = tuple[str | None, Dates]
"""What a figure is of: organization (None: the whole desk) and dates. A month that is the period
itself is one figure shown twice."""

_MONTH, _PERIOD, _YEAR = range(3)
_DAY = timedelta(days=1)


class Masks:
    """What is hidden in a document.

    The rule: nothing that the shown figures add up to, or leave when they are taken from each
    other, may rest on 1 to ``min_n`` - 1 records. Shown are the whole desk's months, the period and
    the year so far; and the organizations' period and year so far. So, as long as anything is so
    small, a figure is hidden,

    - itself, where it is small (``too_few``),
    - else the smallest of those that gave it away (``protected``): months before the period, the
      period before the year so far.

    What is computed are remainders, and there are two kinds. In time: a span without the largest
    shown ones in it, for the desk and for each organization. By organization: the desk without the
    organizations that are shown, in the period, in the year, and in what is left of the longer
    without the shorter; what belongs to no organization is in that remainder, too. As spans lie
    within each other or apart, all that can be computed is a sum of such remainders. A month that
    the period cuts counts as its two pieces. Where the whole desk is hidden in a span, so are its
    organizations. That there was no record is no secret. Figures given by hand and mere numbers of
    records tell nothing and stay.
    """

    def __init__(self, content: Content) -> None:
        self._period: Dates = (content.first, content.last)
        self._year: Dates = (content.year[0], content.year[2])
        self._last = content.last
        self._hidden: dict[str, dict[Key, Why]] = {
            each.id: hidden(self._figures(each), each.min_n, self._period, self._year)
            for each in content.indicators
            if each.has_denominator and each.min_n
        }

    def figure(self, indicator: Indicator, span: Span, organization: str | None) -> Why | None:
        """Why a figure is not shown; None where it is."""
        dates = self._period if span == "period" else self._year
        return self._hidden.get(indicator.id, {}).get((organization, dates))

    def month(self, indicator: Indicator, month: str) -> Why | None:
        """Why the whole desk's figure of a month is not shown; None where it is."""
        return self._hidden.get(indicator.id, {}).get((None, self._dates(month)))

    def _dates(self, month: str) -> Dates:
        first = date.fromisoformat(f"{month}-01")
        return first, min(self._last, month_start(month_index(first) + 1) - _DAY)

    def _figures(self, indicator: Indicator) -> list[Shown]:
        """The months first, so that one that is also the period or the year ends as that."""
        found: dict[Key, Shown] = {}
        for each in indicator.months():
            dates = self._dates(each["month"])
            found[None, dates] = Shown(None, dates, each["eligible"], _MONTH)
        spans: tuple[tuple[Span, Dates, int], ...] = (
            ("period", self._period, _PERIOD),
            ("year_to_date", self._year, _YEAR),
        )
        for span, dates, rank in spans:
            for figure in indicator.raw[span]:
                name = figure["organization"]
                found[name, dates] = Shown(name, dates, figure["eligible"], rank)
        return list(found.values())


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure of ``n`` records; the lower its rank, the sooner it is hidden for others. ``of``:
    the dates of the month that it is only a piece of."""

    organization: str | None
    dates: Dates
    n: int
    rank: int
    of: Dates | None = None

    @property
    def key(self) -> Key:
        """What is hidden with it."""
        return self.organization, self.of or self.dates

    def within(self, other: Shown) -> bool:
        """Whether it is a part of the other in time."""
        inside = other.dates[0] <= self.dates[0] and self.dates[1] <= other.dates[1]
        return inside and self.dates != other.dates


def hidden(figures: Sequence[Shown], min_n: int, period: Dates, year: Dates) -> dict[Key, Why]:
    """What is hidden of the figures of one indicator, and why; see :class:`Masks`."""

    def small(n: int) -> bool:
        return 0 < n < min_n

    found: dict[Key, Why] = {each.key: "too_few" for each in figures if small(each.n)}
    pieces = _cut(figures, period)
    while True:
        known = [each for each in pieces if each.key not in found]
        hide = _headless(known, found) or next(_gives_away(known, small, period, year), [])
        if not hide:
            return found
        found |= dict.fromkeys((each.key for each in hide), "protected")


def _cut(figures: Sequence[Shown], period: Dates) -> list[Shown]:
    """The figures with the month that the period begins in the midst of, and goes on after, as two:
    what of it lies in the period is what the period has beside its later months."""
    desk = [each for each in figures if each.organization is None]
    of_period = max((each.n for each in desk if each.dates == period), default=0)
    made: list[Shown] = []
    for each in figures:
        begin, end = each.dates
        if each.rank != _MONTH or not begin < period[0] <= end < period[1]:
            made.append(each)
            continue
        later = [o for o in desk if end < o.dates[0] and o.dates[1] <= period[1]]
        within = min(each.n, max(0, of_period - sum(other.n for other in _largest(later))))
        made.append(Shown(None, (begin, period[0] - _DAY), each.n - within, _MONTH, each.dates))
        made.append(Shown(None, (period[0], end), within, _MONTH, each.dates))
    return made


def _headless(known: Sequence[Shown], found: dict[Key, Why]) -> list[Shown]:
    """Organizations of a span whose whole is hidden."""
    return [each for each in known if each.n and each.organization and (None, each.dates) in found]


def _gives_away(
    known: Sequence[Shown], small: Callable[[int], bool], period: Dates, year: Dates
) -> Iterator[list[Shown]]:
    """What to hide for each small remainder that the known figures leave."""
    for each in known:
        inside = _largest([o for o in known if o.within(each) and _same(o, each)])
        if small(each.n - sum(other.n for other in inside)):
            yield [_first([each, *inside])]
    at = {(each.organization, each.dates): each for each in known}
    for dates in {period, year}:
        parts = [each for each in known if each.organization and each.dates == dates]
        if (None, dates) in at and small(at[None, dates].n - sum(each.n for each in parts)):
            yield [_first(parts or [at[None, dates]])]
    yield from _of_rest(at, small, *sorted((period, year)))


def _of_rest(
    at: dict[Key, Shown], small: Callable[[int], bool], longer: Dates, shorter: Dates
) -> Iterator[list[Shown]]:
    """The same in what the longer of the two spans has beside the shorter."""
    names = [name for name, dates in at if dates == longer and (name, shorter) in at]
    left = {name: at[name, longer].n - at[name, shorter].n for name in names}
    parts = [name for name in names if name and left[name]]
    if None in left and small(left[None] - sum(left[name] for name in parts)):
        name = min(parts, key=lambda name: (left[name], name), default=None)
        yield [_first([at[name, longer], at[name, shorter]])]


def _same(one: Shown, other: Shown) -> bool:
    return one.organization == other.organization


def _largest(inside: Sequence[Shown]) -> list[Shown]:
    """Those that lie in none of the others."""
    return [each for each in inside if not any(each.within(other) for other in inside)]


def _first(of: Sequence[Shown]) -> Shown:
    """The one that is hidden for the others."""
    return min((each for each in of if each.n), key=lambda each: (each.rank, each.n, each.key[0]))
