"""Adds what kind of fault kept a source from being read, beside the line that says it."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column("poll_states", sa.Column("last_fault", sa.Text))
    op.add_column("sweeps", sa.Column("fault", sa.Text))
