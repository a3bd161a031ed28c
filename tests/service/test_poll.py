"""One drain: pages, errors, rejections, stopping."""

import itertools
import logging
from dataclasses import replace

import pytest

from collector.io.errors import SourceError
from collector.model.instants import instants_of
from collector.model.page import Page, Rejected
from collector.service.drain import drain
from collector.sources.kit.contract import SourceOptions
from collector.store import PollResult, Store
from tests.worlds.fake_source import NAME, FakeSource, call, dump, ticket


class Scripted:
    """Yields the given pages; raises what is an error among them."""

    Options = SourceOptions
    name = NAME
    as_of = None

    def __init__(self, *script):
        self._script = script
        self.closed = False

    def pages(self, cursor, since=None):
        try:
            for step in self._script:
                if isinstance(step, Exception):
                    raise step
                yield step
        finally:
            self.closed = True

    def check(self):
        return "scripted"


@pytest.fixture
def store(sqlite_url):
    with Store.open(sqlite_url) as opened:
        yield opened


@pytest.fixture
def clock():
    return itertools.count(1000, 5).__next__


def page(number, wrong=0, good=10, **more):
    first = number * 100
    return Page(
        records=[ticket(n) for n in range(first, first + good)],
        rejected=[Rejected("bad_date", f"row {n}", "no date") for n in range(wrong)],
        cursor={"page": number},
        **more,
    )


def test_a_clock_that_was_wrong_during_a_poll_is_told_when_it_is_right_again(store, clock):
    pages = [page(1, clock_skew=0.2), page(2, clock_skew=-3600.0), page(3, clock_skew=1.0)]
    result = drain(Scripted(*pages), store, clock=clock)
    assert result.clock_skew == -3600.0


def test_a_drain_stores_everything_and_says_so(store, sqlite_url, clock):
    seen = []
    result = drain(
        FakeSource(60), store, clock=clock, on_page=lambda page, n: seen.append(page.cursor["page"])
    )
    assert result.ok
    assert (result.started_at, result.finished_at) == (1000, 1005)
    assert seen == list(range(1, 61))
    assert result.rejected == {"odd": 1}
    assert result.clock_skew == 1.5
    assert store.pages.cursor(NAME) == {"page": 60}
    state = store.polls.states()[NAME]
    assert (state.last_success, state.last_failure) == (1005, None)
    assert state.rejected == {"odd": 1}
    assert state.newest_record_at == result.newest_at
    assert state.consecutive_failures == 0
    assert len(dump(sqlite_url, log=True)["polls"]) == 1


def test_a_second_drain_has_nothing_to_do(store, clock):
    drain(FakeSource(60), store, clock=clock)
    revision = store.revisions.latest()
    again = drain(FakeSource(60), store, clock=clock)
    assert (again.ok, again.records, again.changed) == (True, 0, 0)
    assert store.revisions.latest() == revision


def test_a_failing_source_keeps_what_was_read(store, clock):
    source = Scripted(page(1), SourceError("the server\nanswers 503"), page(2))
    result = drain(source, store, clock=clock)
    assert not result.ok
    assert result.error == "the server answers 503"
    assert result.records == 10
    assert store.pages.cursor(NAME) == {"page": 1}
    state = store.polls.states()[NAME]
    assert (state.consecutive_failures, state.last_error) == (1, result.error)
    assert source.closed


def test_failures_are_counted_until_a_success(store, clock):
    for _ in range(3):
        drain(Scripted(SourceError("down")), store, clock=clock)
    assert store.polls.states()[NAME].consecutive_failures == 3
    drain(Scripted(), store, clock=clock)
    state = store.polls.states()[NAME]
    assert (state.consecutive_failures, state.last_error) == (0, "down")
    assert state.last_failure < state.last_success


def test_an_unexpected_error_tells_its_type_and_place_but_no_contents(store, clock, caplog):
    result = drain(Scripted(page(1), KeyError("Anna Andersson")), store, clock=clock)
    assert not result.ok
    assert "KeyError" in result.error
    assert "Anna" not in result.error + caplog.text
    assert "test_poll.py line" in caplog.text


def test_exactly_five_percent_rejected_pass(store, clock):
    result = drain(Scripted(page(1, wrong=1, good=19)), store, clock=clock)
    assert result.ok
    assert store.polls.states()[NAME].rejected == {"bad_date": 1}


def test_more_than_five_percent_rejected_fail_and_keep_the_cursor(store, clock):
    result = drain(Scripted(page(1, good=40), page(2, wrong=3)), store, clock=clock)
    assert not result.ok
    assert result.error == "3 of 53 records rejected (bad_date 3)"
    assert store.pages.cursor(NAME) == {"page": 1}
    assert store.records.ticket(NAME, "200") is None
    assert result.rejected == {"bad_date": 3}
    assert store.polls.states()[NAME].rejected == {}  # of stored pages


def test_one_odd_record_alone_does_not_stop_a_source_that_reads_what_is_new(store, clock):
    assert drain(Scripted(page(1, wrong=1, good=2)), store, clock=clock).ok
    assert store.pages.cursor(NAME) == {"page": 1}
    assert store.polls.states()[NAME].rejected == {"bad_date": 1}


