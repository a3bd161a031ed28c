"""The ledger of what was delivered: claimed before anything is sent, so that nothing is twice."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Row, case, func, select, update
from sqlalchemy.sql.elements import ColumnElement

from collector.store.engine import Database, upsert
from collector.store.schema import deliveries

Stage = Literal["sending", "sent", "failed"]


@dataclass(frozen=True, slots=True)
class DeliveryKey:
    """What is delivered once: a snapshot by its seal, in a language, to a target by its name."""

    seal: str
    language: str
    target: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a delivery stands since ``at`` (epoch seconds).

    ``sending``: begun, and not known to have ended; ``failed``: certainly not delivered.
    ``files``: name → SHA-256. ``permanent``: trying again without a change is of no use.
    """

    stage: Stage
    files: Mapping[str, str]
    at: int
    failures: int = 0
    permanent: bool = False
    error: str | None = None


@dataclass(frozen=True, slots=True)
class DeliveryState:
    """All deliveries to a target together. ``last_success`` in epoch seconds; None before the
    first. ``failures``: attempts that certainly failed. ``unclear``: begun, end not known.
    ``failing``: deliveries whose last attempt failed."""

    last_success: int | None
    failures: int
    unclear: int
    failing: int


class Deliveries:
    """The deliveries of a store. Every method raises StoreError; nothing is then changed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(
        self, key: DeliveryKey, files: Mapping[str, str], at: int, over: frozenset[Stage]
    ) -> Delivery | None:
        """Makes a delivery ours to send, if there is none yet or it stands in a stage of ``over``.

        Returns how it stood, where it is not ours; None where it is. Of several that ask at once
        one gets it.
        """
        with self._database.writing() as connection:
            before = _find(connection, key)
            if before is not None and before.stage not in over:
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
        """Writes down how a claimed delivery ended; ``sending`` says that nobody knows.

        ``failures``: attempts that certainly failed on the way.
        """
        values = {"state": stage, "at": at, "error": error, "permanent": int(permanent)}
        counted = {"failures": deliveries.c.failures + failures}
        with self._database.writing() as connection:
            connection.execute(update(deliveries).where(*_of(key)).values(**values, **counted))

    def find(self, key: DeliveryKey) -> Delivery | None:
        """How a delivery stands; None if it was never begun."""
        with self._database.reading() as connection:
            return _find(connection, key)

    def seals(self) -> set[str]:
        """The seals of all snapshots of which a delivery was ever begun."""
        with self._database.reading() as connection:
            return set(connection.execute(select(deliveries.c.seal)).scalars())

    def of(self, seal: str) -> list[tuple[DeliveryKey, Delivery]]:
        """Every delivery of a snapshot, by language and target."""
        query = select(deliveries).where(deliveries.c.seal == seal)
        query = query.order_by(deliveries.c.language, deliveries.c.target)
        with self._database.reading() as connection:
            return [
                (DeliveryKey(row.seal, row.language, row.target), _read(row))
                for row in connection.execute(query)
            ]

    def states(self) -> dict[str, DeliveryState]:
        """How deliveries stand, by target."""
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
    files, permanent = json.loads(row.files), bool(row.permanent)
    return Delivery(row.state, files, row.at, row.failures, permanent, row.error)
