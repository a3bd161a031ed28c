"""What is stored, what is marked dirty, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import Engine, create_engine, event, text

from collector.model.columns import ABSENT, CallProfile, Fact, TicketProfile
from collector.model.page import Page, Rejected
from collector.model.record_limits import storage_problem
from collector.model.records import Call, CallOutcome, Change, Gone, Ticket, Unrecorded
from collector.store import CursorMoved, PollResult, Store, StoreError, polls
from collector.store.engine import parse_url
from tests.worlds.fake_source import dump
from tests.worlds.samples import FULL, T0, call, save, ticket


def test_an_empty_store(store):
    assert store.revisions.latest() == 0
    assert store.revisions.dirty_since(0) == []
    assert store.records.span() is None
    assert store.pages.cursor("desk") is None
    assert store.polls.states() == {}
    assert store.records.ticket("desk", "1") is None
    for table in (
        store.records.open_tickets(),
        store.records.open_calls(),
        store.records.tickets("opened", (0, 2**40)),
    ):
        assert len(table) == 0
        assert table.profiles == []
    assert store.records.ticket_names([]) == store.records.call_names([5]) == {}
    assert store.records.changes([7]) == {7: ()}


def test_keys_are_looked_up_in_the_index(sqlite_store):
    said: list[str] = []

    def explain(connection, cursor, statement, parameters, *_):
        if "json_each" in statement:
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            said.extend(str(row[-1]) for row in cursor.fetchall())

    event.listen(Engine, "before_cursor_execute", explain)
    try:
        save(sqlite_store, FULL)
        sqlite_store.records.ticket_names([1])
        sqlite_store.records.call_names([1])
        sqlite_store.records.changes([1])
        sqlite_store.records.changed_since([1], T0)
        sqlite_store.records.open_tickets()
    finally:
        event.remove(Engine, "before_cursor_execute", explain)
    assert any("SEARCH tickets" in each for each in said)
    assert any("SEARCH changes" in each for each in said)
    assert [each for each in said if each.startswith("SCAN") and "json_each" not in each] == []


def test_a_ticket_comes_back_whole(store):
    assert save(store, FULL, ticket("bare")) == 2
    assert store.records.ticket("desk", "1") == FULL
    assert store.records.ticket("desk", "bare") == ticket("bare")


def test_a_ticket_as_columns(store):
    save(store, FULL)
    table = store.records.tickets("opened", (T0, T0 + 1))
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
            priority="urgent",
            teams=("first", "second"),
            solved_by_registrar=True,
            unrecorded=(),
        )
    ]
    assert table.profile.dtype == np.int32
    columns = (table.opened_at, table.first_response_at, table.first_resolved_at)
    columns += (table.resolved_at, table.closed_at)
    assert [int(column[0]) - T0 for column in columns] == [0, 60, 70, 8000, 9000]
    held = table.facts.of(Fact.HOLD)
    assert held.row.tolist() == [0, 0]
    assert held.start.tolist() == [T0 + 100, T0 + 300]
    assert held.end.tolist() == [T0 + 200, ABSENT]
    gap = table.facts.of(Fact.GAP)
    assert (gap.start.tolist(), gap.end.tolist()) == ([T0 + 70], [T0 + 100])
    steps = table.facts.of(Fact.PRIORITY)
    assert steps.end.tolist() == [0, 1, 0, 1]
    assert steps.start.tolist() == [c.at for c in FULL.changes if c.field == "priority"]
    others = set(Fact) - {Fact.HOLD, Fact.GAP, Fact.PRIORITY}
    said = {kind: table.fact(kind).tolist() for kind in others}
    assert said == {
        Fact.NOTE: [T0 + 20],
        Fact.STATUS: [T0 + 30],
        Fact.ASSIGNED: [ABSENT],
        Fact.OWN_RESPONSE: [T0 + 59],
        Fact.OWN_RESPONSE_DUE: [T0 + 1800],
        Fact.OWN_RESPONSE_MET: [1],
        Fact.OWN_RESOLUTION_DUE: [T0 + 7200],
        Fact.OWN_RESOLUTION_MET: [0],
    }
    key = int(table.key[0])
    assert store.records.ticket_names(table.key) == {key: ("desk", "1", "https://desk/1")}
    assert store.records.changes(table.key) == {key: FULL.changes}


def test_without_history_the_present_values_are_the_only_ones(store):
    save(store, ticket(priority="low", team="first", first_response_at=T0 + 1))
    save(store, ticket("2", priority="low"))
    first, second = (store.records.tickets("opened", (0, 2**40)).profiles[i] for i in (0, 1))
    assert (first.priorities, first.priority, first.teams) == (("low",), "low", ("first",))
    assert (second.priorities, second.priority, second.teams) == (("low",), "low", ())


def test_clocks_select_half_open(store):
    save(store, FULL)
    for clock, at in (("opened", T0), ("responded", T0 + 60), ("resolved", T0 + 8000)):
        assert len(store.records.tickets(clock, (at, at + 1))) == 1
        assert len(store.records.tickets(clock, (at - 5, at))) == 0
        assert len(store.records.tickets(clock, (at + 1, at + 5))) == 0


def test_open_tickets_and_calls(store):
    save(store, FULL, ticket("open"), ticket("closed", closed_at=T0), ticket("spam", mark="spam"))
    save(store, call("waiting", outcome=CallOutcome.OPEN), call("done"))
    assert [
        name[1] for name in store.records.ticket_names(store.records.open_tickets().key).values()
    ] == ["open"]
    waiting = store.records.open_calls()
    assert store.records.call_names(waiting.key) == {
        int(waiting.key[0]): ("phone", "waiting", None)
    }
    assert waiting.profiles == [CallProfile("phone", "it", None, "open")]


def test_span(store):
    save(store, FULL)
    assert store.records.span() == (T0, T0 + 8000)
    save(store, call(entered_at=T0 - 5), call("2", entered_at=T0 + 9999))
    assert store.records.span() == (T0 - 5, T0 + 9999)


# -- dirty hours ----------------------------------------------------------------------------------


def test_old_and_new_hours_are_marked(store):
    opened, later = T0 // 3600, (T0 + 8000) // 3600
    save(store, FULL, call())
    assert set(store.revisions.dirty_since(0)) == {
        ("opened", opened),
        ("responded", opened),
        ("resolved", later),
        ("resolved", opened),
        ("entered", opened),
    }
    before = store.revisions.latest()
    save(store, replace(FULL, resolved_at=T0 + 80_000, category="other"))
    assert set(store.revisions.dirty_since(before)) == {
        ("opened", opened),
        ("responded", opened),
        ("resolved", later),
        ("resolved", opened),
        ("resolved", (T0 + 80_000) // 3600),
    }
    assert store.revisions.dirty_since(store.revisions.latest()) == []


def test_each_changing_page_takes_one_revision(store):
    assert [(save(store, r), store.revisions.latest()) for r in (FULL, FULL, call(), call())] == [
        (1, 1),
        (0, 1),
        (1, 2),
        (0, 2),
    ]


@pytest.mark.parametrize("field", [f for f in Ticket.__slots__ if f not in ("source", "id")])
def test_every_field_of_a_ticket_counts_as_a_change(sqlite_url, field):
    values = {"changes": FULL.changes[:3], "unrecorded": frozenset({Unrecorded.HOLDS})}
    other = values.get(field) or (
        T0 + 1 if field.endswith("_at") else 7 if field == "reopened" else field
    )
    if isinstance(getattr(FULL, field), bool):
        other = not getattr(FULL, field)
    with Store.open(sqlite_url) as store:
        save(store, FULL)
        assert save(store, replace(FULL, **{field: other})) == 1
        assert store.records.ticket("desk", "1") == replace(FULL, **{field: other})


@pytest.mark.parametrize("field", [f for f in Call.__slots__ if f not in ("source", "id")])
def test_every_field_of_a_call_counts_as_a_change(sqlite_url, field):
    number = field.endswith(("_at", "_seconds"))
    other = T0 + 9 if number else CallOutcome.EMPTY if field == "outcome" else "x"
    with Store.open(sqlite_url) as store:
        save(store, call())
        assert save(store, call(**{field: other})) == 1


def test_an_unchanged_page_writes_nothing(sqlite_url, tmp_path):
    page = Page(records=[FULL, call(), ticket("2")], cursor={"b": 1, "a": [2]})
    with Store.open(sqlite_url) as store:
        store.pages.save("desk", page, None)
        wal = tmp_path / "store.db-wal"
        before = (wal.stat().st_size, wal.read_bytes())
        assert store.pages.save("desk", page, {"a": [2], "b": 1}) == 0
        assert (wal.stat().st_size, wal.read_bytes()) == before
        assert store.revisions.latest() == 1


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
        Gone(source="desk", id="1", mark="merged", at=1.5),
    ],
)
def test_unstorable(record):
    assert storage_problem(record)


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
        assert store.records.ticket("desk", "3").kind == "never seen"
        assert {p.kind for p in store.records.open_tickets().profiles} == {"never seen"}


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
            store.pages.save("desk", Page(records=[call()], cursor={"page": 2}), expected)
    assert dump(store_url) == before


# -- the poll log ---------------------------------------------------------------------------------


def test_the_poll_log_is_bounded(store, store_url, monkeypatch):
    monkeypatch.setattr(polls, "KEEP", 3)
    for at in range(10):
        store.polls.record(PollResult(source="desk", started_at=at, finished_at=at + 2, ok=at != 8))
    store.polls.record(PollResult(source="phone", started_at=1, finished_at=1, ok=True))
    log = dump(store_url, log=True)["polls"]
    assert sorted(row["started_at"] for row in log if row["source"] == "desk") == [7, 8, 9]
    state = store.polls.states()["desk"]
    assert (state.last_success, state.last_failure) == (11, 10)


def test_the_newest_record_never_gets_older(store):
    result = PollResult(
        source="desk", started_at=60, finished_at=60, ok=True, newest_at=50, clock_skew=-0.25
    )
    store.polls.record(result)
    store.polls.record(replace(result, newest_at=40, clock_skew=None))
    state = store.polls.states()["desk"]
    assert (state.newest_record_at, state.clock_skew) == (50, -0.25)


def test_two_stores_see_each_other(store, store_url):
    """Profiles that another process wrote are found, not written twice."""
    with Store.open(store_url) as other:
        save(store, ticket(kind="a"))
        save(other, ticket("2", kind="a"), ticket("3", kind="b"))
        save(store, ticket("4", kind="b"))
        assert store.records.tickets("opened", (0, 2**40)).profiles == (
            other.records.tickets("opened", (0, 2**40)).profiles
        )


def test_whether_there_are_at_most_so_many_records(store):
    save(store, *(ticket(str(n), opened_at=T0 + n) for n in range(5)), call("c", entered_at=T0 + 2))
    few = store.records.are_at_most
    assert few(5, ["desk"], T0, T0 + 5)
    assert not few(4, ["desk"], T0, T0 + 5)
    assert few(4, ["desk"], T0 + 1, T0 + 5)
    assert few(0, ["nobody"], T0, T0 + 5)
    assert not few(5, ["desk", "phone"], T0, T0 + 5)
    assert few(6, ["desk", "phone"], T0, T0 + 5)


def test_the_profiles_in_use_are_those_that_some_record_has_now(store):
    assert store.records.profiles() == ([], [])
    save(store, ticket("1", team="A"), ticket("2", team="B"), ticket("3", team="B"))
    assert sorted(each.team for each in store.records.profiles()[0]) == ["A", "B"]
    save(store, ticket("1", team="C"), call("c", queue="it"))
    tickets, calls = store.records.profiles()
    assert sorted(each.team for each in tickets) == ["B", "C"]
    assert [each.queue for each in calls] == ["it"]
