"""What holds for any records: however they are delivered, cut, shifted or measured otherwise."""

import sqlite3
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from itertools import pairwise, zip_longest
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from collector.measuring.engine import live as live_module
from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.live import Live
from collector.measuring.engine.what_if import alternatives
from collector.measuring.figures.tally import counts
from collector.model.records import Call, CallOutcome, Change, Gone, Ticket
from collector.store import Store
from collector.store.engine import Database, parse_url
from tests.worlds.measured import ALWAYS, ORGANIZATIONS, settings_of
from tests.worlds.samples import save
from tests.worlds.sizes import sample_size

STOCKHOLM, KOLKATA = "Europe/Stockholm", "Asia/Kolkata"
FIRST, AFTER = date(2020, 10, 18), date(2020, 11, 12)
CASES = settings(
    deadline=None,
    max_examples=sample_size(60, 200, 700),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
NUMBERED = {"n", "profile", "checksum"}
"""Columns that depend on the numbers of rows, which are given in the order of their arrival."""

# The configurations: few indicators each, as one clock is cheap to measure


def configuration(zone, indicators, weeks=0):
    """Settings whose every date lies so many weeks later."""
    ahead = timedelta(weeks=weeks)

    def moved(value):
        if isinstance(value, date):
            return value + ahead
        if isinstance(value, dict):
            return {moved(key): moved(each) for key, each in value.items()}
        return [moved(each) for each in value] if isinstance(value, list) else value

    office = {
        "timezone": zone,
        "hours": {"mon-fri": ["08:00-12:00", "13:00-17:00"], "sun": ["00:00-03:00"]},
        "holidays": {
            "add": [date(2020, 10, 30)],
            "half_days": {date(2020, 10, 29): ["08:00-12:00"]},
        },
        "versions": [{"valid_from": date(2020, 11, 2), "hours": {"mon-fri": ["07:00-16:00"]}}],
    }
    calendars = {"office": office, "always": {**ALWAYS, "timezone": zone}}
    exclude = {"test": {"category": "Test"}}
    return settings_of(
        moved(indicators), calendars=moved(calendars), exclude=exclude, timezone=zone
    )


def share(end, within, calendar="office", **more):
    clock = {"kind": "share_within", "from": "opened", "to": end}
    return {**clock, "within": within, "calendar": calendar, **more}


TURN = date(2020, 10, 25)
WORLDS = {
    "opened": {
        "answered": share(
            "first_response",
            "30min",
            rules={"answers": ["reply", "note"], "response_pauses": True, "priority": "strictest"},
            versions=[{"valid_from": TURN, "within": "1h", "rules": {"response_pauses": False}}],
        ),
        "solved": share(
            "resolved",
            "2 business_days",
            rules={"closed_pauses": True},
            versions=[{"valid_from": TURN, "records": {"priority": ["urgent", "normal"]}}],
        ),
        "first_line": {"kind": "share_where", "where": {"only_teams": ["Servicedesk"]}},
        "number": {"kind": "count"},
    },
    "responded": {
        "answered": share("first_response", "30min", rules={"counted_by": "responded"}),
        "waited": {
            **share("first_response", "1h", "always", rules={"counted_by": "responded"}),
            "versions": [{"valid_from": TURN, "within": "2h"}],
        },
        "number": {"kind": "count", "rules": {"counted_by": "responded"}},
    },
    "resolved": {
        "solved": share("resolved", "8h", rules={"counted_by": "resolved", "closed_pauses": True}),
        "handling": {
            "kind": "mean_duration",
            "from": "opened",
            "to": "resolved",
            "calendar": "always",
            "rules": {"counted_by": "resolved", "resolution": "first"},
        },
        "number": {"kind": "count", "rules": {"counted_by": "resolved"}},
    },
    "calls": {
        "offered": {
            "kind": "service_level",
            "within": "20s",
            "versions": [{"valid_from": TURN, "formula": "abandons_met"}],
        },
        "early": {
            "kind": "service_level",
            "within": "60s",
            "formula": "without_early_abandons",
            "short_abandon": "5s",
        },
        "number": {"kind": "count", "of": "calls"},
    },
}
for _indicators in WORLDS.values():
    for _each in _indicators.values():
        _each.pop("within" if _each["kind"] in {"count", "mean_duration"} else "", None)

worlds = st.sampled_from(sorted(WORLDS))

# The records: few, close to each other and to the instants at which something changes


def points(zone):
    """Where days, months, business hours and the clock change."""
    texts = [
        "2020-10-23 16:59", "2020-10-25 00:00", "2020-10-25 02:30", "2020-10-25 03:00",
        "2020-10-26 08:00", "2020-10-29 12:00", "2020-11-01 00:00", "2020-11-02 07:00",
    ]  # fmt: skip
    return [
        int(datetime.fromisoformat(each).replace(tzinfo=ZoneInfo(zone)).timestamp())
        for each in texts
    ]


POINTS = {zone: points(zone) for zone in (STOCKHOLM, KOLKATA)}
NEAR = [0, 0, 1, -1, 59, 1800, -1800, 3600, -5 * 3600, 86400]
STEPS = [0, 0, 1, 20, 1799, 1800, 1801, 3600, 8 * 3600, 86400, 3 * 86400]
STATUSES = ["open", "on_hold", "on_hold", "resolved", "resolved", "closed"]
EXTRAS = [
    {},
    {},
    {"mark": "merged", "status": "merged"},
    {"category": "Test"},
    {"solved_by_registrar": True, "first_response_at": None, "first_note_at": None},
    {"solved_by_registrar": True, "first_response_at": None},
    {"own_response_met": True, "own_resolution_met": False},
    {"own_response_met": False, "own_resolution_met": True},
]


def instants(zone):
    return st.builds(int.__add__, st.sampled_from(POINTS[zone]), st.sampled_from(NEAR))


@st.composite
def tickets(draw, zone=STOCKHOLM, name="1"):
    """A ticket whose instants are those of its history."""
    opened = draw(instants(zone))
    changes = [Change(opened, "status", "open")]
    for step, status in draw(
        st.lists(st.tuples(st.sampled_from(STEPS), st.sampled_from(STATUSES)), max_size=4)
    ):
        changes.append(Change(changes[-1].at + step, "status", status))
    done = [change.value in {"resolved", "closed"} for change in changes]
    solved = [
        change.at
        for before, after, change in zip(done, done[1:], changes[1:], strict=False)
        if after and not before
    ]
    closed = [change.at for change in changes if change.value == "closed"]
    answered, noted, own = (
        None if step is None else opened + step
        for step in draw(st.tuples(*[st.sampled_from([None, -1, *STEPS])] * 3))
    )
    priority, later = draw(st.tuples(*[st.sampled_from(["urgent", "normal", "low"])] * 2))
    team = draw(st.sampled_from(["Servicedesk", "Servicedesk", "Network", None]))
    more = [Change(opened, "priority", priority)]
    more += [Change(opened + draw(st.sampled_from(STEPS)), "priority", later)]
    more += [Change(opened, "team", team)] if team else []
    return Ticket(
        **{
            "source": "desk",
            "id": name,
            "opened_at": opened,
            "first_response_at": answered,
            "first_note_at": noted,
            "own_first_response_at": own,
            "first_resolved_at": solved[0] if solved else None,
            "resolved_at": solved[-1] if done[-1] else None,
            "closed_at": closed[-1] if closed else None,
            "reopened": sum(a and not b for a, b in pairwise(done)),
            "priority": later,
            "team": team,
            "status": changes[-1].value,
            "organization": draw(st.sampled_from([*ORGANIZATIONS, None])),
            "changes": (*changes, *more),
            **draw(st.sampled_from(EXTRAS)),
        }
    )


@st.composite
def calls(draw, zone=STOCKHOLM, name="1"):
    outcome = draw(st.sampled_from(list(CallOutcome)))
    entered, wait = draw(instants(zone)), draw(st.sampled_from([None, 0, 5, 6, 20, 21, 60, 61]))
    if outcome in {CallOutcome.OPEN, CallOutcome.UNKNOWN}:
        wait = None
    return Call(
        source="desk",
        id=name,
        queue="it",
        entered_at=entered,
        outcome=outcome,
        wait_seconds=wait,
        left_at=None if wait is None else entered + wait,
        organization=draw(st.sampled_from([*ORGANIZATIONS, None])),
    )


def one_record(world, zone=STOCKHOLM, name="1"):
    return (calls if world == "calls" else tickets)(zone, name)


@st.composite
def desks(draw, world, zone=STOCKHOLM, most=5):
    """Some records of a world, each with a name of its own."""
    number = draw(st.integers(1, most))
    return [draw(one_record(world, zone, str(n))) for n in range(number)]


# The store: one for all cases, emptied for each


class Bench:
    """A store that can be emptied, what it holds, and who measures it."""

    def __init__(self, file):
        url = f"sqlite:///{file}"
        Store.open(url).close()
        database = Database(parse_url(url))
        event.listen(database._engine, "connect", self._hurry)
        self.store, self.raw = Store(database), sqlite3.connect(file, isolation_level=None)
        self._hurry(self.raw)
        self._measuring = {}

    @staticmethod
    def _hurry(connection, _=None):
        connection.execute("PRAGMA synchronous = OFF")

    def measuring(self, world, zone=STOCKHOLM, weeks=0, known_at=None, changed=None):
        """Measures a world; made only once, since it keeps compiled calendars."""
        key = world, zone, weeks, known_at, repr(changed)
        if key not in self._measuring:
            indicators = WORLDS[world] if changed is None else changed
            told = configuration(zone, indicators, weeks)
            self._measuring[key] = Measuring(told, self.store, known_at=known_at)
        return self._measuring[key]

    def fill(self, *records):
        """Empties the store and stores these records."""
        self.raw.execute("BEGIN IMMEDIATE")
        for table in ("changes", "tickets", "calls", "cursors", "dirty"):
            self.raw.execute(f"DELETE FROM {table}")
        self.raw.execute("UPDATE counters SET value = value + 1 WHERE name = 'revision'")
        self.raw.execute("COMMIT")
        if records:
            save(self.store, *records)

    def content(self):
        """Every ticket, call and change, without the numbers of rows."""
        found = []
        for table in ("tickets", "calls"):
            rows = self.raw.execute(
                f"SELECT r.*, p.texts FROM {table} r JOIN profiles p ON p.n = r.profile"
            )
            hidden = [n for n, each in enumerate(rows.description) if each[0] in NUMBERED]
            for row in rows:
                found.append([value for n, value in enumerate(row) if n not in hidden])
        found += self.raw.execute(
            "SELECT t.source, t.id, c.seq, c.at, c.field, c.value FROM changes c "
            "JOIN tickets t ON t.n = c.ticket"
        )
        return sorted(map(repr, found))


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    one = Bench(tmp_path_factory.mktemp("bench") / "store.db")
    yield one
    one.raw.close()
    one.store.close()


def same(one, other):
    """Whether tallies are the same to the integer."""
    return one.sums.keys() == other.sums.keys() and all(
        np.array_equal(sums, other.sums[name]) for name, sums in one.sums.items()
    )


def within_known(record, *nows):
    """The record, without word of reopenings that are still to come at one of the instants."""
    if not isinstance(record, Ticket) or not record.reopened:
        return record
    status = [change for change in record.changes if change.field == "status"]
    for one, following in pairwise(status):
        if one.value in {"resolved", "closed"} and any(one.at <= n < following.at for n in nows):
            return replace(record, reopened=0)
    return record


# Delivery


@st.composite
def deliveries(draw):
    """Versions of some records, each in its order, and another way to deliver the same."""
    world = draw(worlds)
    versions = []
    for n in range(draw(st.integers(1, 3))):
        own = draw(st.lists(one_record(world, name=str(n)), min_size=1, max_size=3))
        if world != "calls" and draw(st.booleans()):
            gone = Gone(
                source="desk",
                id=str(n),
                mark="deleted",
                at=draw(st.sampled_from([None, own[-1].opened_at + 1800])),
            )
            own.insert(draw(st.integers(0, len(own))), gone)
        versions.append(own)
    order = draw(st.permutations([n for n, own in enumerate(versions) for _ in own]))
    pages, next_of = [[]], [0] * len(versions)
    for n in order:
        next_of[n] += 1
        pages[-1] += versions[n][next_of[n] - 1 : next_of[n]]
        what = draw(st.sampled_from(["", "", "", "again", "page", "page and again"]))
        if "page" in what:
            pages.append([])
        if "again" in what:  # what a source reads twice it tells in its order
            pages[-1] += versions[n][: next_of[n]]
    return world, versions, pages


@CASES
@given(deliveries(), instants(STOCKHOLM))
def test_any_order_and_any_pages_leave_the_same(bench, delivery, now):
    """Of each record the last version counts, however its versions and pages are mixed."""
    world, versions, pages = delivery
    bench.fill()
    for each in zip_longest(*versions):
        save(bench.store, *(version for version in each if version is not None))
    content = bench.content()
    figures = bench.measuring(world).tallies(FIRST, AFTER, now)
    for own in versions:
        if isinstance(own[-1], Ticket):
            assert bench.store.records.ticket("desk", own[-1].id) == own[-1]
    bench.fill()
    for page in pages:
        save(bench.store, *page)
    assert bench.content() == content
    assert same(bench.measuring(world).tallies(FIRST, AFTER, now), figures)


# Kept up to date


jumps = st.sampled_from([0, 1, 60, 1800, 3600, 8 * 3600, 86400, 5 * 86400, "wake", "before"])


@st.composite
def days_at_a_desk(draw):
    """What is delivered when: (records, how far the clock goes on afterwards)."""
    world = draw(worlds)
    names = st.sampled_from(["1", "2", "3"])
    page = st.lists(names.flatmap(partial(one_record, world, STOCKHOLM)), max_size=2)
    return world, draw(st.lists(st.tuples(page, jumps), min_size=1, max_size=3))


def as_told(record, now):
    """The record, without a first response of the source's own that is still to come."""
    own = getattr(record, "own_first_response_at", None)
    return record if own is None or own <= now else replace(record, own_first_response_at=None)


def ahead(now, jump, tallies):
    """The next instant: a span later, or when a verdict changes by itself, or just before."""
    if isinstance(jump, int):
        return now + jump
    wakes = [int(at) for each in tallies.wakes_at.values() for at in each if at > now]
    return min(max(now, min(wakes, default=now) - (jump == "before")), now + 10 * 86400)


@CASES
@given(days_at_a_desk(), instants(STOCKHOLM))
def test_kept_up_to_date_is_measured_anew(bench, days, now):
    """After each page and as time passes; it also knows when it has to be measured again."""
    world, steps = days
    measuring = bench.measuring(world)
    bench.fill()
    tallies, revision = measuring.tallies(FIRST, AFTER, now), bench.store.revisions.latest()
    for page, jump in steps:
        save(bench.store, *(as_told(record, now) for record in page))
        now = ahead(now, jump, tallies)
        changed = bench.store.revisions.latest() != revision
        measuring.refresh(tallies, now, revision if changed else None)
        revision = bench.store.revisions.latest()
        anew = measuring.tallies(tallies.first, tallies.after, now)
        assert same(tallies, anew)
        for clock, wakes_at in anew.wakes_at.items():
            assert np.array_equal(tallies.wakes_at[clock], wakes_at)


@pytest.fixture
def two_weeks(monkeypatch):
    """What is served rests on a fortnight: two years would take too long a thousand times."""
    monkeypatch.setattr(live_module, "window_start", lambda today, fiscal: FIRST)


def told(snapshot):
    """What a snapshot says of the records."""
    figures = [
        (f.indicator, f.period, f.organization, f.good, f.eligible, f.pending, f.excluded, f.value)
        for f in snapshot.figures
    ]
    return figures, snapshot.open_work, snapshot.calendar_open


@settings(CASES, max_examples=sample_size(25, 80, 250), suppress_health_check=list(HealthCheck))
@given(days_at_a_desk(), instants(STOCKHOLM))
def test_what_is_served_is_measured_anew(bench, two_weeks, days, now):
    """The figures, the open tickets and their deadlines."""
    world, steps = days
    bench.fill()
    live = Live(bench.measuring(world))
    live.refresh(now)
    for page, jump in steps:
        save(bench.store, *(as_told(record, now) for record in page))
        now += jump if isinstance(jump, int) else 3600
        live.refresh(now)
    assert told(live.snapshot) == told(Live(bench.measuring(world)).refresh(now))


# Cuts


@st.composite
def known_desks(draw, zone=STOCKHOLM):
    """A world, records, an instant, and whether they are told as they were known then.

    Few such instants: each compiles calendars of its own.
    """
    world, past = draw(worlds), draw(st.booleans())
    now = draw(st.sampled_from(POINTS[zone]) if past else instants(zone))
    return world, draw(desks(world, zone)), now, past


@CASES
@given(known_desks(), st.sets(st.integers(1, (AFTER - FIRST).days - 1), max_size=4))
def test_parts_are_the_whole_and_the_whole_is_every_record(bench, desk, cuts):
    """However a period is cut, each part measured on its own, sums, histograms and cross-checks
    are those of the whole; met, missed, pending and excluded are all that count, each once."""
    world, records, now, past = desk
    if world == "resolved" and not past:
        records = [within_known(record, now) for record in records]
    bench.fill(*records)
    measuring = bench.measuring(world, known_at=now if past else None)
    whole = measuring.tallies(FIRST, AFTER, now)
    edges = [FIRST + timedelta(days=day) for day in sorted({0, *cuts, (AFTER - FIRST).days})]
    parts = [measuring.tallies(first, after, now) for first, after in pairwise(edges)]
    for name, sums in whole.sums.items():
        assert np.array_equal(sums, np.concatenate([part.sums[name] for part in parts]))
    for timeline in measuring.timelines:
        found = [counts(timeline, each) for each in whole.sums[timeline.id].sum(axis=1)]
        assert all(0 <= c.good <= c.eligible for c in found)
        total = [c.eligible + c.pending + sum(c.excluded.values()) for c in found]
        assert total == every(records, world, timeline, now, past)


def every(records, world, timeline, now, past):
    """How many records count on each date: those of before now that the indicator looks at."""
    found = [0] * (AFTER - FIRST).days
    for one in records:
        at = counts_at(one, timeline.versions[0].rules, now, past)
        if at is None or at > now or getattr(one, "opened_at", at) > now:
            continue
        day = datetime.fromtimestamp(at, ZoneInfo(STOCKHOLM)).date()
        keys = WORLDS[world][timeline.id]
        later = keys.get("versions", [{}])[0] if day >= TURN else {}
        chosen = (keys | later).get("records", {}).get("priority")
        if chosen is None or priority_at_opening(one) in chosen:
            found[(day - FIRST).days] += 1
    return found


def priority_at_opening(one):
    return next(change.value for change in one.changes if change.field == "priority")


def counts_at(one, rules, now, past):
    """The instant by which a record counts, where it has come; ``past``: by what was known then."""
    if isinstance(one, Call):
        return one.entered_at
    if rules.counted_by == "opened":
        return one.opened_at
    first = one.first_resolved_at
    if rules.counted_by == "resolved":
        at = resolved_by(one, now) if past else one.resolved_at
        at = first if rules.resolution == "first" else at
        return at if at is not None and at <= now else None
    reply = one.first_response_at
    phone = one.solved_by_registrar and first is not None and first <= now
    if phone and first - one.opened_at <= 1800 and (reply is None or reply > first):
        return one.opened_at
    return reply if reply is not None and reply <= now else None


def resolved_by(one, now):
    """Since when a ticket had been resolved at an instant, by its history."""
    since = None
    for change in one.changes:
        if change.field == "status" and change.at <= now:
            done = change.value in {"resolved", "closed"}
            since = (change.at if since is None else since) if done else None
    return since


# Shifts


def later_by(record, seconds):
    """The record with every instant so much later."""
    names = [name for name in record.__dataclass_fields__ if name.endswith("_at")]
    moved = {name: getattr(record, name) for name in names}
    moved = {name: at + seconds for name, at in moved.items() if at is not None}
    if isinstance(record, Ticket):
        changes = [replace(change, at=change.at + seconds) for change in record.changes]
        moved["changes"] = tuple(changes)
    return replace(record, **moved)


@st.composite
def shifts(draw):
    """Records of a zone, and after how many weeks its clocks and calendars are the same.

    Without summer time that is after any. In Stockholm the clocks are moved on the last Sundays of
    March and October, which are not 52 weeks apart each year; after 28 years all is the same again.
    """
    zone = draw(st.sampled_from([KOLKATA, KOLKATA, STOCKHOLM]))
    weeks = [28 * 1461 // 28] if zone == STOCKHOLM else [-53, -1, 1, 52, 1461]
    return zone, draw(st.sampled_from(weeks)), draw(known_desks(zone))


@CASES
@given(shifts())
def test_whole_weeks_later_all_is_the_same(bench, shift):
    """Records, now, holidays, and the dates from which versions hold."""
    zone, weeks, (world, records, now, past) = shift
    bench.fill(*records)
    measuring = bench.measuring(world, zone, known_at=now if past else None)
    usual = measuring.tallies(FIRST, AFTER, now)
    span, seconds = timedelta(weeks=weeks), weeks * 7 * 86400
    bench.fill(*(later_by(record, seconds) for record in records))
    known_at = now + seconds if past else None
    measuring = bench.measuring(world, zone, weeks, known_at)
    assert same(measuring.tallies(FIRST + span, AFTER + span, now + seconds), usual)


# What if


OTHERWISE = {
    "opened": [
        {"answered": {"within": "2h"}},
        {"solved": {"rules": {"counted_by": "resolved"}}},
        {"first_line": {"where": {"only_teams": ["Network"]}}},
        {"number": {"records": {"priority": "urgent"}}},
    ],
    "responded": [
        {"answered": {"calendar": "always"}},
        {"waited": {"rules": {"counted_by": "opened"}}},
        {"number": {"rules": {"counted_by": "responded", "phone_solved_within": "0s"}}},
    ],
    "resolved": [
        {"solved": {"rules": {"counted_by": "resolved", "resolution": "first"}}},
        {"handling": {"rules": {"counted_by": "opened"}}},
    ],
    "calls": [
        {"offered": {"within": "5s"}},
        {"early": {"formula": "answered_of_answered"}},
        {"number": {"records": {"outcome": ["answered", "open"]}}},
    ],
}
PERIODS = ["2020-10", "2020-11", "2020-10-25", "2020-10-26..2020-11-01"]


def by_verdict(figure, verdict):
    met = figure.eligible if figure.kind == "mean_duration" else figure.good
    return {
        "met": met,
        "missed": figure.eligible - met,
        "pending": figure.pending,
        "excluded": sum(figure.excluded.values()),
    }[verdict]


@st.composite
def questions(draw):
    world, records, now, _ = draw(known_desks())
    return world, records, now, draw(st.sampled_from([None, *OTHERWISE[world]]))


@CASES
@given(questions(), st.sampled_from(PERIODS))
def test_what_would_be_is_what_would_be_measured(bench, question, text):
    """Unchanged nothing moves; changed, what moved is the difference of the figures."""
    world, records, now, change = question
    bench.fill(*records)
    # As the command does: the records go on after ``now``, and what came later is not known yet.
    measuring = bench.measuring(world, known_at=now)
    keys = change or {}
    other = bench.measuring(
        world,
        known_at=now,
        changed={name: each | keys.get(name, {}) for name, each in WORLDS[world].items()},
    )
    period = measuring.period(text, now)
    only = [*keys, "number"] if keys else []
    found = list(alternatives((measuring, period), (other, period), now, only))
    assert [each.in_force.indicator for each in found] == [
        name for name in WORLDS[world] if not only or name in only
    ]
    for each in found:
        if each.in_force.indicator not in keys:
            assert each.other == each.in_force
            assert each.moved == {}
        for verdict in ("met", "missed", "pending", "excluded"):
            came = sum(n for (_, to), n in each.moved.items() if to == verdict)
            went = sum(n for (was, _), n in each.moved.items() if was == verdict)
            difference = by_verdict(each.other, verdict) - by_verdict(each.in_force, verdict)
            assert came - went == difference
