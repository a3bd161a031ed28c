"""compare: exactly the records that changed, why, and what it does to the figures."""

import io
import itertools
from dataclasses import replace
from datetime import date

import pytest
from rich.console import Console

from collector.cli.tables.snapshot import print_comparison
from collector.measuring.engine.definition_guard import register
from collector.model.codes import ChangeReason
from collector.model.records import CallOutcome, Change, Gone
from collector.snapshot import latest
from collector.snapshot.capture import RecordsKeepChanging, capture_period
from collector.snapshot.compare import compare_with_present
from collector.snapshot.comparison_rows import comparison_record, comparison_rows
from collector.text.words.reasons import CHANGE_WORDS
from tests.worlds.frozen import ANSWERED, CLOCK, JUNE, LATE, READ, SETTINGS, fill, froze, records
from tests.worlds.measured import MEAN, at, call, polled, settings_of, ticket
from tests.worlds.samples import save
from tests.worlds.store_templates import nothing

LATER = at("2020-07-03 06:00")


def frozen_june(store):
    fill(store)
    froze(store)


@pytest.fixture
def store_content(request):
    return frozen_june if "june" in request.fixturenames else nothing


@pytest.fixture
def june(store):
    return store


def now(store, settings=SETTINGS, read=LATER):
    """How June differs after everything was read again."""
    for source in ("desk", "phone"):
        polled(store, source, read)
    taken = capture_period(settings, store, JUNE, read)
    return compare_with_present(latest(store, JUNE), taken, store, settings)


def said(found):
    """indicator, id, then, now, why of each record."""
    return {
        (r.indicator, r.id, *((s or {}).get("verdict") for s in (r.then, r.now)), r.why)
        for r in found.records
    }


def test_nothing_changed(june):
    for read in (READ, READ + 600):
        found = now(june, read=read)
        assert not found.changed
        assert list(comparison_rows(found)) == []


def test_new_records_of_july_are_no_change(june):
    save(june, ticket("2020-07-01 06:30", "july", priority="urgent"), call(wait=3, entered=READ + 9,
         number="july"), source="phone")  # fmt: skip
    assert not now(june, read=READ + 600).changed


def test_a_late_answer(june):
    save(june, ANSWERED)
    found = now(june)
    assert said(found) == {
        ("urgent", "late", "pending", "met", "late_answer"),
        ("handling", "late", "pending", "met", "late_resolution"),
    }
    spans = {(f.span, f.organization) for f in found.figures if f.indicator == "urgent"}
    assert spans == {(s, o) for s in ("period", "year_to_date") for o in (None, "Laxå")}
    (whole,) = [
        f for f in found.figures
        if (f.indicator, f.span, f.organization) == ("urgent", "period", None)
    ]  # fmt: skip
    assert whole.now["good"] - whole.then["good"] == 1
    assert whole.then["pending"] - whole.now["pending"] == 1
    assert found.definitions == ()


def test_a_deadline_that_passed(june):
    assert said(now(june)) == {("urgent", "late", "pending", "missed", "deadline_passed")}


def test_a_merge(june):
    gone = Gone(source="desk", id="7", mark="merged", at=CLOCK)
    save(june, gone, ANSWERED)
    merged = {each for each in said(now(june)) if each[1] != "late"}
    assert {each[1] for each in merged} == {"7"}
    assert {each[4] for each in merged} == {"merged"}
    assert {each[3] for each in merged} == {"excluded"}


def test_what_was_told_only_afterwards(june):
    new = ticket("2020-06-15 09:00", "new", priority="urgent", organization="Laxå",
                 first_response_at="2020-06-15 09:10", resolved_at="2020-06-15 10:00")  # fmt: skip
    backdated = replace(ANSWERED, first_response_at=LATE.opened_at + 60, resolved_at=None,
                        first_resolved_at=None)  # fmt: skip
    save(june, new, backdated)
    other = call(CallOutcome.ABANDONED, 90, "2020-06-10 09:00", "new")
    save(june, other, source="phone")
    assert said(now(june)) == {
        ("urgent", "new", None, "met", "new_record"),
        ("handling", "new", None, "met", "new_record"),
        ("answered", "new", None, "missed", "new_record"),
        ("urgent", "late", "pending", "met", "recorded_later"),
    }


def test_other_texts(june):
    lowered = replace(
        ANSWERED,
        priority="normal",
        first_response_at=None,
        resolved_at=None,
        first_resolved_at=None,
        changes=(
            Change(LATE.opened_at, "priority", "normal"),
            Change(CLOCK + 60, "team", "second line"),
        ),
    )
    save(june, lowered)
    assert said(now(june)) == {("urgent", "late", "pending", None, "changed_texts")}


def test_what_was_corrected_without_a_history(june):
    done = {each.id: each for each in records() if each.source == "desk"}
    urgent = [n for n, each in done.items() if each.priority == "urgent"
              and each.opened_at >= at("2020-06-01") and each.organization == "Laxå"]  # fmt: skip
    lower, moved = (done[n] for n in urgent[:2])
    save(
        june, replace(lower, priority="normal"), replace(moved, organization="Askersund"), ANSWERED
    )
    found = {each for each in said(now(june)) if each[1] != "late"}
    assert {(each[0], each[1], each[4]) for each in found} == {
        ("urgent", lower.id, "corrected"),
        ("urgent", moved.id, "other_organization"),
        ("handling", moved.id, "other_organization"),
    }


