"""The partial indexes. What a release once shipped changes only by a migration.

Apart from the tables, since an index that names PostgreSQL loads SQLAlchemy's dialect for it, and
only migrations look at indexes.
"""

from __future__ import annotations

from sqlalchemy import Column, ColumnElement, Index, literal_column

from collector.store.schema import calls, is_open, is_waiting, resolved_again, snapshots, tickets


def _partial(
    name: str, *columns: Column[int] | Column[str], where: ColumnElement[bool], unique: bool = False
) -> None:
    Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)


_first_freeze = snapshots.c.kind == literal_column("'freeze'")

_partial("tickets_resolved_again", tickets.c.first_resolved_at, where=resolved_again)
_partial("tickets_open", tickets.c.opened_at, where=is_open)
_partial("calls_open", calls.c.entered_at, where=is_waiting)
_partial(
    "snapshots_frozen_once",
    *(snapshots.c.first, snapshots.c.last),
    where=_first_freeze,
    unique=True,
)
