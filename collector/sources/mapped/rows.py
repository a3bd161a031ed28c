"""JSON as rows by our field names, and those of a ticket and its history as a ticket. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from collector.model.fields import Strict
from collector.model.page import RejectedRow
from collector.sources.csv.rows import CsvRow
from collector.sources.csv.table import Notes
from collector.sources.kit.mapping import Mapper
from collector.sources.kit.raw import Fetched, RawTicket
from collector.sources.kit.values import rejected, valid_text
from collector.sources.mapped.expressions import Expression
from collector.sources.mapped.options import (
    Acts,
    Changes,
    MappedCallOptions,
    MappedOptions,
    expressions,
)
from collector.sources.mapped.tickets import as_text, raw_ticket

Json = Any
"""A JSON value as Python has it."""

Document = Callable[[str, Strict, Json], Sequence[Json] | None]
"""Returns the documents in which a section of the history finds its rows, by its path and the
ticket's row; None: the row itself."""

TICKET = "_ticket"
"""What the ticket's own row is called in the rows of its history."""


class RowMapper:
    """Applies the expressions of a source.

    ``matches``: how often each expression, by its path, has found something.
    """

    def __init__(
        self, options: MappedOptions | MappedCallOptions, organizations: Sequence[str] = ()
    ) -> None:
        self._options = options
        self._values = Mapper(options.map, organizations)
        self._fields = list(expressions("fields", options.fields))
        self.matches: Counter[str] = Counter()

    def id(self, row: Json) -> str:
        """Return a ticket's id; empty if it has none that can be used."""
        try:
            return self._text("fields.id", self._options.fields.id, row)
        except RejectedRow:
            return ""

    def changed_at(self, row: Json) -> int:
        """Return when a ticket changed (epoch seconds). Raises RejectedRow if that is not known."""
        assert self._options.fields.changed_at is not None
        text = self._text("fields.changed_at", self._options.fields.changed_at, row)
        return self._row({"changed_at": text}).start("changed_at")

    def ticket(self, row: Json, documents: Document | None = None) -> Fetched:
        """Return what is found in a ticket's row, and in the documents of its history."""
        try:
            return self._ticket(row, documents)
        except RejectedRow as error:
            return rejected(self.id(row), error)

    def values(self, row: Json) -> CsvRow:
        """Return the fields of a row. Raises RejectedRow for what is no single value."""
        texts = {
            place.removeprefix("fields."): self._text(place, each, row)
            for place, each in self._fields
        }
        return self._row(texts)

    def _ticket(self, row: Json, documents: Document | None) -> RawTicket:
        own = self.values(row)
        history: dict[str, list[CsvRow]] = {}
        for name in ("changes", "acts"):
            sections: Sequence[Changes | Acts] = getattr(self._options, name)
            history[name] = [
                self._row(found)
                for number, section in enumerate(sections)
                for found in self._history(f"{name}[{number}]", section, row, documents)
            ]
        return raw_ticket(own, history["changes"], history["acts"], self._values)

    def _history(
        self, place: str, section: Changes | Acts, row: Json, documents: Document | None
    ) -> Iterator[dict[str, str]]:
        own = None if documents is None else documents(place, section, row)
        for document in [row] if own is None else own:
            rows = section.rows.of(document, f"{place}.rows")
            if rows is None and own is None:
                continue  # a ticket without a history often has no such list
            for each in rows_of(rows, f"{place}.rows"):
                self.matches[f"{place}.rows"] += 1
                named = {**each, TICKET: row} if isinstance(each, dict) else each
                yield {
                    path.rpartition(".")[2]: self._text(path, expression, named)
                    for path, expression in expressions(place, section)
                    if path != f"{place}.rows"
                }

    def _text(self, place: str, expression: Expression, row: Json) -> str:
        value = expression.of(row, place)
        if isinstance(value, dict | list):
            message = f"{place}: {expression.text!r} finds more than a single value"
            raise RejectedRow("bad_field", message)
        if value is not None:
            self.matches[place] += 1
        return valid_text(as_text(value, self._options.decimal), place)

    def _row(self, texts: Mapping[str, str]) -> CsvRow:
        return CsvRow(texts, self._options, self._values, Notes())


def rows_of(found: Json, place: str) -> Sequence[Json]:
    """Return a list that was found. Raises RejectedRow if it is none."""
    if not isinstance(found, list):
        raise RejectedRow("no_rows", f"{place} finds no list in the answer")
    return found
