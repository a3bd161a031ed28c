"""What a telephone system says of its queues at this moment. It is shown and never stored."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class QueueNow:
    """A queue at the time of reading; None is not known.

    ``longest_wait``: seconds, also None where nobody waits. ``logged_in`` agents are ``ready``, on
    a call, ringing or paused; one who is paused during a call is both.
    """

    queue: str
    waiting: int | None = None
    longest_wait: int | None = None
    logged_in: int | None = None
    ready: int | None = None
    on_call: int | None = None
    paused: int | None = None
