"""Request Tracker's own verdicts: from recordings, and against its rules written out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.model.page import RejectedRow
from collector.sources.kit.raw import OwnSla
from collector.sources.request_tracker.rows import Event, deadline, event_of
from collector.sources.request_tracker.sla import sla_verdicts
from tests.worlds.rt_lab import recorded
from tests.worlds.sizes import sample_size

CUSTOMER, AGENT, ROBOT, SYSTEM = "cust1", "agent1", "robot", "RT_System"
REQUESTORS = frozenset({CUSTOMER})
T = 1_600_000_000
NOTHING = OwnSla()


def instant(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


# -- a recorded life ------------------------------------------------------------------------------

RESPONSE_DUE, RESOLUTION_DUE = instant("2026-11-23 14:00:00"), instant("2026-11-27 06:00:00")


def life(*without: int) -> tuple[list[Event], Event]:
    """The events of a recorded ticket less some, and the one that resolves it."""
    items = recorded("22")["history"]["items"]
    events = [event_of({**item, "ObjectId": "528"}) for item in items]
    events = [event for event in events if event.id not in without]
    return events, next(event for event in events if event.new == "resolved")


def test_a_recorded_life() -> None:
    """A customer opened it, was answered, and wrote again before it was resolved."""
    events, resolution = life()
    answered = OwnSla(RESPONSE_DUE, True)
    assert sla_verdicts(events, REQUESTORS, resolution, resolution.at) == answered
    assert sla_verdicts(events, REQUESTORS, None, None) == answered
    events, resolution = life(5369, 5370)  # the customer's second message
    both = OwnSla(RESPONSE_DUE, True, RESOLUTION_DUE, True)
    assert sla_verdicts(events, REQUESTORS, resolution, resolution.at) == both
    late = sla_verdicts(events, REQUESTORS, resolution, RESOLUTION_DUE + 1)
    assert (late.resolution_due_at, late.resolution_met) == (RESOLUTION_DUE, False)


def test_a_recorded_life_before_its_answer() -> None:
    events, _ = life()
    unanswered = events[:4]
    assert sla_verdicts(unanswered, REQUESTORS, None, None) == OwnSla(RESPONSE_DUE)
    end = replace(events[4], type="Status", field="Status", old="new", new="resolved")
    for at, met in ((RESPONSE_DUE, True), (RESPONSE_DUE + 1, False)):
        told = sla_verdicts([*unanswered, end], REQUESTORS, end, at)
        assert told == OwnSla(RESPONSE_DUE, met)


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01 00:00:00"])
def test_a_deadline_is_not_guessed(text: str) -> None:
    with pytest.raises(RejectedRow, match="deadline"):
        deadline(Event(1, "1", T, "Set", "Due", "", text, SYSTEM))
    assert deadline(Event(1, "1", T, "Set", "Due", "", "1970-01-01 00:00:00", SYSTEM)) is None


# -- RT::SLA, written out ------------------------------------------------------------------------


@dataclass
class Level:
    """Limits in seconds, and the statuses in which they are left out of account."""

    response: int | None = None
    resolve: int | None = None
    keep: int | None = None
    response_ignores: frozenset[str] = frozenset()
    resolve_ignores: frozenset[str] = frozenset()


@dataclass
class Rt:
    """A ticket whose Due is set as RT::Action::SLA_SetDue does."""

    level: Level
    at: int = T
    status: str = "new"
    due: int | None = None
    means: frozenset[str] = frozenset()
    events: list[Event] = field(default_factory=list)

    def write(self, who: str) -> None:
        """Open the ticket, or write on it; RT opens it where it waited for that."""
        self._act("Correspond" if self.events else "Create", who)
        waits_for = {"resolved"} if who == CUSTOMER else {"new", "resolved"}
        if self.events[-1].type == "Correspond" and self.status in waits_for:
            self.turn("open", SYSTEM)
        self._set_due()

    def turn(self, status: str, who: str = AGENT) -> None:
        self._act("Status", who, "Status", self.status, status)
        self.status = status
        self._set_due()

    def set_due(self, due: int | None, who: str) -> None:
        old, new = (
            datetime.fromtimestamp(at or 0, UTC).strftime("%Y-%m-%d %H:%M:%S")
            for at in (self.due, due)
        )
        self.due = due
        self._act("Set", who, "Due", old, new)

    def _act(self, kind: str, who: str, *values: str) -> None:
        number = len(self.events) + 1
        name, old, new = values or ("", "", "")
        self.events.append(Event(number, "1", self.at, kind, name, old, new, who))

    def last_effective_act(self) -> tuple[int, bool]:
        """When the oldest unanswered word was said, or the last answer given, and which it was."""
        found = None
        for event in reversed(self.events):
            if event.type not in ("Create", "Correspond"):
                continue
            if event.creator != CUSTOMER:
                return (event.at, False) if found is None else (found, True)
            found = event.at
        assert found is not None
        return found, True

    def _set_due(self) -> None:
        since, outside = self.last_effective_act()
        level = self.level
        next_word = level.response if outside else level.keep
        if outside and self.status in level.response_ignores:
            next_word = None
        resolve = None if self.status in level.resolve_ignores else level.resolve
        limits = {"resolution": None if resolve is None else T + resolve}
        limits["response" if outside else "loop"] = None if next_word is None else since + next_word
        due = min((at for at in limits.values() if at is not None), default=None)
        self.means = frozenset(name for name, at in limits.items() if due is not None and at == due)
        if due != self.due:
            self.set_due(due, SYSTEM)


LIMITS = st.one_of(st.none(), st.integers(1, 5000))
IGNORED = st.sets(st.sampled_from(["stalled", "resolved"]), max_size=2).map(frozenset)
LEVELS = st.builds(
    Level, response=LIMITS, resolve=LIMITS, response_ignores=IGNORED, resolve_ignores=IGNORED
)
ACTS = st.lists(
    st.tuples(
        st.integers(0, 900),
        st.sampled_from([CUSTOMER, AGENT, ROBOT, "open", "stalled", "resolved"]),
    ),
    max_size=9,
)


@settings(deadline=None, database=None, max_examples=sample_size(200, 500, 1500))
@given(level=LEVELS, opener=st.sampled_from([CUSTOMER, AGENT]), born=st.booleans(), acts=ACTS)
def test_what_is_told_is_what_rt_meant(
    level: Level, opener: str, born: bool, acts: list[tuple[int, str]]
) -> None:
    """Without KeepInLoop every told deadline is of its kind, and few others are left out."""
    rt = Rt(level, status="resolved" if born else "new")
    rt.write(opener)
    resolution = rt.events[0] if born else None
    ended = rt.due, rt.means, opener == CUSTOMER
    answer = None
    for delay, act in acts:
        rt.at += delay
        before = rt.due, rt.means, rt.last_effective_act()[1]
        if act in (CUSTOMER, AGENT, ROBOT):
            rt.write(act)
            if act != CUSTOMER and answer is None:
                answer = (rt.at, *before, rt.due)
        elif act != rt.status:
            rt.turn(act)
            if act == "resolved":
                ended = before
                resolution = next(e for e in reversed(rt.events) if e.type == "Status")
        if rt.status != "resolved":
            resolution = None
    told = sla_verdicts(rt.events, REQUESTORS, resolution, resolution and resolution.at)

    if answer is not None:
        at, due, means, waited, then = answer
        if told.response_due_at is None:
            assert means != {"response"} or not waited or then == due
            assert told.response_met is None
        else:
            assert (told.response_due_at, "response" in means) == (due, True)
            assert told.response_met is (at <= told.response_due_at)
    elif resolution is None:
        assert told.response_met is None
        assert told.response_due_at in (None, rt.due)
    elif told.response_due_at is not None:
        assert told.response_due_at == ended[0] and ended[2]
        assert told.response_met is (resolution.at <= told.response_due_at)
    due, means, waited = ended
    if resolution is None or told.resolution_due_at is None:
        assert resolution is None or means != {"resolution"} or waited
        assert told.resolution_met is None
    else:
        assert (told.resolution_due_at, "resolution" in means) == (due, True)
        assert told.resolution_met is (resolution.at <= told.resolution_due_at)


def lived(level: Level, *acts: str, opener: str = CUSTOMER) -> OwnSla:
    """What is told of a ticket with these acts, one a minute."""
    rt = Rt(level)
    rt.write(opener)
    resolution = None
    for act in acts:
        rt.at += 60
        if act in (CUSTOMER, AGENT, ROBOT):
            rt.write(act)
        elif act == "by hand":
            rt.set_due(T + 9000, AGENT)
        else:
            rt.turn(act)
            last = next(e for e in reversed(rt.events) if e.type == "Status")
            resolution = last if act == "resolved" else None
    return sla_verdicts(rt.events, REQUESTORS, resolution, resolution and resolution.at)


BOTH = Level(response=600, resolve=6000)


@pytest.mark.parametrize(
    ("level", "acts", "expected"),
    [
        (BOTH, (), OwnSla(T + 600)),
        (BOTH, (CUSTOMER,), OwnSla(T + 600)),
        (BOTH, (AGENT,), OwnSla(T + 600, True)),
        (BOTH, (ROBOT, AGENT), OwnSla(T + 600, True)),
        (Level(response=60, resolve=6000), (AGENT,), OwnSla(T + 60, True)),
        (Level(response=59, resolve=6000), (AGENT,), OwnSla(T + 59, False)),
        (Level(response=600), (AGENT, "resolved"), OwnSla(T + 600, True)),
        (Level(resolve=6000), (AGENT,), NOTHING),
        (Level(resolve=100), (AGENT, "resolved"), OwnSla(None, None, T + 100, False)),
        (
            Level(resolve=6000),
            (AGENT, CUSTOMER, "resolved"),
            OwnSla(None, None, T + 6000, True),
        ),
        (BOTH, ("resolved",), OwnSla(T + 600, True)),
        (BOTH, ("resolved", "open"), OwnSla(T + 600)),
        (BOTH, (AGENT, "resolved"), OwnSla(T + 600, True, T + 6000, True)),
        (BOTH, (AGENT, CUSTOMER, "resolved"), OwnSla(T + 600, True)),
        (BOTH, (AGENT, CUSTOMER, AGENT, "resolved"), OwnSla(T + 600, True, T + 6000, True)),
        (BOTH, (AGENT, "resolved", "open", "resolved"), OwnSla(T + 600, True, T + 6000, True)),
        (BOTH, (AGENT, "resolved", CUSTOMER, "resolved"), OwnSla(T + 600, True)),
        (BOTH, ("by hand",), NOTHING),
        (BOTH, (AGENT, "by hand", "resolved"), OwnSla(T + 600, True)),
        (replace(BOTH, keep=300), (AGENT, AGENT, "resolved"), OwnSla(T + 600, True)),
        (Level(), (AGENT, "resolved"), NOTHING),
    ],
)
def test_lives(level: Level, acts: tuple[str, ...], expected: OwnSla) -> None:
    assert lived(level, *acts) == expected


def test_what_staff_registered_has_no_deadline_for_the_response() -> None:
    assert lived(BOTH, opener=AGENT) == lived(BOTH, AGENT, opener=AGENT) == NOTHING
    assert lived(replace(BOTH, keep=300), AGENT, opener=AGENT) == NOTHING
    assert lived(BOTH, "resolved", opener=AGENT) == OwnSla(None, None, T + 6000, True)
    asked = lived(BOTH, CUSTOMER, AGENT, "resolved", opener=AGENT)
    assert asked == OwnSla(T + 660, True, T + 6000, True)


@pytest.mark.parametrize(("later", "due"), [(60, T + 6000), (61, None)])
def test_what_happens_later_was_not_set_off(later: int, due: int | None) -> None:
    """A machine puts the ticket on hold, which takes the resolution's deadline away."""
    rt = Rt(Level(resolve=6000, resolve_ignores=frozenset({"stalled"})))
    rt.write(CUSTOMER)
    rt.turn("open")
    rt.write(AGENT)
    rt.at += later
    rt.turn("stalled", SYSTEM)
    assert sla_verdicts(rt.events, REQUESTORS, None, None).response_due_at == due
