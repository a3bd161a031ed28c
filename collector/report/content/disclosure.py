"""Which figures must be hidden so that no small group can be computed from those shown. Pure.

Whoever reads documents can add and subtract the figures in them. A figure is a sum over a span of
dates, of one organization or of the whole desk, so what can be computed has a simple form.

- **In time.** Take the dates at which shown spans begin or end as points, and each shown span as an
  edge between two of them. The records between two points can be computed if the points are
  connected. Between points that are not, sums can still be computed as cycles: from Monday to
  Tuesday in one part and back from Friday to Saturday in the other, where Monday–Saturday and
  Tuesday–Friday are shown.
- **Across organizations.** In a span of the desk, every organization can be taken away between its
  own first and last point in that span. What is left is the *remainder* of the span: the records
  of nobody, and those of organizations whose figures are hidden there.

So it is enough to look at the records of an organization between two neighbouring points of its
own (as if all of these were connected, which errs on the safe side) and at the remainders of cycles
of the desk's spans. Where a computed sum is 0, every part of it is known to be 0, too.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray

from collector.report.content.timeline_sums import Line, Matrix, Shown, path_between

_N, _GOOD, _MISSED = range(3)
_FAR = np.int64(1) << 40


@dataclass(frozen=True, slots=True)
class Leak:
    """Records between two points that give somebody away: of an organization, or (None) those left
    of the desk. ``measure``: which of their counts does it."""

    organization: str | None
    ends: tuple[int, int]
    measure: int


class Audit:
    """What the shown figures of all documents give away.

    ``every``: also the hidden ones, from which we know all counts; ``own``: those that the document
    shows; ``before``: those that the documents before it do; ``under``: the smallest number of
    records that may be computed.
    """

    def __init__(
        self, every: Sequence[Shown], own: Sequence[Shown], before: Sequence[Shown], under: int
    ) -> None:
        self._every, self._own = every, own
        self._before, self._under = before, under
        self._secret = [each for each in every if 0 < each.n < under]
        shown, all_of = _by_organization([*own, *before]), _by_organization(every)
        lines = {name: Line(each, shown.get(name, [])) for name, each in all_of.items()}
        self._desk = lines.pop(None)
        self._parts = lines
        self._is_share = all(each.good is not None for each in every)
        while self._learn_what_is_empty():
            pass

    # What can be computed

    def _rests(self, measure: int, *, whole: bool = False) -> tuple[Matrix, Matrix]:
        """By two points of the desk, the least that is left between them, and the least that must
        be added to it to be computable (0: the two are connected). ``whole``: nothing is taken
        away."""
        points, total = np.array(self._desk.points), self._desk.up_to(measure)
        rest = total[None, :] - total[:, None]
        for line in () if whole else self._parts.values():
            if len(line.points) < 2:
                continue
            up_to = line.up_to(measure)
            first = np.searchsorted(line.points, points, side="left")
            last = np.searchsorted(line.points, points, side="right") - 1
            taken = up_to[last][None, :] - up_to[np.minimum(first, len(up_to) - 1)][:, None]
            rest -= np.where(first[:, None] < last[None, :], taken, 0)
        rest = np.where(points[:, None] < points[None, :], abs(rest), _FAR)
        return rest, self._ways_back(rest)

    def _ways_back(self, rest: Matrix) -> Matrix:
        roots = {self._desk.root(each): 0 for each in self._desk.points}
        place = {root: n for n, root in enumerate(roots)}
        part = np.array([place[self._desk.root(each)] for each in self._desk.points], dtype=int)
        ways = np.full((len(place), len(place)), _FAR)
        np.minimum.at(ways, (part[:, None], part[None, :]), rest)
        np.fill_diagonal(ways, 0)
        for via in range(len(place)):
            ways = np.minimum(ways, ways[:, via, None] + ways[None, via, :])
        back: Matrix = ways[part[None, :], part[:, None]]
        return back

    def _runs(self, where: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
        """The spans of the desk in some cells of a matrix, the shortest first."""
        points = self._desk.points
        found = ((points[a], points[b]) for a, b in np.argwhere(where))
        yield from sorted(found, key=lambda run: (run[1] - run[0], run))

    def _learn_what_is_empty(self) -> bool:
        """Use that every part of a computed 0 is 0; whether anything new is known."""
        if not self._desk.points:
            return False
        every = sorted({p for line in (self._desk, *self._parts.values()) for p in line.points})
        told = False

        def learn(line: Line, a: int, b: int, like: int) -> None:
            nonlocal told
            inside = every[bisect_left(every, a) : bisect_right(every, b)]
            told = line.learn(inside, like) or told

        for line in self._parts.values():
            for a, b in pairwise(list(line.points)):
                if not line.between(a, b, _N):
                    learn(line, a, b, a)
        for whole in (True, False):
            rest, back = self._rests(_N, whole=whole)
            for a, b in list(self._runs((rest == 0) & (back == 0))):
                if whole:
                    learn(self._desk, a, b, a)
                for line in self._parts.values():
                    if known := line.within(a, b):
                        learn(line, a, known[0], known[0])
                        learn(line, known[1], b, known[1])
        return told

    def leaks(self) -> Iterator[Leak]:
        """Yield what the figures give away."""
        for name, line in self._parts.items():
            for ends in pairwise(line.points):
                if 0 < line.between(*ends, _N) < self._under:
                    yield Leak(name, ends, _N)
        if self._desk.points:
            rest, back = self._rests(_N)
            for ends in self._runs((rest > 0) & (rest + back < self._under)):
                yield Leak(None, ends, _N)
        if self._is_share:
            for measure in (_GOOD, _MISSED):
                yield from self._alike(measure)

    def _alike(self, measure: int) -> Iterator[Leak]:
        """Sums without any good or any missed records that hold a hidden figure, so that this has
        none either; unless a figure that is shown says that anyway."""
        secret = [
            self._without_what_is_known(each, measure)
            for each in self._secret
            if not self._is_told(each, measure)
        ]
        for each in secret:
            if line := self._parts.get(each.organization or ""):
                for ends in combinations(line.points, 2):
                    if _holds(ends, each.ends) and not line.between(*ends, measure):
                        yield Leak(each.organization, ends, measure)
        if not secret or not self._desk.points:
            return
        for whole in (True, False):
            rest, back = self._rests(measure, whole=whole)
            for ends in self._runs((rest == 0) & (back == 0)):
                leak = Leak(None, ends, measure)
                if any(self._is_left(each, leak, whole=whole) for each in secret):
                    yield leak

    def _without_what_is_known(self, secret: Shown, measure: int) -> Shown:
        """A hidden figure without the days at its edges of which the same is known already."""
        line = self._desk if secret.organization is None else self._parts[secret.organization]
        a, b = secret.ends
        inside = [each for each in line.points if a < each < b]
        first = max([a, *(each for each in inside if line.lacks(a, each, measure))])
        after = min(
            [b, *(each for each in inside if first < each and line.lacks(each, b, measure))]
        )
        dates = date.fromordinal(first), date.fromordinal(after - 1)
        return replace(secret, dates=dates)

    def _is_told(self, secret: Shown, measure: int) -> bool:
        return any(
            each.organization in (None, secret.organization)
            and _holds(each.ends, secret.ends)
            and not each.counts[measure]
            for each in (*self._own, *self._before)
        )

    def _is_left(self, secret: Shown, leak: Leak, *, whole: bool) -> bool:
        """Whether a hidden figure is part of what is left between two points of the desk, but for
        records of which the same is known."""
        if not _holds(leak.ends, secret.ends):
            return False
        if secret.organization is None:
            return whole or all(self._is_left_of(each, secret, leak) for each in self._parts)
        return self._is_left_of(secret.organization, secret, leak)

    def _is_left_of(self, name: str | None, secret: Shown, leak: Leak) -> bool:
        line = self._parts[name]
        known = line.within(*leak.ends)
        if known is None:
            return True
        first, after = max(known[0], secret.ends[0]), min(known[1], secret.ends[1])
        return first >= after or line.lacks(first, after, leak.measure)

    # What to do about it

    def remedy(self, leak: Leak) -> list[Shown]:
        """Return the figure to hide next, of those that the document itself shows; empty if
        nothing in it makes a difference."""
        if leak.organization is not None:
            found = self._at_ends(leak.organization, leak.ends)
        else:
            found = [each for each in self._own if each.organization and self._is_taken(each, leak)]
            found = found or self._on_the_way(leak.ends)
        return in_order(found)[:1] or self._by_trial(leak)

    def _by_trial(self, leak: Leak) -> list[Shown]:
        """The first figure without which the leak is gone, where it comes from far away."""

        def holds(own: list[Shown]) -> bool:
            return leak in Audit(self._every, own, self._before, self._under).leaks()

        if holds([]):
            return []
        order = in_order(self._own)
        alone = (f for f in order if not holds([each for each in self._own if each != f]))
        return [next(alone, order[0])]

    def _edges_before(self, name: str | None) -> list[tuple[int, int]]:
        return [each.ends for each in self._before if each.organization == name]

    def _at_ends(self, name: str | None, ends: tuple[int, int]) -> list[Shown]:
        """The figures at one of two points, if it would be unknown without the document."""
        line = self._desk if name is None else self._parts[name]
        known = {point for edge in self._edges_before(name) for point in edge}
        lost = {line.origin(point) for point in ends} - known
        return [each for each in self._own if each.organization == name and lost & {*each.ends}]

    def _is_taken(self, figure: Shown, leak: Leak) -> bool:
        """Whether more would be left if a figure were hidden, or all of its organization."""
        mine = [each for each in self._own if each.organization == figure.organization]
        whole = self._taken(figure, leak, mine)
        fewer: list[list[Shown]] = [[each for each in mine if each != figure], []]
        return any(self._taken(figure, leak, rest) < whole for rest in fewer)

    def _taken(self, figure: Shown, leak: Leak, mine: Sequence[Shown]) -> int:
        """What is taken away from the desk if an organization has these figures."""
        edges = [*(each.ends for each in mine), *self._edges_before(figure.organization)]
        points = sorted({point for edge in edges for point in edge})
        first, last = bisect_left(points, leak.ends[0]), bisect_right(points, leak.ends[1]) - 1
        if first >= last:
            return 0
        line = self._parts[figure.organization or ""]
        return line.between(points[first], points[last], leak.measure)

    def _on_the_way(self, ends: tuple[int, int]) -> list[Shown]:
        """The desk's figures by which two points are connected; none if they are without them."""
        start, end = (self._desk.origin(point) for point in ends)
        before = self._edges_before(None)
        if start == end or path_between(before, start, end):
            return []
        way = path_between(self._desk.edges, start, end)
        if not way:
            return self._at_ends(None, ends)
        return [each for each in self._own if each.organization is None and each.ends in way]


def _by_organization(figures: Iterable[Shown]) -> dict[str | None, list[Shown]]:
    found: dict[str | None, list[Shown]] = {None: []}
    for each in figures:
        found.setdefault(each.organization, []).append(each)
    return found


def _holds(outer: tuple[int, int], inner: tuple[int, int]) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def in_order(figures: Iterable[Shown]) -> list[Shown]:
    """The order in which they are hidden to protect others: lowest rank, then fewest records. That
    there were none is hidden only if nothing else helps."""

    def order(each: Shown) -> tuple[object, ...]:
        return not each.n, each.rank, each.n, each.organization or "", each.dates

    return sorted(figures, key=order)
