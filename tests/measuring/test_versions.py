"""What changes with time: a record is measured by the version in force on the date it counts on."""

from datetime import date

import numpy as np
import pytest

from collector.config.calendars import Calendars
from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.explain import explain
from collector.measuring.judge import deadlines_ahead, judge
from collector.measuring.verdicts.timeline import Verdict, timelines
from collector.model.codes import DayKind, SpecialDay
from collector.model.periods import parse_period
from collector.model.records import CallOutcome
from tests.worlds.measured import (
    CALLS,
    FIRST_LINE,
    LOCAL,
    MEAN,
    OFFICE,
    RESOLUTION,
    RESPONSE,
    at,
    call,
    call_table,
    settings_of,
    ticket,
    ticket_table,
    timeline_of,
    word,
)
from tests.worlds.samples import save

LATER = "2020-12-01 12:00"
BEFORE, TURN, AFTER = "2020-06-30", "2020-07-01", "2020-07-02"  # Tuesday to Thursday


def versions(*more):
    return {"versions": [{"valid_from": day, **keys} for day, keys in more]}


def test_a_limit_changes_with_the_date_of_opening():
    timeline = timeline_of({**RESPONSE, **versions((TURN, {"within": "20min"}))})
    assert timeline.turns == (date.min, date(2020, 7, 1))
    for opened, answered, wanted in (
        (f"{BEFORE} 09:00", f"{BEFORE} 09:30", "met"),
        (f"{BEFORE} 23:59:59", f"{TURN} 08:30", "met"),  # its clock begins at 8 on the day after
        (f"{TURN} 00:00", f"{TURN} 08:30", "missed"),
        (f"{TURN} 09:00", f"{TURN} 09:20", "met"),
        (f"{TURN} 09:00", f"{TURN} 09:20:01", "missed"),
        (f"{AFTER} 09:00", f"{AFTER} 09:30", "missed"),
    ):
        one = ticket(opened, first_response_at=answered)
        assert word(timeline, one, LATER) == wanted, opened


def test_the_local_date_of_the_reporting_zone_decides():
    """22:30 UTC is half past midnight in Stockholm."""
    changed = versions((TURN, {"within": "1s"}))
    timeline = timeline_of({**RESPONSE, "calendar": "always", **changed})
    for opened, wanted in (
        (f"{BEFORE}T21:59:59+00:00", "met"),
        (f"{BEFORE}T22:00+00:00", "missed"),
    ):
        one = ticket(at(opened), first_response_at=at(opened) + 600)
        assert word(timeline, one, LATER) == wanted


def test_a_calendar_changes_for_what_counts_from_then_on_and_not_in_midst_of_a_clock():
    late = {**OFFICE, "versions": [{"valid_from": TURN, "hours": {"mon-fri": ["10:00-17:00"]}}]}
    always = {"timezone": "Europe/Stockholm", "hours": {"mon-sun": ["00:00-24:00"]}}
    timeline = timeline_of(
        {**RESOLUTION, "within": "2h"}, calendars={"office": late, "always": always}
    )
    # from 16:00 to 09:00 on the next day: an hour of the old hours on both days
    old = ticket(f"{BEFORE} 16:00", resolved_at=f"{TURN} 09:00")
    new = ticket(f"{TURN} 16:00", resolved_at=f"{AFTER} 11:00")
    assert word(timeline, old, LATER) == "met"
    assert word(timeline, new, LATER) == "met"
    assert word(timeline, ticket(f"{BEFORE} 16:00", resolved_at=f"{TURN} 10:00"), LATER) == "missed"
    _, calendar_before = timeline.versions[0].calendar, timeline.versions[1].calendar
    assert calendar_before.elapsed(at(f"{AFTER} 08:00"), at(f"{AFTER} 11:00")) == 3600


def test_a_calendar_version_replaces_only_what_it_names():
    changed = {**OFFICE, "versions": [{"valid_from": TURN, "hours": {"mon": ["08:00-12:00"]}}]}
    settings = settings_of({"one": RESPONSE}, calendars={"office": changed})
    in_force = settings.calendars["office"].in_force(date(2020, 7, 1))
    assert in_force.hours == {"mon": [("08:00", "12:00")]}
    assert in_force.holidays == settings.calendars["office"].holidays
    assert in_force.versions == []


