"""What the store holds by ids that are to be erased, and whether it can be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, select

from collector.model.pseudonyms import is_pseudonym
from collector.model.records import CallOutcome
from collector.store.erased_marks import key_of_marks, known_marks, mark_of
from collector.store.key_lists import is_among
from collector.store.profiles import CHUNK
from collector.store.rows import number_of_call
from collector.store.schema import calls, is_open, tickets

CALL_MAY_GO_ON = 86_400
"""Seconds from a stay's beginning during which its caller may still be put into other queues."""


class Standing(StrEnum):
    """What the store knows of an id."""

    STORED = "stored"
    OPEN = "open"  # the ticket is open, or the caller waits
    RECENT = "recent"  # a call that may go on, see CALL_MAY_GO_ON
    ERASED = "erased"  # before
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Named:
    """What has an id that was given: ``kind`` (tickets, calls; empty without any), and the rows'
    ``keys`` and ``ids``. All stays of a call go together."""

    id: str
    standing: Standing
    kind: str = ""
    keys: tuple[int, ...] = ()
    ids: tuple[str, ...] = ()


def named(connection: Connection, source: str, ids: Sequence[str], now: int) -> list[Named]:
    ids = list(dict.fromkeys(ids))
    found = {each.id: each for each in _tickets_named(connection, source, ids)}
    rest = [each for each in ids if each not in found]
    found |= {each.id: each for each in _calls_named(connection, source, rest, now)}
    key = key_of_marks(connection)
    rest = [each for each in ids if each not in found] if key is not None else []
    for each in rest:
        assert key is not None
        own = [mark_of(key, kind, source, each) for kind in ("tickets", "calls")]
        own.append(mark_of(key, "call", source, str(number_of_call(source, each))))
        if is_pseudonym(each) or known_marks(connection, own):
            found[each] = Named(each, Standing.ERASED)
    return [found.get(each, Named(each, Standing.ABSENT)) for each in ids]


def _tickets_named(connection: Connection, source: str, ids: Sequence[str]) -> Iterator[Named]:
    query = select(tickets.c.n, tickets.c.id, is_open).where(tickets.c.source == source)
    for start in range(0, len(ids), CHUNK):
        own = tickets.c.id.in_(ids[start : start + CHUNK])
        for number, name, still in connection.execute(query.where(own)):
            standing = Standing.OPEN if still else Standing.STORED
            if is_pseudonym(name):
                standing = Standing.ERASED
            yield Named(name, standing, "tickets", (number,), (name,))


def _calls_named(
    connection: Connection, source: str, ids: Sequence[str], now: int
) -> Iterator[Named]:
    """The stays that have one of these ids, with all others of their calls, and the stays of the
    calls that have."""
    columns = calls.c.n, calls.c.id, calls.c.call_id, calls.c.entered_at, calls.c.outcome
    query = select(*columns).where(calls.c.source == source)
    stays: dict[int, Any] = {}
    numbers = {number_of_call(source, each): each for each in ids}
    for start in range(0, len(ids), CHUNK):
        for row in connection.execute(query.where(calls.c.id.in_(ids[start : start + CHUNK]))):
            stays[row.n] = row
    known = {row.call_id for row in stays.values()} - {None}
    if ids and (wanted := known | numbers.keys()):
        for row in connection.execute(query.where(is_among(calls.c.call_id, wanted))):
            stays[row.n] = row
    by_call: dict[int | None, list[Any]] = {}
    for row in stays.values():
        by_call.setdefault(row.call_id, []).append(row)
    by_id = {row.id: row for row in stays.values()}
    for each in ids:
        stay = by_id.get(each)
        number = number_of_call(source, each) if stay is None else stay.call_id
        own = [stay] if stay is not None and number is None else by_call.get(number, [])
        if own:
            yield _call_named(each, own, now)


def _call_named(id: str, stays: Sequence[Any], now: int) -> Named:  # noqa: A002 - its own word
    standing = Standing.STORED
    if all(is_pseudonym(row.id) for row in stays):
        standing = Standing.ERASED
    elif any(row.outcome == CallOutcome.OPEN for row in stays):
        standing = Standing.OPEN
    elif any(row.entered_at > now - CALL_MAY_GO_ON for row in stays):
        standing = Standing.RECENT
    rows = sorted(stays, key=lambda row: int(row.n))
    keys, ids = (tuple(getattr(row, name) for row in rows) for name in ("n", "id"))
    return Named(id, standing, "calls", keys, ids)
