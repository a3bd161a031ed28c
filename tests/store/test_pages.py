"""Repeated, reordered and vanished records."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.model.columns import Fact
from collector.model.records import Call, Change, Gone
from collector.store import Store
from tests.worlds.fake_source import dump, records
from tests.worlds.samples import FULL, T0, call, save, ticket
from tests.worlds.sizes import sample_size


def test_gone_marks_a_known_ticket(store):
    save(store, FULL, ticket("2"))
    before = store.revisions.latest()
    assert save(store, gone("1"), gone("unknown")) == 1
    stored = store.records.ticket("desk", "1")
    assert stored == replace(FULL, mark="merged", status="merged")
    profile = store.records.tickets("opened", (T0, T0 + 1)).profiles
    assert {(p.mark, p.status) for p in profile} == {("merged", "merged"), (None, None)}
    assert ("resolved", (T0 + 8000) // 3600) in store.revisions.dirty_since(before)
    assert save(store, gone("1")) == 0
    assert save(store, FULL) == 1
    assert store.records.ticket("desk", "1") == FULL


def gone(name, mark="merged", at=None):
    return Gone(source="desk", id=name, mark=mark, at=at)


LATE = T0 + 10_000


def test_gone_at_a_known_instant_is_a_change_of_status(store):
    save(store, FULL, ticket("2"))
    assert save(store, gone("1", at=LATE), gone("2", "deleted", at=LATE)) == 2
    merged = (*FULL.changes, Change(LATE, "status", "merged"))
    expected = replace(FULL, mark="merged", status="merged", changes=merged)
    assert store.records.ticket("desk", "1") == expected
    assert store.records.ticket("desk", "2").changes == (Change(LATE, "status", "deleted"),)
    revision = store.revisions.latest()
    for again in (gone("1", at=LATE), gone("1"), expected):
        assert save(store, again) == 0
    assert store.revisions.latest() == revision
    assert save(store, FULL) == 1  # it is shown again
    assert store.records.ticket("desk", "1") == FULL


def test_gone_in_the_page_of_its_ticket(store):
    save(store, FULL, gone("1", at=LATE))
    assert store.records.ticket("desk", "1").changes[-1] == Change(LATE, "status", "merged")
    later = replace(FULL, priority="normal")
    save(store, gone("1", at=LATE), later)
    assert store.records.ticket("desk", "1") == later


def test_the_instant_may_come_later_and_differ(store):
    save(store, FULL, gone("1"))
    assert store.records.ticket("desk", "1").changes == FULL.changes
    assert save(store, gone("1", at=LATE)) == 1
    assert save(store, gone("1", "deleted", at=LATE + 5)) == 1
    assert [(c.at, c.value) for c in store.records.ticket("desk", "1").changes[-2:]] == [
        (LATE, "merged"),
        (LATE + 5, "deleted"),
    ]


def test_being_on_hold_ends_with_the_ticket(store):
    """What is stored is what a full ticket with that history gives."""
    held = replace(FULL, reopened=0)
    save(store, held, ticket("2"))
    save(store, gone("1", at=LATE))
    changes = (*held.changes, Change(LATE, "status", "merged"))
    full = replace(held, mark="merged", status="merged", changes=changes)
    assert save(store, full) == 0
    holds = store.records.tickets("opened", (T0, T0 + 1)).facts.of(Fact.HOLD)
    spans = zip(holds.start.tolist(), holds.end.tolist(), strict=True)
    assert list(spans) == [(T0 + 100, T0 + 200), (T0 + 300, LATE)]


def test_of_several_in_one_page_the_last_counts(store):
    assert save(store, ticket(kind="a"), FULL, ticket("2"), gone("2"), gone("3"), ticket("3")) == 4
    assert store.records.ticket("desk", "1") == FULL
    assert store.records.ticket("desk", "2").mark == "merged"
    assert store.records.ticket("desk", "3").mark is None


def test_the_same_id_in_two_sources_or_as_a_call_is_another_record(store):
    save(store, ticket(), replace(ticket(), source="other", kind="x"), call(source="desk"))
    assert store.records.ticket("desk", "1").kind is None
    assert store.records.ticket("other", "1").kind == "x"
    assert len(store.records.calls((0, 2**40))) == 1


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Fifteen pages stored as they come."""
    url = f"sqlite:///{tmp_path_factory.mktemp('whole') / 'store.db'}"
    every = [record for page in range(15) for record in records(page)]
    every = [replace(r, at=T0) if isinstance(r, Gone) and int(r.id) % 2 else r for r in every]
    assert {record.at for record in every if isinstance(record, Gone)} == {None, T0}
    with Store.open(url) as store:
        save(store, *every)
    return every, comparable(dump(url))


def comparable(dumped):
    """Without what tells only how the records came in."""
    return {name: dumped[name] for name in ("tickets", "calls", "changes")}


@settings(
    max_examples=sample_size(8, 30),
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
