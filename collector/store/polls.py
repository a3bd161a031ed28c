"""The poll log: the outcome of each poll, and the state of each source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, select, update

from collector.store.decoding import checked
from collector.store.engine import Database, upsert
from collector.store.newest import FutureRecords, future_records, newest_instant
from collector.store.profiles import take_numbers
from collector.store.schema import cursors, ignored_entries, poll_states, polls, rejections

KEEP = 1000
"""The number of polls that the log keeps for each source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PollResult:
    """The outcome of one poll. Instants are epoch seconds.

    ``seconds``: how long it took. ``stopped``: it was asked to end early, which is neither a
    success nor a failure. ``records``: how many were stored; ``changed``: how many of these were
    new or different. By reason: ``rejected`` records; ``ignored`` entries, which gave no record;
    ``doubtful`` ones, which were used, also without a field. ``whole``: the source reads all of
    what changed again.
    ``error``: one line for people; None if ``ok``; ``fault``: its kind, a ``Fault`` or None.
    ``newest_at``: the latest instant in the
    records, at most that of the poll. ``clock_skew``: seconds by which the source's clock is ahead
    of ours. ``as_of``: when the data were written, if they say nothing about later instants (an
    export). ``overtaken``: it ended because another process had moved the source's cursor, which is
    neither a success nor a failure either.
    """

    source: str
    started_at: int
    finished_at: int
    ok: bool
    stopped: bool = False
    seconds: float = 0.0
    records: int = 0
    changed: int = 0
    rejected: Mapping[str, int] = field(default_factory=dict)
    ignored: Mapping[str, int] = field(default_factory=dict)
    doubtful: Mapping[str, int] = field(default_factory=dict)
    whole: bool = False
    error: str | None = None
    fault: str | None = None
    newest_at: int | None = None
    clock_skew: float | None = None
    as_of: int | None = None
    overtaken: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PollState:
    """The state of a source. Instants are epoch seconds, ``duration`` and ``clock_skew`` seconds.

    By default that of a source that was never polled; during its first poll it has no instants.

    ``last_success`` and ``last_failure``: when such a poll ended. ``read_at``: when the last
    successful poll started; the store has everything that the source held then. ``as_of``: the
    instant up to which the source's data are complete: ``read_at``, or, if that is earlier, when
    the data that were read had been written (an export). ``last_error``: kept after a success, and
    so is ``last_fault``, its kind.
    ``records`` and ``changed``: of the last poll. ``newest_record_at``: the latest instant that any
    poll saw and that was not in the future. ``partial``: a source that is read as a whole is not at
    its end yet, so that the store holds a mixture of old and new records. ``rejected`` and
    ``ignored``: reason → the total since the store was created, counted when pages are stored.
    """

    source: str
    last_started: int | None = None
    last_success: int | None = None
    last_failure: int | None = None
    last_error: str | None = None
    last_fault: str | None = None
    duration: float = 0
    records: int = 0
    changed: int = 0
    newest_record_at: int | None = None
    clock_skew: float | None = None
    consecutive_failures: int = 0
    rejected: Mapping[str, int] = field(default_factory=dict)
    ignored: Mapping[str, int] = field(default_factory=dict)
    partial: bool = False
    read_at: int | None = None
    as_of: int | None = None


_READ_AT = (
    select(polls.c.started_at)
    .where(polls.c.source == poll_states.c.source, polls.c.ok == 1)
    .order_by(polls.c.n.desc())
    .limit(1)
    .scalar_subquery()
)
_BY_SOURCE = select(poll_states, _READ_AT.label("read_at")).order_by(poll_states.c.source)


class Polls:
    """The poll log. Every method raises StoreError if the database fails; nothing is changed
    then."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, result: PollResult) -> None:
        """Adds a poll to the log, which keeps the last KEEP of each source, and updates the state
        of the source."""
        with self._database.writing() as connection:
            _record(connection, result)

    def states(self) -> dict[str, PollState]:
        """The state of each source by its name, for all that were ever polled or are in their first
        poll."""
        with self._database.reading() as connection:
            return _states(connection)

    def future_records(self, source: str, now: int) -> FutureRecords:
        """The source's records that are dated after ``now`` (epoch seconds)."""
        with self._database.reading() as connection:
            return future_records(connection, source, now)


