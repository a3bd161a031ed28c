"""Verify that snapshots are as they were frozen: every byte, every seal, the whole chain.

Everything is recomputed: the digests of content and verdicts, and the seal of each snapshot over
its columns and the seal before it. Numbers must have no gap and reach the last one assigned, none
may be older than the one before it, and every snapshot must exist from which a document was
delivered. The figures are recounted from the verdicts stored beside them, so that a forgery with
all digests and seals made anew is found unless it forged the verdicts to match.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any

from collector.snapshot.canonical import canonical, digest, parse_json
from collector.snapshot.chain import SnapshotError, delivered_bytes, seal_of
from collector.snapshot.consistency import contradictions
from collector.store import SnapshotHead, SnapshotRow, Store, UnreadableText

_MOST = 5
"""How many contradictions of one snapshot are listed."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A deviation from what was frozen. ``number`` 0: the snapshot is not known. ``part``: content,
    records, seal or chain."""

    number: int
    part: str
    text: str

    def __str__(self) -> str:
        which = f"snapshot {self.number}" if self.number else "the snapshots"
        return f"{which}: {self.part}: {self.text}"


def verify(store: Store, only: tuple[str, str] | None = None) -> tuple[int, list[Fault]]:
    """Return the number of snapshots, and all faults in them and their chain.

    ``only``: check only contents of the period with that first and last date (ISO 8601); the chain
    is always checked as a whole. Raises StoreError.
    """
    try:
        heads, last = store.snapshots.chain()
    except UnreadableText as error:
        return 0, [Fault(0, "seal", f"a column holds bytes that are not text ({error})")]
    faults = [*_chain(heads, last), *_delivered(heads, store.deliveries.seals())]
    each_following = [*heads[1:], None] if heads else []
    for head, following in zip(heads, each_following, strict=True):
        if only is None or (head.first, head.last) == only:
            faults += _row(store, head.number, following)
    return len(heads), sorted(faults, key=lambda fault: fault.number)


def _chain(heads: list[SnapshotHead], last: int) -> Iterator[Fault]:
    before: SnapshotHead | None = None
    for head in heads:
        number = 1 if before is None else before.number + 1
        if head.number != number:
            gone = f"{number}" if head.number == number + 1 else f"{number} to {head.number - 1}"
            yield Fault(head.number, "chain", f"the one before it, {gone}, is missing")
        elif head.previous != ("" if before is None else before.seal):
            text = (
                f"its previous seal is not that of snapshot {before.number}"
                if before
                else "it is the first one and yet names a previous seal"
            )
            yield Fault(head.number, "chain", text)
        if before is not None and _is_older(head, before):
            text = (
                f"it says that it was frozen {_when(head)}, before snapshot {before.number} "
                f"({_when(before)}): the clock had been set back, or one of the times is forged"
            )
            yield Fault(head.number, "chain", text)
        before = head
    there = 0 if before is None else before.number
    if there != last:
        yield Fault(
            max(there, last),
            "chain",
            f"{last} was the last number assigned, but the last snapshot is number {there}",
        )


def _is_older(head: SnapshotHead, before: SnapshotHead) -> bool:
    """Whether a snapshot was frozen before its predecessor, if both times are as they were sealed;
    otherwise that is the fault."""
    return all(_seal(each) == each.seal for each in (head, before)) and (
        head.frozen_at < before.frozen_at
    )


def _when(head: SnapshotHead) -> str:
    try:
        return f"{datetime.fromtimestamp(head.frozen_at, UTC):%Y-%m-%d %H:%M} UTC"
    except (ValueError, OverflowError, OSError):
        return f"at {head.frozen_at}"


def _delivered(heads: list[SnapshotHead], seals: set[str]) -> Iterator[Fault]:
    for seal in sorted(seals - {head.seal for head in heads}):
        text = f"documents were delivered from a snapshot that no longer exists: seal {seal}"
        yield Fault(0, "chain", text)


def _row(store: Store, number: int, following: SnapshotHead | None) -> Iterator[Fault]:
    try:
        row = store.snapshots.find(number)
    except TypeError:
        yield Fault(number, "content", "holds text instead of bytes, here or in records")
        return
    if row is None:
        yield Fault(number, "chain", "it no longer exists")
        return
    try:
        yield from _of_row(row, following)
    except Exception as error:  # whatever this one holds, the others must be checked, too
        text = f"is not as it was frozen; where cannot be determined ({type(error).__name__})"
        yield Fault(number, "content", text)


def _of_row(row: SnapshotRow, following: SnapshotHead | None) -> Iterator[Fault]:
    """The faults of one snapshot; ``following``: the next one, which holds its seal."""
    head = row.head
    real = replace(head, sha256=digest(row.content), records_sha256=digest(row.records))
    holds = _seal(head) == head.seal or (
        following is not None and _seal(head) == following.previous
    )
    for part, name in (("content", "sha256"), ("records", "records_sha256")):
        if getattr(real, name) == getattr(head, name):
            continue
        repaired = replace(head, **{name: getattr(real, name)})
        if _seal(repaired) == head.seal:
            yield Fault(head.number, "seal", f"{name} was changed; the {part} is as frozen")
        else:
            yield Fault(
                head.number, part, f"its bytes differ from what was frozen{_where(row, part)}"
            )
    if _seal(head) != head.seal and _seal(real) != head.seal:
        yield Fault(head.number, "seal", _which(row, following, holds=holds))
    if real == head and (where := _where(row, "content")):
        text = f"its figures contradict the verdicts stored beside them{where}"
        yield Fault(head.number, "content", text)


def _seal(head: SnapshotHead) -> str:
    """The seal of a head; empty if a value has the wrong type."""
    try:
        return seal_of(head)
    except (TypeError, ValueError):
        return ""


def _which(row: SnapshotRow, following: SnapshotHead | None, *, holds: bool) -> str:
    """Say which part of a row does not match its seal."""
    head = row.head
    if holds:
        return "the seal was changed; everything it seals is as frozen"
    said = _content(row.content)
    if said is not None:
        period = said.get("period")
        if not isinstance(period, dict):
            return "the content names no period"
        for name in ("first", "last"):
            if period.get(name) != getattr(head, name):
                return f"{name} is {getattr(head, name)!r}, but the content says otherwise"
        kind, article = ("amendment", "an") if "amends" in said else ("freeze", "a")
        if head.kind != kind:
            return f"kind is {head.kind!r}, but the content is that of {article} {kind}"
    names = [f.name for f in fields(head) if f.name != "seal"]
    return f"does not match its columns: one of {', '.join(names)} was changed"


def _where(row: SnapshotRow, part: str) -> str:
    """Where content and verdicts contradict each other; empty if they do not."""
    said = _content(row.content)
    if said is None:
        return "" if part == "records" else ": it is no longer readable JSON"
    found = list(contradictions(said, row.records))
    if part == "content" and canonical(said) != row.content:
        found.insert(0, f"not in canonical form from byte {_first_difference(row.content)} on")
    if not found:
        return ""
    more = f"; and {len(found) - _MOST} more" if len(found) > _MOST else ""
    return ": " + "; ".join(found[:_MOST]) + more


def _first_difference(raw: bytes) -> int:
    written = canonical(parse_json(raw))
    pairs = enumerate(zip(raw, written, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(raw), len(written)))


def _content(raw: bytes) -> dict[str, Any] | None:
    try:
        said = parse_json(raw)
    except ValueError:
        return None
    return said if isinstance(said, dict) else None


class NotDelivered(SnapshotError):
    """A file is not a delivered snapshot; the message says why."""

    permanent = True


_TYPES: dict[str, type] = {"number": int, "frozen_at": int}
"""Types of the sealed columns; those not listed are text."""


@dataclass(frozen=True, slots=True)
class DeliveredFile:
    """A delivered file: its canonical content, and its head as written there. ``laid_out``: its
    bytes were reformatted since delivery, without changing the data."""

    content: bytes
    head: SnapshotHead
    laid_out: bool


def read_delivered(data: bytes) -> DeliveredFile:
    """Read a file that ``snapshot show --format json`` wrote. Raises NotDelivered for any other."""
    try:
        whole = parse_json(data)
        content, seal = whole["content"], whole["seal"]
        head = SnapshotHead(**seal)
        if any(type(value) is not _TYPES.get(name, str) for name, value in asdict(head).items()):
            raise TypeError
    except ValueError as error:
        raise NotDelivered(f"is not readable JSON: {error}") from None
    except (TypeError, KeyError):
        raise NotDelivered(
            "has no content and seal as written by snapshot show --format json"
        ) from None
    raw = canonical(content)
    return DeliveredFile(raw, head, laid_out=data != delivered_bytes(raw, head))


def verify_delivered(file: DeliveredFile, store: Store | None) -> list[Fault]:
    """Return the faults of a delivered file, by itself and against the store if there is one.

    Raises StoreError.
    """
    head, faults = file.head, []
    if digest(file.content) != head.sha256:
        faults.append(Fault(head.number, "content", "it does not match its seal"))
    if _seal(head) != head.seal:
        faults.append(Fault(head.number, "seal", "it does not match what it seals"))
    if store is None:
        return faults
    known = {each.number: each for each in store.snapshots.heads()}.get(head.number)
    if known is None:
        faults.append(Fault(head.number, "chain", "the store has no such snapshot"))
    elif known != head:
        other = [f.name for f in fields(head) if getattr(known, f.name) != getattr(head, f.name)]
        faults.append(Fault(head.number, "seal", f"in the store it has another {', '.join(other)}"))
    return faults
