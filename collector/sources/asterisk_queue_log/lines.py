"""The text of a log's lines, and which of them were read before. Pure: no files, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from collector.sources.asterisk_queue_log.calls import LogTime
from collector.sources.asterisk_queue_log.events import IRRELEVANT, START, Event

REMEMBERED = 3 * 3600
"""Seconds of the log's own time for which the lines of a call are remembered after its last one."""

_NO_CALL = frozenset({"NONE", "REALTIME", "MANAGER", "CLI"})
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def text_of(raw: bytes, encoding: str | None) -> tuple[str, bool]:
    """Return a line's text, and whether its encoding had to be guessed.

    ``encoding``: None is UTF-8. A line that is not text in it is read as cp1252, or as Latin-1
    where it is not that either.
    """
    # A crash can leave a block of zero bytes before the next line
    raw = raw.strip(b"\0 \t\r\n").removeprefix(_BYTE_ORDER_MARK)
    try:
        return raw.decode(encoding or "utf-8"), False
    except UnicodeError:
        pass
    try:
        return raw.decode("cp1252"), True
    except UnicodeError:
        return raw.decode("latin-1"), True


class RecentLines:
    """Recognises lines that were read before: a log that was copied, or rotated with an overlap.

    The lines of a call are remembered and forgotten together, so that a repeated call is either
    recognised as a whole or followed anew as a whole, which gives the same record.
    """

    def __init__(self, state: Mapping[str, Any] | None = None) -> None:
        """Continue from ``state``, an earlier result of :meth:`state`."""
        self._calls: dict[str, tuple[int, list[str]]] = {
            callid: (at, list(digests)) for callid, (at, *digests) in (state or {}).items()
        }
        self._swept: int | None = None

    def state(self) -> dict[str, Any]:
        """Return, as JSON, the digests of the lines of each recent call."""
        return {callid: [at, *digests] for callid, (at, digests) in self._calls.items()}

    def repeats(self, line: str, event: Event, time: LogTime) -> bool:
        """Return whether exactly this line was read before; remember it otherwise."""
        if event.name in IRRELEVANT or (event.callid in _NO_CALL and event.name != START):
            return False
        if self._swept != time.swept:
            self._swept = time.swept
            self._forget(time.swept - REMEMBERED)
        key = line if event.name == START else event.callid
        digest = blake2b(line.encode(), digest_size=6).hexdigest()
        before, digests = self._calls.setdefault(key, (event.at, []))
        if digest in digests:
            return True
        digests.append(digest)
        self._calls[key] = max(before, event.at), digests
        return False

    def _forget(self, before: int) -> None:
        self._calls = {key: value for key, value in self._calls.items() if value[0] >= before}
