"""Adds the objects provisioned in each Grafana, and the outcome of the last run."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "provisioned",
        sa.Column("grafana", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("sent", sa.Text),
        sa.Column("found", sa.Text),
    )
    op.create_table(
        "provisions",
        sa.Column("grafana", sa.Text, primary_key=True),
        sa.Column("last_run", sa.BigInteger, nullable=False),
        sa.Column("last_sync", sa.BigInteger),
        sa.Column("drift", sa.BigInteger, nullable=False),
        sa.Column("failures", sa.BigInteger, nullable=False),
        sa.Column("last_error", sa.Text),
    )