def test_a_restated_definition(june):
    quicker = SETTINGS.model_copy(
        update={"indicators": {**SETTINGS.indicators, "answered": SETTINGS.indicators["answered"]
                               .model_copy(update={"within": 5})}}
    )  # fmt: skip
    register(quicker, june, LATER, restate=True)
    save(june, ANSWERED)
    found = now(june, quicker)
    assert [(d.indicator, d.path, d.then, d.now) for d in found.definitions] == [
        ("answered", "indicators.answered.within", "20s", "5s")
    ]
    turned = [r for r in found.records if r.indicator == "answered"]
    assert turned
    assert {r.why for r in turned} == {"restated_definition"}
    assert {(r.then["verdict"], r.now["verdict"]) for r in turned} == {("met", "missed")}


def test_an_indicator_that_is_gone_or_new(june):
    others = {name: each for name, each in SETTINGS.indicators.items() if name != "urgent"}
    more = settings_of({"mean": {**MEAN, "records": {"priority": "urgent"}}})
    settings = SETTINGS.model_copy(update={"indicators": {**others, **more.indicators}})
    save(june, ANSWERED)
    found = now(june, settings)
    assert {f.indicator for f in found.figures if f.now is None} == {"urgent"}
    assert {f.indicator for f in found.figures if f.then is None} == {"mean"}
    gone = [r for r in found.records if r.indicator == "urgent"]
    assert {(r.now, r.why) for r in gone} == {(None, "restated_definition")}


def test_another_holiday(june):
    """A day that is closed since then turns what ran through it."""
    office = SETTINGS.calendars["office"]
    days = office.holidays.model_copy(update={"add": [*office.holidays.add, date(2020, 6, 30)]})
    closed = office.model_copy(update={"holidays": days})
    settings = SETTINGS.model_copy(update={"calendars": {**SETTINGS.calendars, "office": closed}})
    register(settings, june, LATER, restate=True)
    found = now(june, settings)
    assert "calendars.office.closed.2020-06-30" in {each.path for each in found.definitions}
    assert {r.why for r in found.records} <= {"restated_definition", "deadline_passed"}


def test_every_reason_has_words():
    assert all(text.sv and text.en for text in CHANGE_WORDS.values())
    assert set(CHANGE_WORDS) == set(ChangeReason)


def past(number, answered, month="2019-08"):
    """A ticket of a year before."""
    return ticket(f"{month}-12 09:00", f"past {number}", priority="urgent", organization="Laxå",
                  first_response_at=f"{month}-12 {answered}",
                  resolved_at=f"{month}-12 15:00")  # fmt: skip


def test_records_of_months_that_are_shown_are_named(store):
    fill(store, *(past(n, "09:05") for n in range(12)))
    froze(store)
    save(store, past("new", "14:00"))
    found = now(store, read=READ + 60)
    assert "2019-08" in {each.span for each in found.figures}
    assert {r.id for r in found.records} == {"past new"}
    assert found.earlier == ()


def test_records_from_before_all_that_is_shown_are_told_of(store):
    """Forecasts rest on them; single verdicts on them are not kept."""
    months = [f"{year}-{month:02}" for year in (2017, 2018, 2019) for month in range(1, 13)]
    many = [past(f"{m} {n}", "14:00" if n % 7 == 0 else "09:05", m) for m in months
            for n in range(20)]  # fmt: skip
    fill(store, *many)
    froze(store)
    save(store, *(past(f"2018-03 {n}", "14:00", "2018-03") for n in range(20)))
    found = now(store, read=READ + 60)
    assert found.figures
    assert found.records == ()
    assert found.since == "2019-06-01"
    assert "urgent" in found.earlier
    assert comparison_record(found)["by_records_before"]["date"] == "2019-06-01"
    out = io.StringIO()
    print_comparison(found, "en", Console(file=out, width=150))
    assert "records from before 2019-06-01" in out.getvalue()


def test_as_it_was_known_then(june):
    """By the instant of the freeze nothing is another, whatever came later."""
    save(june, ANSWERED)
    for source in ("desk", "phone"):
        polled(june, source, LATER)
    taken = capture_period(SETTINGS, june, JUNE, LATER, requested_known_at=READ)
    assert not compare_with_present(latest(june, JUNE), taken, june, SETTINGS).changed


def test_what_comes_while_it_is_measured_is_in_it(june):
    """All of a snapshot is of one state of the store."""
    waiting = [ticket("2020-06-15 09:00", "meanwhile", priority="urgent", organization="Laxå")]

    def report(_share):
        if waiting:
            save(june, waiting.pop())

    taken = capture_period(SETTINGS, june, JUNE, CLOCK, on_progress=report)
    found = compare_with_present(latest(june, JUNE), taken, june, SETTINGS)
    assert {r.id for r in found.records} == {"meanwhile"}
    (urgent,) = [each for each in taken.content["indicators"] if each["id"] == "urgent"]
    counted = urgent["year_to_date"][0]
    assert urgent["records"]["verdicts"] == counted["eligible"] + counted["pending"]


def test_records_that_never_keep_still_are_refused(june):
    numbers, shares = itertools.count(), [1.0]

    def report(share):
        if share < shares[-1]:  # a measurement begins
            save(june, ticket("2020-06-15 09:00", f"more {next(numbers)}"))
        shares.append(share)

    with pytest.raises(RecordsKeepChanging, match="2020-06 kept changing"):
        capture_period(SETTINGS, june, JUNE, CLOCK, on_progress=report)


def test_records_of_july_are_waited_for_by_nobody(june):
    numbers = itertools.count()

    def report(_share):
        save(june, ticket("2020-07-01 05:00", f"july {next(numbers)}"))

    taken = capture_period(SETTINGS, june, JUNE, CLOCK, on_progress=report)
    assert not compare_with_present(latest(june, JUNE), taken, june, SETTINGS).changed