def test_where_a_source_is_read_whole_the_share_decides_at_any_size(store, clock):
    whole = replace(page(1, wrong=1, good=2), whole=(1, 3))
    result = drain(Scripted(whole), store, clock=clock)
    assert result.error == "1 of 3 records rejected (bad_date 1)"
    assert store.pages.cursor(NAME) is None


def test_a_whole_is_judged_before_its_first_page_wherever_the_wrong_rows_stand(
    store, clock, caplog
):
    first, last = (
        replace(each, whole=(3, 43)) for each in (page(1, good=40), page(2, good=0, wrong=3))
    )
    result = drain(Scripted(first, last), store, clock=clock)
    assert result.error == "3 of 43 records rejected (bad_date 3)"
    assert store.records.span() is None
    assert "rejected row 0: no date" in caplog.text
    early = replace(page(1, good=10, wrong=2), whole=(2, 100))
    rest = replace(page(2, good=88), whole=(2, 100))
    assert drain(Scripted(early, rest), store, clock=clock).ok


def test_a_drain_ended_early_is_neither_success_nor_failure(store, clock):
    result = drain(Scripted(page(1), page(2)), store, clock=clock, stop=lambda: True)
    assert result.ok and result.stopped
    state = store.polls.states()[NAME]
    assert (state.last_success, state.last_failure, state.consecutive_failures) == (None, None, 0)
    assert drain(Scripted(page(3)), store, clock=clock).ok
    success = store.polls.states()[NAME].last_success
    assert success is not None
    drain(Scripted(page(4), page(5)), store, clock=clock, stop=lambda: True)
    assert store.polls.states()[NAME].last_success == success


def test_a_source_that_may_not_be_asked_for_more_ends_the_drain_without_an_error(store, clock):
    spent = replace(page(2, good=0), more=True)
    source = Scripted(page(1), spent, SourceError("asked all the same"))
    result = drain(source, store, clock=clock)
    assert (result.ok, result.stopped, result.records, source.closed) == (True, True, 10, True)
    assert store.pages.cursor(NAME) == {"page": 2}
    state = store.polls.states()[NAME]
    assert (state.last_success, state.last_failure) == (None, None)


def test_rejections_are_logged_up_to_a_bound(store, clock, caplog):
    drain(Scripted(page(1, wrong=30, good=900)), store, clock=clock)
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == 21
    assert lines[0] == "fake: rejected row 0: no date"
    assert lines[-1] == "fake: 10 more records rejected"


def test_a_record_that_no_row_can_hold_is_rejected(store, clock):
    odd = [ticket(n) for n in range(40)]
    odd[3] = ticket(3).__class__(source=NAME, id="odd", opened_at=5, category="a\0b")
    result = drain(Scripted(Page(records=odd, cursor={})), store, clock=clock)
    assert result.ok
    assert result.rejected == {"unstorable": 1}
    assert store.records.ticket(NAME, "odd") is None
    assert store.records.ticket(NAME, "39") == ticket(39)


def test_stop_ends_between_pages(store, clock):
    asked = iter([False, False, True])
    result = drain(FakeSource(60), store, clock=clock, stop=lambda: next(asked))
    assert result.ok
    assert store.pages.cursor(NAME) == {"page": 3}
    assert drain(FakeSource(60), store, clock=clock).ok
    assert store.pages.cursor(NAME) == {"page": 60}


def test_a_drain_beside_another_stores_nothing_after_it(store, sqlite_url, clock):
    def overtake(page, _):
        if page.cursor["page"] == 10:
            with Store.open(sqlite_url) as other:
                assert drain(FakeSource(20), other, clock=clock).ok

    result = drain(FakeSource(60), store, clock=clock, on_page=overtake)
    assert not result.ok
    assert "another process has moved its cursor" in result.error
    assert store.pages.cursor(NAME) == {"page": 20}


def test_a_lost_store_fails_the_poll_and_raises_nothing(tmp_path, clock, caplog):
    (tmp_path / "here").mkdir()
    store = Store.open(f"sqlite:///{tmp_path / 'here' / 'store.db'}")
    with store:
        store.close()
        for file in (tmp_path / "here").iterdir():
            file.unlink()
        (tmp_path / "here").rmdir()
        result = drain(FakeSource(60), store, clock=clock)
    assert isinstance(result, PollResult)
    assert "cannot be opened" in result.error
    assert "could not be recorded" in caplog.text


def test_calls_and_progress(store, clock):
    source = Scripted(Page(records=[call(1)], cursor={}, progress=1.0))
    changed = []
    drain(source, store, clock=clock, on_page=lambda _, n: changed.append(n))
    assert changed == [1]
    assert len(store.records.calls((0, 2**40))) == 1


def test_since_is_handed_on(store, clock):
    class Since(Scripted):
        def pages(self, cursor, since=None):
            yield Page(records=[], cursor={"since": since})

    drain(Since(), store, clock=clock, since=77)
    assert store.pages.cursor(NAME) == {"since": 77}