def test_a_team_list_changes():
    wider = {"where": {"only_teams": ["Servicedesk", "Lekeberg"]}}
    timeline = timeline_of({**FIRST_LINE, **versions((TURN, wider))})
    for day, wanted in ((BEFORE, "missed"), (TURN, "met")):
        one = ticket(f"{day} 09:00", resolved_at=f"{day} 10:00", team="Lekeberg")
        assert word(timeline, one, LATER) == wanted


def test_a_formula_and_a_short_abandon_change():
    changed = {"formula": "without_early_abandons", "within": "60s"}
    timeline = timeline_of({**CALLS, **versions((TURN, changed), (AFTER, {"short_abandon": "5s"}))})
    entered = [f"{day} 09:00" for day in (BEFORE, TURN, AFTER)]
    found = [word(timeline, call(CallOutcome.ABANDONED, 4, when), LATER) for when in entered]
    assert found == ["missed", "excluded early_abandon", "excluded short_abandon"]
    answered = [word(timeline, call(CallOutcome.ANSWERED, 40, when), LATER) for when in entered]
    assert answered == ["missed", "met", "met"]


def test_rules_change_for_all_and_for_one():
    general = {"rules": {"versions": [{"valid_from": TURN, "response_pauses": True}]}}
    own = versions((AFTER, {"rules": {"response_pauses": False}}))
    both = timelines(
        settings_of({"one": {**RESPONSE, **own}, "two": RESPONSE}, **general), Calendars()
    )
    assert [t.turns[1:] for t in both] == [
        (date(2020, 7, 1), date(2020, 7, 2)),
        (date(2020, 7, 1),),
    ]
    pauses = [[y.rules.response_pauses for y in t.versions] for t in both]
    assert pauses == [[False, True, False], [False, True]]
    assert [y.rules.min_n for y in both[0].versions] == [5, 5, 5]


def test_later_versions_build_on_earlier_ones():
    timeline = timeline_of(
        {
            **RESPONSE,
            **versions((TURN, {"within": "20min", "target": ">= 95%"}), (AFTER, {"target": None})),
        }
    )
    first, second, third = timeline.versions
    assert [y.indicator.within.seconds for y in (first, second, third)] == [1800, 1200, 1200]
    assert first.indicator.target.text == ">= 90%"
    assert second.indicator.target.text == ">= 95%"
    assert third.indicator.target is None
    assert timeline.on(date(2020, 6, 30)) is first
    assert timeline.on(date(2020, 7, 1)) is second
    assert timeline.on(date(2030, 1, 1)) is third
    assert timeline.between(date(2020, 7, 1), date(2020, 7, 3)) == [date(2020, 7, 2)]
    assert timeline.between(date(2020, 6, 1), date(2020, 7, 2)) == [date(2020, 7, 1)]


def test_what_counts_by_its_resolution_is_measured_by_the_version_of_that_date():
    timeline = timeline_of(
        {**RESOLUTION, **versions((TURN, {"within": "1h"}))}, {"counted_by": "resolved"}
    )
    for resolved, wanted in ((f"{BEFORE} 12:00", "met"), (f"{TURN} 08:30", "missed")):
        one = ticket(f"{BEFORE} 09:00", resolved_at=resolved)
        assert word(timeline, one, LATER) == wanted
    assert word(timeline, ticket(f"{BEFORE} 09:00"), LATER) == "later"


def test_rows_keep_their_order_and_none_is_lost():
    timeline = timeline_of(
        {
            **RESPONSE,
            "records": {"priority": "urgent"},
            **versions((TURN, {"records": {"priority": "high"}})),
        }
    )
    days = [BEFORE, TURN, AFTER, BEFORE, AFTER, TURN]
    priorities = ["urgent", "high", "urgent", "high", "high", "high"]
    records = [
        ticket(f"{day} 09:00", str(n), priority=priority)
        for n, (day, priority) in enumerate(zip(days, priorities, strict=True))
    ]
    found = judge(timeline, ticket_table(records), at(LATER), LOCAL).verdicts
    assert found.row.tolist() == [0, 1, 4, 5]
    assert (found.verdict == Verdict.MISSED).all()


def test_an_empty_table_and_one_of_before_all_versions():
    timeline = timeline_of({**CALLS, **versions((TURN, {"within": "60s"}))})
    assert len(judge(timeline, call_table([]), at(LATER), LOCAL).verdicts.row) == 0
    one = call(CallOutcome.ANSWERED, 30, "1975-01-01 09:00")
    assert word(timeline, one, LATER) == "missed"


