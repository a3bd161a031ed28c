"""How many requests a server may be sent, by our own limit and by what it says itself."""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple

_MINUTE = 60.0
_LONGEST_BLOCK = 6 * 3600.0
"""Seconds. A server that asks for a longer pause is asked again after this one."""
_REMAINING = ("X-RateLimit-Remaining", "X-Rate-Limit-Remaining", "RateLimit-Remaining")
_LIMIT = ("X-RateLimit-Limit", "X-Rate-Limit-Limit", "RateLimit-Limit")
_FEW = 100
"""Of a limit that is not told, so many that are left are few."""
_RESET = ("X-RateLimit-Reset", "X-Rate-Limit-Reset", "RateLimit-Reset")
_EPOCH_FROM = 1e8
"""A reset written as a number above this is an instant, below it seconds from now."""


class Requests(NamedTuple):
    """How a budget stands. ``sent``: requests in the last minute; ``per_minute``: our own limit,
    None without one; ``paused``: for how many seconds the server wants to be left alone."""

    sent: int
    per_minute: int | None
    paused: float


class Budget:
    """Counts the requests to one server; it outlives the clients that share it.

    ``per_minute``: our own limit; None: only the server's.
    """

    def __init__(
        self, per_minute: int | None = None, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_minute = per_minute
        self._monotonic = monotonic
        self._sent: deque[float] = deque()
        self._blocked_until = 0.0
        self._few_left = False

    def take(self) -> float:
        """Count a request and return 0, or return the seconds until the next one may be sent."""
        now = self._monotonic()
        if now < self._blocked_until:
            return self._blocked_until - now
        self._forget(now)
        if self._per_minute is not None and len(self._sent) >= self._per_minute:
            return self._sent[0] + _MINUTE - now
        self._sent.append(now)
        return 0.0

    def standing(self) -> Requests:
        """Return how it stands now."""
        now = self._monotonic()
        sent = sum(now - at < _MINUTE for at in tuple(self._sent))
        return Requests(sent, self._per_minute, max(0.0, self._blocked_until - now))

    def is_scarce(self) -> bool:
        """Return whether less than half of a limit is left, so that what can wait should."""
        self._forget(self._monotonic())
        used = self._per_minute is not None and 2 * len(self._sent) >= self._per_minute
        return used or self._few_left or self._monotonic() < self._blocked_until

    def _forget(self, now: float) -> None:
        while self._sent and now - self._sent[0] >= _MINUTE:
            self._sent.popleft()

    def block(self, seconds: float) -> None:
        """Send nothing for so many seconds, because the server asks for it."""
        until = self._monotonic() + min(seconds, _LONGEST_BLOCK)
        self._blocked_until = max(self._blocked_until, until)

    def heed(self, headers: Mapping[str, str], server_time: float | None) -> None:
        """Stop sending if these headers of a response say that nothing is left of its limit."""
        left = next((headers[name] for name in _REMAINING if name in headers), "")
        limit = next((headers[name] for name in _LIMIT if name in headers), "")
        self._few_left = _are_few(left, limit)
        if not re.fullmatch(r"0+(\.0*)?|-\d+", left.strip()):
            return
        reset = next((headers[name] for name in _RESET if name in headers), "")
        seconds = retry_after(headers.get("Retry-After"), server_time)
        self.block(seconds or _until_reset(reset, server_time))


def _are_few(left: str, limit: str) -> bool:
    """Return whether a server says that less than half of its limit is left."""
    numbers = [re.match(r"\s*([0-9]{1,9})", text) for text in (left, limit)]
    rest, whole = (int(found[1]) if found else None for found in numbers)
    if rest is None:
        return False
    return rest < _FEW if not whole else 2 * rest < whole


def retry_after(value: str | None, server_time: float | None) -> float:
    """Return the seconds a ``Retry-After`` asks for; 0 if it is absent, past or invalid."""
    value = (value or "").strip()
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", value):
        return float(value)
    try:
        until = parsedate_to_datetime(value).timestamp()
    except (ValueError, OverflowError):
        return 0.0
    return max(0.0, until - (time.time() if server_time is None else server_time))


def _until_reset(value: str, server_time: float | None) -> float:
    """Return the seconds until a limit is reset: a number of them, an instant, or an ISO time."""
    now = time.time() if server_time is None else server_time
    value = value.strip()
    try:
        if re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,9})?", value):
            number = float(value)
            return max(0.0, number - now if number > _EPOCH_FROM else number)
        return max(0.0, datetime.fromisoformat(value).timestamp() - now)
    except (ValueError, OverflowError):
        return 0.0
