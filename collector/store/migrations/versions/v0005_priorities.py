"""Derives from the history of tickets which priority they had when, where they had several."""

from itertools import groupby

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

PRIORITY = 11


def upgrade() -> None:
    connection = op.get_bind()
    course = sa.text(
        "SELECT t.n, t.priority, t.facts, t.facts_held, c.at, c.value FROM tickets t "
        "JOIN changes c ON c.ticket = t.n WHERE c.field = 'priority' ORDER BY t.n, c.at, c.seq"
    )
    change = sa.text("UPDATE tickets SET facts = :facts, facts_held = :held WHERE n = :n")
    changed = []
    for (n, now, facts, held), rows in groupby(connection.execute(course), lambda row: row[:4]):
        steps = [(row.at, row.value) for row in rows]
        values = list(dict.fromkeys(value for _, value in steps))
        if len({*values, now} - {None}) > 1:
            found = [f"{PRIORITY},{at},{values.index(value)}" for at, value in steps]
            told = ",".join([facts, *found] if facts else found)
            changed.append({"n": n, "facts": told, "held": held + len(found)})
    if changed:
        connection.execute(change, changed)