def test_open_tickets_run_by_the_version_of_their_opening():
    timeline = timeline_of({**RESPONSE, **versions((TURN, {"within": "20min"}))})
    table = ticket_table([ticket(f"{day} 16:50", str(n)) for n, day in enumerate((BEFORE, TURN))])
    now = at(f"{TURN} 16:55")
    due = np.full(2, 0)
    for rows, deadlines in deadlines_ahead(timeline, table, now, LOCAL):
        due[rows] = deadlines
    assert due.tolist() == [at(f"{TURN} 08:20"), at(f"{AFTER} 08:10")]
    mean = timeline_of({**MEAN, **versions((TURN, {"target": "<= 1h"}))})
    assert list(deadlines_ahead(mean, table, now, LOCAL)) == []


def figures(store, indicator, period, now, **more):
    measuring = Measuring(settings_of({"one": indicator}, **more), store)
    chosen = parse_period(period, measuring.today(at(now)))
    tallies = measuring.tallies(chosen.first, chosen.after, at(now))
    return next(measuring.figures(tallies, chosen, at(now), {}))


def test_a_period_is_held_against_the_target_of_its_end_and_names_the_turn(sqlite_store):
    changed = {"within": "20min", "target": ">= 95%"}
    indicator = {**RESPONSE, **versions((TURN, changed), ("2021-01-01", {"target": ">= 99%"}))}
    save(sqlite_store, ticket(f"{BEFORE} 09:00", first_response_at=f"{BEFORE} 09:25"))
    year = figures(sqlite_store, indicator, "2020", LATER)
    assert (year.good, year.eligible, year.target.text) == (1, 1, ">= 95%")
    assert year.turns == (date(2020, 7, 1),)
    assert year.formula.startswith("elapsed <= 30min")
    assert "; from 2020-07-01; elapsed <= 20min" in year.formula
    half = figures(sqlite_store, indicator, "2020-01..2020-06", LATER)
    assert (half.target.text, half.turns) == (">= 90%", ())
    # what is only to come does not bear on a period that still runs
    running = figures(sqlite_store, indicator, "2020", f"{BEFORE} 12:00")
    assert (running.target.text, running.turns) == (">= 90%", ())
    assert figures(sqlite_store, indicator, "2020", f"{TURN} 00:00").target.text == ">= 95%"
    month = figures(sqlite_store, indicator, "2020-07", LATER)
    assert (month.target.text, month.turns) == (">= 95%", ())


def test_a_future_version_changes_no_figure_of_the_past(sqlite_store):
    save(
        sqlite_store,
        *(
            ticket(
                f"2020-0{month}-15 09:00", str(month), first_response_at=f"2020-0{month}-15 09:25"
            )
            for month in range(1, 8)
        ),
    )
    now = f"{BEFORE} 12:00"
    plain = figures(sqlite_store, RESPONSE, "2020-01..2020-06", now)
    future = {**RESPONSE, **versions((TURN, {"within": "1s", "target": ">= 1%"}))}
    assert figures(sqlite_store, future, "2020-01..2020-06", now) == plain


def test_a_figure_has_the_title_of_its_period(sqlite_store):
    title = {"sv": "Nytt", "en": "New"}
    indicator = {**RESPONSE, "title": "Old", **versions((TURN, {"title": title}))}
    save(sqlite_store, ticket(f"{BEFORE} 09:00", first_response_at=f"{BEFORE} 09:25"))
    for period, now, wanted in (
        ("2020-06", LATER, "Old"),
        ("2020-07", LATER, "New"),
        ("2020", LATER, "New"),
        ("2020", f"{BEFORE} 12:00", "Old"),
        ("2021", LATER, "New"),
    ):
        assert figures(sqlite_store, indicator, period, now).title.en == wanted
    year = figures(sqlite_store, indicator, "2020", LATER)
    assert (year.title.sv, year.turns) == ("Nytt", ())  # measured as before
    plain = figures(sqlite_store, {**RESPONSE, "title": title}, "2020", LATER)
    assert year == plain
    given = {"kind": "manual", "title": "Old", **versions((TURN, {"title": title}))}
    assert [
        figures(sqlite_store, given, each, LATER).title.en for each in ("2020-06", "2020-07")
    ] == [
        "Old",
        "New",
    ]


