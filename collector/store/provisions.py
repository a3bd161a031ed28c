"""What was put into a Grafana: the marks of each object, and what became of the last run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select

from collector.store.engine import Database, upsert
from collector.store.schema import provisioned, provisions

ObjectKey = tuple[str, str]
"""The kind of an object in Grafana, and its uid or name."""


@dataclass(frozen=True, slots=True)
class Provisioned:
    """An object of ours in Grafana.

    ``sent``: mark of what was sent last, ``found``: mark of what Grafana then made of it. Both are
    None between the decision to create it and the end of the run. Marks tell nothing of what they
    mark.
    """

    sent: str | None = None
    found: str | None = None


@dataclass(frozen=True, slots=True)
class ProvisionState:
    """Where a Grafana stands. Instants in epoch seconds.

    ``last_sync``: when all was last found, or made, as it shall be; None if never. ``drift``: so
    many objects were otherwise when the last run that could tell had ended. ``failures``: runs that
    failed since the store exists; ``last_error`` stays after a success.
    """

    last_run: int
    last_sync: int | None
    drift: int
    failures: int
    last_error: str | None


class Provisions:
    """What was put into each Grafana, which is named by its address.

    Every method raises StoreError; nothing is then changed.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def objects(self, grafana: str) -> dict[ObjectKey, Provisioned]:
        """The objects of ours in the Grafana of that address."""
        query = select(provisioned).where(provisioned.c.grafana == grafana)
        with self._database.reading() as connection:
            return {
                (row.kind, row.key): Provisioned(row.sent, row.found)
                for row in connection.execute(query)
            }

    def remember(self, grafana: str, marks: Mapping[ObjectKey, Provisioned | None]) -> None:
        """Keeps the marks of objects in that Grafana, and forgets those of None."""
        with self._database.writing() as connection:
            for key, mark in marks.items():
                _remember(connection, grafana, key, mark)

    def state(self, grafana: str) -> ProvisionState | None:
        """Where the Grafana of that address stands; None before its first run."""
        with self._database.reading() as connection:
            return _state(connection, grafana)

    def record(self, grafana: str, at: int, drift: int | None, error: str | None = None) -> None:
        """Moves the state of a Grafana by a run that ended ``at`` (epoch seconds).

        ``drift``: so many objects are otherwise than they shall be; None: the run could not tell.
        ``error``: one line for people, None if it succeeded.
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
    connection: Connection, grafana: str, key: ObjectKey, mark: Provisioned | None
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
