"""The verdict on every record behind a snapshot's figures, one line per record.

A line is a JSON list: indicator, source, id, organization, the instant by which the record counts
(epoch seconds), verdict, reason, and the seconds of business time on its clock when it ended. The
lines of an indicator are sorted, so that the same records give the same text.
"""

from __future__ import annotations

import json
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

import numpy as np

from collector.measuring.engine.engine import Measuring
from collector.measuring.verdicts.timeline import Timeline, Verdict
from collector.model.columns import ABSENT, CallTable, TicketTable
from collector.snapshot.canonical import digest
from collector.snapshot.format import sealed_reason

_WORDS = {each.value: each.name.lower() for each in Verdict}


class VerdictLine(NamedTuple):
    """The verdict on one record.

    ``counted_at``: epoch seconds; ``seconds``: on its clock, None if that runs or there is none.
    """

    indicator: str
    source: str
    id: str
    organization: str | None
    counted_at: int
    verdict: str
    reason: str
    seconds: int | None

    @property
    def key(self) -> tuple[str, str, str]:
        """Indicator, source and id: which record this line is about."""
        return self.indicator, self.source, self.id


VerdictLines = Mapping[str, list[str]]
"""By indicator, its lines as JSON text."""


def verdict_lines(
    measuring: Measuring,
    first: date,
    after: date,
    now: int,
    on_progress: Callable[[float], None] = lambda share: None,
) -> VerdictLines:
    """Return the lines of all records that count from ``first`` up to, but excluding, ``after``.

    ``now``: when they are judged (epoch seconds); ``on_progress`` gets the share done, 0–1. Raises
    StoreError.
    """
    found: dict[str, list[str]] = {each.id: [] for each in measuring.timelines}
    spans = measuring.spans(first, after)
    for done, (clock, span) in enumerate(spans):
        start, end = (measuring.local.midnight(day) for day in span)
        table = measuring.table(clock, (start, end))
        names = _names(measuring, table)
        for timeline in measuring.timelines:
            if timeline.clock == clock:
                found[timeline.id] += _lines(measuring, timeline, table, names, (start, end), now)
        on_progress((done + 1) / len(spans))
    return {name: sorted(lines) for name, lines in found.items()}


def _names(measuring: Measuring, table: TicketTable | CallTable) -> list[tuple[str, str]]:
    """Source and id of each row."""
    keys, records = table.key.tolist(), measuring.store.records
    calls = isinstance(table, CallTable)
    known = records.call_names(keys) if calls else records.ticket_names(keys)
    return [(known[key][0], known[key][1]) for key in keys]


def _lines(
    measuring: Measuring,
    timeline: Timeline,
    table: TicketTable | CallTable,
    names: list[tuple[str, str]],
    span: tuple[int, int],
    now: int,
) -> Iterator[str]:
    found = measuring.judge(timeline, table, now).verdicts
    inside = (found.counted_at >= span[0]) & (found.counted_at < span[1])
    chosen = found.take(np.flatnonzero(inside & (found.verdict != Verdict.LATER)))
    organizations = [each.organization for each in table.profiles]
    profile = table.profile.tolist()
    rows = zip(*(column.tolist() for column in chosen.columns()), strict=True)
    for row, verdict, reason, seconds, final, counted_at, _ in rows:
        ended = final and seconds != ABSENT
        source, own_id = names[row]
        yield _text(
            VerdictLine(
                timeline.id,
                source,
                own_id,
                organizations[profile[row]],
                counted_at,
                _WORDS[verdict],
                sealed_reason(timeline.reasons[reason]),
                seconds if ended else None,
            )
        )


def _text(line: VerdictLine) -> str:
    return json.dumps(line, ensure_ascii=False, separators=(",", ":"))


def digests(lines: VerdictLines) -> dict[str, dict[str, object]]:
    """Return, by indicator, the number of verdicts and the SHA-256 of their lines."""
    return {
        name: {"verdicts": len(own), "sha256": digest(_joined(own))} for name, own in lines.items()
    }


def pack_lines(lines: VerdictLines) -> bytes:
    """Return all lines, compressed for the store."""
    return zlib.compress(b"".join(_joined(own) for own in lines.values()), 6)


def unpack_lines(data: bytes) -> VerdictLines:
    """Read what :func:`pack_lines` wrote. Raises ValueError for anything else."""
    try:
        text = zlib.decompress(data).decode()
    except (zlib.error, UnicodeDecodeError) as error:
        raise ValueError(f"the verdicts cannot be read: {error}") from None
    found: dict[str, list[str]] = defaultdict(list)
    for line in text.split("\n")[:-1]:  # splitlines would also split at other characters
        found[read_line(line).indicator].append(line)
    return found


def read_line(text: str) -> VerdictLine:
    """Parse one line. Raises ValueError if it is not a verdict."""
    try:
        values = json.loads(text)
    except RecursionError:
        values = None
    known = isinstance(values, list) and len(values) == len(VerdictLine._fields)
    if not known or not all(isinstance(each, str) for each in values[:3]):
        raise ValueError(f"not a verdict: {text[:80]!r}")
    return VerdictLine(*values)


def _joined(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()
