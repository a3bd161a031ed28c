"""Erased records: what is left of them, and that nothing brings them back."""

from dataclasses import replace

import pytest
from sqlalchemy import event, text

from collector.model.page import Page
from collector.model.pseudonyms import is_pseudonym
from collector.model.records import CallOutcome, Gone
from collector.store import PollResult, Standing, Store
from tests.worlds.samples import FULL, T0, call, save, ticket

NOW = T0 + 1_000_000
DONE = replace(FULL, id="HEMLIG-4711", url="https://desk/HEMLIG-4711")


def erase(store, *ids, source="desk"):
    return [each.standing for each in store.erased.erase(source, ids, NOW)]


def ids(store, table="tickets"):
    with store._database.reading() as connection:
        return list(connection.execute(text(f"SELECT id FROM {table} ORDER BY n")).scalars())


def ignored(store, source="desk"):
    return store.polls.states()[source].ignored.get("erased", 0)


def in_order(table):
    return table.take(table.key.argsort())


def polled(store, source="desk"):
    store.polls.record(PollResult(source=source, started_at=T0, finished_at=T0 + 1, ok=True))


def test_the_row_stays_and_nothing_leads_to_it(store):
    save(store, DONE, ticket("2"))
    assert erase(store, DONE.id) == [Standing.STORED]
    name, other = ids(store)
    assert is_pseudonym(name)
    assert other == "2"
    kept = store.records.ticket("desk", name)
    assert kept == replace(DONE, id=name, url=None)
    assert store.records.ticket("desk", DONE.id) is None
    store.check()


def test_names_are_by_chance(tmp_path):
    names = set()
    for n in range(2):
        with Store.open(f"sqlite:///{tmp_path}/{n}.db") as store:
            save(store, DONE)
            erase(store, DONE.id)
            names.update(ids(store))
    assert len(names) == 2


@pytest.mark.parametrize(
    "again",
    [
        replace(DONE, status="reopened", resolved_at=None, closed_at=None),
        DONE,
        Gone(source="desk", id=DONE.id, mark="deleted", at=NOW),
    ],
)
def test_no_page_brings_it_back(store, again):
    save(store, DONE)
    polled(store)
    erase(store, DONE.id)
    before, revision = ids(store), store.revisions.latest()
    assert save(store, again) == 0
    assert save(store, again, ticket("3")) == 1
    assert (
        store.pages.save("desk", Page(records=[again], cursor={}), store.pages.cursor("desk")) == 0
    )
    assert ids(store) == [*before, "3"]
    assert ignored(store) == 3
    assert store.revisions.latest() == revision + 1
    mark = store.records.ticket("desk", before[0]).mark
    assert mark is None


def test_of_another_source_the_same_id_is_another_record(store):
    save(store, DONE, replace(DONE, source="other"))
    erase(store, DONE.id)
    save(store, replace(DONE, source="other", status="open"))
    assert store.records.ticket("other", DONE.id).status == "open"


def test_nobody_can_write_under_the_name_that_was_given(store):
    save(store, DONE)
    polled(store)
    erase(store, DONE.id)
    (name,) = ids(store)
    before = store.records.ticket("desk", name)
    assert save(store, ticket(name, status="open")) == 0
    assert store.records.ticket("desk", name) == before
    assert ignored(store) == 1


def test_what_cannot_be_erased_is_told(store):
    save(store, DONE, ticket("open"), ticket("done", resolved_at=T0 + 5))
    standing = erase(store, "open", "none", DONE.id, DONE.id)
    assert standing == [Standing.OPEN, Standing.ABSENT, Standing.STORED]
    assert erase(store, DONE.id) == [Standing.ERASED]
    assert erase(store, *(each for each in ids(store) if is_pseudonym(each))) == [Standing.ERASED]
    assert [(e.at, e.source, e.kind, e.records) for e in store.erased.log()] == [
        (NOW, "desk", "tickets", 1)
    ]


def test_a_reconciliation_does_not_ask_for_it(store):
    hidden = replace(DONE, id="9", mark="not_visible", status="not_visible")
    save(store, DONE, hidden, ticket("2"))
    erase(store, DONE.id, "9")
    assert [each.id for each in store.sweeps.tickets("desk", 0)] == ["2"]
    assert store.sweeps.not_visible("desk") == 0


def test_all_stays_of_a_call_go_together(store):
    first = call("c1/it", call_id="+4670555", queue="it", wait_seconds=5)
    again = call("c1/pc", call_id="+4670555", queue="pc", entered_at=T0 + 60, wait_seconds=3)
    other = call("c2/it", call_id="+4670666", wait_seconds=7)
    save(store, first, again, other, source="phone")
    before = in_order(store.records.calls((T0, T0 + 100)))
    (found,) = store.erased.erase("phone", ["c1/pc"], NOW)
    assert (found.kind, len(found.keys)) == ("calls", 2)
    after = in_order(store.records.calls((T0, T0 + 100)))
    assert after.call[0] == after.call[1]
    assert after.call[0] not in before.call
    assert after.call[2] == before.call[2]
    assert (after.wait_seconds == before.wait_seconds).all()
    assert [is_pseudonym(each) for each in ids(store, "calls")] == [True, True, False]
    store.check()
    polled(store, "phone")
    third = replace(again, id="c1/third", entered_at=T0 + 90)
    assert save(store, first, third, other, source="phone") == 0
    assert ignored(store, "phone") == 2


