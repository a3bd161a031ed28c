"""Snapshots as they were frozen: each with its seal, which holds the seal of the one before it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from collector.io.errors import UserFacingError
from collector.model.periods import Period
from collector.snapshot.canonical import canonical, digest
from collector.snapshot.evidence import Lines, unpacked
from collector.snapshot.format import head_of
from collector.store import SnapshotHead, SnapshotRow, Store

FREEZE, AMENDMENT = "freeze", "amendment"


class SnapshotError(UserFacingError):
    """Something about a snapshot that the work found; the text says what and what to do."""


class NotFrozen(SnapshotError):
    """No snapshot of a period is there; the text says what to do."""


class Damaged(SnapshotError):
    """A snapshot cannot be read as it was frozen; the text says which and what to do."""

    permanent = True


@dataclass(frozen=True, slots=True)
class Frozen:
    """A snapshot. ``raw`` is the content as it was frozen, ``frozen_at`` in epoch seconds."""

    number: int
    kind: str
    first: date
    last: date
    content: dict[str, Any]
    raw: bytes
    sha256: str
    frozen_at: int
    previous: str
    seal: str
    head: SnapshotHead
    records: bytes

    @property
    def lines(self) -> Lines:
        """The verdicts that it rests on. Raises ValueError where they cannot be read."""
        return unpacked(self.records)


def sealed(head: SnapshotHead) -> str:
    """The seal of all that a head says, which is the digest of it and of all before it."""
    return digest(canonical(head_of(head)))


def next_row(
    heads: Sequence[SnapshotHead],
    given: int,
    kind: str,
    period: Period,
    content: bytes,
    records: bytes,
    frozen_at: int,
) -> SnapshotRow:
    """The row that comes behind those there are; ``given``: the number that was given last, also
    where that row is gone. ``frozen_at`` in epoch seconds."""
    last = heads[-1] if heads else None
    head = SnapshotHead(
        number=max(given, 0 if last is None else last.number) + 1,
        kind=kind,
        first=period.first.isoformat(),
        last=period.last.isoformat(),
        sha256=digest(content),
        records_sha256=digest(records),
        frozen_at=frozen_at,
        previous="" if last is None else last.seal,
        seal="",
    )
    return SnapshotRow(replace(head, seal=sealed(head)), content, records)


def of_period(heads: Sequence[SnapshotHead], period: Period) -> list[SnapshotHead]:
    """The snapshots of a period, the first freeze before its amendments."""
    dates = period.first.isoformat(), period.last.isoformat()
    return [head for head in heads if (head.first, head.last) == dates]


def stored(store: Store, period: Period) -> Frozen:
    """The snapshot by which a period was frozen, not its amendments.

    Raises NotFrozen, Damaged and StoreError.
    """
    return _read(store, _known(store, period)[0])


def amendments(store: Store, period: Period) -> list[Frozen]:
    """What was frozen beside it later, the oldest first. Raises NotFrozen, Damaged, StoreError."""
    return [_read(store, head) for head in _known(store, period)[1:]]


def latest(store: Store, period: Period) -> Frozen:
    """The last that was frozen of a period. Raises NotFrozen, Damaged and StoreError."""
    return _read(store, _known(store, period)[-1])


def numbered(store: Store, period: Period, number: int) -> Frozen:
    """A snapshot of a period by its number. Raises NotFrozen, Damaged and StoreError."""
    for head in _known(store, period):
        if head.number == number:
            return _read(store, head)
    raise NotFrozen(f"{period.name} has no snapshot {number}")


def _known(store: Store, period: Period) -> list[SnapshotHead]:
    known = of_period(store.snapshots.heads(), period)
    if not known:
        raise NotFrozen(
            f"{period.name} is not frozen: freeze it with servicedesk-kpi snapshot freeze "
            f"{period.name}"
        )
    return known


def _read(store: Store, head: SnapshotHead) -> Frozen:
    """A snapshot whose content is what was sealed: nothing is shown or reported of another."""
    damaged = Damaged(
        f"snapshot {head.number} of {head.first}..{head.last} is not as it was frozen: see where "
        "with servicedesk-kpi snapshot verify, and restore the store from a backup"
    )
    try:
        row = store.snapshots.find(head.number)
    except TypeError:
        raise damaged from None
    if row is None or not intact(row):
        raise damaged
    return frozen(row)


def intact(row: SnapshotRow) -> bool:
    """Whether a row is what its own seal says; of its place in the chain nothing is said."""
    head = row.head
    return (
        sealed(head) == head.seal
        and digest(row.content) == head.sha256
        and digest(row.records) == head.records_sha256
    )


def frozen(row: SnapshotRow) -> Frozen:
    """A row that is intact, read."""
    head = row.head
    return Frozen(
        number=head.number,
        kind=head.kind,
        first=date.fromisoformat(head.first),
        last=date.fromisoformat(head.last),
        content=json.loads(row.content),
        raw=row.content,
        sha256=head.sha256,
        frozen_at=head.frozen_at,
        previous=head.previous,
        seal=head.seal,
        head=head,
        records=row.records,
    )


def envelope(snapshot: Frozen) -> bytes:
    """What is delivered: the content to the byte, and its seal."""
    return delivered(snapshot.raw, snapshot.head)


def delivered(raw: bytes, head: SnapshotHead) -> bytes:
    """A canonical content and its seal in the form in which they are delivered."""
    seal = canonical({**head_of(head), "seal": head.seal})
    return b'{"content":' + raw + b',"seal":' + seal + b"}\n"
