"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

Number = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _number(name: str, *, null: bool = False) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger, nullable=null)


def _text(name: str, *, null: bool = False, key: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.Text, nullable=null, primary_key=key)


def _key(name: str, *constraints: sa.ForeignKey) -> "sa.Column[int]":
    return sa.Column(name, Number, *constraints, primary_key=True, autoincrement=False)


def _profile() -> "sa.Column[int]":
    return sa.Column("profile", sa.BigInteger, sa.ForeignKey("profiles.n"), nullable=False)


def upgrade() -> None:
    _records()
    _indexes()
    _bookkeeping()


def _records() -> None:
    op.create_table(
        "profiles", _key("n"), _text("digest"), _text("texts"), sa.UniqueConstraint("digest")
    )
    op.create_table(
        "tickets",
        _key("n"),
        _text("source"),
        _text("id"),
        _number("opened_at"),
        _number("first_response_at", null=True),
        _number("first_resolved_at", null=True),
        _number("resolved_at", null=True),
        _number("closed_at", null=True),
        _number("reopened"),
        _number("solved_by_registrar"),
        _text("kind", null=True),
        _text("priority", null=True),
        _text("organization", null=True),
        _text("category", null=True),
        _text("status", null=True),
        _text("team", null=True),
        _text("mark", null=True),
        _text("url", null=True),
        _profile(),
        _number("held"),
        _text("holds", null=True),
        _text("history"),
        sa.UniqueConstraint("source", "id"),
    )
    op.create_table(
        "changes",
        _key("ticket", sa.ForeignKey("tickets.n", ondelete="CASCADE")),
        _key("seq"),
        _number("at"),
        _text("field"),
        _text("value"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "calls",
        _key("n"),
        _text("source"),
        _text("id"),
        _number("entered_at"),
        _number("answered_at", null=True),
        _number("left_at", null=True),
        _number("wait_seconds", null=True),
        _number("talk_seconds", null=True),
        _text("queue"),
        _text("organization", null=True),
        _text("outcome"),
        _profile(),
        sa.UniqueConstraint("source", "id"),
    )


def _indexes() -> None:
    op.create_index("tickets_opened", "tickets", ["opened_at"])
    op.create_index("tickets_responded", "tickets", ["first_response_at"])
    op.create_index("tickets_resolved", "tickets", ["resolved_at"])
    is_open = sa.text("resolved_at IS NULL AND closed_at IS NULL AND mark IS NULL")
    op.create_index(
        "tickets_open", "tickets", ["opened_at"], sqlite_where=is_open, postgresql_where=is_open
    )
    op.create_index("calls_entered", "calls", ["entered_at"])
    waiting = sa.text("outcome = 'open'")
    op.create_index(
        "calls_open", "calls", ["entered_at"], sqlite_where=waiting, postgresql_where=waiting
    )


def _bookkeeping() -> None:
    op.create_table("cursors", _text("source", key=True), _text("position"), _number("partial"))
    op.create_table(
        "dirty",
        _text("clock", key=True),
        _key("hour"),
        _number("revision"),
        sqlite_with_rowid=False,
    )
    op.create_index("dirty_revision", "dirty", ["revision"])
    counters = op.create_table("counters", _text("name", key=True), _number("value"))
    op.bulk_insert(counters, [{"name": "revision", "value": 0}, {"name": "row", "value": 0}])
    op.create_table(
        "polls",
        _key("n"),
        _text("source"),
        _number("started_at"),
        _number("finished_at"),
        _number("ok"),
        _number("records"),
        _number("changed"),
        _number("rejected"),
        _text("error", null=True),
    )
    op.create_index("polls_of_source", "polls", ["source", "n"])
    op.create_table(
        "poll_states",
        _text("source", key=True),
        _number("last_started"),
        _number("last_success", null=True),
        _number("last_failure", null=True),
        _text("last_error", null=True),
        _number("duration_ms"),
        _number("records"),
        _number("changed"),
        _number("newest_record_at", null=True),
        _number("clock_skew_ms", null=True),
        _number("consecutive_failures"),
    )
    op.create_table(
        "rejections", _text("source", key=True), _text("reason", key=True), _number("count")
    )
