"""Facts from a ticket's changes."""

from hypothesis import given
from hypothesis import strategies as st

from collector.model.history import distinct_values, intervals, value_at
from collector.model.records import Change, Status

CHANGES = [
    Change(100, "status", "new"),
    Change(100, "priority", "normal"),
    Change(160, "status", "on_hold"),
    Change(170, "priority", "urgent"),
    Change(200, "status", "open"),
    Change(250, "priority", "normal"),
    Change(300, "status", "on_hold"),
]

histories = st.lists(
    st.builds(Change, st.integers(0, 30), st.just("status"), st.sampled_from(["a", "b", "c"]))
)


def test_values_in_the_order_first_held():
    assert distinct_values(CHANGES, "priority") == ("normal", "urgent")
    assert distinct_values(CHANGES, "team") == ()


def test_value_at():
    held = [value_at(CHANGES, "priority", at) for at in (169, 170, 249, 250, 10**9)]
    assert held == ["normal", "urgent", "urgent", "normal", "normal"]


def test_before_the_first_change_the_initial_value_holds():
    assert value_at(CHANGES, "priority", 0) == "normal"
    assert value_at([], "priority", 0) is None


def test_a_hold_ends_at_the_next_status():
    assert intervals(CHANGES, "status", {Status.ON_HOLD}) == [(160, 200), (300, None)]


def test_a_repeated_value_lengthens_its_interval():
    changes = [Change(1, "status", "on_hold"), Change(5, "status", "on_hold")]
    assert intervals([*changes, Change(9, "status", "open")], "status", {"on_hold"}) == [(1, 9)]


def test_a_hold_without_length_is_none():
    changes = [Change(5, "status", "on_hold"), Change(5, "status", "open")]
    assert intervals(changes, "status", {"on_hold"}) == []


def test_order_of_delivery_does_not_matter():
    assert intervals(CHANGES[::-1], "status", {"on_hold"}) == [(160, 200), (300, None)]


@given(histories, st.sampled_from(["a", "b", "c"]), st.integers(0, 40))
def test_intervals_and_value_at_tell_the_same(changes, value, at):
    first = min((change.at for change in changes), default=99)
    inside = any(
        start <= at and (end is None or at < end)
        for start, end in intervals(changes, "status", {value})
    )
    assert inside == (at >= first and value_at(changes, "status", at) == value)
    assert inside <= (value in distinct_values(changes, "status"))


@given(histories)
def test_intervals_ascend_and_are_disjoint(changes):
    found = intervals(changes, "status", {"a"})
    ends = [end for _, end in found]
    assert None not in ends[:-1]
    flat = [at for pair in found for at in pair if at is not None]
    assert flat == sorted(flat)
    assert all(end is None or end > start for start, end in found)
