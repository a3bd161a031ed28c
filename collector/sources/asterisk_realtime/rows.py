"""From rows of the table queue_log to events. Pure: no I/O, no clock.

The layouts are those of Asterisk's contrib/ast-db-manage (data1 … data5, times with microseconds
or without) and of 1.6.2 (one column ``data``, times as epoch seconds in text).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Any
from zoneinfo import ZoneInfo

from collector.io.errors import SourceError
from collector.model.page import RejectedRow
from collector.sources.asterisk_queue_log.events import EARLIEST, ENTER, LATEST, Event, parse_event
from collector.sources.asterisk_realtime.options import TableColumns
from collector.sources.mapped.tickets import as_text

Values = Mapping[str, Any]
"""A row by the names of its columns in lower case, with values as a driver gives them, or texts."""

MENU = 15 * 60
"""Seconds. If every call is at least this much older than its entry into a queue, the zone is wrong
rather than the menu before the queue long."""

_EPOCH = re.compile(r"(\d{9,11})(\.\d*)?")
_CALLID = re.compile(r"(?:.*-)?(\d{9,11})\.\d+")
_NAME = re.compile(r"[a-z_]\w*")
_BACK = 1800
_CLOCKS_DIFFER = 60


class RowReader:
    """Reads rows of a table whose columns are called so, with times in ``zone``.

    ``names``: those of events, see :func:`parse_event`. ``previous``: the time of the row before.
    """

    def __init__(
        self, columns: TableColumns, zone: str, names: Mapping[str, str], previous: int = 0
    ) -> None:
        self._names = names
        self._zone = ZoneInfo(zone)
        self.previous = previous
        of = {name: column.lower() for name, column in columns}
        self._id, self._time, self._agent = of["id"], of["time"], of["agent"]
        self._parts = of["callid"], of["queue"], of["event"]
        self._all = of["data"]
        self._single = [f"{self._all}{number}" for number in range(1, 6)]
        self.numbered = False
        self.zone = zone

    def check(self, found: Iterable[str], *, needs_id: bool = True) -> None:
        """Raise SourceError unless there is every column that is needed."""
        there = set(found)
        self.numbered = self._id in there
        needed = [self._time, *self._parts, *([self._id] if needs_id else [])]
        missing = [name for name in needed if name not in there]
        if not there & {self._all, self._single[0]}:
            missing.append(f"{self._single[0]} (nor {self._all})")
        if missing:
            # Where a header is missing, what stands in its place may be of a caller
            names = ", ".join(name for name in sorted(there) if _NAME.fullmatch(name))
            raise SourceError(
                f"there is no column {missing[0]}, only {names or 'some that have no names'}: set"
                " its name under columns",
                permanent=True,
            )

    def number(self, row: Values) -> int:
        """Return a row's id. Raises SourceError if it is no number."""
        try:
            return int(row[self._id])
        except (TypeError, ValueError):
            raise SourceError(
                f"the column {self._id} holds something that is no number: rows are read in its"
                " order, so set columns.id to the one that numbers them",
                permanent=True,
            ) from None

    def digest(self, row: Values) -> str:
        """Return what tells a row from another one with the same id, as the table holds it."""
        parts = (as_text(row.get(each)) for each in (self._time, *self._parts))
        return blake2b("|".join(parts).encode(), digest_size=8).hexdigest()

    def read(self, row: Values) -> tuple[str, Event]:
        """Return a row as the line of a file, and its event. Raises RejectedRow if it is none."""
        callid, queue, name = (as_text(row[each]) for each in self._parts)
        data = [as_text(row.get(each)) for each in self._single]
        if not any(data):
            data = [as_text(row.get(self._all))]
        event = parse_event(self._at(row, callid), callid, queue, name, data, self._names)
        self.previous = event.at
        parts = (str(event.at), callid, queue, as_text(row.get(self._agent)), name, *data)
        return "|".join(parts).rstrip("|"), event

    def _at(self, row: Values, callid: str) -> int:
        at = self._instant(row[self._time], began(callid))
        if not EARLIEST <= at <= LATEST:
            raise RejectedRow("bad_time", "the time does not lie between 2000 and 2106")
        return at

    def _instant(self, value: object, call_began: int | None) -> int:
        """The epoch seconds of a time; 0 if it is none.

        An hour that occurs twice is the later one if the call began after it, or the row before.
        """
        if not isinstance(value, datetime):
            text = as_text(value).strip()
            if epoch := _EPOCH.fullmatch(text):
                return int(epoch[1])
            try:
                value = datetime.fromisoformat(text)
            except ValueError:
                return 0
        value = value.replace(microsecond=0)
        if value.tzinfo is not None:
            return int(value.timestamp())
        first, later = (
            int(value.replace(tzinfo=self._zone, fold=fold).timestamp()) for fold in (0, 1)
        )
        known = max(self.previous - _BACK, (call_began or 0) - _CLOCKS_DIFFER)
        return later if first < known and first < later else first


def began(callid: str) -> int | None:
    """When a call's channel was made (epoch seconds), which Asterisk's name of the call begins
    with; None where it has another form."""
    found = _CALLID.fullmatch(callid.strip())
    return int(found[1]) if found else None


def zone_doubt(events: Iterable[Event], zone: str) -> str | None:
    """Return why ``zone`` is probably not that of the times; None if nothing speaks against it."""
    after = [
        event.at - start
        for event in events
        if event.name == ENTER and (start := began(event.callid)) is not None
    ]
    if not after or (max(after) >= -_CLOCKS_DIFFER and min(after) < MENU):
        return None
    nearest = min(after, key=abs)
    return (
        f"every caller enters the queue about {abs(nearest) / 3600:.1f} h "
        f"{'after' if nearest > 0 else 'before'} the call began: the times are probably not in "
        f"{zone}; with queue_log_realtime_use_gmt = yes in logger.conf they are in UTC"
    )
