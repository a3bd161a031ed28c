"""What a program wrote, as tickets' rows and a state. Pure.

Singer's messages are those of its specification: SCHEMA, RECORD, STATE and ACTIVATE_VERSION.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from collector.io.errors import SourceError
from collector.model.page import RejectedRow

_KNOWN = frozenset({"SCHEMA", "RECORD", "STATE", "ACTIVATE_VERSION"})


@dataclass(slots=True)
class Reading:
    """Reads lines. ``stream``: the one that holds the tickets, None: the only one. ``state``: the
    last that was told, ``streams``: those that were named."""

    stream: str | None = None
    state: Any = None
    streams: set[str] = field(default_factory=set)

    def singer(self, lines: Iterable[bytes]) -> Iterator[tuple[int, Any]]:
        """Yield (number of the line, row) of Singer's records.

        Raises SourceError for what is no Singer message, and where nothing tells which stream
        holds tickets.
        """
        for number, line in enumerate(lines, 1):
            message = _json(line)
            kind = message.get("type") if isinstance(message, dict) else None
            if kind == "BATCH":
                text = f"line {number} is a BATCH, whose files are not read: turn batches off"
                raise SourceError(text, permanent=True)
            if kind not in _KNOWN:
                text = f"line {number} of the output is no Singer message; is it format: ndjson?"
                raise SourceError(text, permanent=True)
            if kind == "STATE":
                self.state = message.get("value")
            elif kind != "ACTIVATE_VERSION" and self._is_ours(message) and kind == "RECORD":
                yield number, message.get("record")
        if self.stream is not None and self.streams and self.stream not in self.streams:
            listed = ", ".join(sorted(self.streams))
            raise SourceError(f"there is no stream {self.stream}, only {listed}", permanent=True)

    def ndjson(self, lines: Iterable[bytes]) -> Iterator[tuple[int, Any]]:
        """Yield (number of the line, row); of a line that is no JSON object the row is None."""
        for number, line in enumerate(lines, 1):
            row = _json(line)
            yield number, row if isinstance(row, dict) else None

    def _is_ours(self, message: dict[str, Any]) -> bool:
        name = str(message.get("stream"))
        self.streams.add(name)
        if self.stream is None and len(self.streams) > 1:
            listed = ", ".join(sorted(self.streams))
            raise SourceError(f"there are several streams ({listed}): set stream", permanent=True)
        return self.stream in (None, name)


def no_object(number: int) -> RejectedRow:
    """Return the error for a line that holds no ticket; it does not quote it."""
    return RejectedRow("bad_line", f"line {number} is no JSON object")


def _json(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None
