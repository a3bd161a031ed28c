"""Measuring a store: kept up to date it equals measuring all anew, and it says what it knows."""

import random
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.live import Live, window_start
from collector.measuring.engine.open_work import OpenTickets
from collector.model.periods import FiscalYear, parse_period
from collector.model.records import Call, CallOutcome, Change, Gone
from collector.store import StoreError
from tests.worlds.measured import (
    ALWAYS,
    CALLS,
    DAYS,
    FIRST_LINE,
    MEAN,
    ORGANIZATIONS,
    RESOLUTION,
    RESPONSE,
    at,
    call,
    holds,
    polled,
    settings_of,
    ticket,
)
from tests.worlds.samples import save
from tests.worlds.sizes import sample_size

MON = "2020-07-13"
NOON = at(f"{MON} 12:00")
HOUR, DAY = 3600, 86400


def figure_of(store, indicator, period, now, states=None, organization=None, **more):
    measuring = Measuring(settings_of({"one": indicator}, **more), store)
    chosen = parse_period(period, measuring.today(now))
    tallies = measuring.tallies(chosen.first, chosen.after, now)
    states = store.polls.states() if states is None else states
    figures = measuring.figures(tallies, chosen, now, states)
    return next(f for f in figures if f.organization == organization)


def fill(store, *records):
    """Stores records as a poll of the desk that has read all there is."""
    save(store, *records, source="desk")
    polled(store, "desk", 2**33)


def answered(good, missed, pending=0, day="2020-07-01", first=0):
    """Tickets of a day: answered within 30 minutes, or not, or not yet at noon."""
    waits = [10] * good + [40] * missed
    opened = at(f"{day} 09:00")
    done = [
        ticket(opened, str(first + n), first_response_at=opened + 60 * wait)
        for n, wait in enumerate(waits)
    ]
    late = at(f"{day} 11:50")
    return done + [ticket(late, f"{first}p{n}") for n in range(pending)]


# Kept up to date = measured anew

INDICATORS = {
    "response": RESPONSE,
    "response_strict": {**RESPONSE, "records": {"priority": ["urgent"]}},
    "resolution": {**RESOLUTION, "rules": {"counted_by": "resolved"}},
    "reopened_first": {**RESOLUTION, "calendar": "always", "rules": {"resolution": "first"}},
    "by_response": {**RESPONSE, "calendar": "always", "rules": {"counted_by": "responded"}},
    "orders": DAYS,
    "after_response": {**RESOLUTION, "from": "first_response", "within": "1h"},
    "unpaused": {
        **RESPONSE,
        "within": "3h",
        "rules": {"response_pauses": True, "priority": "at_response"},
        "records": {"priority": "high"},
    },
    "handling": MEAN,
    "first_line": FIRST_LINE,
    "tickets": {"kind": "count"},
    "calls": {"kind": "count", "of": "calls"},
    "offered": CALLS,
    "answered": {**CALLS, "formula": "answered_of_answered", "within": "60s"},
    "without_early": {**CALLS, "formula": "without_early_abandons", "short_abandon": "5s"},
}


