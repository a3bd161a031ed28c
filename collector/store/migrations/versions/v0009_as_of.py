"""Adds the instant up to which a source's data are complete; for sources polled earlier it is set
by their next poll."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("poll_states", sa.Column("as_of", sa.BigInteger))