def test_a_call_goes_by_its_own_id_too(store):
    save(
        store, call("s1", call_id="17.1"), call("s2", call_id="17.1"), call("17.1"), source="phone"
    )
    assert [len(each.keys) for each in store.erased.look("phone", ["s2", "17.1"], NOW)] == [2, 1]
    save(store, call("s3", call_id="18.1"), source="phone")
    assert erase(store, "18.1", source="phone") == [Standing.STORED]
    assert erase(store, "18.1", source="phone") == [Standing.ERASED]
    assert erase(store, "s3", source="phone") == [Standing.ERASED]


def test_a_call_that_may_go_on_stays(store):
    recent = call("1", call_id="a", entered_at=NOW - 3600)
    waits = call("2", outcome=CallOutcome.OPEN)
    save(store, recent, call("3", call_id="a"), waits, source="phone")
    told = [Standing.RECENT, Standing.OPEN, Standing.RECENT]
    assert erase(store, "1", "2", "3", source="phone") == told
    assert store.erased.log() == []


def test_nothing_of_it_is_left_in_the_file(sqlite_url, tmp_path):
    """Neither what its page held before it was split or rewritten, nor errors, nor the log."""
    with Store.open(sqlite_url) as store:
        many = [replace(DONE, id=f"{n * 7919 % 5000:04}-HEMLIG", url=f"https://x/{n}-HEMLIG")
                for n in range(5000)]  # fmt: skip
        for start in range(0, 5000, 1000):
            save(store, *many[start : start + 1000])
        save(store, *(replace(each, status="open", team="third") for each in many[::3]))
        error = f"ticket {many[0].id}: no answer"
        store.polls.record(
            PollResult(source="desk", started_at=T0, finished_at=T0 + 1, ok=False, error=error)
        )
        chosen = [each.id for each in many[::2]]
        erase(store, *chosen)
        assert store.erased.finish()
        told = store.polls.states()["desk"].last_error
        assert told == "ticket [erased]: no answer"
        held = b"".join(file.read_bytes() for file in tmp_path.glob("store.db*"))
    assert [each for each in chosen if each.encode() in held] == []
    assert many[1].id.encode() in held
    assert many[1].url.encode() in held
    assert [each.url for each in many[::2] if f"/{each.url[10:]}".encode() in held] == []


def test_others_who_read_the_file_are_told_of(sqlite_url):
    with Store.open(sqlite_url) as store, Store.open(sqlite_url) as other:
        save(store, DONE)
        with other._database.reading() as connection:
            connection.execute(text("SELECT count(*) FROM tickets")).scalar()
            erase(store, DONE.id)
            assert not store.erased.finish()
        assert store.erased.finish()


def test_a_position_that_names_it_is_told(store):
    save(store, DONE)
    before = store.pages.cursor("desk")
    store.pages.save("desk", Page(records=[], cursor={"seen": {DONE.id: T0}}), before)
    store.sweeps.begun("desk", T0)
    store.sweeps.moved("desk", {"gone": [DONE.id]}, {}, T0)
    erase(store, DONE.id)
    assert store.erased.has_in_cursor("desk", [DONE.id])
    assert not store.erased.has_in_cursor("desk", ["other"])
    assert store.sweeps.states()["desk"].position is None


def test_it_costs_nothing_before_the_first_and_a_look_a_page_after(sqlite_store):
    """However much was erased."""
    store, asked = sqlite_store, []

    def note(connection, cursor, statement, *more):
        if "erased_marks" in statement:
            asked.append(statement)

    event.listen(store._database._engine, "before_cursor_execute", note)
    save(store, *(replace(DONE, id=str(n)) for n in range(300)))
    assert asked == []
    erase(store, *map(str, range(100)))
    asked.clear()
    save(store, *(replace(DONE, id=str(n)) for n in range(300)))
    assert len(asked) == 1


def test_a_copy_keeps_it_out_as_well(store, tmp_path):
    save(store, DONE)
    erase(store, DONE.id)
    with Store.open(f"sqlite:///{tmp_path}/copy.db") as other:
        digests = {each.table: each.rows for each in store.copy_to(other)}
        assert digests["erasures"] == digests["erasure_keys"] == digests["erased_marks"] == 1
        assert save(other, DONE) == 0
        assert ids(other) == ids(store)
        assert other.erased.among({("desk", DONE.id), ("desk", "2")}) == {("desk", DONE.id)}
    with Store.open(f"sqlite:///{tmp_path}/empty.db") as empty:
        assert empty.erased.among({("desk", DONE.id)}) == set()
