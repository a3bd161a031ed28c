"""What was provisioned in each Grafana server: marks of the objects, and the last run's outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select

from collector.store.engine import Database, upsert
from collector.store.schema import provisioned, provisions

ObjectKey = tuple[str, str]
"""The kind of an object in Grafana, and its uid or name."""


@dataclass(frozen=True, slots=True)
class ObjectMarks:
    """The marks (digests) of an object that we own in Grafana.

    ``sent``: mark of the content sent last. ``found``: mark of what Grafana then stored. Both are
    None between the decision to create the object and the end of the run. The content cannot be
    recovered from a mark.
    """

    sent: str | None = None
    found: str | None = None


@dataclass(frozen=True, slots=True)
class ProvisionState:
    """The state of a Grafana server. Instants are epoch seconds.

    ``last_sync``: when all objects were last found, or made, as configured; None if never.
    ``drift``: the number of objects that differed after the last run that could compare them.
    ``failures``: failed runs since the store was created. ``last_error``: kept after a success.
    """

    last_run: int
    last_sync: int | None
    drift: int
    failures: int
    last_error: str | None


class Provisions:
    """What was provisioned in each Grafana server, which is identified by its address.

    Every method raises StoreError if the database fails; nothing is changed then.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def objects(self, grafana: str) -> dict[ObjectKey, ObjectMarks]:
        """The objects that we own in the Grafana at that address."""
        query = select(provisioned).where(provisioned.c.grafana == grafana)
        with self._database.reading() as connection:
            return {
                (row.kind, row.key): ObjectMarks(row.sent, row.found)
                for row in connection.execute(query)
            }

    def remember(self, grafana: str, marks: Mapping[ObjectKey, ObjectMarks | None]) -> None:
        """Stores the marks of objects in that Grafana; None removes an object."""
        with self._database.writing() as connection:
            for key, mark in marks.items():
                _remember(connection, grafana, key, mark)

    def state(self, grafana: str) -> ProvisionState | None:
        """The state of the Grafana at that address; None before its first run."""
        with self._database.reading() as connection:
            return _state(connection, grafana)

    def record(self, grafana: str, at: int, drift: int | None, error: str | None = None) -> None:
        """Updates the state of a Grafana after a run that ended ``at`` (epoch seconds).

        ``drift``: the number of objects that differ from the configuration; None if the run could
        not compare them. ``error``: one line for people; None if the run succeeded.
        """
        with self._database.writing() as connection:
            before = _state(connection, grafana) or ProvisionState(at, None, 0, 0, None)
            state = {
                "grafana": grafana,
                "last_run": at,
                "last_sync": at if drift == 0 and error is None else before.last_sync,
                "drift": before.drift if drift is None else drift,
                "failures": before.failures + (error is not None),
                "last_error": error or before.last_error,
            }
            put = upsert(connection, provisions)
            put = put.on_conflict_do_update(
                index_elements=["grafana"],
                set_={name: put.excluded[name] for name in state if name != "grafana"},
            )
            connection.execute(put, state)


def _remember(
    connection: Connection, grafana: str, key: ObjectKey, mark: ObjectMarks | None
) -> None:
    row = dict(zip(("grafana", "kind", "key"), (grafana, *key), strict=True))
    if mark is None:
        own = [provisioned.c[name] == value for name, value in row.items()]
        connection.execute(delete(provisioned).where(*own))
        return
    put = upsert(connection, provisioned)
    put = put.on_conflict_do_update(
        index_elements=list(row), set_={n: put.excluded[n] for n in ("sent", "found")}
    )
    connection.execute(put, {**row, "sent": mark.sent, "found": mark.found})


def _state(connection: Connection, grafana: str) -> ProvisionState | None:
    query = select(provisions).where(provisions.c.grafana == grafana)
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    return ProvisionState(row.last_run, row.last_sync, row.drift, row.failures, row.last_error)