def test_only_what_is_measured_or_judged_otherwise_is_a_turn():
    changes = (TURN, {"title": "New"}), ("2020-08-01", {"title": "Newer", "target": ">= 1%"})
    timeline = timeline_of({**RESPONSE, **versions(*changes)})
    assert [each.indicator.title.en for each in timeline.versions] == ["Measure", "New", "Newer"]
    assert timeline.between(date(2020, 1, 1), date(2021, 1, 1)) == [date(2020, 8, 1)]


def test_a_value_given_by_hand_is_fresh_until_the_period_ends_or_today(sqlite_store):
    """A value of March is good for 30 days: in the figure of March always, in that of July never,
    and in that of the year while it is April."""
    values = [{"date": "2020-03-10", "value": 6}, {"date": "2019-12-31", "value": 7}]
    sick = {"kind": "manual", "values": values, "valid_days": 30}
    for period, now, wanted in (
        ("2020-03", "2020-11-15 12:00", 6),
        ("2020-03", "2020-03-12 12:00", 6),
        ("2020-03", "2020-03-09 12:00", None),
        ("2020-02", "2020-11-15 12:00", None),
        ("2020-01", "2020-11-15 12:00", None),
        ("2020-01-01..2020-01-29", "2020-11-15 12:00", 7),
        ("2020-01-01..2020-01-30", "2020-11-15 12:00", None),
        ("2020-04-08", "2020-11-15 12:00", 6),
        ("2020-04-09", "2020-11-15 12:00", None),
        ("2020-04", "2020-04-08 12:00", 6),
        ("2020-04", "2020-04-09 12:00", None),
        ("2020", "2020-04-08 12:00", 6),
        ("2020", "2020-11-15 12:00", None),
        ("2020-07", "2020-11-15 12:00", None),
    ):
        assert figures(sqlite_store, sick, period, now).value == wanted, (period, now)


def test_explain_names_the_version_and_its_calendar(sqlite_store):
    late = {
        **OFFICE,
        "versions": [{"valid_from": TURN, "holidays": {"add": ["2020-07-02"]}}],
    }
    records = [
        ticket(f"{BEFORE} 16:00", "1", first_response_at=f"{TURN} 09:00"),
        ticket(f"{TURN} 16:50", "2", first_response_at="2020-07-03 08:05"),
    ]
    save(sqlite_store, *records)
    settings = settings_of({"one": RESPONSE}, calendars={"office": late})
    measuring = Measuring(settings, sqlite_store)
    period = parse_period("2020", date(2020, 12, 1))
    old, new = explain(measuring, measuring.timelines[0], period, at(LATER))
    assert (old.valid_from, new.valid_from) == (None, date(2020, 7, 1))
    assert old.clock.elapsed == 2 * 3600
    assert new.clock.elapsed == 15 * 60
    assert new.clock.closed == ((date(2020, 7, 2), SpecialDay(DayKind.CLOSED)),)
    assert old.clock.closed == ()


@pytest.mark.parametrize(
    ("version", "since"),
    [
        ({"title": "New"}, None),
        ({"target": ">= 95%"}, None),
        ({"rules": {"min_n": 9}}, None),
        ({"within": "31min"}, TURN),
        ({"rules": {"response_pauses": True}}, TURN),
        ({"records": {"priority": ["high", "urgent"]}}, TURN),
    ],
)
def test_explain_names_a_version_only_where_it_measures(sqlite_store, version, since):
    """Of what still holds later the date from which on it does."""
    one = {**RESPONSE, "versions": [{"valid_from": TURN, **version},
                                    {"valid_from": "2020-07-10", "title": "Newer"}]}  # fmt: skip
    days = (BEFORE, TURN, "2020-07-10")
    save(sqlite_store, *(ticket(f"{day} 09:00", day, priority="high") for day in days))
    general = {"versions": [{"valid_from": TURN, "withdrawn": "callback"}]}  # of calls
    measuring = Measuring(settings_of({"one": one}, rules=general), sqlite_store)
    period = parse_period("2020", date(2020, 12, 1))
    found = [e.valid_from for e in explain(measuring, measuring.timelines[0], period, at(LATER))]
    wanted = since and date.fromisoformat(since)
    assert found == [None, wanted, wanted]
