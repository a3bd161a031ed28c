"""Commits the definitions of a store in use: earlier releases held every definition against the
past from the first on, and an upgrade does not loosen that."""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.execute(
        "INSERT INTO counters (name, value) SELECT 'committed', MIN(recorded_at) FROM definitions "
        "HAVING COUNT(*) > 0"
    )
