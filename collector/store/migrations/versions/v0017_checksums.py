"""Adds checksums to tickets, calls and cursors, and makes those of what is stored."""

import sqlalchemy as sa
from alembic import op

from collector.store.checksums import CALL_NUMBERS, TICKET_NUMBERS, row_checksum
from collector.store.rows import digest

revision = "0017"
down_revision = "0016"

ROWS = 10_000


def upgrade() -> None:
    op.add_column("tickets", sa.Column("checksum", sa.BigInteger))
    op.add_column("calls", sa.Column("checksum", sa.BigInteger))
    op.add_column("cursors", sa.Column("digest", sa.Text))
    connection = op.get_bind()
    _fill(connection, "tickets", TICKET_NUMBERS, "facts")
    _fill(connection, "calls", CALL_NUMBERS, "NULL")
    query = sa.text("SELECT source, position FROM cursors")
    rows = [{"s": s, "d": digest(position)} for s, position in connection.execute(query)]
    if rows:
        connection.execute(sa.text("UPDATE cursors SET digest = :d WHERE source = :s"), rows)


def _fill(connection: sa.Connection, table: str, numbers: tuple[str, ...], facts: str) -> None:
    columns = ", ".join(("n", "profile", *numbers, facts))
    part = sa.text(f"SELECT {columns} FROM {table} WHERE n > :n ORDER BY n LIMIT {ROWS}")  # noqa: S608
    change = sa.text(f"UPDATE {table} SET checksum = :checksum WHERE n = :n")  # noqa: S608
    last = 0
    while rows := connection.execute(part, {"n": last}).all():
        made = [{"n": row[0], "checksum": row_checksum(row[:-1], row[-1])} for row in rows]
        connection.execute(change, made)
        last = rows[-1][0]
