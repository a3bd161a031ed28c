"""Whether what the sources told is up to date (DESIGN §6, rule 11)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from collector.config.settings import Settings, sources_delivering
from collector.store import PollState

_LEAST = 15 * 60
"""Seconds that a source may be silent however often it is polled."""

FROZEN = 300
"""Seconds without a new measurement, which is made every quarter of a minute."""


def stale_after(settings: Settings, source: str) -> int:
    """Seconds after the last whole reading from which a source is stale: the one limit of figures,
    boards and alerts."""
    return max(_LEAST, settings.alerts.stale_after * settings.sources[source].every)


def is_stale(
    settings: Settings, sources: Iterable[str], until: int, states: Mapping[str, PollState]
) -> bool:
    """Whether one of the sources has not been read up to ``until`` (epoch seconds).

    A source that was never read at all is not stale: there are no data.
    """
    for name in sources:
        state = states.get(name)
        oldest = until - stale_after(settings, name)
        if state and state.last_success and state.last_success < oldest:
            return True
    return False


def is_unread(sources: Iterable[str], states: Mapping[str, PollState]) -> bool:
    """Whether one of the sources was not yet read to its end: what is there of them is only a
    part, or old and new mixed. Where none was ever asked there is nothing at all."""
    known = [states.get(name) for name in sources]
    asked = any(s is not None for s in known)
    return asked and any(s is None or s.last_success is None or s.partial for s in known)


def readings(states: Mapping[str, PollState]) -> dict[str, int]:
    """When the last whole reading of each source began (epoch seconds): what happened before then
    is known. Without those that were never read to their end."""
    return {name: state.read_at for name, state in states.items() if state.read_at is not None}


def staleness(settings: Settings, now: int, states: Mapping[str, PollState]) -> dict[str, bool]:
    """Of ``tickets`` and ``calls``: whether one of their sources is stale at ``now`` (epoch
    seconds), or in the midst of being read anew. Absent until all of them have been read to their
    end once: what lies on the desk is then not known, not even that it is nothing."""
    known = {}
    for delivery in ("tickets", "calls"):
        names = sources_delivering(settings, delivery)
        read = [states[name] for name in names if name in states and states[name].last_success]
        if read and len(read) == len(names):
            old = is_stale(settings, names, now, states) or is_unread(names, states)
            known[delivery] = old
    return known
