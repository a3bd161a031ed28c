"""A deterministic source of several hundred pages, and readable dumps of a store."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from sqlalchemy import MetaData, create_engine, select

from collector.model.page import Cursor, Page, Rejected
from collector.model.records import Call, CallOutcome, Change, Gone, Record, Ticket
from collector.sources.kit.contract import SourceOptions
from collector.store.engine import parse_url
from tests.worlds.sizes import sample_size

PAGES = sample_size(150, 300)
NAME = "fake"
_START = 1_700_000_000


def ticket(number: int, version: int = 0) -> Ticket:
    """Ticket ``number`` as it is after ``version`` changes."""
    chance = random.Random(f"{number}/{version}")
    opened = _START + 997 * number
    history = [
        Change(opened, "status", "new"),
        Change(opened, "priority", chance.choice(["urgent", "normal"])),
        Change(opened, "team", "first line"),
    ]
    for step in range(1, version + 1):
        history.append(Change(opened + 600 * step, "status", ["on_hold", "open"][step % 2]))
        history.append(Change(opened + 601 * step, "team", f"team {step}"))
    done = opened + 7200 if version > 1 else None
    return Ticket(
        source=NAME,
        id=str(number),
        url=f"https://desk.example.org/{number}",
        opened_at=opened,
        first_response_at=opened + 300 if version else None,
        first_resolved_at=done,
        resolved_at=done,
        kind=chance.choice(["incident", "request", None]),
        priority=history[1].value,
        organization=chance.choice(["Askersund", "Laxå"]),
        status="resolved" if done else "open",
        team=history[-1].value,
        changes=tuple(history),
    )


def call(number: int) -> Call:
    chance = random.Random(number)
    entered = _START + 613 * number
    answered = chance.random() < 0.8
    wait = chance.randrange(200)
    return Call(
        source=NAME,
        id=f"call-{number}",
        queue=chance.choice(["it-support", "växel"]),
        entered_at=entered,
        outcome=CallOutcome.ANSWERED if answered else CallOutcome.ABANDONED,
        wait_seconds=wait,
        answered_at=entered + wait if answered else None,
        left_at=entered + wait + 60,
    )


def records(page: int) -> list[Record]:
    """New tickets and calls, changes of some older tickets, now and then one that is gone."""
    first = page * 5
    found: list[Record] = [ticket(number) for number in range(first, first + 5)]
    found += [call(number) for number in range(first, first + 5)]
    chance = random.Random(-page)
    for version in (1, 2, 3):
        older = first - 10 * version
        if older >= 0:
            found += [ticket(older + chance.randrange(5), version)]
    if page % 7 == 6:
        found.append(Gone(source=NAME, id=str(chance.randrange(first)), mark="deleted"))
    if page % 50 == 49:  # rejects one: with so many others a poll may begin here
        found += [call(number) for number in range(20)]
    return found


class FakeSource:
    """Pages 0 to ``pages`` - 1; the cursor is the number of the next page."""

    Options = SourceOptions
    as_of = None

    def __init__(self, pages: int = PAGES) -> None:
        self.name = NAME
        self._pages = pages

    def pages(self, cursor: Cursor | None, since: int | None = None) -> Iterator[Page]:
        for number in range(cursor["page"] if cursor else 0, self._pages):
            rejected = [Rejected("odd", f"page {number}", "odd")] if number % 50 == 49 else []
            yield Page(
                records=records(number),
                cursor={"page": number + 1},
                rejected=rejected,
                newest_at=_START + 997 * number,
                clock_skew=1.5,
                progress=number / self._pages,
            )

    def check(self) -> str:
        return f"{self._pages} pages"


def dump(url: str, *, log: bool = False) -> dict[str, Any]:
    """All that a store holds, with names in the place of row numbers; ``log``: polls too."""
    engine = create_engine(parse_url(url))
    try:
        with engine.connect() as connection:
            known = MetaData()
            known.reflect(connection)
            every = {
                name: [dict(row._mapping) for row in connection.execute(select(table))]
                for name, table in known.tables.items()
            }
    finally:
        engine.dispose()
    texts = {row["n"]: row["texts"] for row in every.pop("profiles")}
    names = {row["n"]: row["id"] for row in every["tickets"]}
    for row in every["tickets"] + every["calls"]:
        row["profile"] = texts[row["profile"]]
        del row["n"], row["checksum"]  # it is made of the numbers, too
    for row in every["changes"]:
        row["ticket"] = names[row["ticket"]]
    every["counters"] = [row for row in every["counters"] if row["name"] == "revision"]
    if not log:
        del every["polls"], every["poll_states"]
    return {name: sorted(rows, key=repr) for name, rows in every.items()}
