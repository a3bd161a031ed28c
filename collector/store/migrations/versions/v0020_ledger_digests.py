"""Adds digests to definitions and to figures given by hand, and makes those of what is stored."""

import sqlalchemy as sa
from alembic import op

from collector.store.checksums import row_digest

revision = "0020"
down_revision = "0018"

_COLUMNS = {
    "definitions": "n, indicator, recorded_at, content, restated",
    "given_values": "n, indicator, organization, date, recorded_at, content",
}


def upgrade() -> None:
    connection = op.get_bind()
    for table, columns in _COLUMNS.items():
        op.add_column(table, sa.Column("digest", sa.Text))
        rows = connection.execute(sa.text(f"SELECT {columns} FROM {table}")).all()  # noqa: S608
        made = [{"n": row.n, "digest": row_digest(tuple(row))} for row in rows]
        change = sa.text(f"UPDATE {table} SET digest = :digest WHERE n = :n")  # noqa: S608
        if made:
            connection.execute(change, made)
