"""What was put into a Grafana: the marks of each object, and what became of the last run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select

from collector.store.engine import upsert
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


def provisioned_in(connection: Connection, grafana: str) -> dict[ObjectKey, Provisioned]:
    """The objects of ours in the Grafana of that address."""
    query = select(provisioned).where(provisioned.c.grafana == grafana)
    return {
        (row.kind, row.key): Provisioned(row.sent, row.found) for row in connection.execute(query)
    }


def remember(
    connection: Connection, grafana: str, marks: Mapping[ObjectKey, Provisioned | None]
) -> None:
    """Keeps the marks of objects, and forgets those of None. Needs the writing transaction."""
    for (kind, key), mark in marks.items():
        row = {"grafana": grafana, "kind": kind, "key": key}
        if mark is None:
            own = [provisioned.c[name] == value for name, value in row.items()]
            connection.execute(delete(provisioned).where(*own))
            continue
        put = upsert(connection, provisioned)
        put = put.on_conflict_do_update(
            index_elements=list(row), set_={n: put.excluded[n] for n in ("sent", "found")}
        )
        connection.execute(put, {**row, "sent": mark.sent, "found": mark.found})


def provision_state_of(connection: Connection, grafana: str) -> ProvisionState | None:
    """Where the Grafana of that address stands; None before its first run."""
    query = select(provisions).where(provisions.c.grafana == grafana)
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    return ProvisionState(row.last_run, row.last_sync, row.drift, row.failures, row.last_error)


def record_provision(
    connection: Connection, grafana: str, at: int, drift: int | None, error: str | None
) -> None:
    """Moves the state of a Grafana by a run that ended ``at`` (epoch seconds).

    ``drift`` None: the run could not tell. ``error``: one line for people, None if it succeeded.
    Needs the writing transaction.
    """
    before = provision_state_of(connection, grafana) or ProvisionState(at, None, 0, 0, None)
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
