"""Queue logs as telephone systems and dialplans really write them: no call is lost without a word.

The inputs of tests/fixtures/field go through the real commands.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from collector.model.records import CallOutcome
from collector.sources.asterisk_queue_log.calls import BELIEVED_AFTER, CallTracker
from collector.sources.asterisk_queue_log.events import KNOWN, parse_line
from collector.sources.asterisk_queue_log.lines import RecentLines, text_of
from tests.sources.test_asterisk_queue_log import RECORDED, T, log_of, read
from tests.worlds.commands import run_here
from tests.worlds.paths import FIXTURES
from tests.worlds.sizes import sample_size

FIELD = FIXTURES / "field"
JUNE = "2024-06"


@pytest.fixture
def field(tmp_path, monkeypatch):
    """A function that copies a folder of the fixtures and works there."""

    def go(name):
        folder = tmp_path / name
        shutil.copytree(FIELD / name, folder)
        monkeypatch.chdir(folder)
        return folder

    return go


def polled():
    done = run_here("poll")
    assert done.code == 0, done.err
    return done.out


def figures(period):
    """(good, eligible, excluded) of the share, and the number of calls."""
    done = run_here("measure", "--period", period, "--format", "json")
    found = {f["indicator"]: f for f in json.loads(done.out)}
    share = found["sl20"]
    return (share["good"], share["eligible"], share["excluded"]), found["calls"]["value"]


# The inputs of the field


def test_callers_whose_end_asterisk_does_not_name_stay_in_the_denominator(field):
    field("exitcode")
    assert polled() == "phone: 4 records, 4 new or changed, 1 ignored (after_end 1)\n"
    assert figures("2006-12..2007-01") == ((1, 4, {}), 4)


def test_fields_that_are_left_out_cost_no_outcome(field):
    field("missing")
    assert polled() == "phone: 3 records, 3 new or changed\n"
    assert figures(JUNE) == ((3, 3, {}), 3)


def test_a_line_from_the_future_turns_no_call_and_hides_nothing(field):
    field("future")
    assert "1 doubtful (in_future 1)" in polled()
    assert figures(JUNE) == ((2, 3, {}), 3)
    checked = run_here("check")
    assert "future" not in checked.out  # no record is dated so, only a pause


def test_a_log_in_latin_1_is_read_and_said_to_be(field):
    folder = field("latin1")
    assert "4 doubtful (other_encoding 4)" in polled()
    assert figures(JUNE) == ((1, 2, {}), 2)
    path = folder / "queue_log"
    maps = {"organization": {"Växel Laxå": "Laxå", "default": "Lekeberg"}}
    (first, *_) = read(path, map=maps).calls.values()
    assert (first.queue, first.organization) == ("Växel Laxå", "Laxå")
    declared = read(path, encoding="latin-1")
    assert declared.calls == read(path).calls
    assert declared.doubtful == {}


def test_who_goes_through_a_queue_twice_makes_two_stays(field):
    field("loop")
    assert polled() == "phone: 2 records, 2 new or changed\n"
    assert figures(JUNE) == ((1, 2, {}), 2)


# Ends of unknown names


def waiting(*lines):
    return [f"{T}|c|it|NONE|ENTERQUEUE||1|1", *lines]


@pytest.mark.parametrize(
    ("end", "outcome"),
    [
        ("EXITCODE|TIMEOUT", "timeout"),
        ("EXITCODE|LEAVEEMPTY", "empty"),
        ("EXITCODE|CONTINUE", "unanswered"),
        ("EXITHANGUP|", "abandoned"),
        ("EXITHANGUP|TIMEOUT", "timeout"),
        ("HANGUP", "abandoned"),
        ("LEAVEEMPTY|1|1", "empty"),
        ("FULL", "empty"),
        ("KASTAD|x|y", "unanswered"),
        ("abandoned|1|1|13", "unanswered"),
        ("ABANDON|1|1|-4", "abandoned"),
        ("ABANDON|1|1|14.0", "abandoned"),
        ("ABANDON", "abandoned"),
        ("ABANDON|1|1|99999999999", "abandoned"),
    ],
)
def test_every_end_of_another_name_is_an_unanswered_call(tmp_path, end, outcome):
    reader = read(log_of(tmp_path / "queue_log", *waiting(f"{T + 14}|c|it|NONE|{end}")))
    (one,) = reader.calls.values()
    assert (one.outcome, one.wait_seconds, one.left_at) == (outcome, 14, T + 14)


def test_an_unknown_event_ends_a_call_only_until_a_known_one_follows(tmp_path):
    lines = waiting(f"{T + 5}|c|it|NONE|POSITION|2")
    reader = read(log_of(tmp_path / "queue_log", *lines))
    assert reader.calls["c/it/1"].outcome == "unanswered"
    assert reader.ignored == {"unknown_event": 1}
    with (tmp_path / "queue_log").open("a") as file:
        file.write(f"{T + 9}|c|it|Bo|CONNECT|9|x|1\n{T + 20}|c|it|Bo|RATING|5\n")
    reader.start()
    one = reader.poll().calls["c/it/1"]
    assert (one.outcome, one.wait_seconds) == ("answered", 9)
    assert [remark.where for remark in reader.remarks] == ["queue_log:2", "queue_log:4"]
    assert "name it under map.event" in reader.remarks[0].message


def test_the_configuration_names_events(tmp_path):
    lines = [
        *(f"{T + n}|{c}|it|NONE|ENTERQUEUE||1|1" for n, c in enumerate("abcde")),
        f"{T + 9}|a|it|NONE|GONE|1|1|7",
        f"{T + 9}|b|it|NONE|Ring_me",
        f"{T + 9}|c|it|Bo|ANSWERED|8",
        f"{T + 9}|d|it|NONE|POSITION|2",
        f"{T + 9}|e|it|NONE|OTHER",
    ]
    names = {"GONE": "ABANDON", "Ring_me": "callback", "ANSWERED": "connect", "POSITION": "ignore"}
    log = log_of(tmp_path / "queue_log", *lines)
    reader = read(log, map={"event": {**names, "default": "EXITWITHTIMEOUT"}})
    found = {call.id[0]: (call.outcome.value, call.wait_seconds) for call in reader.calls.values()}
    assert found == {
        "a": ("abandoned", 7),
        "b": ("callback", 8),
        "c": ("answered", 8),
        "d": ("open", None),
        "e": ("timeout", 5),
    }
    assert reader.ignored == {}


REFUSED = [
    *(
        "FULL",
        "FULL|",
        "JOINEMPTY",
        "JOINUNAVAIL",
        "CLOSED",
        "DIVERT_CA_RATIO",
        "DIVERT_HOLDTIME|9",
    ),
    *("EXITCODE|JOINEMPTY", "EXITCODE|FULL", "EXITHANGUP|JOINUNAVAIL", "NO_ENTRY"),
]


@pytest.mark.parametrize("end", REFUSED)
def test_a_caller_who_is_not_let_in_is_a_call_of_its_own_kind(tmp_path, end):
    lines = [f"{T}|c|it|NONE|{end}", f"{T + 5}|d|it|NONE|ENTERQUEUE||1|1"]
    reader = read(log_of(tmp_path / "queue_log", *lines), map={"event": {"NO_ENTRY": "refused"}})
    assert reader.ignored == {}
    found = {
        (c.id[0], c.outcome.value, c.entered_at, c.wait_seconds) for c in reader.calls.values()
    }
    assert found == {("c", "refused", T, 0), ("d", "open", T + 5, None)}


@pytest.mark.parametrize("end", REFUSED)
def test_who_was_in_the_queue_already_was_not_refused(tmp_path, end):
    lines = waiting(f"{T + 9}|c|it|NONE|{end}")
    (one,) = read(
        log_of(tmp_path / "queue_log", *lines), map={"event": {"NO_ENTRY": "refused"}}
    ).calls.values()
    assert (one.outcome, one.wait_seconds) == ("empty", 9)


def test_a_caller_who_tries_again_is_refused_and_answered(tmp_path):
    lines = [
        *(f"{T + n}|c|it|NONE|JOINEMPTY" for n in (0, 0, 30)),  # written twice in one second
        f"{T + 60}|c|it|NONE|ENTERQUEUE||1|1",
        f"{T + 70}|c|it|Bo|CONNECT|10|x|1",
        f"{T + 90}|c|it|Bo|COMPLETECALLER|10|20|1",
        f"{T + 90}|c|hr|NONE|FULL",  # transferred to a queue that is full
        f"{T + 91}|c|it|NONE|EXITCODE|TIMEOUT",  # says nothing new of the first
    ]
    reader = read(log_of(tmp_path / "queue_log", *lines))
    assert {(c.id, c.outcome.value) for c in reader.calls.values()} == {
        (f"c/it/refused {T}", "refused"),
        (f"c/it/refused {T + 30}", "refused"),
        ("c/it/1", "answered"),
        (f"c/hr/refused {T + 90}", "refused"),
    }
    assert reader.ignored == {"after_end": 1, "repeated_line": 1}


def test_a_hang_up_without_a_queue_ends_the_stay_of_its_caller(tmp_path):
    for queue in ("NONE", ""):
        lines = waiting(f"{T + 5}|c|{queue}|NONE|HANGUP", f"{T + 5}|x|{queue}|NONE|HANGUP")
        reader = read(log_of(tmp_path / "queue_log", *lines))
        assert reader.calls["c/it/1"].outcome == "abandoned"
        assert reader.ignored == {"not_admitted": 1}


def test_a_lost_caller_stays_lost_after_a_restart_and_a_day(tmp_path):
    later = [f"{T + 90_000 + n}|NONE|NONE|A|PAUSE|" for n in range(BELIEVED_AFTER)]
    for lines in (later, [f"{T + 60}|NONE|NONE|NONE|QUEUESTART|"]):
        path = log_of(tmp_path / "queue_log", *waiting(f"{T + 9}|c|it|NONE|KASTAD|", *lines))
        reader = read(path)
        assert reader.calls["c/it/1"].outcome == "unanswered"
        assert json.loads(reader.cursor)["calls"]["here"] == []


NAMES = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ_", min_size=1, max_size=20)


@settings(deadline=None, max_examples=sample_size(60, 300), database=None)
@given(name=NAMES, after=st.integers(0, 3600), data=st.lists(st.text("0123456789X", max_size=5)))
@example("EXITHANGUP", 60, [])
def test_whatever_the_end_is_called_the_caller_is_unanswered_and_not_waiting(name, after, data):
    line = "|".join([f"{T + after}|c|it|NONE|{name}", *data])
    if name in KNOWN:
        return  # what Asterisk's own events mean is tested elsewhere
    ignored: Counter[str] = Counter()
    tracker = CallTracker("phone")
    calls = [call for each in waiting(line) for call in tracker.feed(parse_line(each), ignored)]
    assert (calls[-1].outcome, calls[-1].wait_seconds) == (CallOutcome.UNANSWERED, after)
    assert ignored == {"unknown_event": 1}


# Answers whose lines lack fields


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        # the wait, the instant of the answer after the entry, the talk
        (["40|CONNECT|"], (40, 40, None)),
        (["40|CONNECT|12", "90|COMPLETEAGENT|"], (12, 40, 50)),
        (["40|CONNECT|-3", "90|COMPLETEAGENT|"], (40, 40, 50)),
        (["90|COMPLETEAGENT|12|50"], (12, 40, 50)),
        (["90|COMPLETEAGENT|12"], (12, 12, 78)),
        (["90|COMPLETEAGENT||50"], (40, 40, 50)),
        (["90|COMPLETEAGENT|"], (None, None, None)),
        (["-5|CONNECT|"], (None, -5, None)),  # the clock was set back: not answered at once
    ],
)
def test_an_answer_keeps_its_outcome_whatever_is_left_out(tmp_path, lines, wanted):
    texts = (line.split("|", 1) for line in lines)
    path = log_of(
        tmp_path / "queue_log", *waiting(*(f"{T + int(at)}|c|it|Bo|{rest}" for at, rest in texts))
    )
    (one,) = read(path).calls.values()
    answered = None if one.answered_at is None else one.answered_at - T
    assert one.outcome == "answered"
    assert (one.wait_seconds, answered, one.talk_seconds) == wanted


# Repeated lines


def recorded():
    return [
        line
        for name in ("queue_log.0", "queue_log")
        for line in (RECORDED / name).read_text().splitlines()
    ]


def followed(lines):
    """The calls of lines, in their last states."""
    tracker, recent, ignored = CallTracker("phone"), RecentLines(), Counter()
    calls = {}
    for line in lines:
        event = parse_line(line)
        if not recent.repeats(line, event, tracker.time):
            calls.update((call.id, call) for call in tracker.feed(event, ignored))
    return calls


@settings(deadline=None, max_examples=sample_size(40, 200), database=None)
@given(
    repeats=st.lists(st.tuples(st.integers(0, 263), st.integers(0, 263), st.integers(1, 60))),
)
def test_lines_that_are_repeated_anywhere_later_count_once(repeats):
    """A block of lines comes again somewhere after it: each line doubled, a copy, an overlap."""
    once = recorded()
    lines = list(enumerate(once))
    for start, gap, size in repeats:
        block = [(n, once[n]) for n in range(start, min(start + size, len(once)))]
        last = max(place for place, (n, _) in enumerate(lines) if n == block[-1][0])
        place = min(len(lines), last + 1 + gap)
        lines[place:place] = block
    assert followed(line for _, line in lines) == followed(once)


@settings(deadline=None, max_examples=sample_size(40, 200), database=None)
@given(chance=st.randoms(use_true_random=False))
def test_in_whatever_order_lines_come_every_entry_is_one_call(chance):
    lines = recorded()
    chance.shuffle(lines)
    entries = {line for line in lines if "|ENTERQUEUE|" in line}
    assert len(followed(lines)) == len(entries)


def test_a_log_that_was_copied_behind_itself_counts_once(tmp_path):
    lines = recorded()
    twice = read(log_of(tmp_path / "queue_log", *lines, *lines))
    once = read(log_of(tmp_path / "once", *lines))
    assert twice.calls == once.calls
    assert twice.ignored["repeated_line"] > 200


def test_a_long_log_that_was_copied_counts_once(tmp_path):
    """Longer than lines are remembered."""
    lines = [
        line
        for n in range(400)
        for line in (
            f"{T + 100 * n}|c{n}|it|NONE|ENTERQUEUE||1|1",
            f"{T + 100 * n + 9}|c{n}|it|NONE|EXITWITHTIMEOUT|1|1|9",
            f"{T + 100 * n + 10}|c{n}|it|NONE|ENTERQUEUE||1|1",
            f"{T + 100 * n + 20}|c{n}|it|Bo|CONNECT|10|x|1",
            f"{T + 100 * n + 90}|c{n}|it|Bo|COMPLETEAGENT|10|70|1",
        )
    ]
    once = read(log_of(tmp_path / "once", *lines)).calls
    assert len(once) == 800
    assert read(log_of(tmp_path / "queue_log", *lines, *lines)).calls == once
    assert read(log_of(tmp_path / "parts", *lines[:1500], *lines[1000:])).calls == once


def test_logs_that_overlap_count_once(tmp_path):
    lines = recorded()
    log_of(tmp_path / "queue_log.1", *lines[:180])
    log_of(tmp_path / "queue_log", *lines[100:])
    calls = read(tmp_path / "queue_log").calls
    assert calls == read(log_of(tmp_path / "once", *lines)).calls


# Lines from the future


FUTURE = st.tuples(
    st.integers(0, 264),
    st.integers(2_000_000_000, 4_000_000_000),
    st.sampled_from(
        ["NONE|NONE|A|PAUSE|", "x|it|A|CONNECT|5", "x|it|NONE|ABANDON|1|1|9", "x|it|A|ODD|"]
    ),
)


@settings(deadline=None, max_examples=sample_size(40, 200), database=None)
@given(lines=st.lists(FUTURE, max_size=12))
def test_lines_from_the_future_turn_no_other_call(lines):
    mixed = recorded()
    for place, at, rest in lines:
        mixed.insert(place, f"{at}|{rest}")
    assert followed(mixed) == followed(recorded())


@pytest.mark.parametrize("jump", [3 * 86_400, 10**9])
def test_a_call_outlives_the_jump_of_one_of_its_own_lines(tmp_path, jump):
    lines = [
        f"{T}|a|it|NONE|ENTERQUEUE||1|1",
        f"{T + 9 + jump}|a|it|Bo|CONNECT|9|x|1",
        f"{T + 60}|a|it|Bo|COMPLETEAGENT|9|51|1",
        f"{T + 70 + jump}|b|it|NONE|ENTERQUEUE||1|1",
        f"{T + 80}|b|it|NONE|ABANDON|1|1|10",
        f"{T + 90}|c|it|NONE|ENTERQUEUE||1|1",
        f"{T + 95 + jump}|c|it|NONE|ABANDON|1|1|5",
    ]
    calls = read(log_of(tmp_path / "queue_log", *lines)).calls
    a, b, c = (calls[f"{name}/it/1"] for name in "abc")
    assert (a.outcome, a.wait_seconds, a.answered_at, a.left_at) == ("answered", 9, T + 9, T + 60)
    assert (b.outcome, b.wait_seconds, b.entered_at) == ("abandoned", 10, T + 70)
    assert (c.outcome, c.wait_seconds, c.left_at) == ("abandoned", 5, T + 95)


def test_after_a_jump_of_the_clock_a_lost_log_still_goes_on(tmp_path):
    """What is new after a loss is decided by time, which a wrong clock must not set to 2036."""
    jump = [f"{2_099_000_000 + n}|NONE|NONE|A|ADDMEMBER|" for n in range(30)]
    path = log_of(tmp_path / "queue_log", *waiting(f"{T + 9}|c|it|NONE|ABANDON|1|1|9"), *jump)
    reader = read(path)
    path.unlink()
    now = 1_990_000_000
    log_of(path, f"{now}|d|it|NONE|ENTERQUEUE||1|1", f"{now + 9}|d|it|NONE|ABANDON|1|1|9")
    assert "d/it/1" in reader.poll().calls
    assert reader.reasons() == ["lost_log"]


# Files that are no queue log


@pytest.mark.parametrize(
    "text",
    [
        "id,time,callid,queuename,agent,event\n1,2020-07-01 08:00:00,a.1,it,NONE,ENTERQUEUE\n",
        "2020-07-01 08:00:00|a.1|it|NONE|ENTERQUEUE|\n",
    ],
)
def test_a_file_that_is_no_queue_log_fails_however_short(field, text):
    """No calls in it are not zero calls."""
    (field("exitcode") / "queue_log").write_text(text)
    checked, done = run_here("check"), run_here("poll")
    assert (checked.code, done.code) == (2, 1)
    assert "does not begin with lines of a queue log" in checked.err
    assert "records rejected" in done.out
    assert figures("2006-12") == ((0, 0, {}), None)


# Encodings


def test_lines_of_both_encodings_name_the_same_queue(tmp_path):
    path = tmp_path / "queue_log"
    line = f"{T}|{{}}|Växel|NONE|ENTERQUEUE||1|1\n"
    path.write_bytes(line.format("a").encode() + line.format("b").encode("cp1252"))
    reader = read(path)
    assert {call.queue for call in reader.calls.values()} == {"Växel"}
    assert [(r.reason, r.where) for r in reader.remarks] == [("other_encoding", "queue_log:2")]


def test_names_that_are_not_used_may_be_of_any_encoding(tmp_path):
    path = tmp_path / "queue_log"
    path.write_bytes(f"{T}|a|it|Åsa|ENTERQUEUE||1|1\n".encode("latin-1"))
    assert read(path).doubtful == {}


def test_a_byte_order_mark_costs_no_line(tmp_path):
    path = tmp_path / "queue_log"
    path.write_bytes(b"\xef\xbb\xbf" + f"{T}|a|it|NONE|ENTERQUEUE||1|1\r\n".encode())
    reader = read(path)
    assert (len(reader.calls), reader.rejected) == (1, [])


@settings(deadline=None, max_examples=sample_size(40, 200), database=None)
@given(
    queue=st.text(
        st.characters(codec="cp1252", exclude_characters="|", min_codepoint=33), min_size=1
    ),
    encoding=st.sampled_from(["cp1252", "utf-8"]),
)
def test_no_letter_of_a_queue_is_damaged(queue, encoding):
    raw = f"{T}|a|{queue}|NONE|ENTERQUEUE||1|1\n".encode(encoding)
    assert f"|{queue}|" in text_of(raw, encoding)[0]
    assert "�" not in text_of(raw, None)[0]


@pytest.mark.parametrize("encoding", ["utf-16", "none", ""])
def test_an_encoding_that_cannot_be_one_of_a_log_is_refused(tmp_path, encoding):
    log_of(tmp_path / "queue_log", *waiting())
    with pytest.raises(ValueError, match="not an encoding"):
        read(tmp_path / "queue_log", encoding=encoding)


@pytest.mark.parametrize("ours", ["answered", "open", "unknown", "gone"])
def test_an_event_cannot_be_named_what_is_no_end(tmp_path, ours):
    log_of(tmp_path / "queue_log", *waiting())
    with pytest.raises(ValueError, match="neither an event of Asterisk"):
        read(tmp_path / "queue_log", map={"event": {"GONE": ours}})
