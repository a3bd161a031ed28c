"""The state of queues at this moment, kept between a poll and the scrapes that follow it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from threading import Lock

from collector.config.settings import Settings
from collector.measuring.engine.freshness import stale_after
from collector.measuring.engine.open_work import MOST_QUEUES
from collector.model.groups import group_of
from collector.model.queues import QueueNow

BySource = Mapping[str, Sequence[QueueNow]]


class QueuesNow:
    """What the sources that tell it said last. It is forgotten when one fails or is stale: the
    queues of a while ago are not those of now, and silence does not mean that nobody waits."""

    def __init__(self, settings: Settings, clock: Callable[[], int]) -> None:
        """``clock`` returns epoch seconds."""
        self._settings, self._clock = settings, clock
        self._told: dict[str, tuple[int, Sequence[QueueNow]]] = {}
        self._lock = Lock()

    def saw(self, source: str, queues: Sequence[QueueNow] | None) -> None:
        """Keep what a source has just said; None: it speaks of other things."""
        if queues is not None:
            with self._lock:
                self._told[source] = self._clock(), queues

    def forget(self, source: str) -> None:
        """Note that a source said nothing when it was asked."""
        with self._lock:
            self._told.pop(source, None)

    def current(self) -> dict[str, Sequence[QueueNow]]:
        """Return, by source, what is not stale."""
        with self._lock:
            told, now = dict(self._told), self._clock()
        return {
            name: _bounded(queues)
            for name, (at, queues) in told.items()
            if abs(now - at) <= stale_after(self._settings, name)
        }


def _bounded(queues: Sequence[QueueNow]) -> Sequence[QueueNow]:
    """The queues, those beyond the most in one: labels must not grow without a limit."""
    if len(queues) <= MOST_QUEUES:
        return queues
    named = frozenset(sorted(each.queue for each in queues)[:MOST_QUEUES])
    groups: dict[str, list[QueueNow]] = {}
    for each in queues:
        groups.setdefault(group_of(each.queue, named), []).append(each)
    return [_together(name, each) for name, each in groups.items()]


def _together(name: str, queues: Iterable[QueueNow]) -> QueueNow:
    every = list(queues)
    known: dict[str, int] = {}
    for field in fields(QueueNow)[1:]:
        values = [v for each in every if (v := getattr(each, field.name)) is not None]
        combine: Callable[[Sequence[int]], int] = max if field.name == "longest_wait" else sum
        if values:
            known[field.name] = combine(values)
    return QueueNow(name, **known)
