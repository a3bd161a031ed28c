"""Whether the configured time zone is that of a system's local times."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from collector.io.errors import SourceError

_CLOCKS_APART = 900.0
"""Seconds by which clocks may differ; no two zones are nearer to each other."""


def refuse_other_zone(
    system: str,
    theirs: int | None,
    here: float | None,
    zone: ZoneInfo,
    *,
    ago: float = 0,
    only_ahead: bool = False,
) -> None:
    """Raise SourceError if a time that the system shows is not the instant that it should be.

    ``theirs``: that time as read in ``zone`` (epoch seconds); ``here``: now, by its HTTP server.
    ``ago``: how many seconds ago it was, by the system itself; ``only_ahead``: it may be any past.
    """
    if theirs is None or here is None:
        return
    here -= ago
    if theirs - here > _CLOCKS_APART or (here - theirs > _CLOCKS_APART and not only_ahead):
        minutes = round((theirs - here) / 60)
        text = f"{system}'s times are {minutes} min off in the zone {zone.key}"
        raise SourceError(f"{text}; correct timezone", permanent=True)
