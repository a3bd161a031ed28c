"""The tables of the store. Once released, they change only by a migration.

They are portable on purpose: only bigint and text, and bytes for snapshots, the same in every
engine. Instants are epoch seconds, durations are seconds, and absent values are NULL. ``n`` is a
row number that is never reused.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    and_,
    literal_column,
)

Number = BigInteger().with_variant(Integer, "sqlite")  # there INTEGER is the row number itself
metadata = MetaData()


def _row_number() -> Column[int]:
    return Column("n", Number, primary_key=True, autoincrement=False)


profiles = Table(
    "profiles",
    metadata,
    _row_number(),
    Column("digest", Text, nullable=False, unique=True),
    Column("texts", Text, nullable=False),  # a JSON list in the order of the profile's fields
)
"""Every combination of texts that a record ever had; records refer to it by its number."""

tickets = Table(
    "tickets",
    metadata,
    _row_number(),
    Column("source", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("first_response_at", BigInteger),
    Column("first_resolved_at", BigInteger),
    Column("resolved_at", BigInteger),
    Column("closed_at", BigInteger),
    Column("reopened", BigInteger, nullable=False),
    Column("solved_by_registrar", BigInteger, nullable=False),
    Column("kind", Text),
    Column("priority", Text),
    Column("organization", Text),
    Column("category", Text),
    Column("status", Text),
    Column("team", Text),
    Column("mark", Text),
    Column("url", Text),
    Column("unrecorded", Text),  # see model.records.Unrecorded, separated by commas
    Column("profile", BigInteger, ForeignKey("profiles.n"), nullable=False),
    Column("facts_held", BigInteger, nullable=False),  # the number of facts
    Column("facts", Text),  # "kind,start,end,kind,…", see model.columns.Fact; ABSENT: no end
    Column("history", Text, nullable=False),  # digest of the changes
    Column("checksum", BigInteger),  # of the numbers; see store.checksums
    UniqueConstraint("source", "id"),
)
is_open = and_(
    tickets.c.resolved_at.is_(None), tickets.c.closed_at.is_(None), tickets.c.mark.is_(None)
)
Index("tickets_opened", tickets.c.opened_at)
Index("tickets_responded", tickets.c.first_response_at)
Index("tickets_resolved", tickets.c.resolved_at)
Index("tickets_first_resolved", tickets.c.first_resolved_at)
Index("tickets_profile", tickets.c.profile)
resolved_again = tickets.c.reopened > literal_column("1")  # no parameter, as below

changes = Table(
    "changes",
    metadata,
    Column("ticket", Number, ForeignKey("tickets.n", ondelete="CASCADE"), primary_key=True),
    Column("seq", Number, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("field", Text, nullable=False),
    Column("value", Text, nullable=False),
    sqlite_with_rowid=False,
)

calls = Table(
    "calls",
    metadata,
    _row_number(),
    Column("source", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("entered_at", BigInteger, nullable=False),
    Column("answered_at", BigInteger),
    Column("left_at", BigInteger),
    Column("wait_seconds", BigInteger),
    Column("talk_seconds", BigInteger),
    Column("call_id", BigInteger),  # made of the source and the call's id; NULL: it has none
    Column("queue", Text, nullable=False),
    Column("organization", Text),
    Column("outcome", Text, nullable=False),
    Column("profile", BigInteger, ForeignKey("profiles.n"), nullable=False),
    Column("checksum", BigInteger),
    UniqueConstraint("source", "id"),
)
is_waiting = calls.c.outcome == literal_column("'open'")  # no parameter: else no partial index
Index("calls_entered", calls.c.entered_at)
Index("calls_profile", calls.c.profile)

cursors = Table(
    "cursors",
    metadata,
    Column("source", Text, primary_key=True),
    Column("position", Text, nullable=False),  # JSON in the source's own format
    Column("partial", BigInteger, nullable=False),  # 1: being read as a whole, not at its end yet
    Column("digest", Text),  # of the position
)

dirty = Table(
    "dirty",
    metadata,
    Column("clock", Text, primary_key=True),  # opened, responded, resolved, entered
    Column("hour", Number, primary_key=True, autoincrement=False),  # epoch seconds // 3600
    Column("revision", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
Index("dirty_revision", dirty.c.revision)

counters = Table(
    "counters",
    metadata,
    Column("name", Text, primary_key=True),  # revision, row, snapshots, committed, identity, …
    Column("value", BigInteger, nullable=False),
)
"""``revision`` counts the page transactions that changed something; its row is also the lock that
admits one writer at a time. ``row`` is the last row number in use; ``committed`` holds when the
definitions were committed, in epoch seconds."""

polls = Table(
    "polls",
    metadata,
    _row_number(),
    Column("source", Text, nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("finished_at", BigInteger, nullable=False),
    Column("ok", BigInteger, nullable=False),
    Column("records", BigInteger, nullable=False),
    Column("changed", BigInteger, nullable=False),
    Column("rejected", BigInteger, nullable=False),
    Column("error", Text),
    Column("ignored", BigInteger),
)
Index("polls_of_source", polls.c.source, polls.c.n)

poll_states = Table(
    "poll_states",
    metadata,
    Column("source", Text, primary_key=True),
    Column("last_started", BigInteger, nullable=False),
    Column("last_success", BigInteger),
    Column("last_failure", BigInteger),
    Column("last_error", Text),
    Column("duration_ms", BigInteger, nullable=False),
    Column("records", BigInteger, nullable=False),
    Column("changed", BigInteger, nullable=False),
    Column("newest_record_at", BigInteger),
    Column("clock_skew_ms", BigInteger),
    Column("consecutive_failures", BigInteger, nullable=False),
    Column("as_of", BigInteger),  # complete up to this instant; NULL: not known to be
    Column("last_fault", Text),  # the kind of the last error
)

rejections = Table(
    "rejections",
    metadata,
    Column("source", Text, primary_key=True),
    Column("reason", Text, primary_key=True),
    Column("count", BigInteger, nullable=False),
)

ignored_entries = Table(
    "ignored_entries",
    metadata,
    Column("source", Text, primary_key=True),
    Column("reason", Text, primary_key=True),
    Column("count", BigInteger, nullable=False),
)

sweeps = Table(
    "sweeps",
    metadata,
    Column("source", Text, primary_key=True),
    Column("since", BigInteger, nullable=False),  # when sweeps were first asked for
    Column("position", Text),  # JSON of an unfinished one
    Column("finished_at", BigInteger),
    Column("failed_at", BigInteger),
    Column("error", Text),
    Column("fault", Text),  # the kind of the error
)

reconciled = Table(
    "reconciled",
    metadata,
    Column("source", Text, primary_key=True),
    Column("found", Text, primary_key=True),  # see model.stored.FOUND
    Column("count", BigInteger, nullable=False),
)
"""What all sweeps of a source found, in total."""

definitions = Table(
    "definitions",
    metadata,
    _row_number(),
    Column("indicator", Text, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Column("content", Text, nullable=False),  # see definitions.as_text
    Column("restated", Text),  # JSON list of changes to past figures, or NULL
    Column("digest", Text),  # of the other columns, see checksums.row_digest
)
Index("definitions_of_indicator", definitions.c.indicator, definitions.c.n)
"""How each indicator is measured: the latest row applies, the earlier ones are its history."""

given_values = Table(
    "given_values",
    metadata,
    _row_number(),
    Column("indicator", Text, nullable=False),
    Column("organization", Text),
    Column("date", Text, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Column("content", Text),  # JSON of the entry; NULL: it was withdrawn
    Column("digest", Text),  # of the other columns, see checksums.row_digest
)
Index("given_values_of_indicator", given_values.c.indicator, given_values.c.n)
"""Every figure entered by hand, with its corrections and withdrawals, as they were first seen."""

provisioned = Table(
    "provisioned",
    metadata,
    Column("grafana", Text, primary_key=True),  # its address
    Column("kind", Text, primary_key=True),
    Column("key", Text, primary_key=True),  # the object's uid or name
    Column("sent", Text),
    Column("found", Text),
)
"""The objects that we own in a Grafana, with marks of what was sent and of what it stored."""

provisions = Table(
    "provisions",
    metadata,
    Column("grafana", Text, primary_key=True),
    Column("last_run", BigInteger, nullable=False),
    Column("last_sync", BigInteger),
    Column("drift", BigInteger, nullable=False),
    Column("failures", BigInteger, nullable=False),
    Column("last_error", Text),
)

snapshots = Table(
    "snapshots",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=False),  # from 1 on, without a gap
    Column("kind", Text, nullable=False),  # freeze, amendment
    Column("first", Text, nullable=False),  # the period's first and last date
    Column("last", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),  # canonical JSON
    Column("sha256", Text, nullable=False),  # of content
    Column("records", LargeBinary, nullable=False),  # the verdicts behind it, compressed
    Column("records_sha256", Text, nullable=False),  # of records
    Column("frozen_at", BigInteger, nullable=False),
    Column("previous", Text, nullable=False, unique=True),  # the seal before it; "" for the first
    Column("seal", Text, nullable=False, unique=True),
)
"""The snapshots, in a chain of seals. Triggers refuse every change, but nothing relies on them. The
counter ``snapshots`` holds the last number, so that a shortened chain is noticed."""

deliveries = Table(
    "deliveries",
    metadata,
    Column("seal", Text, primary_key=True),  # of the snapshot that the files were made of
    Column("language", Text, primary_key=True),
    Column("target", Text, primary_key=True),
    Column("state", Text, nullable=False),  # sending, sent, failed
    Column("files", Text, nullable=False),  # JSON: name → SHA-256
    Column("at", BigInteger, nullable=False),  # when it entered that state
    Column("failures", BigInteger, nullable=False),
    Column("permanent", BigInteger, nullable=False),  # 1: a retry cannot succeed
    Column("error", Text),
)
"""The deliveries. One in state ``sending`` whose process is gone may or may not have arrived."""

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text),  # a process, see io.process; NULL: it was given up
    Column("fence", BigInteger, nullable=False),  # grows each time that another process takes it
    Column("renewed_ms", BigInteger, nullable=False),  # by the database's clock, since the epoch
    Column("lasts_ms", BigInteger, nullable=False),
)
"""The leases: which process may do something that only one of several may do at a time."""

purges = Table(
    "purges",
    metadata,
    _row_number(),
    Column("at", BigInteger, nullable=False),
    Column("before", Text, nullable=False),  # a date, the first of a month: what lies before it
    Column("instant", BigInteger, nullable=False),  # its first, in the reporting zone of then
    Column("tickets", BigInteger, nullable=False),
    Column("calls", BigInteger, nullable=False),
)
"""What was purged, when, and how many records. The counter ``purged`` grows with every deletion."""

purged_spans = Table(
    "purged_spans",
    metadata,
    Column("source", Text, primary_key=True),
    Column("event", Text, primary_key=True),  # the column of tickets or calls
    Column("first", BigInteger, nullable=False),  # of the records that were deleted
    Column("last", BigInteger, nullable=False),
)

purged_tallies = Table(
    "purged_tallies",
    metadata,
    Column("indicator", Text, primary_key=True),
    Column("month", Text, primary_key=True),  # as 2020-07
    Column("field", Text, primary_key=True),  # "": by date; otherwise one of splitting.FIELDS
    Column("definition", BigInteger),  # the row of definitions it was measured by; NULL: by several
    Column("cells", Text, nullable=False),  # JSON: date or value → organization → column → sum
    Column("digest", Text, nullable=False),  # of cells
)
"""The sums over the records that were deleted; those of a month are these and those over the
records that stay."""