class Desk:
    """A desk at which anything happens, in any order, some of it by clocks that are ahead."""

    def __init__(self, seed):
        self.chance = random.Random(seed)
        self.tickets = {}
        self.calls = {}

    def new_ticket(self, now):
        opened = now - self.chance.choice([-40, 0, 60, 1800, 5 * HOUR, 3 * DAY, 20 * DAY])
        team = self.chance.choice(["Servicedesk", "Network"])
        priority = self.chance.choice(["urgent", "high", "normal"])
        number = str(len(self.tickets))
        self.tickets[number] = ticket(
            opened,
            number,
            organization=self.chance.choice([*ORGANIZATIONS, None]),
            priority=priority,
            team=team,
            status="open",
            category=self.chance.choice(["Net", "Test"]),
        )
        self._add(number, opened, status="open", priority=priority, team=team)
        return self.tickets[number]

    def _add(self, number, when, **fields):
        one = self.tickets[number]
        more = tuple(Change(when, name, value) for name, value in fields.items())
        self.tickets[number] = replace(one, changes=one.changes + more, **fields)

    def change_ticket(self, now):
        if not self.tickets:
            return self.new_ticket(now)
        number = self.chance.choice(sorted(self.tickets)[-12:])
        one, when = self.tickets[number], now + self.chance.choice([-600, -5, 0, 30, 1200])
        match self.chance.randrange(9):
            case 0:
                self.tickets[number] = replace(one, first_response_at=when)
            case 1:
                first = one.first_resolved_at or when
                self.tickets[number] = replace(one, resolved_at=when, first_resolved_at=first)
                self._add(number, when, status="resolved")
            case 2:
                self.tickets[number] = replace(one, resolved_at=None, closed_at=None)
                self._add(number, when, status="open")
            case 3:
                self._add(number, when, status="on_hold")
                if self.chance.random() < 0.5:
                    self._add(number, when + 900, status="open")
            case 4:
                self._add(number, when, status="open")
            case 5:
                self._add(number, when, priority=self.chance.choice(["urgent", "high", "low"]))
            case 6:
                self._add(number, when, team="Network")
            case 7:  # the source has corrected itself
                moved = one.opened_at - self.chance.choice([DAY, 31 * DAY, 7200, -50])
                self.tickets[number] = replace(one, opened_at=moved, organization="Laxå")
            case _:
                mark = self.chance.choice(["merged", "deleted", "spam"])
                return Gone(source="desk", id=number, mark=mark)
        return self.tickets[number]

    def new_call(self, now):
        number = str(len(self.calls))
        self.calls[number] = call(
            CallOutcome.OPEN,
            entered=now - self.chance.choice([-3, 0, 10, 100]),
            number=number,
            organization=self.chance.choice([*ORGANIZATIONS, None]),
        )
        return self.calls[number]

    def end_call(self, now):
        waiting = [n for n, one in self.calls.items() if one.outcome == CallOutcome.OPEN]
        if not waiting:
            return self.new_call(now)
        number = self.chance.choice(waiting)
        one = self.calls[number]
        outcome = self.chance.choice([o for o in CallOutcome if o != CallOutcome.OPEN])
        ended = max(one.entered_at, now + self.chance.choice([-5, 0, 20]))
        wait = None if outcome == CallOutcome.UNKNOWN else ended - one.entered_at
        done = replace(one, outcome=outcome, wait_seconds=wait, left_at=ended)
        if outcome == CallOutcome.ANSWERED:
            done = replace(done, answered_at=ended, left_at=ended + 90)
        self.calls[number] = done
        return done

    def happens(self, now):
        what = [self.new_ticket, self.change_ticket, self.change_ticket]
        what += [self.new_call, self.end_call]
        return [self.chance.choice(what)(now) for _ in range(self.chance.choice([0, 0, 1, 3]))]


def numbers(figures):
    return [
        (f.indicator, f.period, f.organization, f.good, f.eligible, f.pending, f.excluded, f.value)
        for f in figures
    ]


def assert_same(tallies, measuring, now):
    """The tallies are what measuring all their days anew gives, to the integer."""
    anew = measuring.tallies(tallies.first, tallies.after, now)
    for name, sums in anew.sums.items():
        assert np.array_equal(tallies.sums[name], sums), name
    for clock, wakes_at in anew.wakes_at.items():
        assert np.array_equal(tallies.wakes_at[clock], wakes_at), clock


