"""Pauses of a clock: intervals of real time that do not count, in the forms callers may use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from collector.business_time.zone import LATEST, Int64, as_integers

Pair = tuple[int, int | None]
"""(from, to) in epoch seconds; None: the pause has not ended."""
Listed = Sequence[Pair] | Sequence[Sequence[Pair]]


class Pauses(NamedTuple):
    """Intervals [start, end) that do not count, for arrays of spans.

    Three int64 arrays of the same length, ``start`` and ``end`` in epoch seconds; ``row`` indexes
    the broadcast spans (in C order if they have several dimensions). The order is free. Intervals
    may overlap, touch and reach beyond their span; one that ends before it starts is empty.
    """

    row: Int64
    start: Int64
    end: Int64


AnyPauses = Listed | Pauses


def as_pauses(pauses: AnyPauses, spans: Int64) -> Pauses:
    """Convert pauses of any form to arrays and check them against their spans.

    Plain pairs apply to every span; a list of pairs for each span applies to that span. An end of
    None means that the pause has not ended. Of ``spans``, an array with one element per span, only
    the size is used.

    Raises TypeError for anything but pairs of whole seconds or lists of them, and ValueError for a
    row outside the spans, a wrong number of lists or an instant outside 64 bits.
    """
    if isinstance(pauses, Pauses):
        row, start, end = map(as_integers, pauses)
        if row.size and not 0 <= row.min() <= row.max() < spans.size:
            raise ValueError(f"pauses name a row outside the {spans.size} spans")
        return Pauses(row, start, end)
    items: list[Any] = list(pauses)
    if not all(isinstance(each, Sequence | np.ndarray) for each in items):
        raise TypeError("pauses are pairs (from, to) of epoch seconds, or lists of them")
    if all(_is_pair(each) for each in items):
        items = [items] * spans.size
    elif len(items) != spans.size:
        raise ValueError(f"there are {len(items)} lists of pauses for {spans.size} spans")
    rows = [row for row, pairs_of_span in enumerate(items) for _ in pairs_of_span]
    pairs = [_bounds(pair) for pairs_of_span in items for pair in pairs_of_span]
    start, end = as_integers(np.array(pairs, dtype=np.int64).reshape(-1, 2)).T
    return Pauses(np.array(rows, dtype=np.int64), start, end)


def _is_pair(each: Any) -> bool:
    """Return whether it is one (from, to) rather than a list of them."""
    return isinstance(each, Sequence | np.ndarray) and len(each) == 2 and np.ndim(each[0]) == 0


def _bounds(pair: Any) -> tuple[int, int]:
    if not _is_pair(pair):
        raise TypeError(f"a pause is a pair (from, to) of epoch seconds, not {pair!r}")
    start, end = pair
    bounds = as_integers([start, LATEST - 1 if end is None else end]).tolist()
    return bounds[0], bounds[1]