@pytest.fixture(autouse=True)
def _level(caplog):
    caplog.set_level(logging.INFO)


# What is ignored, and what is dated in the future


def test_what_is_ignored_is_in_the_result_the_poll_log_and_the_state(store, sqlite_url, clock):
    pages = (page(1, ignored={"no_entry": 1}), page(2, ignored={"blank_line": 50}))
    result = drain(Scripted(*pages), store, clock=clock)
    assert (result.ok, result.ignored) == (True, {"no_entry": 1, "blank_line": 50})
    drain(Scripted(page(3, ignored={"no_entry": 1})), store, clock=clock)
    assert store.polls.states()[NAME].ignored == {"no_entry": 2, "blank_line": 50}
    assert [row["ignored"] for row in dump(sqlite_url, log=True)["polls"]] == [51, 1]


@pytest.mark.parametrize(
    ("ignored", "entries", "ok"),
    [
        ({"no_entry": 1}, 20, True),
        ({"no_entry": 1, "unknown_event": 1}, 20, False),
        ({"no_entry": 2}, None, False),  # with ten records
        ({"no_entry": 9}, 19, True),  # too few to judge
        ({"repeated_line": 500, "other_queue": 500}, 1000, True),  # nothing of a record is missing
    ],
)
def test_over_five_percent_of_the_entries_without_a_record_fail_and_stay_stored(
    store, clock, ignored, entries, ok
):
    good = 18 if entries is None else 10
    result = drain(
        Scripted(page(1, good=good, ignored=ignored, entries=entries)), store, clock=clock
    )
    assert result.ok is ok
    assert store.pages.cursor(NAME) == {"page": 1}
    assert store.records.ticket(NAME, "100") is not None
    if not ok:
        of = entries or 20
        assert result.error.startswith(f"2 of {of} entries ignored (no_entry ")
        assert drain(Scripted(), store, clock=clock).ok


def test_a_record_of_several_pages_is_one(store, clock):
    result = drain(Scripted(page(1), page(1), page(2)), store, clock=clock)
    assert (result.records, result.changed) == (20, 20)


def test_remarks_are_logged_once(store, clock, caplog):
    odd = Rejected("odd", "log:3", "the event 'X' is not known")
    drain(Scripted(page(1, remarks=[odd]), page(2, remarks=[odd])), store, clock=clock)
    assert caplog.messages == ["fake: log:3: the event 'X' is not known"]


NOW = 1_800_000_000


def dated(number, *instants):
    opened, *resolved = instants
    return replace(
        ticket(number), opened_at=opened, changes=(), resolved_at=resolved[0] if resolved else None
    )


def polled(store, *records, now=NOW, whole=None):
    newest = max((at for one in records for at in instants_of(one)), default=None)
    number = itertools.count(1)
    before = store.pages.cursor(NAME) or {"page": 0}
    cursor = {"page": before["page"] + next(number)}
    one = Page(records=records, cursor=cursor, newest_at=newest, whole=whole, progress=1.0)
    result = drain(Scripted(one), store, clock=lambda: now)
    assert result.ok
    return result, store.polls.states()[NAME].newest_record_at


def test_a_record_from_the_future_is_not_the_newest(store, caplog):
    far = dated(2, NOW - 500, NOW + 10 * 365 * 86_400)
    result, newest = polled(store, dated(1, NOW - 7_200), far)
    assert (newest, result.newest_at) == (NOW - 500, NOW - 500)
    assert result.doubtful == {"in_future": 1}
    assert "id '2': dated 2037-" in caplog.text
    assert "correct it" in caplog.text
    assert polled(store, dated(3, NOW + 60), now=NOW + 90)[1] == NOW + 60


def test_a_clock_that_is_a_little_ahead_makes_a_record_of_now(store):
    result, newest = polled(store, dated(1, NOW + 60))
    assert (newest, result.doubtful) == (NOW, {})


def test_records_that_are_all_from_the_future_are_of_the_poll(store):
    """The alert of silence counts from then on."""
    assert polled(store, dated(1, NOW + 7_200))[1] == NOW
    assert polled(store, now=NOW + 3_600)[1] == NOW


def test_the_newest_is_computed_anew_after_a_correction(store):
    """Of a source that reads everything again: a wrong date in the past made it look fresh."""
    first = [dated(1, NOW - 90_000), dated(2, NOW - 60)]
    assert polled(store, *first, whole=(0, 2))[1] == NOW - 60
    corrected = [dated(1, NOW - 90_000), dated(2, NOW - 80_000)]
    assert polled(store, *corrected, whole=(0, 2))[1] == NOW - 80_000


def test_what_an_earlier_release_took_for_the_newest_is_computed_anew(store):
    polled(store, dated(1, NOW - 90_000))
    poisoned = PollResult(
        source=NAME, started_at=NOW, finished_at=NOW, ok=True, newest_at=NOW + 10**9
    )
    store.polls.record(poisoned)
    assert store.polls.states()[NAME].newest_record_at == NOW + 10**9
    drain(Scripted(), store, clock=lambda: NOW + 60)
    assert store.polls.states()[NAME].newest_record_at == NOW - 90_000
