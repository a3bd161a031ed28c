"""Adds the definitions of indicators and the figures entered by hand, with their history."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

Number = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "definitions",
        sa.Column("n", Number, primary_key=True, autoincrement=False),
        sa.Column("indicator", sa.Text, nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("restated", sa.Text),
    )
    op.create_index("definitions_of_indicator", "definitions", ["indicator", "n"])
    op.create_table(
        "given_values",
        sa.Column("n", Number, primary_key=True, autoincrement=False),
        sa.Column("indicator", sa.Text, nullable=False),
        sa.Column("organization", sa.Text),
        sa.Column("date", sa.Text, nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        sa.Column("content", sa.Text),
    )
    op.create_index("given_values_of_indicator", "given_values", ["indicator", "n"])
