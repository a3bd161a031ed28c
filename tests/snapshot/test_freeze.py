"""Freezing: once, whole, from complete sources, and the same bytes for the same data."""

import json
import os
import zlib
from dataclasses import replace
from datetime import date

import pytest

from collector.measuring.engine.definition_guard import register
from collector.measuring.engine.questions import measuring_at, period_figures
from collector.model.periods import FiscalYear, canonical_period, parse_period, written_period
from collector.model.records import Gone
from collector.service.drain import drain
from collector.snapshot import amendments, first_freeze, latest
from collector.snapshot.canonical import canonical
from collector.snapshot.capture import capture_period
from collector.snapshot.freeze import FreezeRequest, Incomplete, Refused, amend, freeze
from collector.snapshot.gather import last_months
from collector.sources.asterisk_queue_log.source import AsteriskQueueLog
from collector.sources.csv.source import CsvTickets
from collector.store import PollResult, Store, StoreError
from tests.worlds.frozen import ANSWERED, CLOCK, JUNE, MANUAL, READ, SETTINGS, fill, froze, opened
from tests.worlds.measured import CALLS, at, call, polled, settings_of, ticket
from tests.worlds.samples import save


def figure(content, indicator, span="year_to_date", organization=None):
    (own,) = [each for each in content["indicators"] if each["id"] == indicator]
    return next(each for each in own[span] if each["organization"] == organization)


def test_a_month_is_frozen_once(store):
    fill(store)
    first = froze(store)
    assert first.new
    assert (first.snapshot.number, first.snapshot.previous) == (1, "")
    again = froze(store)
    assert not again.new
    assert again.differs is None
    assert again.snapshot.raw == first.snapshot.raw
    assert len(store.snapshots.heads()) == 1


def test_the_same_data_give_the_same_bytes(tmp_path):
    found = []
    for name, order, clock in (("a", 0, CLOCK), ("b", 7, CLOCK + 86_400)):
        with opened(f"sqlite:///{tmp_path / name}", order=order) as store:
            found.append(
                freeze(SETTINGS, store, FreezeRequest(JUNE), lambda clock=clock: clock).snapshot
            )
    one, other = found
    assert one.raw == other.raw
    assert one.sha256 == other.sha256
    assert one.lines == other.lines
    assert one.seal != other.seal, "when it was frozen stands in the seal"


def test_both_engines_freeze_the_same(store, tmp_path):
    fill(store)
    with opened(f"sqlite:///{tmp_path / 'other'}", order=3) as other:
        assert froze(store).snapshot.raw == froze(other).snapshot.raw


def test_the_content_is_canonical_and_says_what_measure_says(store):
    fill(store)
    said = froze(store).snapshot
    assert said.raw == canonical(json.loads(said.raw))
    measuring = measuring_at(SETTINGS, store, READ)
    figures, _ = period_figures(measuring, JUNE, READ, None, compare=True)
    for each in figures:
        frozen = figure(said.content, each.indicator, "period", each.organization)
        assert (frozen["good"], frozen["eligible"], frozen["value"], frozen["state"]) == (
            each.good, each.eligible, each.value, each.state,
        )  # fmt: skip
        assert len(frozen["comparisons"]) == len(each.comparisons)
    assert {source["records"] for source in said.content["sources"]} == {120, 121}
    closed = said.content["calendars"]["office"]["closed"]
    assert closed == [["2020-06-19", "closed by configuration"]]


def test_what_came_after_the_period_is_not_counted_and_changes_nothing(tmp_path):
    """The forecast stands at the period's end, whenever it is frozen."""
    july = [call(wait=5, entered="2020-07-01 05:00", number=f"july {n}") for n in range(40)]
    with opened(f"sqlite:///{tmp_path / 'a'}") as store:
        alone = froze(store).snapshot.content
    with opened(f"sqlite:///{tmp_path / 'b'}") as store:
        save(store, *july, source="phone")
        assert froze(store).snapshot.content == alone


def test_a_whole_year_has_its_outlook_at_its_end(store):
    fill(store, read=at("2021-01-02"))
    year = parse_period("2020", date(2021, 1, 2))
    done = freeze(SETTINGS, store, FreezeRequest(year), lambda: at("2021-01-03"))
    found = figure(done.snapshot.content, "answered")
    assert found["forecast"]["value"] == pytest.approx(found["value"], rel=1e-9)
    assert found["left"] == 0


