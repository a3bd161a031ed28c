"""Marks of erased records, by which a page is kept from bringing them back.

A mark is the HMAC-SHA-256 of kind, source and id, with a random key that stays in the store: who
has the marks alone cannot find the ids by trying all.
"""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, select

from collector.model.pseudonyms import is_pseudonym
from collector.model.records import Call, Record
from collector.store.erasure_schema import erased_marks, erasure_keys
from collector.store.profiles import CHUNK
from collector.store.rows import call_number


def without_erased(
    connection: Connection, records: Sequence[Record]
) -> tuple[Sequence[Record], Counter[str]]:
    """The records that may be stored, and how many may not, by source: they were erased."""
    key = key_of_marks(connection)
    if key is None:
        return records, Counter()
    marks = [list(_marks(key, record)) for record in records]
    known = known_marks(connection, [mark for own in marks for mark in own])
    kept: list[Record] = []
    dropped: Counter[str] = Counter()
    for record, own in zip(records, marks, strict=True):
        if is_pseudonym(record.id) or not known.isdisjoint(own):
            dropped[record.source] += 1
        else:
            kept.append(record)
    return kept, dropped


def _marks(key: bytes, record: Record) -> Iterator[str]:
    if not isinstance(record, Call):
        yield mark_of(key, "tickets", record.source, record.id)
        return
    yield mark_of(key, "calls", record.source, record.id)
    if (number := call_number(record)) is not None:
        yield mark_of(key, "call", record.source, str(number))


def mark_of(key: bytes, kind: str, source: str, name: str) -> str:
    """The mark of a ticket, a stay in a queue (``calls``) or all stays of a ``call``."""
    text = f"{kind}\0{source}\0{name}".encode(errors="surrogatepass")
    return hmac.digest(key, text, "sha256").hex()


def key_of_marks(connection: Connection) -> bytes | None:
    """The key of the marks; None as long as nothing was erased."""
    found = connection.execute(select(erasure_keys.c.key)).scalar()
    return None if found is None else bytes.fromhex(found)


def known_marks(connection: Connection, marks: Sequence[str]) -> set[str]:
    """Which of these marks are stored."""
    found: set[str] = set()
    for start in range(0, len(marks), CHUNK):
        own = erased_marks.c.mark.in_(marks[start : start + CHUNK])
        found.update(connection.execute(select(erased_marks.c.mark).where(own)).scalars())
    return found
