"""Whether what the sources told is up to date (DESIGN §6, rule 11)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from collector.settings import Settings
from collector.store import PollState

STALE_AFTER = 15 * 60
"""Seconds without a successful poll after which figures are stale; at least three intervals."""


def is_stale(
    settings: Settings, sources: Iterable[str], until: int, states: Mapping[str, PollState]
) -> bool:
    """Whether one of the sources has not been read up to ``until`` (epoch seconds).

    A source that was never read at all is not stale: there are no data.
    """
    for name in sources:
        state = states.get(name)
        limit = max(STALE_AFTER, 3 * settings.sources[name].every)
        if state and state.last_success and state.last_success < until - limit:
            return True
    return False


def is_unread(sources: Iterable[str], states: Mapping[str, PollState]) -> bool:
    """Whether one of the sources was not yet read to its end: what is there of them is only a
    part, or old and new mixed. Where none was ever asked there is nothing at all."""
    known = [states.get(name) for name in sources]
    asked = any(s is not None for s in known)
    return asked and any(s is None or s.last_success is None or s.partial for s in known)


def sources_of(settings: Settings, indicator: str) -> list[str]:
    """The configured sources that an indicator draws on, in any of its versions."""
    drawn = {
        name for day in settings.turns(indicator) for name in settings.sources_of(indicator, day)
    }
    return [name for name in settings.sources if name in drawn]
