"""A desk in a store, measured in June 2020 and frozen in July: for the tests of snapshots."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from sqlalchemy import create_engine, text

from collector.config.settings import Settings
from collector.measuring.engine.definition_guard import register
from collector.model.periods import Period, parse_period
from collector.model.records import CallOutcome
from collector.snapshot.freeze import FreezeRequest, FreezeResult, freeze
from collector.store import Store
from collector.store.engine import parse_url
from tests.worlds.measured import (
    ALWAYS,
    CALLS,
    MEAN,
    OFFICE,
    RESPONSE,
    at,
    call,
    polled,
    settings_of,
    ticket,
)
from tests.worlds.samples import save

READ = at("2020-07-01 06:00")
CLOCK = at("2020-07-01 07:00")
JUNE = parse_period("2020-06", date(2020, 7, 1))
MANUAL = {"kind": "manual", "unit": "%", "target": ">= 80%"}
SETTINGS = settings_of(
    {
        "urgent": {**RESPONSE, "records": {"priority": "urgent"}},
        "handling": MEAN,
        "answered": CALLS,
        "engagement": {**MANUAL, "values": [{"date": "2020-05-31", "value": 59}]},
        "climate": MANUAL,
    },
    calendars={"office": OFFICE, "always": ALWAYS},
)


def records(seed: int = 1) -> list[object]:
    """Tickets and calls of half a year, in an order of their own."""
    chance = random.Random(seed)
    found: list[object] = []
    for number in range(120):
        opened = at("2020-01-02 08:00") + number * 130_000
        found.append(
            ticket(
                opened,
                str(number),
                priority=chance.choice(["urgent", "normal"]),
                organization=chance.choice(["Askersund", "Laxå"]),
                first_response_at=opened + chance.choice([600, 4000]),
                resolved_at=opened + chance.choice([3600, 90_000]),
                url=f"https://desk.example.org/{number}",
            )
        )
        outcome, wait = chance.choice([(CallOutcome.ANSWERED, 10), (CallOutcome.ABANDONED, 40)])
        found.append(call(outcome, wait, opened + 77, f"call {number}", organization="Laxå"))
    return found


LATE = ticket("2020-06-30 16:50", "late", priority="urgent", organization="Laxå", status="new")
"""Opened ten minutes before the desk closed: still pending when June is frozen."""


ANSWERED = ticket(
    "2020-06-30 16:50",
    "late",
    priority="urgent",
    organization="Laxå",
    first_response_at="2020-07-01 08:05",
    resolved_at="2020-07-01 08:30",
)
"""The same ticket a day later."""


def fill(store: Store, *more: object, order: int = 0, read: int = READ) -> None:
    """All records, and that the sources were read to their end."""
    every = [*records(), LATE, *more]
    random.Random(order).shuffle(every)
    for source in ("desk", "phone"):
        own = [each for each in every if each.source == source]
        for start in range(0, len(own), 50):
            save(store, *own[start : start + 50], source=source)
        polled(store, source, read)
    register(SETTINGS, store, read)


@contextmanager
def opened(url: str, **more: int) -> Iterator[Store]:
    """A filled store."""
    with Store.open(url) as store:
        fill(store, **more)
        yield store


def froze(
    store: Store, period: Period = JUNE, settings: Settings = SETTINGS, **more
) -> FreezeResult:
    """A period, frozen at CLOCK."""
    return freeze(settings, store, FreezeRequest(period, **more), lambda: CLOCK)


def sql(url: str, *statements: str, **values: object) -> None:
    """What somebody does to the tables behind our back; the triggers are taken away first."""
    engine = create_engine(parse_url(url))
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(text("DROP TRIGGER IF EXISTS snapshots_no_update"))
            connection.execute(text("DROP TRIGGER IF EXISTS snapshots_no_delete"))
        else:
            connection.execute(text("ALTER TABLE snapshots DISABLE TRIGGER USER"))
        for statement in statements:
            connection.execute(text(statement), values)
    engine.dispose()
