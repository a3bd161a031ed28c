"""Reading the files of a source of histories: the rows of each ticket, and what they tell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise
from pathlib import Path

from collector.model.page import Rejected, RejectedRow
from collector.model.records import Status
from collector.sources.csv import history_rows
from collector.sources.csv.history import Entry, Telling
from collector.sources.csv.history_options import (
    ACTS,
    OPENED,
    CsvChangesOptions,
    HistoryOptions,
)
from collector.sources.csv.layouts import layout
from collector.sources.csv.plausible import cut_short
from collector.sources.csv.rows import CsvRow
from collector.sources.csv.table import Layout, Notes, read_table
from collector.sources.csv.text import matching_files, open_file, rejected_row
from collector.sources.kit.mapping import Mapper
from collector.sources.kit.raw import HISTORY


@dataclass(slots=True)
class Rows:
    """What was read: the rows of each ticket, and its row in the list of tickets.

    ``wrong``: tickets that cannot be used completely; ``broken``: those of which a row is rejected,
    so that nothing of them can be used: it may be the opening, or an answer. ``seen``: the fields
    of which some file tells. ``cut``: files that were probably cut short. ``whole``: all rows were
    read.
    """

    entries: defaultdict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    listed: dict[str, Entry] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)
    left_out: list[Rejected] = field(default_factory=list)
    cut: list[Rejected] = field(default_factory=list)
    whole: bool = True
    wrong: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)
    nameless: int = 0
    seen: set[str] = field(default_factory=set)
    rows: int = 0
    notes: Notes = field(default_factory=Notes)

    @property
    def share(self) -> tuple[int, int]:
        """(wrong, all) tickets."""
        every = self.entries.keys() | self.listed.keys() | self.wrong
        return len(self.wrong) + self.nameless, len(every) + self.nameless


class HistoryFiles:
    """The files of a source of histories."""

    def __init__(self, options: HistoryOptions, organizations: Sequence[str]) -> None:
        self._options = options
        self._mapper = Mapper(options.map, organizations)
        needed = {"id", "at"} | ({"field", "old", "new"} if self._of_changes else set())
        self._rows = layout(options, options.columns, needed, "at")
        self._defaults = history_rows.defaults(CsvRow({}, options, self._mapper, Notes()))
        self._list: Layout | None = None
        if isinstance(options, CsvChangesOptions) and options.tickets:
            columns = options.ticket_columns
            self._list = layout(options, columns, {"id", "opened_at"}, "opened_at")

    @property
    def listed(self) -> bool:
        """Whether there is a list of the tickets as they are now."""
        return self._list is not None

    @property
    def _of_changes(self) -> bool:
        return isinstance(self._options, CsvChangesOptions)

    @property
    def _words(self) -> Mapping[str, str]:
        return self._options.map.get("field" if self._of_changes else "activity", {})

    def files(self) -> list[tuple[Layout, Path]]:
        """Return all files, the lists of tickets first."""
        found: list[tuple[Layout, Path]] = []
        if isinstance(self._options, CsvChangesOptions) and self._list and self._options.tickets:
            found += [(self._list, path) for path in matching_files(self._options.tickets)]
        return found + [(self._rows, path) for path in matching_files(self._options.path)]

    def read(self, most: int | None = None) -> Rows:
        """Return the rows of all files, or the first ``most`` of each."""
        read = Rows()
        for number, (columns, path) in enumerate(self.files()):
            self._read_file(number, columns, path, read, most)
        return read

    def _read_file(
        self, number: int, columns: Layout, path: Path, read: Rows, most: int | None
    ) -> None:
        added: list[tuple[str, Entry]] = []
        told: frozenset[str] | None = None
        count = 0
        with open_file(path) as raw:
            for line, row in islice(read_table(path, raw, columns, read.notes), most):
                count += 1
                if isinstance(row, RejectedRow):
                    read.rejected.append(rejected_row(path, line, row))
                    read.nameless += 1
                    continue
                fields = CsvRow(row, self._options, self._mapper, read.notes)
                told = frozenset(history_rows.told_by(fields)) if told is None else told
                try:
                    ticket, entry = self._entry(columns, fields, (number, line), told)
                except RejectedRow as error:
                    read.rejected.append(rejected_row(path, line, error))
                    name = row["id"].strip()
                    read.nameless += not name
                    read.wrong |= {name} - {""}
                    read.broken |= {name} - {""}
                    continue
                if fields.left_out:
                    errors = (rejected_row(path, line, error) for error in fields.left_out)
                    read.left_out += errors
                    read.wrong.add(ticket)
                if entry is None:
                    continue
                if columns is self._list:
                    read.listed[ticket] = entry
                else:
                    read.entries[ticket].append(entry)
                    added.append((ticket, entry))
        read.seen |= told or frozenset()
        read.whole &= count != most
        if text := cut_short(count):
            read.cut.append(Rejected("row_limit", path.name, text))
        if _begins_with_the_newest(added):
            for _, entry in added:  # also within a second
                entry.place = (number, -entry.place[1])

    def _entry(
        self, columns: Layout, row: CsvRow, place: tuple[int, int], told: frozenset[str]
    ) -> tuple[str, Entry | None]:
        if columns is self._list:
            return history_rows.listed(row, place, told)
        if self._of_changes:
            ticket, entry = history_rows.change(row, place, self._words)
            if entry and entry.opened:
                entry.facts = self._defaults
            return ticket, entry
        return history_rows.event(row, place, told, self._words)

    def telling(self, read: Rows) -> Telling:
        """Return what the files tell, by their columns, their rows and the configuration."""
        words = frozenset(self._words.values())
        robots = frozenset(name.casefold() for name in self._options.robots)
        acts = words & set(ACTS)
        rows = [each for entries in read.entries.values() for each in entries]
        if self._of_changes:
            changed = {each.change[0] for each in rows if each.change}
            tracked = (words | changed) & set(HISTORY)
            return Telling(histories=tracked, acts=acts, robots=robots)
        histories = read.seen & set(HISTORY)
        by_activity = "status" not in histories and (
            bool(words & set(Status)) or any(each.says("status") for each in rows)
        )
        opens = OPENED in words or "opened_at" in read.seen or any(each.opened for each in rows)
        return Telling(
            begins=not opens,
            new_at_first=by_activity,
            histories=histories | ({"status"} if by_activity else set()),
            acts=acts,
            holds=not by_activity or Status.ON_HOLD in words,
            closings=not by_activity or Status.CLOSED in words,
            robots=robots,
        )


def _begins_with_the_newest(added: Sequence[tuple[str, Entry]]) -> bool:
    """Whether the rows of a file, with their tickets, go back in time.

    Those of each ticket tell it, since they may stand together; only if they do not, all do.
    """
    of_tickets = [entry for _, entry in sorted(added, key=lambda each: each[0])]
    names = sorted(ticket for ticket, _ in added)
    within = sum(
        _step(first, later)
        for (first, later), (one, other) in zip(pairwise(of_tickets), pairwise(names), strict=True)
        if one == other
    )
    return (within or sum(_step(first, later) for (_, first), (_, later) in pairwise(added))) < 0


def _step(first: Entry, later: Entry) -> int:
    """Return 1 for a row that is later than the one before it, -1 for an earlier one.

    Within a second nothing comes before the opening.
    """
    before, after = (first.at, not first.opened), (later.at, not later.opened)
    return (after > before) - (after < before)