def test_states_are_those_at_the_periods_end_however_late_it_is_frozen(store):
    """A target that a forecast still hoped for is missed when the year is over, not before."""
    hopes = {**MANUAL, "values": [{"date": "2020-05-31", "value": 59, "forecast": 85}]}
    settings = settings_of({"engagement": hopes, "answered": {**CALLS, "target": ">= 99.9%"}})
    fill(store, read=at("2021-01-02"))
    for name, state in (("2020-06", "at_risk"), ("2020-h1", "at_risk"), ("2020", "missed")):
        period = written_period(name, FiscalYear())
        done = freeze(settings, store, FreezeRequest(period), lambda: at("2021-01-03"))
        for span in ("period", "year_to_date"):
            assert figure(done.snapshot.content, "engagement", span)["state"] == state
        if name == "2020":
            assert figure(done.snapshot.content, "answered")["state"] == "missed"
        again = freeze(settings, store, FreezeRequest(period), lambda: at("2021-06-03"))
        assert again.differs is None


def test_what_ends_early_or_has_no_source_is_told(store):
    fill(store)
    register(SETTINGS, store, READ)
    result = PollResult(
        source="phone", started_at=READ, finished_at=READ, ok=True, newest_at=at("2020-06-12 12:00")
    )
    store.polls.record(result)
    said = froze(store).snapshot.content
    assert [(each["source"], each["why"]) for each in said["notes"]] == [("phone", "ends_early")]
    lone = SETTINGS.model_copy(update={"sources": {"desk": SETTINGS.sources["desk"]}})
    said = freeze(
        lone, store, FreezeRequest(written_period("2020-05", FiscalYear())), lambda: CLOCK
    )
    notes = said.snapshot.content["notes"]
    assert [(each["source"], each["why"]) for each in notes] == [(None, "no_source")]
    assert "no source is configured" in notes[0]["en"]


def test_manual_figures_without_a_value_are_named(store):
    fill(store)
    said = froze(store).snapshot.content
    assert said["incomplete"] == []
    assert figure(said, "climate")["state"] == "no_data"
    assert figure(said, "engagement")["value"] == 59


PROBLEMS = {
    "never read": (None, "was never read to its end", "servicedesk-kpi poll phone"),
    "read before the end": (at("2020-06-30 23:40"), "is known up to", "poll phone"),
}


@pytest.mark.parametrize("read", PROBLEMS)
def test_what_is_not_complete_is_refused(sqlite_url, read):
    when, says, remedy = PROBLEMS[read]
    with Store.open(sqlite_url) as store:
        save(store, call(wait=5, entered="2020-06-03 09:00"), source="phone")
        save(store, ticket("2020-06-03 09:00"))
        if when:
            polled(store, "phone", when)
        polled(store, "desk", READ)
        with pytest.raises(Incomplete) as refused:
            froze(store)
        lines = str(refused.value).splitlines()
        assert len(lines) == 3
        assert "source phone" in lines[1]
        assert says in lines[1]
        assert remedy in lines[1]
        assert store.snapshots.heads() == []
        said = froze(store, incomplete=True).snapshot.content
        assert [gap["source"] for gap in said["incomplete"]] == ["phone"]
        assert [source["complete"] for source in said["sources"]] == [True, False]
        assert figure(said, "answered")["state"] == "stale"


def test_a_source_that_fails_says_why(store):
    fill(store, read=at("2020-06-29"))
    polled(store, "phone", READ)
    failed = PollResult(
        source="desk", started_at=READ, finished_at=READ, ok=False, error="no route"
    )
    store.polls.record(failed)
    with pytest.raises(Incomplete, match="no route"):
        froze(store)


@pytest.mark.parametrize("skew", [-35 * 86_400, -301, 301])
def test_nothing_is_frozen_while_a_clock_is_wrong(store, skew):
    """With our clock 35 days ahead the running month would be frozen for ever."""
    fill(store)
    polled(store, "desk", READ, clock_skew=skew)
    with pytest.raises(Incomplete, match="The clock of the source desk and our own differ by"):
        froze(store)
    assert store.snapshots.heads() == []
    polled(store, "desk", READ + 60, clock_skew=1.4)
    assert froze(store).new, "it goes on by itself once the clocks agree"


