"""Stored snapshots: a chain in which each seal covers the seal of the snapshot before it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from collector.io.errors import UserFacingError
from collector.model.periods import Period
from collector.snapshot.canonical import canonical, digest
from collector.snapshot.evidence import VerdictLines, unpack_lines
from collector.snapshot.format import head_of
from collector.store import SnapshotHead, SnapshotRow, Store

FREEZE, AMENDMENT = "freeze", "amendment"


class SnapshotError(UserFacingError):
    """An expected problem with a snapshot; the message says what it is and what to do."""


class NotFrozen(SnapshotError):
    """A period has no snapshot; the message says what to do."""


class DamagedSnapshot(SnapshotError):
    """A snapshot differs from what was frozen; the message says which one and what to do."""

    permanent = True


@dataclass(frozen=True, slots=True)
class FrozenSnapshot:
    """A frozen snapshot.

    ``kind``: FREEZE or AMENDMENT; ``first`` and ``last``: the dates of its period; ``raw``: the
    content, byte for byte as it was frozen; ``sha256``: digest of ``raw``; ``frozen_at``: epoch
    seconds; ``previous``: the seal before this one, empty for the first; ``records``: the packed
    verdicts.
    """

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
    def lines(self) -> VerdictLines:
        """The verdicts behind the figures. Raises ValueError if they cannot be read."""
        return unpack_lines(self.records)


def seal_of(head: SnapshotHead) -> str:
    """Compute the seal of a head: a digest of its fields, among them the seal before it."""
    return digest(canonical(head_of(head)))


def next_row(
    heads: Sequence[SnapshotHead],
    last_number: int,
    kind: str,
    period: Period,
    content: bytes,
    records: bytes,
    frozen_at: int,
) -> SnapshotRow:
    """Build the next row of the chain.

    ``last_number``: the last number ever assigned, even if that row is gone. ``content``: canonical
    JSON; ``records``: packed verdicts; ``frozen_at``: epoch seconds.
    """
    last = heads[-1] if heads else None
    head = SnapshotHead(
        number=max(last_number, 0 if last is None else last.number) + 1,
        kind=kind,
        first=period.first.isoformat(),
        last=period.last.isoformat(),
        sha256=digest(content),
        records_sha256=digest(records),
        frozen_at=frozen_at,
        previous="" if last is None else last.seal,
        seal="",
    )
    return SnapshotRow(replace(head, seal=seal_of(head)), content, records)


def of_period(heads: Sequence[SnapshotHead], period: Period) -> list[SnapshotHead]:
    """Return the heads of a period's snapshots: the freeze first, then its amendments."""
    dates = period.first.isoformat(), period.last.isoformat()
    return [head for head in heads if (head.first, head.last) == dates]


def first_freeze(store: Store, period: Period) -> FrozenSnapshot:
    """Load the snapshot that froze a period, not its amendments.

    Raises NotFrozen if there is none, Damaged if it is not intact, and StoreError.
    """
    return _read(store, _heads(store, period)[0])


def amendments(store: Store, period: Period) -> list[FrozenSnapshot]:
    """Load a period's amendments, the oldest first. Raises NotFrozen, Damaged and StoreError."""
    return [_read(store, head) for head in _heads(store, period)[1:]]


def latest(store: Store, period: Period) -> FrozenSnapshot:
    """Load a period's newest snapshot. Raises NotFrozen, Damaged and StoreError."""
    return _read(store, _heads(store, period)[-1])


def by_number(store: Store, period: Period, number: int) -> FrozenSnapshot:
    """Load a period's snapshot by its number. Raises NotFrozen, Damaged and StoreError."""
    for head in _heads(store, period):
        if head.number == number:
            return _read(store, head)
    raise NotFrozen(f"{period.name} has no snapshot {number}")


def of_same_year(store: Store, snapshot: FrozenSnapshot) -> list[FrozenSnapshot]:
    """Load the other snapshots of the fiscal year that a snapshot's period ends in, by number.

    Raises Damaged, since nobody can say what a damaged one has shown, and StoreError.
    """
    year = snapshot.content["year"]
    return [
        _read(store, head)
        for head in store.snapshots.heads()
        if head.number != snapshot.number and year["first"] <= head.last <= year["last"]
    ]


def _heads(store: Store, period: Period) -> list[SnapshotHead]:
    heads = of_period(store.snapshots.heads(), period)
    if not heads:
        raise NotFrozen(
            f"{period.name} is not frozen: freeze it with servicedesk-kpi snapshot freeze "
            f"{period.name}"
        )
    return heads


def _read(store: Store, head: SnapshotHead) -> FrozenSnapshot:
    """Load a snapshot, and refuse one that does not match its seal: it must never be shown."""
    damaged = DamagedSnapshot(
        f"snapshot {head.number} of {head.first}..{head.last} is not as it was frozen: run "
        "servicedesk-kpi snapshot verify to see where, and restore the store from a backup"
    )
    try:
        row = store.snapshots.find(head.number)
    except TypeError:
        raise damaged from None
    if row is None or not is_intact(row):
        raise damaged
    return decode_row(row)


def is_intact(row: SnapshotRow) -> bool:
    """Whether a row matches its own seal; its place in the chain is not checked."""
    head = row.head
    return (
        seal_of(head) == head.seal
        and digest(row.content) == head.sha256
        and digest(row.records) == head.records_sha256
    )


def decode_row(row: SnapshotRow) -> FrozenSnapshot:
    """Decode an intact row. Raises ValueError if the content is not JSON or a date is invalid."""
    head = row.head
    return FrozenSnapshot(
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


def envelope(snapshot: FrozenSnapshot) -> bytes:
    """The bytes that are delivered as JSON: the content as it was frozen, and its seal."""
    return delivered_bytes(snapshot.raw, snapshot.head)


def delivered_bytes(raw: bytes, head: SnapshotHead) -> bytes:
    """The delivered form of a canonical content and its head: one JSON object and a newline."""
    seal = canonical({**head_of(head), "seal": head.seal})
    return b'{"content":' + raw + b',"seal":' + seal + b"}\n"
