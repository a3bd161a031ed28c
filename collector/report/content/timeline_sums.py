"""Figures as sums over spans of dates: their points in time, and the counts between. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
from numpy.typing import NDArray

HiddenReason = Literal["too_few", "protected"]
"""``too_few``: based on too few records. ``protected``: hidden so that no small figure can be
computed from those shown."""

Dates = tuple[date, date]
"""First and last date."""
FigureKey = tuple[str | None, Dates]
"""Organization (None: the whole desk) and dates of a figure. A month that is the period itself is
one figure, shown twice."""

Matrix = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure based on ``n`` records, ``good`` of them good (None: it is no share). The lower its
    rank, the sooner it is hidden to protect others."""

    organization: str | None
    dates: Dates
    n: int
    rank: int
    good: int | None = None

    @property
    def key(self) -> FigureKey:
        """What is hidden with it: the figure, wherever it is shown in the document."""
        return self.organization, self.dates

    @property
    def ends(self) -> tuple[int, int]:
        """The points between which its records lie: ordinals of the first date and of the date
        after the last."""
        return self.dates[0].toordinal(), self.dates[1].toordinal() + 1

    @property
    def counts(self) -> tuple[int, int, int]:
        """Records, good ones and missed ones; without good and missed, one of each."""
        return (self.n, 1, 1) if self.good is None else (self.n, self.good, self.n - self.good)


class Line:
    """The points in time of the desk or of one organization, and the counts up to each."""

    def __init__(self, every: Iterable[Shown], shown: Sequence[Shown]) -> None:
        self.edges = [each.ends for each in shown]
        self._counts = _counted_up_to(every)
        self._root: dict[int, int] = {}
        self._like: dict[int, int] = {}
        for a, b in self.edges:
            self._root.setdefault(a, a)
            self._root.setdefault(b, b)
            self._root[self.root(a)] = self.root(b)
        self.points = sorted(self._root)

    def root(self, point: int) -> int:
        """The representative of the points that a point is connected with."""
        while self._root[point] != point:
            point = self._root[point]
        return point

    def learn(self, points: Iterable[int], like: int) -> bool:
        """Connect points with ``like``, since there are no records between; whether that is new."""
        told = False
        for each in points:
            if each not in self._root:
                self._root[each] = each
                self._counts[each] = self._counts[like]
                self._like[each] = like
            if self.root(each) != self.root(like):
                self._root[self.root(each)] = self.root(like)
                told = True
        self.points = sorted(self._root)
        return told

    def origin(self, point: int) -> int:
        """The end of a shown figure from which a point is known; itself if it is one."""
        while point in self._like:
            point = self._like[point]
        return point

    def up_to(self, measure: int) -> Matrix:
        """The count of a measure up to each point."""
        return np.array([self._counts[each][measure] for each in self.points], dtype=np.int64)

    def between(self, a: int, b: int, measure: int) -> int:
        """The count of a measure between two points."""
        return abs(self._counts[b][measure] - self._counts[a][measure])

    def lacks(self, a: int, b: int, measure: int) -> bool:
        """Whether it is known that nothing of a measure lies between two instants."""
        first, after = bisect_right(self.points, a) - 1, bisect_left(self.points, b)
        if first < 0 or after == len(self.points):
            return False
        return not self.between(self.points[first], self.points[after], measure)

    def within(self, a: int, b: int) -> tuple[int, int] | None:
        """The first and the last point from ``a`` to ``b``; None if there are less than two."""
        first, last = bisect_left(self.points, a), bisect_right(self.points, b) - 1
        return (self.points[first], self.points[last]) if first < last else None


def _counted_up_to(every: Iterable[Shown]) -> dict[int, Sequence[int]]:
    """The counts from some instant up to each point. Where figures differ, the first ones count."""
    near: dict[int, list[tuple[int, tuple[int, ...]]]] = {}
    for each in every:
        a, b = each.ends
        near.setdefault(b, []).append((a, tuple(-k for k in each.counts)))
        near.setdefault(a, []).append((b, each.counts))
    found: dict[int, Sequence[int]] = {}
    for start in near:
        waiting = deque([] if start in found else [start])
        found.setdefault(start, (0, 0, 0))
        while waiting:
            point = waiting.popleft()
            for other, counts in near[point]:
                if other not in found:
                    found[other] = [x + y for x, y in zip(found[point], counts, strict=True)]
                    waiting.append(other)
    return found


def path_between(edges: Iterable[tuple[int, int]], start: int, end: int) -> set[tuple[int, int]]:
    """The fewest edges that connect two points; empty if nothing does."""
    edges = list(dict.fromkeys(edges))
    before: dict[int, tuple[int, tuple[int, int]]] = {}
    waiting = deque([start])
    while waiting:
        point = waiting.popleft()
        for edge in edges:
            if point in edge:
                other = edge[1] if point == edge[0] else edge[0]
                if other not in before and other != start:
                    before[other] = (point, edge)
                    waiting.append(other)
    way: set[tuple[int, int]] = set()
    while end in before:
        end, edge = before[end]
        way.add(edge)
    return way