def test_by_the_sources_own_time_the_period_is_over(store):
    end = at("2020-07-01 00:00")
    fill(store, read=end + 60)
    polled(store, "desk", end + 60, clock_skew=-90.0)
    with pytest.raises(Incomplete, match="desk is known up to"):
        froze(store)


def test_what_was_read_while_our_clock_was_ahead_is_not_believed(store):
    """The clock is right again, and the source cannot be read since: nobody knows July."""
    end = at("2020-07-01 00:00")
    fill(store, read=end + 86_400)
    polled(store, "desk", end + 35 * 86_400)
    polled(store, "phone", end + 86_400)
    failed = PollResult(
        source="desk", started_at=end + 60, finished_at=end + 60, ok=False, error="no route"
    )
    store.polls.record(failed)
    with pytest.raises(Incomplete, match="The clock of the source desk and our own differ"):
        freeze(SETTINGS, store, FreezeRequest(JUNE), lambda: end + 86_400)
    assert store.snapshots.heads() == []


def test_the_clock_of_the_stores_database_counts_too(store, monkeypatch):
    fill(store)
    skew = store.clock_skew()
    assert skew is None or abs(skew) < 60
    monkeypatch.setattr(store, "clock_skew", lambda: 3600.0)
    with pytest.raises(Incomplete, match="The database's clock and our own differ by 1:00:00 h"):
        froze(store)


def test_a_source_that_is_read_anew_is_not_complete(store):
    fill(store)
    save(store, ticket("2020-06-02 09:00", "new"), whole=True, progress=0.5)
    with pytest.raises(Incomplete, match="desk is being read anew"):
        froze(store)


def test_a_source_that_no_figure_draws_on_is_waited_for_by_nobody(store):
    settings = settings_of({"climate": {"kind": "manual", "values": []}})
    done = freeze(settings, store, FreezeRequest(JUNE), lambda: CLOCK)
    assert done.snapshot.content["incomplete"] == []


def test_a_period_that_runs_is_never_frozen(store):
    """It would stand in the place of the whole month for ever."""
    fill(store)
    for name, given, says in (
        ("2020-07", None, "is not over"),
        ("2020", None, "is not over"),
        ("2020-06", at("2020-06-15"), "is not over"),
        ("2020-08", None, "has not begun"),
        ("2020-06", CLOCK + 1, "lies ahead"),
    ):
        period = parse_period(name, date(2020, 7, 1))
        with pytest.raises(Refused, match=says):
            froze(store, period, known_at=given, incomplete=True)
    assert store.snapshots.heads() == []
    froze(store)
    with pytest.raises(Refused, match="lies ahead"):
        amend(SETTINGS, store, FreezeRequest(JUNE, CLOCK + 1, True), lambda: CLOCK)


def test_by_an_instant_that_nobody_read_up_to_it_is_refused(store):
    """What passed its deadline since then may have been answered."""
    fill(store)
    with pytest.raises(Incomplete, match="is known up to"):
        froze(store, known_at=READ + 1)
    assert froze(store, known_at=READ).new


def read(store, source, begun, ended, as_of=None):
    """A reading that took its time."""
    store.polls.record(
        PollResult(source=source, started_at=begun, finished_at=ended, ok=True, as_of=as_of)
    )


def test_a_reading_tells_what_was_before_it_began(store):
    """What came while it ran may have been missed: the month's last hour was not surely read."""
    fill(store)
    end = at("2020-07-01 00:00")
    for source in ("desk", "phone"):
        read(store, source, end - 3600, end + 5)
    with pytest.raises(Incomplete, match=r"known up to .*23:00"):
        froze(store)
    said = froze(store, incomplete=True).snapshot.content
    assert said["known_at"] == "2020-07-01T00:00:00+02:00"
    gap = said["incomplete"][0]
    assert "till tis 2020-06-30" in gap["sv"]
    assert "up to Tue 2020-06-30" in gap["en"]


def test_a_deadline_within_a_reading_is_not_missed(store):
    """LATE is due at 08:20; nobody looked after 08:10."""
    fill(store)
    for source in ("desk", "phone"):
        read(store, source, at("2020-07-01 08:10"), at("2020-07-01 08:40"))
    done = freeze(SETTINGS, store, FreezeRequest(JUNE), lambda: at("2020-07-01 08:45")).snapshot
    assert done.content["known_at"] == "2020-07-01T08:10:00+02:00"
    (line,) = [each for each in done.lines["urgent"] if '"late"' in each]
    assert '"pending"' in line


