"""Turns holds into facts: one column for everything that only some tickets have."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

HOLD, GAP = 1, 2
OUT_OF_WORK = ("resolved", "closed", "merged", "deleted", "spam")


def upgrade() -> None:
    op.execute("ALTER TABLE tickets RENAME COLUMN held TO facts_held")
    op.execute("ALTER TABLE tickets RENAME COLUMN holds TO facts")
    op.create_index("tickets_first_resolved", "tickets", ["first_resolved_at"])
    connection = op.get_bind()
    number, facts = sa.column("n", sa.BigInteger), sa.column("facts", sa.Text)
    held, reopened = sa.column("facts_held", sa.BigInteger), sa.column("reopened", sa.BigInteger)
    tickets = sa.table("tickets", number, facts, held, reopened)
    some = sa.select(number, facts, reopened).where(sa.or_(facts.is_not(None), reopened > 0))
    change = (
        sa.update(tickets)
        .where(number == sa.bindparam("of"))
        .values(facts=sa.bindparam("to_facts"), facts_held=sa.bindparam("to_held"))
    )
    for rows in connection.execute(some.select_from(tickets)).partitions(1000):
        changed = []
        for of, holds, again in rows:
            numbers = (holds or "").split(",") if holds else []
            found = [f"{HOLD},{a},{b}" for a, b in zip(numbers[::2], numbers[1::2], strict=True)]
            found += [f"{GAP},{a},{b}" for a, b in _gaps(of)] if again else []
            changed.append({"of": of, "to_facts": ",".join(found) or None, "to_held": len(found)})
        connection.execute(change, changed)


def _gaps(ticket: int) -> Iterator[tuple[int, int]]:
    """When the ticket was done, until it was reopened."""
    query = sa.text(
        "SELECT at, value FROM changes WHERE ticket = :n AND field = 'status' ORDER BY at, seq"
    )
    start: int | None = None
    for at, value in op.get_bind().execute(query, {"n": ticket}).all():
        if value in OUT_OF_WORK:
            start = at if start is None else start
        elif start is not None:
            if at > start:
                yield start, at
            start = None
