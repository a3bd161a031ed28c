"""Runs the queries of an SQL source, and reads values of its rows as those of files are read."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from itertools import islice
from typing import Any

from collector.io.database import ReadOnlyDatabase
from collector.io.errors import SourceError
from collector.model.page import RejectedRow
from collector.sources.csv.rows import CsvRow
from collector.sources.csv.table import Notes
from collector.sources.kit.mapping import Mapper
from collector.sources.kit.raw import ChangedTicket, Position
from collector.sources.kit.values import rejected
from collector.sources.mapped.tickets import as_text
from collector.sources.sql.options import SqlOptions, parameters

Values = Mapping[str, Any]
"""A row as the driver gives it."""


class Visit(ReadOnlyDatabase):
    """One poll. ``listed``: the rows of the page of the feed that was read last, by id.

    ``existing``: all ids, once they were asked for.
    """

    def __init__(self, options: SqlOptions, organizations: Sequence[str] = ()) -> None:
        super().__init__(options.url, options.password, options.timezone or "UTC", options.timeout)
        self.options = options
        self.listed: dict[str, Values] = {}
        self.existing: frozenset[str] | None = None
        self._mapper = Mapper(options.map, organizations)

    def query(self, name: str, **values: Any) -> Generator[Values, None, None]:
        """Yield the rows of the query of this name; parameters that it does not use are left out.

        Raises SourceError for columns that it does not know.
        """
        text = getattr(self.options, name)
        used = parameters(text)
        checked = False
        for row in self.rows(text, **{key: each for key, each in values.items() if key in used}):
            if not checked:
                self._check_columns(name, row)
                checked = True
            yield row

    def _check_columns(self, name: str, row: Values) -> None:
        rule = self.options.RULES[name]
        if missing := sorted(rule.needs - row.keys()):
            raise SourceError(f"{name} selects no column {missing[0]}", permanent=True)
        if unknown := sorted(row.keys() - rule.knows):
            known = ", ".join(sorted(rule.knows))
            raise SourceError(
                f"{name} selects a column {unknown[0]}, which is none of {known}", permanent=True
            )

    def since(self, at: int) -> object:
        """Return an instant (epoch seconds) as ``:since``."""
        form = self.options.time_formats.get("changed_at", self.options.time_format)
        return at if form == "epoch" else self.moment(at)

    def some(self, name: str, at: int, skip: int, most: int) -> list[Values]:
        """Return rows of a query from an instant (epoch seconds) on: ``most`` after ``skip``."""
        end = skip + most
        with closing(self.query(name, since=self.since(at), limit=end)) as rows:
            return list(islice(rows, skip, end))

    def changed(self, name: str, position: Position, size: int) -> Sequence[ChangedTicket]:
        """Return a page of what changed, as ``KeysetSystem.changed_tickets``, and keep its rows."""
        page = self.some(name, position.at, position.skip, size)
        self.listed = {as_text(row["id"]): row for row in page}
        lines: list[ChangedTicket] = []
        for row in page:
            number = as_text(row["id"])
            try:
                lines.append(ChangedTicket(number, self.row(row).start("changed_at")))
            except RejectedRow as error:  # it keeps its place in the order
                at = lines[-1].at if lines else position.at
                lines.append(ChangedTicket(number, at, rejected(number, error)))
        return lines

    def row(self, values: Values) -> CsvRow:
        """Return a row whose fields are read by the rules of the options."""
        texts = {name: as_text(value, self.options.decimal) for name, value in values.items()}
        return CsvRow(texts, self.options, self._mapper, Notes())
