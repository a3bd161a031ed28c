"""The log of deliveries. Each is claimed before anything is sent, so that nothing is sent twice."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Row, case, func, select, update
from sqlalchemy.sql.elements import ColumnElement

from collector.store.decoding import checked, from_json
from collector.store.engine import Database, upsert
from collector.store.schema import deliveries

Stage = Literal["sending", "sent", "failed"]


@dataclass(frozen=True, slots=True)
class DeliveryKey:
    """Identifies a delivery: a snapshot (by its seal) in a language to a target (by its name)."""

    seal: str
    language: str
    target: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """The state of a delivery since ``at`` (epoch seconds).

    ``stage``: ``sending`` if it started and its outcome is not known, ``failed`` if it certainly
    did not arrive. ``files``: name → SHA-256. ``failures``: the number of attempts that certainly
    failed. ``permanent``: a retry cannot succeed unless something changes.
    """

    stage: Stage
    files: Mapping[str, str]
    at: int
    failures: int = 0
    permanent: bool = False
    error: str | None = None


@dataclass(frozen=True, slots=True)
class DeliveryState:
    """All deliveries to a target together.

    ``last_success``: epoch seconds; None before the first. ``failures``: the number of attempts
    that certainly failed. ``unclear``: deliveries that started and whose outcome is not known.
    ``failing``: deliveries whose last attempt failed.
    """

    last_success: int | None
    failures: int
    unclear: int
    failing: int


class Deliveries:
    """The deliveries in a store. Every method raises StoreError if the database fails; nothing is
    changed then."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(
        self,
        key: DeliveryKey,
        files: Mapping[str, str],
        at: int,
        over: frozenset[Stage],
        *,
        sent: Mapping[str, str] | None = None,
    ) -> Delivery | None:
        """Claims a delivery for the caller, if it is new, its stage is one of ``over``, or exactly
        the files ``sent`` (by name, their SHA-256) were sent.

        ``at``: epoch seconds. Returns None if the caller now owns the delivery, else its state.
        Of several callers at once only one gets it.
        """
        with self._database.writing() as connection:
            before = _find(connection, key)
            replaced = before is not None and before.stage == "sent" and before.files == sent
            if before is not None and before.stage not in over and not replaced:
                return before
            row = {
                **asdict(key),
                "state": "sending",
                "files": json.dumps(dict(files), sort_keys=True, ensure_ascii=False),
                "at": at,
                "failures": before.failures if before else 0,
                "permanent": 0,
                "error": None,
            }
            put = upsert(connection, deliveries)
            put = put.on_conflict_do_update(
                index_elements=list(asdict(key)),
                set_={name: put.excluded[name] for name in row.keys() - asdict(key).keys()},
            )
            connection.execute(put, row)
            return None

    def end(
        self,
        key: DeliveryKey,
        at: int,
        *,
        stage: Stage,
        error: str | None = None,
        permanent: bool = False,
        failures: int = 0,
    ) -> None:
        """Records the outcome of a claimed delivery; ``sending`` means that it is not known.

        ``at``: epoch seconds. ``failures``: how many of the attempts certainly failed.
        """
        values = {"state": stage, "at": at, "error": error, "permanent": int(permanent)}
        counted = {"failures": deliveries.c.failures + failures}
        with self._database.writing() as connection:
            connection.execute(update(deliveries).where(*_of(key)).values(**values, **counted))

    def find(self, key: DeliveryKey) -> Delivery | None:
        """The state of a delivery; None if it was never started."""
        with self._database.reading() as connection:
            return _find(connection, key)

    def seals(self) -> set[str]:
        """The seals of all snapshots for which a delivery was ever started."""
        with self._database.reading() as connection:
            return set(connection.execute(select(deliveries.c.seal)).scalars())

    def of(self, seal: str) -> list[tuple[DeliveryKey, Delivery]]:
        """Every delivery of a snapshot, ordered by language and target."""
        query = select(deliveries).where(deliveries.c.seal == seal)
        query = query.order_by(deliveries.c.language, deliveries.c.target)
        with self._database.reading() as connection:
            return [
                (DeliveryKey(row.seal, row.language, row.target), _read(row))
                for row in connection.execute(query)
            ]

    def states(self) -> dict[str, DeliveryState]:
        """The state of all deliveries to each target, by target."""
        at, state = deliveries.c.at, deliveries.c.state
        query = select(
            deliveries.c.target,
            func.max(case((state == "sent", at))),
            func.sum(deliveries.c.failures),
            func.sum(case((state == "sending", 1), else_=0)),
            func.sum(case((state == "failed", 1), else_=0)),
        ).group_by(deliveries.c.target)
        with self._database.reading() as connection:
            return {
                target: DeliveryState(last, int(failures), int(unclear), int(failing))
                for target, last, failures, unclear, failing in connection.execute(query)
            }


def _of(key: DeliveryKey) -> list[ColumnElement[bool]]:
    return [deliveries.c[name] == value for name, value in asdict(key).items()]


def _find(connection: Connection, key: DeliveryKey) -> Delivery | None:
    row = connection.execute(select(deliveries).where(*_of(key))).one_or_none()
    return None if row is None else _read(row)


def _read(row: Row[Any]) -> Delivery:
    key = f"{row.target}, {row.language}, seal {row.seal}"
    checked(deliveries, key, row)
    files, permanent = from_json(deliveries, key, row.files, dict), bool(row.permanent)
    return Delivery(row.state, files, row.at, row.failures, permanent, row.error)
