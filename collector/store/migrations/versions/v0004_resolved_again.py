"""Adds an index of the tickets that were reopened more than once, for queries about the past."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    again = sa.text("reopened > 1")
    op.create_index(
        "tickets_resolved_again",
        "tickets",
        ["first_resolved_at"],
        sqlite_where=again,
        postgresql_where=again,
    )
