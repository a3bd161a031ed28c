"""A desk with everything that boards tell apart: two years of tickets and calls, fixed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random

from collector.config.settings import Settings
from collector.model.page import Rejected
from collector.model.records import Call, CallOutcome, Ticket
from collector.service.service import Service
from collector.store import PollResult, Store
from tests.worlds.measured import (
    CALLS,
    FIRST_LINE,
    MEAN,
    RESPONSE,
    STOCKHOLM,
    at,
    call,
    settings_of,
    ticket,
)
from tests.worlds.samples import save

NOW = at("2020-07-15 12:00")
FIRST = date(2018, 3, 1)
_CLOSED = date(2020, 6, 19)  # as the calendar has it
_HOUR = 3600

SERVICE = {"sv": "God service av hög kvalitet i alla kommuner", "en": "Good service"}
"""The goal of two of the indicators."""


def settings() -> Settings:
    """Every kind of indicator; one without data, one with too few, one without a target."""

    def named(sv: str, en: str, **more: object) -> dict[str, object]:
        return {"title": {"sv": sv, "en": en}, **more}

    unmeasured = {**RESPONSE, "records": {"priority": "low"}}
    costs = {"kind": "manual", "unit": "tkr", "target": "<= 1500 tkr"}
    given = {"values": [{"date": "2020-06-30", "value": 1579, "forecast": 1490}]}
    late = {**CALLS, "within": "60s", "target": ">= 95%"}
    everything = {"kind": "count", "of": "tickets", "target": ">= 100000 tickets"}
    return settings_of(
        {
            "urgent": {**RESPONSE, "records": {"priority": "urgent"}, **named("Akuta", "Urgent")},
            "normal": {**RESPONSE, "within": "8h", "records": {"priority": "normal"}}
            | {"goal": "service"},
            "low": unmeasured | named("Låga (ej mätta)", "Low"),
            "first_line": {**FIRST_LINE, **named('Löst "direkt"', "Solved at once")},
            "handling": {**MEAN, **named("Hantering", "Handling")},
            "orders": {**MEAN, "records": {"kind": "order"}, "target": None},
            "answered": {**CALLS, "goal": "service", **named("Besvarade, 20 s", "Answered, 20 s")},
            "answered_60s": {**late, **named("Besvarade, 60 s", "Answered, 60 s")},
            "tickets": {**everything, **named("Ärenden", "Tickets")},
            "costs": {**costs, **given, **named("Kostnad", "Costs")},
        },
        sources={
            "desk": {"type": "csv_tickets", "path": "tickets.csv", "every": "60s"},
            "phone": {"type": "csv_calls", "path": "calls.csv", "every": "600s"},
            "other": {"type": "csv_calls", "path": "other.csv", "every": "60s"},
        },
        priorities=["urgent", "normal", "low"],
        goals={"service": {"level": "council", "title": SERVICE}},
    )


def _days() -> Iterator[date]:
    day = FIRST
    while day < date(2020, 7, 16):
        if day.weekday() < 5 and day != _CLOSED:
            yield day
        day += timedelta(days=1)


def _instant(day: date, hour: int, second: int) -> int:
    return int(datetime(day.year, day.month, day.day, hour, tzinfo=STOCKHOLM).timestamp()) + second


def tickets() -> Iterator[Ticket]:
    """Some a day, mostly answered in time; the last ones are still open."""
    rng, number = Random(4), 0
    for day in _days():
        for _ in range(rng.choice((2, 3, 4))):
            number += 1
            opened = _instant(day, rng.randrange(8, 12), rng.randrange(_HOUR))
            answered = opened + rng.choice((300, 900, 1500, 2400, 3 * _HOUR))
            solved = answered + rng.choice((60, _HOUR, 26 * _HOUR, 8 * 24 * _HOUR))
            yield ticket(
                opened,
                str(number),
                priority=rng.choice(("urgent", "normal")),
                organization=rng.choice(("Askersund", "Laxå")),
                kind=rng.choice(("incident", "incident", "order")),
                team="Servicedesk" if number % 3 else "Second line",
                status="resolved" if solved < NOW else "open",
                first_response_at=answered if answered < NOW else None,
                resolved_at=solved if solved < NOW else None,
                own_response_due_at=opened + 1800,
                own_response_met=answered <= opened + 1800,
                own_first_response_at=answered if number % 4 else answered - 90,
            )
    yield ticket("2020-07-14 15:00", "late", priority="urgent", organization="Laxå", status="new")
    yield ticket("2020-07-15 11:45", "soon", priority="urgent", organization="Laxå", status="new")
    yield ticket("2020-07-15 11:50", "odd", organization="Laxå", status="new")


def calls() -> Iterator[Call]:
    """Some a day in two queues, a few at night; one caller is waiting."""
    rng, number = Random(5), 0
    for day in _days():
        hours = [0, 8, 8, 9, 10, 11, 23]
        for hour in rng.sample(hours, rng.choice((3, 4, 5))):
            number += 1
            entered = _instant(day, hour, rng.randrange(_HOUR))
            if entered > NOW:
                continue
            outcome = rng.choice([CallOutcome.ANSWERED] * 6 + [*CallOutcome][:-1])
            wait = rng.choice((3, 9, 19, 21, 45, 90))
            queue = rng.choice(("it", "växel"))
            organization = rng.choice(("Askersund", "Laxå"))
            yield call(outcome, wait, entered, str(number), queue=queue, organization=organization)
    yield call(CallOutcome.OPEN, None, NOW - 45, "waiting", queue="it")


@contextmanager
def desk(url: str, *, silent: Iterable[str] = (), late: int = 0) -> Iterator[Service]:
    """The service over a store of all that, measured at NOW with its history; nothing polls.

    ``silent``: sources that were never read. ``late``: so many seconds earlier were the others.
    """
    with Store.open(url) as store:
        save(store, *tickets(), source="desk", rejected=[Rejected("no_date", "line 3", "empty")])
        save(store, *calls(), source="phone")
        polled = {
            "desk": PollResult(
                source="desk",
                started_at=NOW - 32,
                finished_at=NOW - 30,
                ok=True,
                seconds=1.5,
                records=7,
                newest_at=NOW - 60,
                clock_skew=0.4,
            ),
            "phone": PollResult(
                source="phone", started_at=NOW - 601, finished_at=NOW - 600, ok=True, records=3
            ),
            "other": PollResult(source="other", started_at=NOW, finished_at=NOW - 5, ok=True),
        }
        for result in polled.values():
            if result.source not in silent:
                store.polls.record(replace(result, finished_at=result.finished_at - late))
        service = Service(settings(), store, clock=lambda: NOW)
        service.measure()
        service.look_back()
        yield service
