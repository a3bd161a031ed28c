"""Freezing: once, whole, from complete sources, and the same bytes for the same data."""

import json
import re
import zlib
from datetime import date

import pytest
from frozen import ANSWERED, CLOCK, JUNE, READ, SETTINGS, fill, froze, opened
from measured import at, call, polled, settings_of, ticket
from samples import save

from collector.indicators.periods import FiscalYear, written_period
from collector.measuring import Measuring
from collector.runtime import period_figures
from collector.snapshot import amendments, latest, stored
from collector.snapshot.canonical import canonical
from collector.snapshot.freeze import Asked, Incomplete, Refused, amend, freeze
from collector.snapshot.material import last_months, named_alike
from collector.store import PollResult, Store, StoreError


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
    assert again.unlike is None
    assert again.snapshot.raw == first.snapshot.raw
    assert len(store.snapshot_heads()) == 1


def test_the_same_data_give_the_same_bytes(tmp_path):
    found = []
    for name, order, clock in (("a", 0, CLOCK), ("b", 7, CLOCK + 86_400)):
        with opened(f"sqlite:///{tmp_path / name}", order=order) as store:
            found.append(freeze(SETTINGS, store, Asked(JUNE), lambda clock=clock: clock).snapshot)
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
    measuring = Measuring(SETTINGS, store)
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
    year = written_period("2020", FiscalYear())
    done = freeze(SETTINGS, store, Asked(year), lambda: at("2021-01-03"))
    found = figure(done.snapshot.content, "answered")
    assert found["forecast"]["value"] == pytest.approx(found["value"], rel=1e-9)
    assert found["left"] == 0


def test_manual_figures_without_a_value_are_named(store):
    fill(store)
    said = froze(store).snapshot.content
    assert said["incomplete"] == []
    assert figure(said, "climate")["state"] == "no_data"
    assert figure(said, "engagement")["value"] == 59


PROBLEMS = {
    "never read": (None, "was never read to its end", "servicedesk-kpi poll phone"),
    "read before the end": (at("2020-06-30 23:40"), "was last read to its end", "poll phone"),
}


@pytest.mark.parametrize("read", PROBLEMS)
def test_what_is_not_complete_is_refused(sqlite_url, read):
    when, says, remedy = PROBLEMS[read]
    with Store.open(sqlite_url) as store:
        save(store, call(wait=5, entered="2020-06-03 09:00"), source="phone")
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
        assert store.snapshot_heads() == []
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
    store.record_poll(failed)
    with pytest.raises(Incomplete, match="no route"):
        froze(store)


def test_a_source_that_is_read_anew_is_not_complete(store):
    fill(store)
    save(store, ticket("2020-06-02 09:00", "new"), whole=True, progress=0.5)
    with pytest.raises(Incomplete, match="desk is being read anew"):
        froze(store)


def test_a_source_that_no_figure_draws_on_is_waited_for_by_nobody(store):
    settings = settings_of({"climate": {"kind": "manual", "values": []}})
    done = freeze(settings, store, Asked(JUNE), lambda: CLOCK)
    assert done.snapshot.content["incomplete"] == []


def test_a_period_that_runs_is_frozen_only_as_incomplete(store):
    july = written_period("2020-07", FiscalYear())
    fill(store)
    with pytest.raises(Incomplete, match="is not over"):
        froze(store, july)
    said = froze(store, july, incomplete=True).snapshot.content
    assert [gap["why"] for gap in said["incomplete"]] == ["running"]
    (gap,) = said["incomplete"]
    for language, days in (
        ("sv", "mån tis ons tor fre lör sön"),
        ("en", "Mon Tue Wed Thu Fri Sat Sun"),
    ):
        day = re.search(r"(\w+) 2020-\d\d-\d\d", gap[language])
        assert day
        assert day[1] in days.split()
    with pytest.raises(Refused, match="has not begun"):
        froze(store, written_period("2020-08", FiscalYear()), incomplete=True)


def test_by_an_instant_that_nobody_read_up_to_it_is_refused(store):
    """What passed its deadline since then may have been answered."""
    fill(store)
    with pytest.raises(Incomplete, match="last read to its end"):
        froze(store, given=READ + 86_400)


def test_an_amendment_stands_beside_and_never_over(store):
    fill(store)
    before = froze(store).snapshot
    asked = Asked(JUNE)
    with pytest.raises(Refused, match="nothing to amend"):
        amend(SETTINGS, store, asked, lambda: CLOCK)
    save(store, ANSWERED)
    for source in ("desk", "phone"):
        polled(store, source, at("2020-07-02 06:00"))
    again = freeze(SETTINGS, store, asked, lambda: CLOCK)
    assert not again.new
    assert again.unlike is not None
    after = amend(SETTINGS, store, asked, lambda: at("2020-07-02 07:00")).snapshot
    assert (after.number, after.kind, after.previous) == (2, "amendment", before.seal)
    amends = after.content["amends"]
    assert (amends["number"], amends["seal"]) == (1, before.seal)
    changed = amends["changes"]["records"]
    assert {(each["id"], each["why"]) for each in changed} == {
        ("late", "late_answer"), ("late", "late_resolution"),
    }  # fmt: skip
    assert stored(store, JUNE).raw == before.raw
    assert [each.number for each in amendments(store, JUNE)] == [2]
    assert latest(store, JUNE).number == 2


def test_the_store_itself_refuses_changes(store, store_url):
    fill(store)
    froze(store)
    for statement in ("UPDATE snapshots SET kind = 'x'", "DELETE FROM snapshots"):
        with pytest.raises(StoreError, match="never changed"), store._writing() as connection:
            connection.exec_driver_sql(statement)
    assert froze(store).unlike is None


def test_verdicts_are_stored_beside_it(store):
    fill(store)
    found = froze(store).snapshot
    text = zlib.decompress(found.records).decode()
    assert text.count('"late"') == 2, "pending in handling and in urgent"
    assert sum(map(len, found.lines.values())) == text.count("\n")


def test_a_period_has_one_name():
    def name(text, **more):
        fiscal = FiscalYear(**more)
        return named_alike(written_period(text, fiscal), fiscal).name

    assert name("2020-07-01..2020-07-31") == "2020-07"
    assert name("2020-01..2020-12") == "2020"
    assert name("2020-01..2020-04") == "2020-t1"
    assert name("2020-01..2020-07") == "2020-01..2020-07"
    assert name("2020-07-14") == "2020-07-14"
    assert name("2020-07-14..2020-08-02") == "2020-07-14..2020-08-02"
    assert name("2020-09..2021-08", start=9) == "2020"


def test_thirteen_months_up_to_the_last_one():
    months = last_months(written_period("2020-01..2020-07-14", FiscalYear()), date(2020, 8, 1))
    assert [months[0].name, months[-1].name, len(months)] == ["2019-07", "2020-07", 13]
    assert months[-1].last == date(2020, 7, 14)
