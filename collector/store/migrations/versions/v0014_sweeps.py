"""Adds the sweeps of sources: how far each has come, and what they found."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "sweeps",
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("position", sa.Text),
        sa.Column("finished_at", sa.BigInteger),
        sa.Column("failed_at", sa.BigInteger),
        sa.Column("error", sa.Text),
    )
    op.create_table(
        "reconciled",
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("found", sa.Text, primary_key=True),
        sa.Column("count", sa.BigInteger, nullable=False),
    )
