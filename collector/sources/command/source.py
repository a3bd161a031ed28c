"""Tickets that a program writes: a Singer tap, or anything that prints JSON in lines.

It runs at every poll. Its output is used only once it has ended well, so a run that fails changes
nothing and the state stays. What is the same as at the last run is not delivered again. A run
that was given a state and writes no ticket is one without changes; of any other it is an error.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from itertools import islice
from typing import Any, ClassVar

from collector.io.errors import SourceError
from collector.model.page import Cursor, Page, Rejected, RejectedRow
from collector.sources.command.messages import Reading, no_object
from collector.sources.command.options import INHERITED, CommandOptions, holds_password
from collector.sources.command.run import Run
from collector.sources.kit.batch import Batch
from collector.sources.kit.contract import Look, SourceOptions
from collector.sources.kit.lifecycle import assemble
from collector.sources.kit.mapping import Mapper
from collector.sources.kit.raw import RawTicket
from collector.sources.mapped.rows import RowMapper

PAGE_TICKETS = 500
_NOTHING = (
    "the command ended well but wrote no ticket, though it was to list all: run it by hand; it may "
    "have failed without saying so"
)
_HEARTBEAT = 1.0
"""Seconds between empty pages while the program runs, after which the service may stop it."""
_CHECKED = 100
_CHECKED_FOR = 30.0
"""How many tickets ``check`` looks at, and seconds for which it waits for them."""


class CommandTickets:
    """A program. See :class:`~collector.sources.kit.contract.Source`."""

    Options: ClassVar[type[SourceOptions]] = CommandOptions

    def __init__(self, name: str, options: CommandOptions, organizations: Sequence[str]) -> None:
        self.name = name
        self.as_of: int | None = None  # a program reads what is current
        self._options = options
        self._mapper = Mapper(options.map, organizations)

    def look(self) -> Look:
        left_out = [
            name
            for name in INHERITED
            if holds_password(name, os.environ.get(name, ""))
            and name not in self._options.environment
        ]
        doubts = [
            (
                ("environment",),
                f"{name} of this program holds a password, so the command does not get it: if it"
                " needs that proxy, give it here, as a secret",
            )
            for name in left_out
        ]
        return Look(self._options.unrecorded, doubts=doubts)

    def pages(self, cursor: Cursor | None, since: int | None = None) -> Iterator[Page]:
        """See :class:`~collector.sources.kit.contract.Source`. ``since`` begins without a state."""
        before = cursor or {}  # empty while the first run lasts: then nothing was read yet
        afresh = since is not None or self._options.state == "none"
        state = None if afresh else before.get("state")
        with Run(self._options, state) as run:
            while not run.has_ended(_HEARTBEAT):
                yield Batch().page(before)
            reading = Reading(self._options.stream, state)
            # all of the output must be usable before some of it is used
            number = sum(1 for _ in self._lines(reading, run.lines()))
            if not number and state is None:
                raise SourceError(_NOTHING)
            digest = self._digest(run)
            if since is not None or digest != before.get("digest"):
                yield from self._records(run, number, before)
        yield Batch().page({"state": reading.state, "digest": digest}, progress=1.0)

    def check(self) -> str:
        """Run it without a state, as far as the first tickets, and say what was found."""
        rows: list[tuple[int, Any]] = []
        ended, waited = False, 0.0
        with Run(self._options, None) as run:
            while not ended and len(rows) < _CHECKED and waited < _CHECKED_FOR:
                ended = run.has_ended(_HEARTBEAT)
                waited += _HEARTBEAT
                whole = (line for line in run.lines() if ended or line.endswith(b"\n"))
                reading = Reading(self._options.stream)
                rows = list(islice(self._lines(reading, whole), _CHECKED))
        mapper, batch = RowMapper(self._options), Batch()
        for number, row in rows:
            self._add(batch, mapper, number, row)
        more = "" if ended and len(rows) < _CHECKED else " or more"
        line = f"{len(rows)}{more} tickets"
        if not ended and len(rows) < _CHECKED:
            line += f" in {_CHECKED_FOR:.0f} s, after which it was ended"
        if self._options.format == "singer" and self._options.state != "none" and ended:
            line += ", a state" if reading.state is not None else ", but no state: all at each poll"
        if batch.rejected:
            first = batch.rejected[0]
            line += f"; {len(batch.rejected)} cannot be used: {first.where}: {first.message}"
        silent = [place for place, _ in self._options.places() if not mapper.matches[place]]
        if rows and silent:
            line += f"; nothing is found by {', '.join(silent)}: correct or remove what is wrong"
        return line

    def _lines(self, reading: Reading, lines: Iterator[bytes]) -> Iterator[tuple[int, Any]]:
        singer = self._options.format == "singer"
        return reading.singer(lines) if singer else reading.ndjson(lines)

    def _digest(self, run: Run) -> str:
        """Return a digest of the output and of what decides which tickets it becomes."""
        decides = self._options.model_dump_json(exclude=set(self._options.ACCESS))
        digest = blake2b(decides.encode(), digest_size=16)
        for line in run.lines():
            digest.update(line)
        return digest.hexdigest()

    def _records(self, run: Run, number: int, cursor: Cursor) -> Iterator[Page]:
        """Yield pages of the tickets, so many in all; the cursor moves only after the last."""
        mapper, done = RowMapper(self._options), 0
        rows = self._lines(Reading(self._options.stream), run.lines())
        while some := list(islice(rows, PAGE_TICKETS)):
            batch = Batch()
            for line, row in some:
                self._add(batch, mapper, line, row)
            done += len(some)
            yield batch.page(cursor, progress=done / number)

    def _add(self, batch: Batch, mapper: RowMapper, number: int, row: Any) -> None:
        try:
            if row is None:
                raise no_object(number)
            found = mapper.ticket(row)
            if isinstance(found, Rejected):
                batch.rejected.append(found)
            elif isinstance(found, RawTicket):
                batch.saw(found.opened_at)
                batch.saw(found.changed_at)
                unrecorded = self._options.unrecorded
                batch.records.append(assemble(self.name, found, self._mapper, unrecorded))
        except RejectedRow as error:
            number_of = mapper.id(row) if row is not None else ""
            batch.reject(f"ticket {number_of}" if number_of else f"line {number}", error)
