"""Indexes the profiles of tickets and calls, so that those in use are found without reading every
record."""

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_index("tickets_profile", "tickets", ["profile"])
    op.create_index("calls_profile", "calls", ["profile"])
