"""The poll log: what became of each poll, and where each source stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from collector.store.engine import Database, upsert
from collector.store.profiles import take_numbers
from collector.store.schema import cursors, poll_states, polls, rejections

KEEP = 1000
"""Polls a source that the log keeps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PollResult:
    """One poll. Instants in epoch seconds; ``clock_skew`` in seconds, positive: theirs is ahead.

    ``seconds``: how long it took. ``stopped``: it was asked to end before its end; that is neither
    a success nor a failure.

    ``records`` were stored, ``changed`` of them were new or different. ``rejected`` counts by
    reason everything rejected in this poll. ``error`` is one line for people, None when ``ok``.
    ``as_of``: when what was read was written, where that says nothing of later (an export).
    ``overtaken``: it failed because another process had moved the source's cursor.
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
    error: str | None = None
    newest_at: int | None = None
    clock_skew: float | None = None
    as_of: int | None = None
    overtaken: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PollState:
    """Where a source stands. Instants in epoch seconds, ``duration`` and ``clock_skew`` in seconds.

    In its first poll a source has no instants yet.

    ``last_success`` and ``last_failure`` are when such a poll ended; ``read_at`` is when the last
    success began: what was so at the source before then was told. ``as_of`` is ``read_at``, or when
    that what was read then had been written, if that is earlier (an export): what happened up to
    there is known, and nothing of what came after. ``last_error`` stays after a
    success. ``records`` and ``changed`` are of the last poll, ``newest_record_at`` the latest
    instant that any poll saw, ``partial``: a source that is read whole is in the midst of it, and
    what is stored is old and new mixed. ``rejected`` totals by reason since the store exists,
    counted as their pages were stored.
    """

    source: str
    last_started: int | None
    last_success: int | None
    last_failure: int | None
    last_error: str | None
    duration: float
    records: int
    changed: int
    newest_record_at: int | None
    clock_skew: float | None
    consecutive_failures: int
    rejected: Mapping[str, int]
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
    """The poll log. Every method raises StoreError; nothing is then changed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, result: PollResult) -> None:
        """Adds a poll to the log, which keeps the last 1,000 a source, and moves its state."""
        with self._database.writing() as connection:
            _record(connection, result)

    def states(self) -> dict[str, PollState]:
        """Where each source stands, by its name: all that were ever polled, or are in the midst of
        their first poll."""
        with self._database.reading() as connection:
            return _states(connection)


def read_again(connection: Connection, sources: Iterable[str]) -> None:
    """Lets sources begin anew: until then what is there of them counts as not read to its end.

    Needs the writing transaction.
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
        "error": result.error,
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
    newest = [at for at in (old.get("newest_record_at"), result.newest_at) if at is not None]
    skew = None if result.clock_skew is None else round(result.clock_skew * 1000)
    succeeded = result.ok and not result.stopped
    failures = old.get("consecutive_failures", 0)
    state = {
        "source": result.source,
        "last_started": result.started_at,
        "last_success": result.finished_at if succeeded else old.get("last_success"),
        "as_of": _as_of(result) if succeeded else old.get("as_of"),
        "last_failure": old.get("last_failure") if result.ok else result.finished_at,
        "last_error": old.get("last_error") if result.ok else result.error,
        "duration_ms": round(1000 * result.seconds),
        "records": result.records,
        "changed": result.changed,
        "newest_record_at": max(newest, default=None),
        "clock_skew_ms": old.get("clock_skew_ms") if skew is None else skew,
        "consecutive_failures": 0 if succeeded else failures + (not result.ok),
    }
    put = upsert(connection, poll_states)
    put = put.on_conflict_do_update(
        index_elements=["source"],
        set_={name: put.excluded[name] for name in state if name != "source"},
    )
    connection.execute(put, state)


def _as_of(result: PollResult) -> int:
    began = result.started_at
    return began if result.as_of is None else min(began, result.as_of)


def _states(connection: Connection) -> dict[str, PollState]:
    rejected: dict[str, dict[str, int]] = {}
    for source, reason, count in connection.execute(select(rejections)):
        rejected.setdefault(source, {})[reason] = count
    states: dict[str, PollState] = {}
    for row in connection.execute(_BY_SOURCE):
        known = dict(row._mapping)
        if known["last_success"] is None:  # to be read anew: what was read before counts no more
            known["read_at"] = None
        skew = known.pop("clock_skew_ms")
        milliseconds = known.pop("duration_ms")
        states[row.source] = PollState(
            **known,
            clock_skew=None if skew is None else skew / 1000,
            duration=milliseconds / 1000,
            rejected=rejected.get(row.source, {}),
        )
    for source, partial in connection.execute(select(cursors.c.source, cursors.c.partial)):
        known_or_new = states.get(source) or _first_poll_under_way(source, rejected.get(source, {}))
        states[source] = replace(known_or_new, partial=bool(partial))
    return states


def _first_poll_under_way(source: str, rejected: Mapping[str, int]) -> PollState:
    """Pages are stored and no poll has ended: what is there is a part, and must not look whole."""
    return PollState(
        source=source,
        last_started=None,
        last_success=None,
        last_failure=None,
        last_error=None,
        duration=0,
        records=0,
        changed=0,
        newest_record_at=None,
        clock_skew=None,
        consecutive_failures=0,
        rejected=rejected,
    )