def test_an_export_tells_nothing_of_after_it_was_written(store):
    fill(store)
    for day in ("2020-07-01", "2020-07-02"):  # read again and again, never written again
        read(store, "desk", at(day), at(day) + 5, as_of=at("2020-05-20 09:10"))
    with pytest.raises(Incomplete, match="newest file was written then") as refused:
        froze(store)
    assert "export it again" in str(refused.value)
    said = froze(store, incomplete=True).snapshot.content
    assert figure(said, "urgent", "period")["state"] == "stale"
    (desk,) = [each for each in said["sources"] if each["name"] == "desk"]
    assert desk["as_of"] == "2020-05-20T09:10:00+02:00"
    assert desk["last_success"] == "2020-07-02T00:00:05+02:00"


def test_a_file_as_old_as_it_is(store, tmp_path):
    """Through a real export: its time of change survives polls that find nothing new."""
    file = tmp_path / "tickets.csv"
    file.write_text("id,opened_at\n1,2020-05-20 09:00:00\n")
    options = CsvTickets.Options(type="csv_tickets", path=str(file), timezone="Europe/Stockholm")
    source, written = CsvTickets("desk", options, []), at("2020-05-20 09:10")
    os.utime(file, (written, written))
    for clock in (CLOCK, CLOCK + 60):
        assert drain(source, store, clock=lambda at=clock: at).ok
        assert store.polls.states()["desk"].as_of == written
    os.utime(file, (CLOCK + 90, CLOCK + 90))
    drain(source, store, clock=lambda: CLOCK + 120)
    assert store.polls.states()["desk"].as_of == CLOCK + 90, "the same export, written again"
    os.utime(file, (CLOCK + 900, CLOCK + 900))
    drain(source, store, clock=lambda: CLOCK + 180)
    assert store.polls.states()["desk"].as_of == CLOCK + 180, "by a clock that is ahead of ours"
    file.write_text("no header of ours\n")
    drain(source, store, clock=lambda: CLOCK + 1000)
    assert store.polls.states()["desk"].as_of == CLOCK + 180, "a poll that failed tells nothing"


def test_a_log_that_is_idle_is_known_up_to_its_reading(store, tmp_path):
    log = tmp_path / "queue_log"
    log.write_text("1590000000|1590000000.1|it|NONE|ENTERQUEUE||070|1\n")
    os.utime(log, (1_590_000_000, 1_590_000_000))
    options = AsteriskQueueLog.Options(type="asterisk_queue_log", path=str(log))
    drain(AsteriskQueueLog("phone", options, []), store, clock=lambda: CLOCK)
    assert store.polls.states()["phone"].as_of == CLOCK


def test_a_source_without_records_of_the_period_is_not_complete(store):
    fill(store)
    with pytest.raises(Incomplete, match=r"has nothing from before the period's end: its first"):
        froze(store, parse_period("2015", date(2020, 7, 1)))
    other = settings_of({"answered": CALLS}, sources={"other": {"type": "csv_calls", "path": "x"}})
    polled(store, "other", READ)
    with pytest.raises(Incomplete, match="not a single record"):
        freeze(other, store, FreezeRequest(JUNE), lambda: CLOCK)


def test_where_a_source_begins_is_told(store):
    fill(store)
    assert froze(store).snapshot.content["notes"] == []
    other = settings_of({"answered": CALLS}, sources={"new": {"type": "csv_calls", "path": "x"}})
    came = replace(call(wait=3, entered="2020-05-20 09:00"), source="new")
    save(store, came, source="new")
    polled(store, "new", READ)
    for name, why in (("2020-05", "begins_within"), ("2020-05..2020-06", "begins_within"),
                      ("2020-06-01..2020-06-29", "begins_within_year")):  # fmt: skip
        period = parse_period(name, date(2020, 7, 1))
        said = freeze(other, store, FreezeRequest(period), lambda: CLOCK).snapshot.content
        assert [each["why"] for each in said["notes"]] == [why]
        assert said["incomplete"] == []
        assert [each["records_since"] for each in said["sources"]] == ["2020-05-20T09:00:00+02:00"]


