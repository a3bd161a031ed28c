"""What is stored, what is marked dirty, and what is refused."""

import random
from dataclasses import replace

import numpy as np
import pytest
from fake_source import dump, records
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, text

from collector.history import intervals
from collector.records import Call, Change, Gone, Outcome, Ticket
from collector.sources.base import Page, Rejected
from collector.store import CursorMoved, PollResult, Store, StoreError, polls, reading, unstorable
from collector.store.engine import parse_url
from collector.tables import ABSENT, CallProfile, TicketProfile

T0 = 1_600_000_000
ODD = ["", " ", "a\tb", "a,b", "q\"uo'te", "\x1e\x1f", "Laxå 🚒", "%s :n ?", "null", "\\", "a\nb"]


def ticket(name="1", **more):
    return Ticket(**{"source": "desk", "id": name, "opened_at": T0, **more})


def call(name="1", **more):
    given = {"source": "phone", "id": name, "queue": "it", "entered_at": T0}
    return Call(**{**given, "outcome": Outcome.ANSWERED, **more})


def save(store, *records, source="desk", **more):
    """Stores one page behind whatever the cursor is."""
    before = store.cursor(source)
    after = {"page": before["page"] + 1 if before else 1}
    return store.save_page(source, Page(records=records, cursor=after, **more), before)


FULL = ticket(
    url="https://desk/1",
    first_response_at=T0 + 60,
    first_resolved_at=T0 + 70,
    resolved_at=T0 + 8000,
    closed_at=T0 + 9000,
    reopened=1,
    solved_by_registrar=True,
    kind="incident",
    priority="urgent",
    organization="Laxå",
    category="net",
    status="closed",
    team="second",
    changes=(
        Change(T0, "status", "new"),
        Change(T0, "priority", "normal"),
        Change(T0, "team", "first"),
        Change(T0 + 50, "priority", "urgent"),
        Change(T0 + 55, "priority", "normal"),
        Change(T0 + 65, "priority", "urgent"),
        Change(T0 + 66, "team", "second"),
        Change(T0 + 100, "status", "on_hold"),
        Change(T0 + 200, "status", "open"),
        Change(T0 + 300, "status", "on_hold"),
    ),
)


def test_an_empty_store(store):
    assert store.revision() == 0
    assert store.dirty_since(0) == []
    assert store.span() is None
    assert store.cursor("desk") is None
    assert store.poll_states() == {}
    assert store.ticket("desk", "1") is None
    for table in (store.open_tickets(), store.open_calls(), store.tickets("opened", 0, 2**40)):
        assert len(table) == 0
        assert table.profiles == []
    assert store.ticket_names([]) == store.call_names([5]) == {}
    assert store.changes([7]) == {7: ()}


def test_a_ticket_comes_back_whole(store):
    assert save(store, FULL, ticket("bare")) == 2
    assert store.ticket("desk", "1") == FULL
    assert store.ticket("desk", "bare") == ticket("bare")


def test_a_ticket_as_columns(store):
    save(store, FULL)
    table = store.tickets("opened", T0, T0 + 1)
    assert table.profiles == [
        TicketProfile(
            source="desk",
            kind="incident",
            organization="Laxå",
            category="net",
            status="closed",
            team="second",
            mark=None,
            priorities=("normal", "urgent"),
            priority_at_response="normal",
            teams=("first", "second"),
            solved_by_registrar=True,
        )
    ]
    assert table.profile.dtype == np.int32
    columns = (table.opened_at, table.first_response_at, table.first_resolved_at)
    columns += (table.resolved_at, table.closed_at)
    assert [int(column[0]) - T0 for column in columns] == [0, 60, 70, 8000, 9000]
    holds = table.holds
    assert holds.row.tolist() == [0, 0]
    assert holds.start.tolist() == [T0 + 100, T0 + 300]
    assert holds.end.tolist() == [T0 + 200, ABSENT]
    key = int(table.key[0])
    assert store.ticket_names(table.key) == {key: ("desk", "1", "https://desk/1")}
    assert store.changes(table.key) == {key: FULL.changes}


def test_without_history_the_present_values_are_the_only_ones(store):
    save(store, ticket(priority="low", team="first", first_response_at=T0 + 1))
    save(store, ticket("2", priority="low"))
    first, second = (store.tickets("opened", 0, 2**40).profiles[i] for i in (0, 1))
    assert (first.priorities, first.priority_at_response, first.teams) == (
        ("low",),
        "low",
        ("first",),
    )
    assert (second.priorities, second.priority_at_response, second.teams) == (("low",), None, ())


