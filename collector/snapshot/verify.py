"""Whether what was frozen is still as it was: every byte, every seal, the whole chain.

Nothing is believed that can be computed: the digests of content and verdicts, the seal of each
snapshot over all its columns and over the seal before it, the numbers without a gap, the number
that was given last, and that every snapshot is there of which a document was delivered.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from collector.snapshot.canonical import canonical, digest, parsed
from collector.snapshot.chain import SnapshotError, delivered, sealed
from collector.snapshot.consistency import contradictions
from collector.store import SnapshotHead, SnapshotRow, Store, UnreadableText

_MOST = 5
"""Contradictions that are named of one content."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is not as it was frozen. ``number`` 0: nobody knows which. ``part``: content, records,
    seal or chain."""

    number: int
    part: str
    text: str

    def __str__(self) -> str:
        which = f"snapshot {self.number}" if self.number else "the snapshots"
        return f"{which}: {self.part}: {self.text}"


def verify(store: Store, only: tuple[str, str] | None = None) -> tuple[int, list[Fault]]:
    """How many snapshots there are, and all that is wrong with them and their chain.

    ``only``: of the contents only those of the period with that first and last date (ISO 8601) are
    looked at; the chain is always looked at as a whole. Raises StoreError.
    """
    try:
        heads, last = store.snapshots.chain()
    except UnreadableText as error:
        return 0, [Fault(0, "seal", f"a column holds bytes that are no text ({error})")]
    faults = [*_chain(heads, last), *_delivered(heads, store.deliveries.seals())]
    behind_each = [*heads[1:], None] if heads else []
    for head, behind in zip(heads, behind_each, strict=True):
        if only is None or (head.first, head.last) == only:
            faults += _row(store, head.number, behind)
    return len(heads), sorted(faults, key=lambda fault: fault.number)


def _chain(heads: list[SnapshotHead], last: int) -> Iterator[Fault]:
    before: SnapshotHead | None = None
    for head in heads:
        number = 1 if before is None else before.number + 1
        if head.number != number:
            gone = f"{number}" if head.number == number + 1 else f"{number} to {head.number - 1}"
            yield Fault(head.number, "chain", f"the one before it, {gone}, is not there")
        elif head.previous != ("" if before is None else before.seal):
            other = "names another seal before it" if before else "names a seal before the first"
            where = "" if before is None else f" than that of snapshot {before.number}"
            yield Fault(head.number, "chain", other + where)
        before = head
    there = 0 if before is None else before.number
    if there != last:
        yield Fault(
            max(there, last),
            "chain",
            f"{last} was the last number given and {there} is the last one there",
        )


def _delivered(heads: list[SnapshotHead], seals: set[str]) -> Iterator[Fault]:
    for seal in sorted(seals - {head.seal for head in heads}):
        text = f"documents were delivered of a snapshot that is not there any more: seal {seal}"
        yield Fault(0, "chain", text)


def _row(store: Store, number: int, behind: SnapshotHead | None) -> Iterator[Fault]:
    try:
        row = store.snapshots.find(number)
    except TypeError:
        yield Fault(number, "content", "text stands in the place of bytes, here or in records")
        return
    if row is None:
        yield Fault(number, "chain", "is not there any more")
        return
    try:
        yield from _of_row(row, behind)
    except Exception as error:  # whatever somebody wrote there, the others are looked at, too
        text = f"is not as it was frozen, and where cannot be told ({type(error).__name__})"
        yield Fault(number, "content", text)


def _of_row(row: SnapshotRow, behind: SnapshotHead | None) -> Iterator[Fault]:
    """What is wrong with a snapshot itself; ``behind``: the next one, which knows its seal."""
    head = row.head
    real = replace(head, sha256=digest(row.content), records_sha256=digest(row.records))
    holds = _seal(head) == head.seal or (behind is not None and _seal(head) == behind.previous)
    for part, name in (("content", "sha256"), ("records", "records_sha256")):
        if getattr(real, name) == getattr(head, name):
            continue
        repaired = replace(head, **{name: getattr(real, name)})
        if _seal(repaired) == head.seal:
            yield Fault(head.number, "seal", f"{name} is another one; the {part} is as frozen")
        else:
            yield Fault(
                head.number, part, f"its bytes are others than were frozen{_where(row, part)}"
            )
    if _seal(head) != head.seal and _seal(real) != head.seal:
        yield Fault(head.number, "seal", _which(row, behind, holds=holds))


def _seal(head: SnapshotHead) -> str:
    """The seal of a head; empty where a value is none that a head can have."""
    try:
        return sealed(head)
    except (TypeError, ValueError):
        return ""


def _which(row: SnapshotRow, behind: SnapshotHead | None, *, holds: bool) -> str:
    """What of a row does not belong to its seal."""
    head = row.head
    if holds:
        return "the seal is another one; all that it seals is as frozen"
    said = _content(row.content)
    if said is not None:
        period = said.get("period")
        if not isinstance(period, dict):
            return "the content names no period"
        for name in ("first", "last"):
            if period.get(name) != getattr(head, name):
                return f"{name} is {getattr(head, name)!r}, and the content says otherwise"
        kind = "amendment" if "amends" in said else "freeze"
        if head.kind != kind:
            return f"kind is {head.kind!r}, and the content is that of a {kind}"
    names = [f.name for f in fields(head) if f.name != "seal"]
    return f"is not that of its columns: one of {', '.join(names)} is another one"


def _where(row: SnapshotRow, part: str) -> str:
    """Where a content or its verdicts contradict themselves; nothing where they do not."""
    said = _content(row.content)
    if said is None:
        return "" if part == "records" else ": it is not readable JSON any more"
    found = list(contradictions(said, row.records))
    if part == "content" and canonical(said) != row.content:
        found.insert(0, f"not in the form it was frozen in, from byte {_first_other(row.content)}")
    if not found:
        return ""
    more = f"; and {len(found) - _MOST} more" if len(found) > _MOST else ""
    return ": " + "; ".join(found[:_MOST]) + more


def _first_other(raw: bytes) -> int:
    written = canonical(parsed(raw))
    pairs = enumerate(zip(raw, written, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(raw), len(written)))


def _content(raw: bytes) -> dict[str, Any] | None:
    try:
        said = parsed(raw)
    except ValueError:
        return None
    return said if isinstance(said, dict) else None


class NotDelivered(SnapshotError):
    """A file is no delivered snapshot; the text says why."""

    permanent = True


_TYPES: dict[str, type] = {"number": int, "frozen_at": int}
"""Of the columns that are sealed; the others are text."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """A delivered file: its content and its seal as they are written there. ``laid_out``: not to
    the byte as it was delivered, which changes nothing of what it says."""

    content: bytes
    head: SnapshotHead
    laid_out: bool


def read_delivered(data: bytes) -> Delivered:
    """A file as ``show --format json`` writes it. Raises NotDelivered."""
    try:
        whole = parsed(data)
        content, seal = whole["content"], whole["seal"]
        head = SnapshotHead(**seal)
        if any(type(value) is not _TYPES.get(name, str) for name, value in asdict(head).items()):
            raise TypeError
    except ValueError as error:
        raise NotDelivered(f"is not readable JSON: {error}") from None
    except (TypeError, KeyError):
        raise NotDelivered(
            "has no content with a seal, as snapshot show --format json has"
        ) from None
    raw = canonical(content)
    return Delivered(raw, head, laid_out=data != delivered(raw, head))


def verify_delivered(file: Delivered, store: Store | None) -> list[Fault]:
    """What is wrong with a delivered file: by itself, and against the store where there is one.

    Raises StoreError.
    """
    head, faults = file.head, []
    if digest(file.content) != head.sha256:
        faults.append(Fault(head.number, "content", "it is another one than its seal was made of"))
    if _seal(head) != head.seal:
        faults.append(Fault(head.number, "seal", "it is not that of what it seals"))
    if store is None:
        return faults
    known = {each.number: each for each in store.snapshots.heads()}.get(head.number)
    if known is None:
        faults.append(Fault(head.number, "chain", "the store has no such snapshot"))
    elif known != head:
        other = [f.name for f in fields(head) if getattr(known, f.name) != getattr(head, f.name)]
        faults.append(Fault(head.number, "seal", f"the store says another {', '.join(other)}"))
    return faults
