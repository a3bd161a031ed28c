"""What the stays of one caller have in common. Calls stored before have none until they are read
again."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("calls", sa.Column("call_id", sa.BigInteger))
