"""Columns hold exactly what the records say, on both engines and however the rows are cut."""

import random

import numpy as np
import pytest

from collector.model.columns import ABSENT, CallProfile, Fact
from collector.model.history import intervals
from collector.model.page import Page
from collector.model.records import Call, CallOutcome, Change, Ticket
from collector.store import columns as reading
from collector.store.rows import FACTS

T0 = 1_600_000_000
ODD = ["", " ", "a\tb", "a,b", "q\"uo'te", "\x1e\x1f", "Laxå 🚒", "%s :n ?", "null", "\\", "a\nb"]


def random_records(chance, count):
    def maybe(value):
        return value if chance.random() < 0.7 else None

    def instant():
        return T0 + chance.randrange(-(10**6), 10**6)

    for n in range(count):
        fields = ("status", "priority", "team")
        words = [*ODD, "on_hold", "open", "resolved", "closed"]
        history = [
            Change(instant(), chance.choice(fields), chance.choice(words))
            for _ in range(chance.randrange(6))
        ]
        texts = {
            name: maybe(chance.choice(ODD))
            for name in ("kind", "priority", "organization", "category", "status", "team", "url")
        }
        instants = {
            name: maybe(instant())
            for name in ("first_response_at", "first_resolved_at", "resolved_at", "closed_at")
        }
        yield Ticket(
            source=chance.choice(["desk", "b"]),
            id=f"{n}{chance.choice(ODD)}",
            opened_at=T0 + chance.randrange(20),
            mark=chance.choice([None, None, "spam"]),
            solved_by_registrar=chance.random() < 0.5,
            reopened=chance.randrange(2),
            first_note_at=maybe(instant()),
            first_status_at=maybe(instant()),
            first_assigned_at=maybe(instant()),
            own_first_response_at=maybe(instant()),
            own_response_due_at=maybe(instant()),
            own_response_met=maybe(chance.random() < 0.5),
            own_resolution_due_at=maybe(instant()),
            own_resolution_met=maybe(chance.random() < 0.5),
            changes=tuple(history),
            **texts,
            **instants,
        )
        yield Call(
            source="phone",
            id=f"{n}",
            queue=chance.choice(ODD),
            organization=maybe(chance.choice(ODD)),
            outcome=chance.choice(list(CallOutcome)),
            entered_at=T0 + chance.randrange(20),
            wait_seconds=maybe(chance.randrange(-5, 500)),
            answered_at=maybe(instant()),
            left_at=maybe(instant()),
        )


@pytest.mark.parametrize("rows", [1, 7, 50_000])
def test_columns_equal_records(store, monkeypatch, rows):
    monkeypatch.setattr(reading, "ROWS", rows)
    every = list(random_records(random.Random(rows), 150))
    store.pages.save("desk", Page(records=every, cursor={}), None)
    by_id = {(type(r) is Call, r.source, r.id): r for r in every}
    tickets = [r for r in every if isinstance(r, Ticket)]
    check_tickets(store, store.records.tickets("opened", (T0, T0 + 20)), by_id, tickets)
    inside = [r for r in tickets if r.resolved_at is not None and T0 - 9999 <= r.resolved_at < T0]
    check_tickets(store, store.records.tickets("resolved", (T0 - 9999, T0)), by_id, inside)
    is_open = [r for r in tickets if (r.resolved_at, r.closed_at, r.mark) == (None, None, None)]
    check_tickets(store, store.records.open_tickets(), by_id, is_open)
    calls = [r for r in every if isinstance(r, Call)]
    check_calls(store, store.records.calls((T0, T0 + 20)), by_id, calls)
    waiting = [r for r in calls if r.outcome == "open"]
    check_calls(store, store.records.open_calls(), by_id, waiting)


def vars_of(facts):
    return (getattr(facts, name).tolist() for name in ("row", "kind", "start", "end"))


def absent(value):
    return ABSENT if value is None else value


def check_tickets(store, table, by_id, expected):
    names = store.records.ticket_names(table.key)
    assert len(table) == len(expected)
    assert {names[int(key)][:2] for key in table.key} == {(r.source, r.id) for r in expected}
    spans = {}
    for row, kind, *span in zip(*vars_of(table.facts), strict=True):
        spans.setdefault((row, kind), []).append(tuple(span))
    assert table.facts.row.tolist() == sorted(table.facts.row.tolist())
    for row, key in enumerate(table.key.tolist()):
        source, name, url = names[key]
        record = by_id[False, source, name]
        assert (store.records.ticket(source, name), url) == (record, record.url)
        for name in ("opened_at", "first_response_at", "first_resolved_at"):
            assert int(getattr(table, name)[row]) == absent(getattr(record, name))
        for name in ("resolved_at", "closed_at"):
            assert int(getattr(table, name)[row]) == absent(getattr(record, name))
        profile = table.profiles[table.profile[row]]
        for name in ("source", "kind", "organization", "category", "status", "team", "mark"):
            assert getattr(profile, name) == getattr(record, name)
        assert profile.solved_by_registrar is record.solved_by_registrar
        held = intervals(record.changes, "status", {"on_hold"})
        assert spans.get((row, Fact.HOLD), []) == [(start, absent(end)) for start, end in held]
        done = intervals(record.changes, "status", {"resolved", "closed"})
        gaps = [span for span in done if span[1] is not None] if record.reopened else []
        assert spans.get((row, Fact.GAP), []) == gaps
        steps = sorted((c for c in record.changes if c.field == "priority"), key=lambda c: c.at)
        told = [(at, profile.priorities[n]) for at, n in spans.get((row, Fact.PRIORITY), [])]
        assert told == [(c.at, c.value) for c in steps if len(profile.priorities) > 1]
        for name, kind in FACTS.items():
            assert int(table.fact(kind)[row]) == absent(getattr(record, name))


def test_a_part_of_a_table_is_those_tickets_alone(store):
    tickets = [r for r in random_records(random.Random(5), 40) if isinstance(r, Ticket)]
    store.pages.save("desk", Page(records=tickets, cursor={}), None)
    table = store.records.tickets("opened", (T0, T0 + 20))
    rows = np.arange(1, len(table), 3)
    some = table.take(rows)
    assert some.key.tolist() == table.key[rows].tolist()
    for name in ("opened_at", "first_response_at", "first_resolved_at", "resolved_at", "closed_at"):
        assert getattr(some, name).tolist() == getattr(table, name)[rows].tolist()
    assert [some.profiles[c] for c in some.profile] == [
        table.profiles[c] for c in table.profile[rows]
    ]
    place = {row: n for n, row in enumerate(rows.tolist())}
    wanted = [
        (place[row], *rest)
        for row, *rest in zip(*vars_of(table.facts), strict=True)
        if row in place
    ]
    assert wanted
    assert list(zip(*vars_of(some.facts), strict=True)) == wanted


def check_calls(store, table, by_id, expected):
    names = store.records.call_names(table.key)
    assert {names[int(key)][1] for key in table.key} == {record.id for record in expected}
    assert len(table) == len(expected)
    for row, key in enumerate(table.key.tolist()):
        record = by_id[True, "phone", names[key][1]]
        for name in ("entered_at", "answered_at", "left_at", "wait_seconds"):
            assert int(getattr(table, name)[row]) == absent(getattr(record, name))
        assert table.profiles[table.profile[row]] == CallProfile(
            "phone", record.queue, record.organization, record.outcome
        )
