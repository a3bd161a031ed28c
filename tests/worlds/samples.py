"""Records and pages that several test files store."""

from collector.model.page import Page
from collector.model.records import Call, CallOutcome, Change, Ticket

T0 = 1_600_000_000


def ticket(name="1", **more):
    return Ticket(**{"source": "desk", "id": name, "opened_at": T0, **more})


def call(name="1", **more):
    given = {"source": "phone", "id": name, "queue": "it", "entered_at": T0}
    return Call(**{**given, "outcome": CallOutcome.ANSWERED, **more})


def save(store, *records, source="desk", **more):
    """Stores one page behind whatever the cursor is."""
    before = store.pages.cursor(source)
    after = {"page": before["page"] + 1 if before else 1}
    return store.pages.save(source, Page(records=records, cursor=after, **more), before)


FULL = ticket(
    url="https://desk/1",
    first_response_at=T0 + 60,
    first_resolved_at=T0 + 70,
    resolved_at=T0 + 8000,
    closed_at=T0 + 9000,
    reopened=1,
    solved_by_registrar=True,
    kind="incident",
    priority="urgent",
    organization="Laxå",
    category="net",
    status="closed",
    team="second",
    first_note_at=T0 + 20,
    first_status_at=T0 + 30,
    own_first_response_at=T0 + 59,
    own_response_due_at=T0 + 1800,
    own_response_met=True,
    own_resolution_due_at=T0 + 7200,
    own_resolution_met=False,
    changes=(
        Change(T0, "status", "new"),
        Change(T0, "priority", "normal"),
        Change(T0, "team", "first"),
        Change(T0 + 50, "priority", "urgent"),
        Change(T0 + 55, "priority", "normal"),
        Change(T0 + 65, "priority", "urgent"),
        Change(T0 + 66, "team", "second"),
        Change(T0 + 70, "status", "resolved"),
        Change(T0 + 100, "status", "on_hold"),
        Change(T0 + 200, "status", "open"),
        Change(T0 + 300, "status", "on_hold"),
    ),
)
