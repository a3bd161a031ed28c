"""Frozen verdicts on records that were erased since: a snapshot holds them under their ids, and the
store under names that nobody can compute."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from collector.model.pseudonyms import is_pseudonym
from collector.snapshot.chain import decode_row
from collector.snapshot.evidence import VerdictLine, read_line
from collector.store import Store

Pair = tuple[VerdictLine | None, VerdictLine | None]
"""The frozen line on a record and the present one; None where there is none."""


def frozen_with(
    store: Store, source: str, ids: Collection[str]
) -> Iterator[tuple[int, str | None]]:
    """Yield the number and period of each snapshot that has a verdict on one of these records of a
    source; without a period if it cannot be read. Raises StoreError."""
    for head in store.snapshots.heads():
        try:
            row = store.snapshots.find(head.number)
            if row is None:
                continue
            snapshot = decode_row(row)
            found = (read_line(line) for own in snapshot.lines.values() for line in own)
            if any(line.source == source and line.id in ids for line in found):
                yield head.number, str(snapshot.content["period"]["name"])
        except (ValueError, TypeError, KeyError):
            yield head.number, None


def without_renamed(pairs: Iterable[Pair], store: Store) -> list[Pair]:
    """Leave out the records that differ in nothing but their name, since they were erased. Raises
    StoreError."""
    pairs = list(pairs)
    erased = store.erased.among({(old.source, old.id) for old, new in pairs if old and not new})
    then = Counter(_nameless(old) for old, _ in pairs if old and (old.source, old.id) in erased)
    now = Counter(_nameless(new) for old, new in pairs if new and not old and is_pseudonym(new.id))
    same = then & now
    left = {"then": same.copy(), "now": same.copy()}
    kept: list[Pair] = []
    for old, new in pairs:
        line, side = (old, "then") if new is None else (new, "now")
        assert line is not None
        is_one = (line.source, line.id) in erased if side == "then" else is_pseudonym(line.id)
        nameless = _nameless(line)
        if (old is None or new is None) and is_one and left[side][nameless]:
            left[side][nameless] -= 1
        else:
            kept.append((old, new))
    return kept


def _nameless(line: VerdictLine) -> VerdictLine:
    return line._replace(id="")
