"""Whether the data of the sources are up to date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from collector.config.settings import Settings, sources_delivering
from collector.store import PollState

_MIN_SECONDS = 15 * 60
"""Seconds for which a source may always go unread, however often it is polled."""

FROZEN_AFTER = 300
"""Seconds without a new measurement after which figures are stale; one is made every 15 s."""


def stale_after(settings: Settings, source: str) -> int:
    """Return the seconds after its last complete reading from which a source is stale.

    Figures, boards and alerts all use this limit. Raises KeyError for an unknown source.
    """
    return max(_MIN_SECONDS, settings.alerts.stale_after * settings.sources[source].every)


def with_true_ages(now: int, states: Mapping[str, PollState]) -> dict[str, PollState]:
    """Return the states at the present ``now`` (epoch seconds), in which a reading that lies ahead
    is as old as it is far: it was made before the clock was set back, by a time nobody knows."""
    return {
        name: replace(state, last_success=now - abs(now - state.last_success))
        if state.last_success
        else state
        for name, state in states.items()
    }


def is_stale(
    settings: Settings, sources: Iterable[str], until: int, states: Mapping[str, PollState]
) -> bool:
    """Return whether one of the sources has not been read up to ``until`` (epoch seconds).

    A source that was never read completely is not stale but unread, see ``is_unread``.
    """
    for name in sources:
        state = states.get(name)
        oldest = until - stale_after(settings, name)
        if state and state.last_success and state.last_success < oldest:
            return True
    return False


def is_unread(sources: Iterable[str], states: Mapping[str, PollState]) -> bool:
    """Return whether one of the sources has not been read completely yet, so that the store holds
    only a part of its records, or old and new ones mixed.

    False if none of them was ever polled: then there are no records at all.
    """
    polls = [states.get(name) for name in sources]
    polled = any(s is not None for s in polls)
    return polled and any(s is None or s.last_success is None or s.partial for s in polls)


def last_readings(states: Mapping[str, PollState]) -> dict[str, int]:
    """Return when the last complete reading of each source began (epoch seconds): everything before
    that instant is known. Sources that were never read completely are left out."""
    return {name: state.read_at for name, state in states.items() if state.read_at is not None}


def staleness(settings: Settings, now: int, states: Mapping[str, PollState]) -> dict[str, bool]:
    """Return, for ``tickets`` and ``calls``, whether one of their sources is stale at ``now``
    (epoch seconds) or is just being read again from the beginning.

    A key is missing until all its sources have been read completely once: until then the open work
    is not known, not even that there is none.
    """
    result = {}
    for delivery in ("tickets", "calls"):
        names = sources_delivering(settings, delivery)
        read = [states[name] for name in names if name in states and states[name].last_success]
        if read and len(read) == len(names):
            old = is_stale(settings, names, now, states) or is_unread(names, states)
            result[delivery] = old
    return result
