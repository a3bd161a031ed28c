"""Tickets with their history from CSV files that hold one row an event or one row a change.

The history of a ticket may lie in several files and in any order, so when a file has changed, all
are read, and every ticket is made of all its rows. Tickets of which no row is left stay as they
last were. A file that cannot be read fails the poll, since the histories would have holes.

All rows of all files are held in memory while they are read: some 1.3 kB each.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from collector.io.errors import SourceError
from collector.model.page import Cursor, Page, Rejected
from collector.model.record_limits import UNSTORABLE, storage_problem
from collector.model.records import Ticket
from collector.sources.csv.history import in_order, raw_ticket, since_opening
from collector.sources.csv.history_files import HistoryFiles, Rows
from collector.sources.csv.history_options import (
    HistoryOptions,
)
from collector.sources.csv.look import look_at
from collector.sources.csv.options import settings_hash
from collector.sources.csv.records import latest_instant
from collector.sources.csv.text import open_file
from collector.sources.kit.contract import REJECTED_SHARE_LIMIT, Look, SourceOptions
from collector.sources.kit.lifecycle import assemble
from collector.sources.kit.mapping import Mapper
from collector.text.counts import counted

PAGE_TICKETS = 5_000
CHECKED_ROWS = 50_000  # rows of each file that check() reads

_AS_IT_IS = Mapper({}, ())
"""The rows are mapped when they are read, so their values are ours already."""


class HistorySource:
    """Tickets from files of events or changes. See :class:`~..kit.contract.Source`."""

    Options: ClassVar[type[SourceOptions]] = HistoryOptions

    def __init__(self, name: str, options: HistoryOptions, organizations: Sequence[str]) -> None:
        self.name = name
        self.as_of: int | None = None
        self._options = options
        self._files = HistoryFiles(options, organizations)
        self._meaning = settings_hash(options, organizations)

    def pages(self, cursor: Cursor | None, since: int | None = None) -> Iterator[Page]:
        """See :class:`~collector.sources.kit.contract.Source`. ``since`` reads every file again."""
        position = cursor or {}
        valid = since is None and position.get("meaning") == self._meaning
        known: Mapping[str, Any] = position.get("files", {}) if valid else {}
        stamps = self._stamps(known)
        if stamps == known:
            return
        before = int(position.get("rows", 0))
        if _contents(stamps) == _contents(known):  # touched, but not changed
            yield Page(records=(), cursor=self._cursor(stamps, before))
            return
        read = self._files.read()
        tickets = self._tickets(read)
        parts = [tickets[n : n + PAGE_TICKETS] for n in range(0, len(tickets), PAGE_TICKETS)]
        parts = parts or [[]]
        for done, part in enumerate(parts, 1):
            last = done == len(parts)
            yield Page(
                records=part,
                cursor=self._cursor(stamps if last else {}, read.rows if last else before),
                rejected=read.rejected if done == 1 else (),
                ignored=dict(+read.notes.ignored) if last else {},
                left_out=read.left_out if done == 1 else (),
                doubtful={"row_limit": len(read.cut)} if last and read.cut else {},
                remarks=[*_lost(before, read.rows), *read.cut] if last else (),
                newest_at=max(map(latest_instant, part), default=None),
                progress=done / len(parts),
                whole=read.share,
            )

    def look(self) -> Look:
        """See :class:`~collector.sources.kit.contract.Source`. Reads only the first rows."""
        read = self._files.read(CHECKED_ROWS)
        tickets = self._tickets(read)
        seen = look_at(tickets, self._options, read.notes, ())
        cut = [(("path",), f"{each.where} {each.message}") for each in read.cut]
        return replace(seen, doubts=[*seen.doubts, *cut], records=tickets if read.whole else ())

    def check(self) -> str:
        """See :class:`~collector.sources.kit.contract.Source`. Reads only the first rows."""
        read = self._files.read(CHECKED_ROWS)
        tickets = self._tickets(read)
        rows = sum(map(len, read.entries.values()))
        files = self._files.files()
        found = f"{counted(len(files), 'file')}, the last is {files[-1][1].name}"
        found += f"; {rows} rows of {len(tickets)} tickets"
        for reason, words in _IGNORED.items():
            if count := read.notes.ignored[reason]:
                found += f"; {count} {words}"
        found = "; ".join([found, *read.notes.in_words()])
        if not (faults := [*read.rejected, *read.left_out]):
            return found
        wrong, of = read.share
        first = f"{faults[0].where}: {faults[0].message}"
        fault = f"{wrong} of {of} tickets cannot be used completely: {first}"
        if wrong > REJECTED_SHARE_LIMIT * of:
            raise SourceError(fault, permanent=True)
        return f"{found}; {fault}"

    def _cursor(self, stamps: Mapping[str, Any], rows: int) -> Cursor:
        return {"files": dict(stamps), "meaning": self._meaning, "rows": rows}

    def _stamps(self, known: Mapping[str, Any]) -> dict[str, list[Any]]:
        """Return size, modification time and a hash of the content of each file."""
        stamps: dict[str, list[Any]] = {}
        self.as_of = None
        for _, path in self._files.files():
            with open_file(path) as raw:
                status = os.fstat(raw.fileno())
                self.as_of = max(self.as_of or 0, status.st_mtime_ns // 10**9)
                stamp: list[Any] = [status.st_size, status.st_mtime_ns]
                before = known.get(str(path))
                if before and before[:2] == stamp:
                    stamps[str(path)] = before
                else:
                    digest = hashlib.file_digest(raw, "sha256")  # type: ignore[arg-type]
                    stamps[str(path)] = [*stamp, digest.hexdigest()]
        return stamps

    def _tickets(self, read: Rows) -> list[Ticket]:
        """Return the tickets of all rows, and note what is wrong with others.

        Raises SourceError if the rows give no ticket, so that something must be wrong with all.
        """
        tickets = list(self._assembled(read))
        if not tickets and read.notes.ignored["no_opening"]:
            raise SourceError(f"no row tells when a ticket was opened: {_OPENING}", permanent=True)
        if read.entries and read.listed and read.entries.keys().isdisjoint(read.listed):
            raise SourceError(
                "no ticket with changes is in the list of tickets: let columns.id and "
                "ticket_columns.id name columns with the same ids",
                permanent=True,
            )
        return tickets

    def _assembled(self, read: Rows) -> Iterator[Ticket]:
        telling = self._files.telling(read)
        ignored = read.notes.ignored
        for number in sorted(read.entries.keys() | read.listed.keys()):
            now = read.listed.get(number)
            told = since_opening(read.entries.get(number, ()), now)
            rows, repeated, corrected = in_order(told)
            ignored["repeated_row"] += repeated
            ignored["corrected_row"] += corrected
            read.rows += len(rows)
            if number in read.broken:
                continue
            if self._files.listed and now is None:
                ignored["not_listed"] += 1
                continue
            raw = raw_ticket(number, now, rows, telling)
            if raw is None:
                ignored["no_opening"] += 1
                continue
            ticket = assemble(self.name, raw, _AS_IT_IS)
            if problem := storage_problem(ticket):
                read.rejected.append(Rejected(UNSTORABLE, f"ticket {number[:80]!r}", problem))
                read.wrong.add(number)
            else:
                yield ticket


def _contents(stamps: Mapping[str, Any]) -> dict[str, str]:
    return {name: stamp[2] for name, stamp in stamps.items()}


def _lost(before: int, rows: int) -> Sequence[Rejected]:
    """Say it if there are fewer rows than there were."""
    if rows >= before:
        return ()
    message = (
        f"{before - rows} rows fewer than at the last poll: histories may have holes; keep all "
        "files of a history in place"
    )
    return (Rejected("lost_rows", "the files", message),)


_OPENING = "set columns.opened_at, map what is the opening to opened, or set tickets (csv_changes)"
_IGNORED = {
    "no_opening": "ticket(s) without a row that tells when they were opened, left out",
    "not_listed": "ticket(s) with changes that the list of tickets does not hold, left out",
    "repeated_row": "row(s) repeated",
    "corrected_row": "row(s) corrected by later ones",
}
