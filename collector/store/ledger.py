"""The history of what people decided: definitions of indicators, and figures entered by hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Table, func, insert, select
from sqlalchemy.sql import exists

from collector.store.checksums import row_digest
from collector.store.decoding import checked, from_json
from collector.store.engine import Database, upsert
from collector.store.errors import DamagedRow
from collector.store.key_lists import is_among
from collector.store.polls import read_again
from collector.store.profiles import take_numbers
from collector.store.schema import counters, definitions, given_values, snapshots

_COMMITTED = "committed"
"""The counter that holds when the definitions were committed, in epoch seconds."""


@dataclass(frozen=True, slots=True)
class RecordedDefinition:
    """A definition of an indicator as recorded at ``recorded_at`` (epoch seconds).

    ``content``: see ``config.definitions.as_text``. ``restated``: the differences that it made to
    past figures, each with the keys path, since, before and after; empty if there were none.
    """

    indicator: str
    recorded_at: int
    content: str
    restated: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class RecordedValue:
    """A figure entered by hand, as first seen at ``recorded_at`` (epoch seconds).

    ``date``: ISO 8601. ``content``: the entry; None if it was withdrawn.
    """

    indicator: str
    organization: str | None
    date: str
    recorded_at: int
    content: Mapping[str, Any] | None


class LedgerChanges(NamedTuple):
    """What is recorded in one transaction: definitions, values entered by hand, the sources to be
    read from the start because their options now yield different records, and when the definitions
    were committed (epoch seconds), if that is done here."""

    definitions: list[RecordedDefinition]
    values: list[RecordedValue]
    read_again: list[str]
    committed_at: int | None = None


Decide = Callable[[Mapping[str, RecordedDefinition], Sequence[RecordedValue], bool], LedgerChanges]
"""Returns what to record, given the latest definition of each indicator, the values entered so far,
and whether something rests on the definitions (see ``Ledger.is_held``)."""


class Ledger:
    """The recorded decisions. Every method raises StoreError if the database fails; nothing is
    changed then."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def definitions(self) -> dict[str, RecordedDefinition]:
        """The latest definition of each indicator that was ever configured."""
        with self._database.reading() as connection:
            return _in_force(connection)

    def in_use_since(self) -> int | None:
        """When the first definition was recorded (epoch seconds); None if there is none."""
        with self._database.reading() as connection:
            return connection.execute(select(func.min(definitions.c.recorded_at))).scalar()

    def committed_at(self) -> int | None:
        """When the definitions were committed (epoch seconds); None if they never were."""
        with self._database.reading() as connection:
            return _committed_at(connection)

    def is_held(self) -> bool:
        """Whether something rests on the definitions: they were committed, or a period frozen."""
        with self._database.reading() as connection:
            return _is_held(connection)

    def restatements(self, indicator: str) -> list[RecordedDefinition]:
        """The definitions that changed an indicator's past figures, oldest first."""
        query = select(definitions).where(
            definitions.c.indicator == indicator, definitions.c.restated.is_not(None)
        )
        with self._database.reading() as connection:
            return [_recorded(row) for row in connection.execute(query.order_by(definitions.c.n))]

    def values_given(self, indicator: str | None = None) -> list[RecordedValue]:
        """Every figure ever entered by hand, with corrections and withdrawals, in the order in
        which they were seen; of all indicators, or of one."""
        with self._database.reading() as connection:
            return _values_given(connection, indicator)

    def record(self, decide: Decide) -> LedgerChanges:
        """Records what ``decide`` returns.

        No other process writes meanwhile. Whatever ``decide`` raises is passed on, and nothing is
        recorded.
        """
        with self._database.writing(guarded=False) as connection:
            news = decide(_in_force(connection), _values_given(connection), _is_held(connection))
            _record_definitions(connection, news.definitions)
            _record_values(connection, news.values)
            read_again(connection, news.read_again)
            if news.committed_at is not None:
                connection.execute(
                    upsert(connection, counters).on_conflict_do_nothing(),
                    {"name": _COMMITTED, "value": news.committed_at},
                )
        return news


def _committed_at(connection: Connection) -> int | None:
    query = select(counters.c.value).where(counters.c.name == _COMMITTED)
    return connection.execute(query).scalar_one_or_none()


def _is_held(connection: Connection) -> bool:
    if _committed_at(connection) is not None:
        return True
    return bool(connection.execute(select(exists(select(snapshots.c.number)))).scalar_one())


def _in_force(connection: Connection) -> dict[str, RecordedDefinition]:
    return {row.indicator: _recorded(row) for row in _newest(connection)}


def latest_definitions(connection: Connection) -> dict[str, tuple[int, str]]:
    """The latest definition of each indicator: its number, and its content."""
    return {row.indicator: (row.n, _recorded(row).content) for row in _newest(connection)}


def definitions_by_number(connection: Connection, numbers: Iterable[int]) -> dict[int, str]:
    """The content of definitions by their numbers."""
    query = select(definitions).where(is_among(definitions.c.n, numbers))
    return {row.n: _recorded(row).content for row in connection.execute(query)}


def _newest(connection: Connection) -> Iterable[Row[Any]]:
    newest = select(func.max(definitions.c.n)).group_by(definitions.c.indicator)
    return connection.execute(select(definitions).where(definitions.c.n.in_(newest)))


def _recorded(row: Any) -> RecordedDefinition:
    _as_written(definitions, row)
    restated = from_json(definitions, row.n, row.restated, list) if row.restated else []
    return RecordedDefinition(row.indicator, row.recorded_at, row.content, tuple(restated))


def _values_given(connection: Connection, indicator: str | None = None) -> list[RecordedValue]:
    query = select(given_values).order_by(given_values.c.n)
    if indicator is not None:
        query = query.where(given_values.c.indicator == indicator)
    return [
        RecordedValue(
            row.indicator,
            row.organization,
            row.date,
            row.recorded_at,
            None if row.content is None else from_json(given_values, row.n, row.content, dict),
        )
        for row in connection.execute(query)
        if _as_written(given_values, row)
    ]


def _as_written(table: Table, row: Any) -> bool:
    """True. Raises DamagedRow for a row that is not as it was recorded."""
    *values, digest = checked(table, row.n, row).values()
    if digest != row_digest(values):
        raise DamagedRow(table.name, row.n)
    return True


def _insert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    names = [column.name for column in table.columns if column.name != "digest"]
    for row in rows:
        row["digest"] = row_digest([row[name] for name in names])
    connection.execute(insert(table), rows)


def _record_definitions(connection: Connection, recorded: Sequence[RecordedDefinition]) -> None:
    if not recorded:
        return
    first = take_numbers(connection, len(recorded))
    rows = [
        {
            "n": number,
            "indicator": each.indicator,
            "recorded_at": each.recorded_at,
            "content": each.content,
            "restated": json.dumps(list(each.restated), ensure_ascii=False)
            if each.restated
            else None,
        }
        for number, each in enumerate(recorded, first)
    ]
    _insert(connection, definitions, rows)


def _record_values(connection: Connection, seen: Sequence[RecordedValue]) -> None:
    if not seen:
        return
    first = take_numbers(connection, len(seen))
    rows = [
        {
            "n": number,
            "indicator": each.indicator,
            "organization": each.organization,
            "date": each.date,
            "recorded_at": each.recorded_at,
            "content": None
            if each.content is None
            else json.dumps(dict(each.content), ensure_ascii=False, sort_keys=True),
        }
        for number, each in enumerate(seen, first)
    ]
    _insert(connection, given_values, rows)
