"""Pauses of clocks: intervals of real time that do not count, in the forms they are given in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from collector.business_time.zone import LATEST, Int64, as_integers

Pair = tuple[int, int | None]
Listed = Sequence[Pair] | Sequence[Sequence[Pair]]


class Pauses(NamedTuple):
    """Intervals [start, end) that do not count, for arrays of spans.

    Three int64 arrays of one length; ``row`` indexes the broadcast spans (in C order when they
    have several dimensions). In any order; they may overlap, touch, and reach beyond their span.
    An interval that ends before it starts is empty.
    """

    row: Int64
    start: Int64
    end: Int64


AnyPauses = Listed | Pauses


def as_pauses(pauses: AnyPauses, spans: Int64) -> Pauses:
    """Pauses of any form as arrays, checked against the spans they belong to.

    Pairs (from, to) hold for every span; one list of pairs for each span holds for its own. An end
    that is None has not come yet. Raises TypeError and ValueError for what is neither.
    """
    if isinstance(pauses, Pauses):
        row, start, end = map(as_integers, pauses)
        if row.size and not 0 <= row.min() <= row.max() < spans.size:
            raise ValueError(f"pauses name a row outside the {spans.size} spans")
        return Pauses(row, start, end)
    given: list[Any] = list(pauses)
    if not all(isinstance(each, Sequence | np.ndarray) for each in given):
        raise TypeError("pauses are pairs (from, to) of epoch seconds, or lists of them")
    if all(_is_pair(each) for each in given):
        given = [given] * spans.size
    elif len(given) != spans.size:
        raise ValueError(f"{len(given)} lists of pauses are given for {spans.size} spans")
    rows = [row for row, listed in enumerate(given) for _ in listed]
    pairs = [_bounds(pair) for listed in given for pair in listed]
    start, end = as_integers(np.array(pairs, dtype=np.int64).reshape(-1, 2)).T
    return Pauses(np.array(rows, dtype=np.int64), start, end)


def _is_pair(each: Any) -> bool:
    """Whether it is (from, to), and not a list of such."""
    return isinstance(each, Sequence | np.ndarray) and len(each) == 2 and np.ndim(each[0]) == 0


def _bounds(pair: Any) -> tuple[int, int]:
    if not _is_pair(pair):
        raise TypeError(f"a pause is a pair (from, to) of epoch seconds, not {pair!r}")
    start, end = pair
    bounds = as_integers([start, LATEST - 1 if end is None else end]).tolist()
    return bounds[0], bounds[1]
