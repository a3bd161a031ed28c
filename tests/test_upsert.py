"""Repeated, reordered and vanished records."""

from dataclasses import replace

import pytest
from fake_source import dump, records
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from samples import FULL, T0, call, save, ticket

from collector.records import Call, Gone
from collector.store import Store


def test_gone_marks_a_known_ticket(store):
    save(store, FULL, ticket("2"))
    before = store.revision()
    assert save(store, gone("1"), gone("unknown")) == 1
    stored = store.ticket("desk", "1")
    assert stored == replace(FULL, mark="merged", status="merged")
    profile = store.tickets("opened", (T0, T0 + 1)).profiles
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
    assert len(store.calls((0, 2**40))) == 1


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