def test_what_another_source_was_told_later_is_not_in_it(store):
    """A default freeze is that of its own known_at, to the byte."""
    fill(store)
    opened = "2020-06-30 10:00"
    moved = ticket(
        opened, "moved", priority="normal", organization="Laxå",
        changes=[(opened, "priority", "urgent"), ("2020-07-01 06:30", "priority", "normal")],
    )  # fmt: skip
    merged = ticket(
        opened, "gone", priority="urgent", first_response_at="2020-06-30 10:10",
        resolved_at="2020-06-30 11:00", status="resolved",
        changes=[(opened, "status", "open"), ("2020-06-30 11:00", "status", "resolved")],
    )  # fmt: skip
    save(store, moved, merged)
    save(store, Gone(source="desk", id="gone", mark="merged", at=at("2020-07-01 06:40")))
    polled(store, "desk", CLOCK)
    said = froze(store).snapshot
    assert said.content["known_at"] == "2020-07-01T06:00:00+02:00"
    lines = "".join(each for own in said.lines.values() for each in own)
    assert '"moved"' in "".join(said.lines["urgent"])
    assert "merged" not in lines
    assert capture_period(SETTINGS, store, JUNE, CLOCK, READ).raw == said.raw


def test_a_value_given_by_hand_counts_whenever_a_source_was_read(store):
    fill(store)
    values = [{"date": "2020-05-31", "value": 61}]
    corrected = settings_of({"engagement": {**MANUAL, "values": values}, "answered": CALLS})
    register(corrected, store, CLOCK, restate=True)
    asked = FreezeRequest(JUNE)
    said = freeze(corrected, store, asked, lambda: CLOCK).snapshot.content
    assert figure(said, "engagement")["value"] == 61
    then = capture_period(corrected, store, JUNE, CLOCK, READ).content
    assert figure(then, "engagement")["value"] == 59


def test_an_amendment_stands_beside_and_never_over(store):
    fill(store)
    before = froze(store).snapshot
    asked = FreezeRequest(JUNE)
    with pytest.raises(Refused, match="nothing to amend"):
        amend(SETTINGS, store, asked, lambda: CLOCK)
    save(store, ANSWERED)
    for source in ("desk", "phone"):
        polled(store, source, at("2020-07-02 06:00"))
    again = freeze(SETTINGS, store, asked, lambda: CLOCK)
    assert not again.new
    assert again.differs is not None
    after = amend(SETTINGS, store, asked, lambda: at("2020-07-02 07:00")).snapshot
    assert (after.number, after.kind, after.previous) == (2, "amendment", before.seal)
    amends = after.content["amends"]
    assert (amends["number"], amends["seal"]) == (1, before.seal)
    changed = amends["changes"]["records"]
    assert {(each["id"], each["why"]) for each in changed} == {
        ("late", "late_answer"), ("late", "late_resolution"),
    }  # fmt: skip
    assert first_freeze(store, JUNE).raw == before.raw
    assert [each.number for each in amendments(store, JUNE)] == [2]
    assert latest(store, JUNE).number == 2


def test_the_store_itself_refuses_changes(store, store_url):
    fill(store)
    froze(store)
    for statement in ("UPDATE snapshots SET kind = 'x'", "DELETE FROM snapshots"):
        with (
            pytest.raises(StoreError, match="never changed"),
            store._database.writing() as connection,
        ):
            connection.exec_driver_sql(statement)
    assert froze(store).differs is None


def test_verdicts_are_stored_beside_it(store):
    fill(store)
    found = froze(store).snapshot
    text = zlib.decompress(found.records).decode()
    assert text.count('"late"') == 2, "pending in handling and in urgent"
    assert sum(map(len, found.lines.values())) == text.count("\n")


def test_a_period_has_one_name():
    def name(text, **more):
        fiscal = FiscalYear(**more)
        return canonical_period(written_period(text, fiscal), fiscal).name

    assert name("2020-07-01..2020-07-31") == "2020-07"
    assert name("2020-01..2020-12") == "2020"
    assert name("2020-01..2020-04") == "2020-t1"
    assert name("2020-01..2020-07") == "2020-01..2020-07"
    assert name("2020-07-14") == "2020-07-14"
    assert name("2020-07-14..2020-08-02") == "2020-07-14..2020-08-02"
    assert name("2020-09..2021-08", start=9) == "2020"


def test_thirteen_months_up_to_the_last_one():
    months = last_months(parse_period("2020-01..2020-07-14", date.min), date(2020, 8, 1))
    assert [months[0].name, months[-1].name, len(months)] == ["2019-07", "2020-07", 13]
    assert months[-1].last == date(2020, 7, 14)
