"""Time intervals of mute timings as Grafana takes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")


def as_grafana_takes_them(intervals: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The same intervals without ranges of weekdays that run past Saturday.

    In Grafana a week begins on Sunday, and ``monday:sunday`` is refused for ending before it
    begins. Such a range is the same as what lies before the turn of the week and what lies after.
    """
    taken = []
    for interval in intervals:
        turned = dict(interval)
        if isinstance(days := interval.get("weekdays"), list):
            turned["weekdays"] = [part for each in days for part in _split(each)]
        taken.append(turned)
    return taken


def _split(weekdays: object) -> Iterator[object]:
    first, colon, last = str(weekdays).lower().partition(":")
    if not colon or first not in _DAYS or last not in _DAYS:
        yield weekdays
        return
    begin, end = _DAYS.index(first), _DAYS.index(last)
    if begin <= end:
        yield f"{first}:{last}"
        return
    yield _range(0, end)
    yield _range(begin, len(_DAYS) - 1)


def _range(begin: int, end: int) -> str:
    return _DAYS[begin] if begin == end else f"{_DAYS[begin]}:{_DAYS[end]}"