def read_again(connection: Connection, sources: Iterable[str]) -> None:
    """Makes sources start from the beginning; until they have, their data count as incomplete.

    Must run in the writing transaction.
    """
    chosen = list(sources)
    connection.execute(delete(cursors).where(cursors.c.source.in_(chosen)))
    connection.execute(
        update(poll_states).where(poll_states.c.source.in_(chosen)),
        {"last_success": None, "as_of": None},
    )


def _record(connection: Connection, result: PollResult) -> None:
    row = {
        "n": take_numbers(connection, 1),
        "source": result.source,
        "started_at": result.started_at,
        "finished_at": result.finished_at,
        "ok": int(result.ok and not result.stopped),
        "records": result.records,
        "changed": result.changed,
        "rejected": sum(result.rejected.values()),
        "ignored": sum(result.ignored.values()),
        "error": None if result.overtaken else result.error,
    }
    connection.execute(insert(polls), row)
    own = polls.c.source == result.source
    eldest = select(polls.c.n).where(own).order_by(polls.c.n.desc()).offset(KEEP).limit(1)
    if (n := connection.execute(eldest).scalar_one_or_none()) is not None:
        connection.execute(delete(polls).where(own, polls.c.n <= n))
    _move_state(connection, result)
    if result.ok and not result.stopped:
        connection.execute(update(cursors).where(cursors.c.source == result.source), {"partial": 0})


def _move_state(connection: Connection, result: PollResult) -> None:
    query = select(poll_states).where(poll_states.c.source == result.source)
    before = connection.execute(query).one_or_none()
    old: dict[str, Any] = {} if before is None else dict(before._mapping)
    newest = [_newest_before(connection, result, old.get("newest_record_at")), result.newest_at]
    skew = None if result.clock_skew is None else round(result.clock_skew * 1000)
    succeeded = result.ok and not result.stopped
    failed = not result.ok and not result.overtaken
    failures = old.get("consecutive_failures", 0)
    state = {
        "source": result.source,
        "last_started": result.started_at,
        "last_success": result.finished_at if succeeded else old.get("last_success"),
        "as_of": _as_of(result) if succeeded else old.get("as_of"),
        "last_failure": result.finished_at if failed else old.get("last_failure"),
        "last_error": result.error if failed else old.get("last_error"),
        "last_fault": result.fault if failed else old.get("last_fault"),
        "duration_ms": round(1000 * result.seconds),
        "records": result.records,
        "changed": result.changed,
        "newest_record_at": max((at for at in newest if at is not None), default=None),
        "clock_skew_ms": old.get("clock_skew_ms") if skew is None else skew,
        "consecutive_failures": 0 if succeeded else failures + failed,
    }
    put = upsert(connection, poll_states)
    put = put.on_conflict_do_update(
        index_elements=["source"],
        set_={name: put.excluded[name] for name in state if name != "source"},
    )
    connection.execute(put, state)


def _newest_before(connection: Connection, result: PollResult, known: int | None) -> int | None:
    """The newest instant of what was stored before this poll. It is computed from the records where
    one of them may have been corrected, or where what is known was in the future."""
    corrected = result.whole and result.changed > 0
    if known is None or (known <= result.finished_at and not corrected):
        return known
    return newest_instant(connection, result.source, result.started_at)


def _as_of(result: PollResult) -> int:
    began = result.started_at
    return began if result.as_of is None else min(began, result.as_of)


def _states(connection: Connection) -> dict[str, PollState]:
    rejected, ignored = _by_reason(connection, rejections), _by_reason(connection, ignored_entries)
    states: dict[str, PollState] = {}
    for row in connection.execute(_BY_SOURCE):
        columns = checked(poll_states, row.source, row) | {"read_at": row.read_at}
        if columns["last_success"] is None:  # starts anew: earlier polls no longer count
            columns["read_at"] = None
        skew = columns.pop("clock_skew_ms")
        milliseconds = columns.pop("duration_ms")
        states[row.source] = PollState(
            **columns,
            clock_skew=None if skew is None else skew / 1000,
            duration=milliseconds / 1000,
            rejected=rejected.get(row.source, {}),
            ignored=ignored.get(row.source, {}),
        )
    for source, partial in connection.execute(select(cursors.c.source, cursors.c.partial)):
        # With pages but no finished poll its data are incomplete, and must not look complete.
        state = states.get(source) or PollState(
            source=source, rejected=rejected.get(source, {}), ignored=ignored.get(source, {})
        )
        states[source] = replace(state, partial=bool(partial))
    return states


def _by_reason(connection: Connection, table: Table) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for source, reason, count in connection.execute(select(table)):
        counts.setdefault(source, {})[reason] = count
    return counts