def test_clocks_select_half_open(store):
    save(store, FULL)
    for clock, at in (("opened", T0), ("responded", T0 + 60), ("resolved", T0 + 8000)):
        assert len(store.tickets(clock, at, at + 1)) == 1
        assert len(store.tickets(clock, at - 5, at)) == 0
        assert len(store.tickets(clock, at + 1, at + 5)) == 0


def test_open_tickets_and_calls(store):
    save(store, FULL, ticket("open"), ticket("closed", closed_at=T0), ticket("spam", mark="spam"))
    save(store, call("waiting", outcome=Outcome.OPEN), call("done"))
    assert [name[1] for name in store.ticket_names(store.open_tickets().key).values()] == ["open"]
    waiting = store.open_calls()
    assert store.call_names(waiting.key) == {int(waiting.key[0]): ("phone", "waiting", None)}
    assert waiting.profiles == [CallProfile("phone", "it", None, "open")]


def test_span(store):
    save(store, FULL)
    assert store.span() == (T0, T0 + 8000)
    save(store, call(entered_at=T0 - 5), call("2", entered_at=T0 + 9999))
    assert store.span() == (T0 - 5, T0 + 9999)


# -- dirty hours ----------------------------------------------------------------------------------


def test_old_and_new_hours_are_marked(store):
    opened, later = T0 // 3600, (T0 + 8000) // 3600
    save(store, FULL, call())
    assert set(store.dirty_since(0)) == {
        ("opened", opened),
        ("responded", opened),
        ("resolved", later),
        ("entered", opened),
    }
    before = store.revision()
    save(store, replace(FULL, resolved_at=T0 + 80_000, category="other"))
    assert set(store.dirty_since(before)) == {
        ("opened", opened),
        ("responded", opened),
        ("resolved", later),
        ("resolved", (T0 + 80_000) // 3600),
    }
    assert store.dirty_since(store.revision()) == []


def test_each_changing_page_takes_one_revision(store):
    assert [(save(store, r), store.revision()) for r in (FULL, FULL, call(), call())] == [
        (1, 1),
        (0, 1),
        (1, 2),
        (0, 2),
    ]


@pytest.mark.parametrize("field", [f for f in Ticket.__slots__ if f not in ("source", "id")])
def test_every_field_of_a_ticket_counts_as_a_change(sqlite_url, field):
    values = {"changes": FULL.changes[:3], "solved_by_registrar": False}
    other = values.get(field) or (
        T0 + 1 if field.endswith("_at") else 7 if field == "reopened" else field
    )
    if field == "solved_by_registrar":
        other = False
    with Store.open(sqlite_url) as store:
        save(store, FULL)
        assert save(store, replace(FULL, **{field: other})) == 1
        assert store.ticket("desk", "1") == replace(FULL, **{field: other})


@pytest.mark.parametrize("field", [f for f in Call.__slots__ if f not in ("source", "id")])
def test_every_field_of_a_call_counts_as_a_change(sqlite_url, field):
    number = field.endswith(("_at", "_seconds"))
    other = T0 + 9 if number else Outcome.EMPTY if field == "outcome" else "x"
    with Store.open(sqlite_url) as store:
        save(store, call())
        assert save(store, call(**{field: other})) == 1


def test_an_unchanged_page_writes_nothing(sqlite_url, tmp_path):
    page = Page(records=[FULL, call(), ticket("2")], cursor={"b": 1, "a": [2]})
    with Store.open(sqlite_url) as store:
        store.save_page("desk", page, None)
        wal = tmp_path / "store.db-wal"
        before = (wal.stat().st_size, wal.read_bytes())
        assert store.save_page("desk", page, {"a": [2], "b": 1}) == 0
        assert (wal.stat().st_size, wal.read_bytes()) == before
        assert store.revision() == 1


# -- gone, repeated, reordered --------------------------------------------------------------------


def test_gone_marks_a_known_ticket(store):
    save(store, FULL, ticket("2"))
    before = store.revision()
    assert save(store, gone("1"), gone("unknown")) == 1
    stored = store.ticket("desk", "1")
    assert stored == replace(FULL, mark="merged", status="merged")
    profile = store.tickets("opened", T0, T0 + 1).profiles
    assert {(p.mark, p.status) for p in profile} == {("merged", "merged"), (None, None)}
    assert ("resolved", (T0 + 8000) // 3600) in store.dirty_since(before)
    assert save(store, gone("1")) == 0
    assert save(store, FULL) == 1
    assert store.ticket("desk", "1") == FULL


def gone(name, mark="merged"):
    return Gone(source="desk", id=name, mark=mark)


def test_of_several_in_one_page_the_last_counts(store):
    assert save(store, ticket(kind="a"), FULL, ticket("2"), gone("2"), gone("3"), ticket("3")) == 4
    assert store.ticket("desk", "1") == FULL
    assert store.ticket("desk", "2").mark == "merged"
    assert store.ticket("desk", "3").mark is None


def test_the_same_id_in_two_sources_or_as_a_call_is_another_record(store):
    save(store, ticket(), replace(ticket(), source="other", kind="x"), call(source="desk"))
    assert store.ticket("desk", "1").kind is None
    assert store.ticket("other", "1").kind == "x"
    assert len(store.calls(0, 2**40)) == 1


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Fifteen pages stored as they come."""
    url = f"sqlite:///{tmp_path_factory.mktemp('whole') / 'store.db'}"
    every = [record for page in range(15) for record in records(page)]
    with Store.open(url) as store:
        save(store, *every)
    return every, comparable(dump(url))


def comparable(dumped):
    """Without what tells only how the records came in."""
    return {name: dumped[name] for name in ("tickets", "calls", "changes")}


@settings(
    derandomize=True,
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_order_repetition_and_splitting_do_not_matter(whole, tmp_path_factory, data):
    every, expected = whole
    chance = data.draw(st.randoms(use_true_random=False))
    # Of one ticket the order stands; different tickets and calls come in any order.
    heads = {}
    for record in every:
        heads.setdefault((type(record) is Call, record.id), []).append(record)
    queues, mixed = list(heads.values()), []
    while queues:
        queue = chance.choice(queues)
        mixed += [queue.pop(0)] * chance.choice([1, 1, 2])
        queues = [queue for queue in queues if queue]
    url = f"sqlite:///{tmp_path_factory.mktemp('mixed') / 'store.db'}"
    with Store.open(url) as store:
        while mixed:
            size = data.draw(st.integers(min(40, len(mixed)), len(mixed)))
            save(store, *mixed[:size])
            mixed = mixed[size:]
    assert comparable(dump(url)) == expected


# -- pages are all or nothing ---------------------------------------------------------------------


def test_a_page_with_a_row_that_cannot_be_stored_stores_nothing(store, store_url):
    save(store, FULL)
    before = dump(store_url)
    for bad in ("a\0b", "\ud800"):
        with pytest.raises(StoreError, match="source desk, record '2'"):
            save(store, ticket("3"), ticket("2", category=bad), rejected=[Rejected("x", "", "")])
    assert dump(store_url) == before


@pytest.mark.parametrize(
    "record",
    [
        ticket(""),
        ticket("x" * 501),
        ticket(opened_at=None),
        ticket(opened_at=1.5),
        ticket(resolved_at=2**63),
        ticket(resolved_at=ABSENT),
        ticket(kind=5),
        ticket(changes=(Change(T0, "team", "\ud800"),)),
        call(entered_at=None),
        call(wait_seconds="5"),
        Gone(source="desk", id="1", mark="a\0"),
    ],
)
def test_unstorable(record):
    assert unstorable(record)


def test_a_failure_of_the_database_in_mid_page_undoes_the_page(sqlite_url):
    with Store.open(sqlite_url) as store:
        save(store, FULL)
        before = dump(sqlite_url)
        execute(
            sqlite_url,
            "CREATE TRIGGER no_calls BEFORE INSERT ON calls BEGIN SELECT RAISE(ABORT, 'no'); END",
        )
        with pytest.raises(StoreError):
            save(store, ticket("2"), ticket("3", kind="never seen"), call())
        execute(sqlite_url, "DROP TRIGGER no_calls")
        assert dump(sqlite_url) == before
        assert save(store, ticket("3", kind="never seen")) == 1  # no number of the undone page
        assert store.ticket("desk", "3").kind == "never seen"
        assert {p.kind for p in store.open_tickets().profiles} == {"never seen"}


def execute(url, statement):
    engine = create_engine(parse_url(url))
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_a_moved_cursor_refuses_the_page(store, store_url):
    save(store, FULL)
    before = dump(store_url)
    for expected in (None, {"page": 7}):
        with pytest.raises(CursorMoved, match="source desk"):
            store.save_page("desk", Page(records=[call()], cursor={"page": 2}), expected)
    assert dump(store_url) == before


# -- the poll log ---------------------------------------------------------------------------------


def test_the_poll_log_is_bounded(store, store_url, monkeypatch):
    monkeypatch.setattr(polls, "KEEP", 3)
    for at in range(10):
        store.record_poll(PollResult(source="desk", started_at=at, finished_at=at + 2, ok=at != 8))
    store.record_poll(PollResult(source="phone", started_at=1, finished_at=1, ok=True))
    log = dump(store_url, log=True)["polls"]
    assert sorted(row["started_at"] for row in log if row["source"] == "desk") == [7, 8, 9]
    state = store.poll_states()["desk"]
    assert (state.last_success, state.last_failure, state.duration) == (11, 10, 2)


def test_the_newest_record_never_gets_older(store):
    result = PollResult(
        source="desk", started_at=1, finished_at=1, ok=True, newest_at=50, clock_skew=-0.25
    )
    store.record_poll(result)
    store.record_poll(replace(result, newest_at=40, clock_skew=None))
    state = store.poll_states()["desk"]
    assert (state.newest_record_at, state.clock_skew) == (50, -0.25)


# -- columns equal rows ---------------------------------------------------------------------------


def random_records(chance, count):
    def maybe(value):
        return value if chance.random() < 0.7 else None

    def instant():
        return T0 + chance.randrange(-(10**6), 10**6)

    for n in range(count):
        fields = ("status", "priority", "team")
        history = [
            Change(instant(), chance.choice(fields), chance.choice([*ODD, "on_hold", "open"]))
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
            changes=tuple(history),
            **texts,
            **instants,
        )
        yield call(
            f"{n}",
            queue=chance.choice(ODD),
            organization=maybe(chance.choice(ODD)),
            outcome=chance.choice(list(Outcome)),
            entered_at=T0 + chance.randrange(20),
            wait_seconds=maybe(chance.randrange(-5, 500)),
            answered_at=maybe(instant()),
            left_at=maybe(instant()),
        )


@pytest.mark.parametrize("rows", [1, 7, 50_000])
def test_columns_equal_records(store, monkeypatch, rows):
    monkeypatch.setattr(reading, "ROWS", rows)
    every = list(random_records(random.Random(rows), 150))
    save(store, *every)
    by_id = {(type(r) is Call, r.source, r.id): r for r in every}
    tickets = [r for r in every if isinstance(r, Ticket)]
    check_tickets(store, store.tickets("opened", T0, T0 + 20), by_id, tickets)
    inside = [r for r in tickets if r.resolved_at is not None and T0 - 9999 <= r.resolved_at < T0]
    check_tickets(store, store.tickets("resolved", T0 - 9999, T0), by_id, inside)
    is_open = [r for r in tickets if (r.resolved_at, r.closed_at, r.mark) == (None, None, None)]
    check_tickets(store, store.open_tickets(), by_id, is_open)
    calls = [r for r in every if isinstance(r, Call)]
    check_calls(store, store.calls(T0, T0 + 20), by_id, calls)
    waiting = [r for r in calls if r.outcome == "open"]
    check_calls(store, store.open_calls(), by_id, waiting)


def absent(value):
    return ABSENT if value is None else value


def check_tickets(store, table, by_id, expected):
    names = store.ticket_names(table.key)
    assert len(table) == len(expected)
    assert {names[int(key)][:2] for key in table.key} == {(r.source, r.id) for r in expected}
    holds = {}
    for row, *hold in zip(*(getattr(table.holds, f) for f in ("row", "start", "end")), strict=True):
        holds.setdefault(int(row), []).append(tuple(map(int, hold)))
    assert table.holds.row.tolist() == sorted(table.holds.row.tolist())
    for row, key in enumerate(table.key.tolist()):
        source, name, url = names[key]
        record = by_id[False, source, name]
        assert (store.ticket(source, name), url) == (record, record.url)
        for name in ("opened_at", "first_response_at", "first_resolved_at"):
            assert int(getattr(table, name)[row]) == absent(getattr(record, name))
        for name in ("resolved_at", "closed_at"):
            assert int(getattr(table, name)[row]) == absent(getattr(record, name))
        profile = table.profiles[table.profile[row]]
        for name in ("source", "kind", "organization", "category", "status", "team", "mark"):
            assert getattr(profile, name) == getattr(record, name)
        assert profile.solved_by_registrar is record.solved_by_registrar
        held = intervals(record.changes, "status", "on_hold")
        assert holds.get(row, []) == [(start, absent(end)) for start, end in held]


def check_calls(store, table, by_id, expected):
    names = store.call_names(table.key)
    assert {names[int(key)][1] for key in table.key} == {record.id for record in expected}
    assert len(table) == len(expected)
    for row, key in enumerate(table.key.tolist()):
        record = by_id[True, "phone", names[key][1]]
        for name in ("entered_at", "answered_at", "left_at", "wait_seconds"):
            assert int(getattr(table, name)[row]) == absent(getattr(record, name))
        assert table.profiles[table.profile[row]] == CallProfile(
            "phone", record.queue, record.organization, record.outcome
        )


def test_two_stores_see_each_other(store, store_url):
    """Profiles that another process wrote are found, not written twice."""
    with Store.open(store_url) as other:
        save(store, ticket(kind="a"))
        save(other, ticket("2", kind="a"), ticket("3", kind="b"))
        save(store, ticket("4", kind="b"))
        assert store.tickets("opened", 0, 2**40).profiles == (
            other.tickets("opened", 0, 2**40).profiles
        )