@pytest.mark.parametrize(
    ("store_engine", "seed", "start"),
    [
        # new year, and the month before last leaves the window
        ("sqlite", 1, "2020-12-30 20:00"),
        ("postgresql", 1, "2020-12-30 20:00"),
        ("sqlite", 2, "2020-03-28 15:00"),  # the night without 02:00
        ("sqlite", 3, "2020-10-24 22:00"),  # the night with two 02:00
    ],
)
def test_kept_up_to_date_equals_measured_anew(store, seed, start):
    """The engines differ in how they read and mark, not in what the clock does: one stretch of it
    is enough for the second."""
    settings = settings_of(INDICATORS, exclude={"test": {"category": "Test"}})
    desk, chance, now = Desk(seed), random.Random(-seed), at(start)
    measuring = Measuring(settings, store)
    live = Live(measuring)
    revision, today = store.revisions.latest(), measuring.today(now)
    tallies = measuring.tallies(today - timedelta(days=45), today + timedelta(days=5), now)
    for step in range(sample_size(48, 60)):
        records = desk.happens(now)
        save(store, *[r for r in records if not isinstance(r, Call)], source="desk")
        save(store, *[r for r in records if isinstance(r, Call)], source="phone")
        if chance.random() < 0.1:
            measuring = Measuring(settings, store)
            live = Live(measuring)
        changed = store.revisions.latest() != revision
        measuring.refresh(tallies, now, revision if changed else None)
        revision = store.revisions.latest()
        snapshot = live.refresh(now)
        if step % 4 == 0:
            assert_same(tallies, measuring, now)
        if step % 12 == 0:
            anew = Live(Measuring(settings, store)).refresh(now)
            assert numbers(snapshot.figures) == numbers(anew.figures)
            assert snapshot.open_work.tickets == anew.open_work.tickets
        wakes = [int(w.min()) for w in tallies.wakes_at.values() if w.size]
        ahead = [wake - now for wake in wakes if now < wake < now + 10 * DAY]
        jumps = [1, 15, 60, 900, HOUR, 7 * HOUR, DAY // 2, *ahead, *[a - 1 for a in ahead]]
        now += max(1, chance.choice(jumps))
    assert len(desk.tickets) > 5
    assert len(desk.calls) > 5


def test_nothing_changed_nothing_is_measured(sqlite_store, monkeypatch):
    save(sqlite_store, *answered(3, 1, day=MON), source="desk")
    save(sqlite_store, call(CallOutcome.ANSWERED, 5), source="phone")
    live = Live(Measuring(settings_of(INDICATORS), sqlite_store))
    live.refresh(NOON)
    read = []

    def spy(part, name):
        original = getattr(part, name)
        monkeypatch.setattr(
            part,
            name,
            lambda *args, **more: (read.append((name, *args)), original(*args, **more))[1],
        )

    for name in ("tickets", "calls", "open_tickets"):
        spy(sqlite_store.records, name)
    spy(sqlite_store.revisions, "dirty_since")
    before = live.snapshot
    after = live.refresh(NOON + 30)
    assert read == []
    assert after.now == NOON + 30
    assert after.figures is before.figures
    # a page that brings nothing new takes no revision
    save(sqlite_store, *answered(3, 1, day=MON), source="desk")
    live.refresh(NOON + 60)
    assert read == []
    # one changed ticket: only its days, by each clock, and the open ones
    midnight = at(MON)
    moved = replace(answered(1, 0, day=MON)[0], category="Net")
    save(sqlite_store, moved, source="desk")
    live.refresh(NOON + 90)
    spans = {each for each in read if each[0] == "tickets"}
    day = (midnight, midnight + DAY)
    assert spans == {("tickets", c, day) for c in ("opened", "responded")}
    assert ("open_tickets",) in read
    assert {each for each in read if each[0] == "calls"} == {("calls", day)}  # those of today


def test_a_deadline_passes_by_itself(sqlite_store):
    live = Live(Measuring(settings_of({"one": RESPONSE}), sqlite_store))
    save(sqlite_store, ticket(f"{MON} 11:45", priority="high", organization="Laxå"), source="desk")

    def stands(now):
        snapshot = live.refresh(at(now))
        figure = next(f for f in snapshot.figures if f.period.name == "today")
        return (figure.eligible, figure.pending), snapshot.open_work.tickets["high", "Laxå"]

    due = at(f"{MON} 12:15")
    assert stands(f"{MON} 11:50") == ((0, 1), OpenTickets(1, 0, due, 0, due))
    assert stands(f"{MON} 12:15") == ((0, 1), OpenTickets(1, 0, due, 0, due))
    assert stands(f"{MON} 12:15:01") == ((1, 0), OpenTickets(1, 1, None, 1, None))
    fresh = Live(live.measuring)
    assert fresh.refresh(due).open_work.tickets["high", "Laxå"] == OpenTickets(1, 0, due, 0, due)


def test_overdue_before_it_counts_anywhere(sqlite_store):
    """Counted by its response, an unanswered ticket is in no tally; it is overdue all the same."""
    by_response = {**RESPONSE, "rules": {"counted_by": "responded"}}
    live = Live(Measuring(settings_of({"one": by_response}), sqlite_store))
    save(sqlite_store, ticket(f"{MON} 11:45", priority="high", organization="Laxå"), source="desk")
    due = at(f"{MON} 12:15")
    assert live.refresh(due).open_work.tickets["high", "Laxå"] == OpenTickets(1, 0, due, 0, due)
    assert live.refresh(due + 1).open_work.tickets["high", "Laxå"] == OpenTickets(
        1, 1, None, 1, None
    )


def test_a_target_goes_out_of_reach_by_time_alone(sqlite_store):
    fill(sqlite_store, *answered(17, 3, day=MON))
    live = Live(Measuring(settings_of({"one": RESPONSE}), sqlite_store))
    # 17 of 20 at noon, and as many again might come; in the evening only 7 more
    for clock, state in (("12:00", "at_risk"), ("12:30", "at_risk"), ("18:00", "missed")):
        now = at(f"{MON} {clock}")
        polled(sqlite_store, "desk", now)
        today = live.refresh(now).figures[0]
        assert (today.period.name, today.state) == ("today", state)


def test_an_hour_that_holds_midnight_belongs_to_two_days(sqlite_store):
    """In India the day begins at half past the hour of UTC by which the store marks changes."""
    settings = settings_of({"one": {"kind": "count"}}, timezone="Asia/Kolkata")
    live = Live(Measuring(settings, sqlite_store))
    midnight = at("2020-07-13T18:30:00+00:00")
    live.refresh(midnight + 60)
    save(sqlite_store, ticket(midnight - 5, "1"), ticket(midnight + 5, "2"), source="desk")
    figures = [f for f in live.refresh(midnight + 90).figures if f.organization is None]
    values = {f.period.name: f.value for f in figures}
    assert (values["today"], values["month"]) == (1, 2)


def test_open_tickets_leave_out_what_every_figure_leaves_out(sqlite_store):
    indicators = {"one": {**RESPONSE, "rules": {"priority": "strictest"}}}
    settings = settings_of(indicators, exclude={"test": {"category": "Test"}})
    one = ticket(f"{MON} 09:00", priority="high", organization="Laxå")
    softer = [Change(at(f"{MON} 09:00"), "priority", p) for p in ("low", "urgent")]
    test = replace(one, id="2", category="Test")
    raised = replace(one, id="3", priority="urgent", changes=tuple(softer))
    save(sqlite_store, one, test, raised, source="desk")
    found = Live(Measuring(settings, sqlite_store)).refresh(NOON).open_work.tickets
    # by the rules for all, not by those of whichever indicator stands first
    assert {key: each for key, each in found.items() if each.open} == {
        ("high", "Laxå"): OpenTickets(1, 1, None, 1, None),
        ("low", "Laxå"): OpenTickets(1, 1, None, 1, None),
    }


# A store that fails in between


def failing(monkeypatch, part, name):
    """The next call fails, later ones do not."""
    original = getattr(part, name)

    def fail(*_, **__):
        monkeypatch.setattr(part, name, original)
        raise StoreError("not now")

    monkeypatch.setattr(part, name, fail)


def test_a_new_day_is_measured_although_the_store_failed_at_midnight(sqlite_store, monkeypatch):
    """The ticket is of tomorrow: nothing but the new day itself makes it be measured."""
    save(sqlite_store, ticket("2020-07-14 00:00"), source="desk")
    live = Live(Measuring(settings_of({"one": RESPONSE}), sqlite_store))
    live.refresh(at(f"{MON} 23:59"))
    failing(monkeypatch, sqlite_store.records, "tickets")
    with pytest.raises(StoreError):
        live.refresh(at("2020-07-14 00:00:05"))
    assert live.snapshot.now == at(f"{MON} 23:59")
    today = next(f for f in live.refresh(at("2020-07-14 00:00:20")).figures)
    assert (today.period.name, today.pending) == ("today", 1)


def test_figures_are_made_although_the_store_failed_behind_the_measuring(sqlite_store, monkeypatch):
    save(sqlite_store, ticket(f"{MON} 11:45"), source="desk")
    live = Live(Measuring(settings_of({"one": RESPONSE}), sqlite_store))
    assert live.refresh(at(f"{MON} 12:10")).figures[0].pending == 1
    failing(monkeypatch, sqlite_store.polls, "states")
    with pytest.raises(StoreError):
        live.refresh(at(f"{MON} 12:20"))
    now = live.refresh(at(f"{MON} 12:21")).figures[0]
    assert (now.pending, now.eligible) == (0, 1)


# Days


@pytest.mark.parametrize(
    ("zone", "midnight", "day"),
    [
        ("Europe/Stockholm", "2020-07-13T22:00:00+00:00", date(2020, 7, 14)),
        ("Europe/Stockholm", "2020-12-31T23:00:00+00:00", date(2021, 1, 1)),
        ("Europe/Stockholm", "2020-03-29T22:00:00+00:00", date(2020, 3, 30)),
        ("Europe/Stockholm", "2020-10-25T23:00:00+00:00", date(2020, 10, 26)),
        ("Asia/Kolkata", "2020-07-13T18:30:00+00:00", date(2020, 7, 14)),
        ("America/Sao_Paulo", "2018-11-04T03:00:00+00:00", date(2018, 11, 4)),  # begins at 01:00
    ],
)
def test_a_record_at_midnight_is_of_the_new_day(store, zone, midnight, day):
    midnight = at(midnight)
    save(store, ticket(midnight - 1, "1"), ticket(midnight, "2"), source="desk")
    save(store, call(CallOutcome.ANSWERED, 5, midnight), source="phone")
    for indicator, before in (({"kind": "count"}, 1), ({"kind": "count", "of": "calls"}, None)):
        measuring = Measuring(settings_of({"one": indicator}, timezone=zone), store)
        assert measuring.today(midnight) == day
        assert measuring.today(midnight - 1) < day
        for period, wanted in ((day, 1), (date.fromordinal(day.toordinal() - 1), before)):
            now = midnight + 10
            figure = figure_of(store, indicator, period.isoformat(), now, timezone=zone)
            assert figure.value == wanted
        live = Live(measuring)
        live.refresh(midnight - 1)
        assert live.refresh(midnight).figures[0].value == 1


@pytest.mark.parametrize(
    ("text", "first", "after"),
    [
        ("today", "2020-07-14", "2020-07-15"),
        ("week", "2020-07-13", "2020-07-20"),
        ("month", "2020-07-01", "2020-08-01"),
        ("last_month", "2020-06-01", "2020-07-01"),
        ("year", "2020-01-01", "2021-01-01"),
        ("year_to_date", "2020-01-01", "2020-07-15"),
        ("2020", "2020-01-01", "2021-01-01"),
        ("2020-12", "2020-12-01", "2021-01-01"),
        ("2020-02-29", "2020-02-29", "2020-03-01"),
        ("2020-01..2020-07", "2020-01-01", "2020-08-01"),
        ("2019..2020-07-14", "2019-01-01", "2020-07-15"),
        (" 2020-07 ", "2020-07-01", "2020-08-01"),
    ],
)
def test_periods(text, first, after):
    period = parse_period(text, date(2020, 7, 14))
    assert (period.first.isoformat(), period.after.isoformat()) == (first, after)
    assert period.first in period
    assert period.after not in period


@pytest.mark.parametrize(
    "text",
    ["", "2020-13", "2020-7", "20-07", "2020-02-30", "2019-02-29", "0000", "9999", "9999-12",
     "2020-08..2020-07", "2020..", "..2020", "2020...2021", "yesterday", "2020-07-14T00", "-2020",
     "today..today", "２０２０-０７-１４"],
)  # fmt: skip
def test_what_is_no_period(text):
    with pytest.raises(ValueError, match="period"):
        parse_period(text, date(2020, 7, 14))


def test_words_at_the_edges_of_a_year():
    new_year = date(2021, 1, 1)  # a Friday
    assert parse_period("week", new_year).first == date(2020, 12, 28)
    assert parse_period("last_month", new_year).first == date(2020, 12, 1)
    assert parse_period("year_to_date", new_year).after == date(2021, 1, 2)
    assert window_start(new_year, FiscalYear()) == date(2020, 1, 1)
    assert window_start(date(2020, 12, 31), FiscalYear()) == date(2019, 1, 1)
    assert window_start(date(2020, 12, 31), FiscalYear(9)) == date(2019, 9, 1)


# States


def states_of(store, now, indicator=RESPONSE, period="2020-07", **more):
    found = figure_of(store, indicator, period, at(now), **more)
    return found.state, found.value


JULY = "2020-07-31 12:00"


def test_never_polled_is_no_data(sqlite_store):
    for indicator in (RESPONSE, MEAN, FIRST_LINE, CALLS, {"kind": "count", "target": "<= 5"}):
        assert states_of(sqlite_store, JULY, indicator) == ("no_data", None)
        for organization in ORGANIZATIONS:
            assert states_of(sqlite_store, JULY, indicator, organization=organization) == (
                "no_data",
                None,
            )


def test_polled_and_empty_is_no_data(sqlite_store):
    for source in ("desk", "phone"):
        polled(sqlite_store, source, at(JULY))
    for indicator in (RESPONSE, MEAN, FIRST_LINE, CALLS):
        assert states_of(sqlite_store, JULY, indicator) == ("no_data", None)


@pytest.mark.parametrize("organization", [None, *ORGANIZATIONS])
def test_a_count_of_nothing_is_0_once_its_source_was_read(sqlite_store, organization):
    save(sqlite_store, ticket(f"{MON} 11:50"), source="desk")
    urgent = {"kind": "count", "records": {"priority": "urgent"}}

    def found(target, period="2020-07", now=JULY, **more):
        one = {**urgent, "target": target}
        return states_of(sqlite_store, now, one, period, organization=organization, **more)

    assert found("<= 5") == ("no_data", None)
    polled(sqlite_store, "desk", at(JULY))
    assert found("<= 5") == ("met", 0)
    assert found(">= 1") == ("at_risk", 0)
    polled(sqlite_store, "desk", at("2020-08-01 00:00"))
    assert found(">= 1", now="2020-08-01 00:00") == ("missed", 0)
    # before the source's first record, and before the period begins, nothing is known
    assert found("<= 5", "2020-06") == ("no_data", None)
    assert found("<= 5", "2020-08") == ("no_data", None)
    # nor is it by a clock that the source never ends
    assert found("<= 5", rules={"counted_by": "resolved"}) == ("no_data", None)


def test_only_pending_or_excluded_is_no_data(sqlite_store):
    opened = at(f"{MON} 11:50")
    save(sqlite_store, ticket(opened), ticket(opened, "2", mark="spam"), source="desk")
    figure = figure_of(sqlite_store, RESPONSE, "today", NOON)
    assert (figure.state, figure.value, figure.pending) == ("no_data", None, 1)
    assert figure.excluded == {"spam": 1}


def test_a_source_that_fails_leaves_its_values_and_they_are_stale(sqlite_store):
    save(sqlite_store, *answered(9, 1), source="desk")
    polled(sqlite_store, "desk", NOON)
    live = Live(Measuring(settings_of({"one": RESPONSE, "calls": CALLS}), sqlite_store))

    def month(now):
        snapshot = live.refresh(now)
        figures = [f for f in snapshot.figures if f.period.name == "month" and not f.organization]
        return [(f.state, f.value) for f in figures], snapshot.sources["desk"].last_success

    polled(sqlite_store, "desk", NOON + 60, ok=False)
    assert month(NOON + 900) == ([("met", 0.9), ("no_data", None)], NOON)
    assert month(NOON + 901) == ([("stale", 0.9), ("no_data", None)], NOON)
    assert month(NOON + 3 * DAY) == ([("stale", 0.9), ("no_data", None)], NOON)
    polled(sqlite_store, "desk", NOON + 3 * DAY + 5)
    assert month(NOON + 3 * DAY + 10)[0][0] == ("met", 0.9)


def test_a_slow_source_is_given_three_intervals(sqlite_store):
    save(sqlite_store, *answered(9, 1), source="desk")
    polled(sqlite_store, "desk", NOON)
    slow = {"desk": {"type": "csv_tickets", "path": "t.csv", "every": "2h"}}
    now = [f"{MON} 18:00", f"{MON} 18:00:01"]
    assert [states_of(sqlite_store, each, sources=slow)[0] for each in now] == ["met", "stale"]


def test_a_period_is_stale_only_up_to_its_end(sqlite_store):
    save(sqlite_store, *answered(9, 1), source="desk")
    end = at("2020-08-01")
    for last, wanted in ((end - 901, "stale"), (end - 900, "met"), (end + 5, "met")):
        polled(sqlite_store, "desk", last)
        assert states_of(sqlite_store, "2020-12-24 12:00") == (wanted, 0.9)


def test_a_source_never_read_to_its_end_gives_a_part_only(sqlite_store):
    """Its first drain broke off: what is there is no figure of the desk."""
    polled(sqlite_store, "desk", NOON, ok=False)
    assert states_of(sqlite_store, JULY) == ("no_data", None)
    save(sqlite_store, *answered(9, 1), source="desk")
    assert states_of(sqlite_store, JULY) == ("stale", 0.9)
    polled(sqlite_store, "desk", at(JULY))
    assert states_of(sqlite_store, JULY) == ("met", 0.9)


def test_only_the_sources_of_an_indicator_make_it_stale(sqlite_store):
    sources = {
        name: {"type": "csv_tickets", "path": f"{name}.csv"} for name in ("desk", "old_desk")
    }
    save(sqlite_store, *answered(9, 1), source="desk")
    polled(sqlite_store, "desk", at(JULY))
    polled(sqlite_store, "old_desk", NOON - 40 * DAY)
    assert states_of(sqlite_store, JULY, sources=sources)[0] == "stale"
    own = {**RESPONSE, "records": {"source": "desk"}}
    assert states_of(sqlite_store, JULY, own, sources=sources)[0] == "met"


def test_too_few(sqlite_store):
    fill(sqlite_store, *answered(4, 0))
    assert states_of(sqlite_store, JULY) == ("too_few", 1.0)
    assert states_of(sqlite_store, JULY, {**RESPONSE, "rules": {"min_n": 4}}) == ("met", 1.0)
    assert states_of(sqlite_store, JULY, {"kind": "count", "target": "<= 5"}) == ("met", 4.0)
    fill(sqlite_store, *answered(1, 0, day="2020-07-02", first=50))
    assert states_of(sqlite_store, JULY) == ("met", 1.0)


@pytest.mark.parametrize(
    ("good", "missed", "now", "state", "left"),
    [
        (18, 2, "2020-09-01", "met", 0),  # the period is over: 2 of 20 might miss
        (19, 1, "2020-09-01", "met", 1),
        (17, 3, "2020-09-01", "missed", -1),
        (17, 3, "2020-07-16 12:00", "at_risk", 1),  # half of it: 40 expected
        (16, 4, "2020-07-16 12:00", "at_risk", 0),  # 36 of 40 would be 90 %
        (15, 5, "2020-07-16 12:00", "missed", -1),
        (15, 5, "2020-07-02", "at_risk", 57),
    ],
)
def test_misses_left_at_risk_and_missed(sqlite_store, good, missed, now, state, left):
    fill(sqlite_store, *answered(good, missed))
    figure = figure_of(sqlite_store, RESPONSE, "2020-07", at(now))
    assert (figure.state, figure.misses_left) == (state, left)


def test_what_is_pending_may_still_save_a_period_that_is_over(sqlite_store):
    fill(sqlite_store, *answered(8, 1, day="2020-07-31"))
    late = ticket("2020-07-31 20:00", "late")  # due on Monday at 08:30
    fill(sqlite_store, late)
    assert states_of(sqlite_store, "2020-08-02 12:00") == ("at_risk", 8 / 9)
    assert states_of(sqlite_store, "2020-08-03 08:30") == ("at_risk", 8 / 9)
    assert states_of(sqlite_store, "2020-08-03 08:30:01") == ("missed", 0.8)


def test_a_mean_may_still_come_down(sqlite_store):
    """Target 10 days of 9 h; half of the period is over, so as many more are to come."""
    opened = at("2020-07-01 08:00")
    long = {**MEAN, "calendar": "always", "target": "<= 10 h"}
    for hours, state in ((10, "met"), (11, "at_risk"), (20, "at_risk"), (21, "missed")):
        done = [ticket(opened, str(n), resolved_at=opened + hours * HOUR) for n in range(10)]
        fill(sqlite_store, *done)
        assert states_of(sqlite_store, "2020-07-16 12:00", long) == (state, hours * 3600)
    assert states_of(sqlite_store, "2020-09-01 12:00", long)[0] == "missed"


def test_a_half_day_does_not_shorten_the_business_day_of_a_target(sqlite_store):
    """10 business days of the office are 10 times 9 hours."""
    opened = at("2020-07-01 08:00")
    done = [ticket(opened, str(n), resolved_at=at("2020-07-14 17:00")) for n in range(5)]
    fill(sqlite_store, *done)
    figure = figure_of(sqlite_store, MEAN, "2020-07", at(JULY))
    assert (figure.value, figure.threshold, figure.state) == (90 * HOUR, 90 * HOUR, "met")
    fill(sqlite_store, ticket(opened, "6", resolved_at=at("2020-07-15 08:00:01")))
    assert figure_of(sqlite_store, MEAN, "2020-07", at("2020-08-02")).state == "missed"


def test_time_travel(sqlite_store):
    save(sqlite_store, *answered(9, 1), source="desk")
    for now, wanted in (
        ("2020-07-01 08:00", (0, 0, 0)),
        ("2020-07-01 09:05", (0, 0, 10)),
        ("2020-07-01 09:10", (9, 9, 1)),
        ("2020-07-01 09:30:01", (9, 10, 0)),
    ):
        figure = figure_of(sqlite_store, RESPONSE, "2020-07", at(now))
        assert (figure.good, figure.eligible, figure.pending) == wanted


def test_organizations_and_the_rest_are_the_whole(sqlite_store):
    every = answered(9, 3)
    names = [*ORGANIZATIONS, None, "Elsewhere"]
    every = [replace(t, organization=names[n % 4]) for n, t in enumerate(every)]
    save(sqlite_store, *every, source="desk")
    parts = [
        figure_of(sqlite_store, RESPONSE, "2020-07", at(JULY), organization=n)
        for n in [None, *names[:2]]
    ]
    assert [p.eligible for p in parts] == [12, 3, 3]


def test_a_calendar_that_never_closes_has_days_of_24_hours(sqlite_store):
    opened = at("2020-03-28 12:00")  # 23 hours to noon
    one = ticket(opened, resolved_at=opened + 23 * HOUR, changes=holds("2020-03-28 12:00"))
    save(sqlite_store, one, source="desk")
    mean = {**MEAN, "calendar": "day", "target": "<= 1 business_days", "rules": {"min_n": 1}}
    figure = figure_of(sqlite_store, mean, "2020-03", at(JULY), calendars={"day": ALWAYS})
    assert (figure.value, figure.threshold) == (23 * HOUR, DAY)


def test_a_first_poll_under_way_is_a_part_and_says_so(store):
    """Between the first page and the end of the first poll nobody may take the part for all."""
    measuring = Measuring(settings_of({"one": RESPONSE}), store)
    save(store, *answered(6, 0, day=MON), source="desk")
    figure = Live(measuring).refresh(NOON).figures[0]
    assert (figure.eligible, figure.state) == (6, "stale")
