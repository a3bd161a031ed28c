"""Counting the records of a file before any of them is used. Pure.

What is judged are records, not rows: a broken export of today must not vanish among the good rows
of all the files before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from collector.io.errors import SourceError
from collector.model.page import Rejected
from collector.model.records import Call, Ticket
from collector.sources.csv.table import Notes
from collector.sources.kit.contract import REJECTED_SHARE_LIMIT

MOST_TOTALS = 20
"""Lines of totals and footers that any file may have; more than this, if they are over 5 % of it,
are probably records that cannot be recognised."""


@dataclass(slots=True)
class ReadRow:
    """A row as it was read: its record, if it has one, and what of it cannot be used.

    ``id`` is None where even that cannot be read.
    """

    line: int
    id: str | None
    record: Ticket | Call | None
    rejected: Sequence[Rejected]


@dataclass(slots=True)
class RecordCount:
    """The records of some rows by id. ``wrong``: those that cannot be used completely."""

    ids: dict[str, int] = field(default_factory=dict)
    wrong: set[str] = field(default_factory=set)
    differing: dict[str, int] = field(default_factory=dict)
    nameless: int = 0

    def add(self, row: ReadRow) -> None:
        """Count a row; the last one of an id decides whether it is wrong."""
        if row.id is None:
            self.nameless += 1
            return
        if row.record is not None:
            content = hash(row.record)
            if self.ids.get(row.id, content) != content:
                self.differing.setdefault(row.id, row.line)
            self.ids[row.id] = content
        if row.rejected:
            self.wrong.add(row.id)
        else:
            self.wrong.discard(row.id)

    def merge(self, later: RecordCount) -> None:
        """Add the count of a later file."""
        self.wrong = (self.wrong - later.ids.keys()) | later.wrong
        self.ids |= later.ids
        self.nameless += later.nameless

    @property
    def share(self) -> tuple[int, int]:
        """(wrong, all) records."""
        return (
            len(self.wrong) + self.nameless,
            len(self.ids.keys() | self.wrong) + self.nameless,
        )

    def refuse_many_rows_each(
        self, path: Path, duplicates: Literal["refuse", "first", "last"], advice: str
    ) -> None:
        """Raise SourceError if many ids have several rows that differ, unless it is configured
        which of them counts. ``advice``: what to do instead."""
        several, of = len(self.differing), len(self.ids)
        if duplicates != "refuse" or several <= REJECTED_SHARE_LIMIT * of:
            return
        line = min(self.differing.values())
        raise SourceError(
            f"{path.name}:{line}: {several} of {of} ids have several rows that differ, as in a log "
            f"of events: {advice}; or say which row counts with duplicates: last (or first)",
            permanent=True,
        )


def refuse_many_totals(path: Path, notes: Notes, count: RecordCount) -> None:
    """Raise SourceError if far more lines look like totals and footers than a file has."""
    totals = notes.ignored["total_row"]
    if totals > max(MOST_TOTALS, REJECTED_SHARE_LIMIT * (totals + count.share[1])):
        raise SourceError(
            f"{path} has {totals} rows without an id and a time, far more than totals and footers: "
            "check columns and delimiter",
            permanent=True,
        )
