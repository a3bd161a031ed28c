"""Up to when what a source told is known; a source that was read before this says so when it is
read again."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("poll_states", sa.Column("as_of", sa.BigInteger))
