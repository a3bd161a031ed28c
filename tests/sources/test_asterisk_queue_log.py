"""The queue log: what Asterisk itself counted, every event's format, and every kind of rotation."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import os
import re
import shutil
import sqlite3
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from collector.io.errors import SourceError
from collector.model.page import RejectedRow
from collector.model.records import Call, CallOutcome
from collector.sources.asterisk_queue_log import files as queue_log_files
from collector.sources.asterisk_queue_log import source as asterisk_queue_log
from collector.sources.asterisk_queue_log.calls import (
    BELIEVED_AFTER,
    FORGET_EVERY,
    CallTracker,
)
from collector.sources.asterisk_queue_log.events import Event, parse_event, parse_line
from collector.sources.asterisk_queue_log.options import AsteriskOptions
from collector.sources.asterisk_queue_log.source import AsteriskQueueLog
from tests.worlds.paths import FIXTURES
from tests.worlds.sizes import sample_size

RECORDED = FIXTURES / "asterisk"
UNANSWERED = {CallOutcome.ABANDONED, CallOutcome.TIMEOUT, CallOutcome.EMPTY, CallOutcome.WITHDRAWN}
T = 1_600_000_000


@dataclass
class Reader:
    """Polls like the service does: one record per id, a cursor that went through JSON."""

    path: object
    organizations: list[str] = field(default_factory=list)
    map: dict[str, dict[str, str]] = field(default_factory=dict)
    calls: dict[str, Call] = field(default_factory=dict)
    cursor: str | None = None
    rejected: list = field(default_factory=list)
    ignored: Counter = field(default_factory=Counter)
    doubtful: Counter = field(default_factory=Counter)
    remarks: list = field(default_factory=list)
    pages: int = 0
    encoding: str | None = None

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """A new process: only the cursor is left."""
        options = AsteriskOptions(
            type="asterisk_queue_log", path=str(self.path), map=self.map, encoding=self.encoding
        )
        self.source = AsteriskQueueLog("phone", options, self.organizations)

    def poll(self, most_pages: int | None = None, since: int | None = None) -> Reader:
        """``most_pages``: killed after that many were stored."""
        cursor = json.loads(self.cursor) if self.cursor else None
        stored = 0
        pages = self.source.pages(cursor, since)
        for page in pages:
            if stored == most_pages:
                break
            ids = [call.id for call in page.records]
            assert len(ids) == len(set(ids))
            self.calls.update((call.id, call) for call in page.records)
            self.cursor = json.dumps(page.cursor)
            self.rejected += page.rejected
            self.ignored.update(page.ignored)
            self.doubtful.update(page.doubtful)
            self.remarks += page.remarks
            stored += 1
        pages.close()
        self.pages += stored
        return self

    def reasons(self) -> list[str]:
        return [rejected.reason for rejected in self.rejected]


def read(path: Path, **options: object) -> Reader:
    return Reader(path, **options).poll()


def log_of(path: Path, *lines: str) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def counters(name: str) -> dict[str, dict[str, str]]:
    """The QueueParams of an AMI answer, by queue."""
    queues = {}
    for block in (RECORDED / name).read_text().split("\n\n"):
        fields = dict(re.findall(r"^(\w+): ?(.*)$", block, re.M))
        if fields.get("Event") == "QueueParams":
            queues[fields["Queue"]] = fields
    return queues


def recount(calls: list[Call], limit: int) -> tuple[int, int, float, float]:
    answered = [call for call in calls if call.outcome is CallOutcome.ANSWERED]
    lost = [call for call in calls if call.outcome in UNANSWERED]
    good = sum(call.wait_seconds <= limit for call in answered)
    short = sum(call.wait_seconds <= limit for call in lost)
    first = 100 * good / len(answered) if answered else 0.0
    both = len(answered) + len(lost)
    second = 100 * (good + short) / both if both else 0.0
    return len(answered), len(lost), round(first, 1), round(second, 1)


# What the running Asterisk counted itself


@pytest.mark.parametrize("path", ["queue_log", "queue_log*"])
def test_recount_equals_asterisks_own_counters(tmp_path, path):
    for name in ("queue_log", "queue_log.0"):
        shutil.copy(RECORDED / name, tmp_path)
    calls = read(tmp_path / path).calls.values()
    own = counters("QueueStatus.txt")
    assert set(own) == {"it-support", "it-vip", "it-night", "it-dump"}
    for queue, fields in own.items():
        mine = recount([c for c in calls if c.queue == queue], int(fields["ServiceLevel"]))
        assert mine == (
            int(fields["Completed"]),
            int(fields["Abandoned"]),
            float(fields["ServicelevelPerf"]),
            float(fields["ServicelevelPerf2"]),
        )
    assert own["it-support"]["ServicelevelPerf"] == "64.6"


def test_counters_in_mid_run(tmp_path):
    """Asterisk counts an answered call when it ends: so do we, at some instant of the log."""
    own = counters("QueueStatus_mid.txt")["it-support"]
    wanted = (int(own["Completed"]), int(own["Abandoned"]))
    lines = (RECORDED / "queue_log.0").read_text().splitlines()
    seen = set()
    for n in range(len(lines)):
        calls = list(read(log_of(tmp_path / "queue_log", *lines[:n])).calls.values()) if n else []
        mine = [c for c in calls if c.queue == "it-support"]
        ended = [c for c in mine if c.outcome is CallOutcome.ANSWERED and c.left_at is not None]
        open_calls = [c for c in mine if c.outcome is CallOutcome.OPEN]
        if (len(ended), sum(c.outcome in UNANSWERED for c in mine)) == wanted:
            seen.add(len(open_calls))
    assert int(own["Calls"]) in seen


def test_file_and_table_give_the_same_events():
    lines = [
        line
        for name in ("queue_log.0", "queue_log")
        for line in (RECORDED / name).read_text().splitlines()
    ]
    connection = sqlite3.connect(
        f"{(RECORDED / 'queue_log_realtime.sqlite3').as_uri()}?mode=ro&immutable=1", uri=True
    )
    rows = connection.execute(
        "select time, callid, queuename, event, data1, data2, data3, data4, data5"
        " from queue_log order by id"
    ).fetchall()
    connection.close()
    assert len(rows) == len(lines) == 264
    for line, (time, callid, queue, event, *data) in zip(lines, rows, strict=True):
        at = int(datetime.fromisoformat(time).replace(tzinfo=UTC).timestamp())
        assert parse_event(at, callid, queue, event, data) == parse_line(line)
        joined = "|".join(field or "" for field in data)  # the table with one column ``data``
        assert parse_event(at, callid, queue, event, [joined]) == parse_line(line)


# Each event in each version's format

FORMATS = [
    ("CONNECT|7", (7, None)),  # 1.4 without ring time
    ("CONNECT|7|1600000000.2", (7, None)),
    ("CONNECT|7|1600000000.2|3", (7, None)),
    ("COMPLETEAGENT|7|30|1", (7, 30)),
    ("COMPLETECALLER|7|30", (7, 30)),
    ("COMPLETECALLER|7|30|1|", (7, 30)),
    ("ABANDON|1|2|13", (13, None)),
    ("EXITWITHTIMEOUT|1", (None, None)),
    ("EXITWITHTIMEOUT|1|5|40", (40, None)),
    ("EXITWITHTIMEOUT|1|1|0", (0, None)),
    ("EXITWITHKEY|1|2", (None, None)),
    ("EXITWITHKEY|#|2|3|8", (8, None)),
    ("EXITEMPTY|1|1|21", (21, None)),
    ("WITHDRAW|1|1|53", (53, None)),
    ("WITHDRAW|1|1|53|callback", (53, None)),
    ("WITHDRAW|1|1|53|callback|requested|9", (53, None)),
    ("SYSCOMPAT|", (None, None)),
    ("TRANSFER|200|default|9|40", (9, 40)),
    ("TRANSFER|200|default|9|40|1", (9, 40)),
    ("TRANSFER|200|default", (None, None)),
    ("BLINDTRANSFER|2nd|agents|6|4|2", (6, 4)),
    ("ATTENDEDTRANSFER|BRIDGE|8f2c-11|6|4|2", (6, 4)),
    ("ATTENDEDTRANSFER|APP|VoiceMail|6|4|2", (6, 4)),
    ("ATTENDEDTRANSFER|LINK|SIP/a-1|SIP/b-2|6|4|2", (6, 4)),
    ("ENTERQUEUE||0700000000", (None, None)),
    ("ENTERQUEUE|http://x|0700000000|1", (None, None)),
    ("ENTERQUEUE|||1", (None, None)),
    ("ENTERQUEUE||0700000000|1|A | B", (None, None)),
    ("RINGNOANSWER|10000", (None, None)),
    ("RINGCANCELED|4022", (None, None)),
    ("AGENTDUMP|", (None, None)),
    ("PAUSE|Lunch", (None, None)),
    ("ADDMEMBER|", (None, None)),
]


@pytest.mark.parametrize(("text", "wait_and_talk"), FORMATS)
def test_every_format(text, wait_and_talk):
    event = parse_line(f"{T}|{T}.1|it|Agent|{text}")
    assert (event.at, event.callid, event.queue) == (T, f"{T}.1", "it")
    assert (event.name, event.wait, event.talk) == (text.split("|")[0], *wait_and_talk)
    name, *data = text.split("|")
    packed = [*data[:4], "|".join(data[4:])] if len(data) > 5 else data
    assert parse_event(T, f"{T}.1", "it", name, [field or None for field in packed]) == event


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "malformed_line"),
        ("hello", "malformed_line"),
        (f"{T}|c|q|NONE", "malformed_line"),
        (f"{T}||q|NONE|ABANDON|1|1|1", "malformed_line"),
        (f"{T}|c|q|NONE||1", "malformed_line"),
        ("yesterday|c|q|NONE|ABANDON|1|1|1", "bad_time"),
        ("12|c|q|NONE|ABANDON|1|1|1", "bad_time"),
        ("99999999999999999999|c|q|NONE|ABANDON|1|1|1", "bad_time"),
        ("١٦٠٠٠٠٠٠٠٠|c|q|NONE|ABANDON|1|1|1", "bad_time"),
        (f"{T}|c||NONE|ENTERQUEUE||1|1", "malformed_line"),
    ],
)
def test_lines_that_are_none(line, reason):
    with pytest.raises(RejectedRow) as caught:
        parse_line(line)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("end", "outcome", "wait"),
    [
        ("ABANDON|1|1|13", CallOutcome.ABANDONED, 13),
        ("EXITWITHTIMEOUT|1", CallOutcome.TIMEOUT, 14),  # no wait there: the difference
        ("EXITWITHTIMEOUT|1|1|13", CallOutcome.TIMEOUT, 13),
        ("EXITWITHKEY|1|1", CallOutcome.KEY_EXIT, 14),
        ("EXITWITHKEY|1|1|1|13", CallOutcome.KEY_EXIT, 13),
        ("EXITEMPTY|1|1|13", CallOutcome.EMPTY, 13),
        ("SYSCOMPAT|", CallOutcome.EMPTY, 14),
        ("WITHDRAW|1|1|13|callback|requested", CallOutcome.WITHDRAWN, 13),
    ],
)
def test_every_unanswered_end(tmp_path, end, outcome, wait):
    reader = read(
        log_of(
            tmp_path / "queue_log",
            f"{T}|{T}.1|it|NONE|ENTERQUEUE||0701740605|1",
            f"{T + 9}|{T}.1|it|Agent|AGENTDUMP|",
            f"{T + 14}|{T}.1|it|NONE|{end}",
        )
    )
    assert list(reader.calls.values()) == [
        Call(
            source="phone",
            id=f"{T}.1/it/1",
            queue="it",
            entered_at=T,
            outcome=outcome,
            wait_seconds=wait,
            left_at=T + 14,
            call_id=f"{T}.1",
        )
    ]


def test_a_call_from_open_to_its_end(tmp_path):
    path = log_of(tmp_path / "queue_log", f"{T}|c|it|NONE|ENTERQUEUE||0701740605|1")
    reader = read(path)
    assert reader.calls["c/it/1"].outcome is CallOutcome.OPEN
    steps = [
        (f"{T + 5}|c|it|Anna|CONNECT|4|x|1", (CallOutcome.ANSWERED, 4, T + 5, None, None)),
        (f"{T + 25}|c|it|Anna|COMPLETEAGENT|4|19|1", (CallOutcome.ANSWERED, 4, T + 5, T + 25, 19)),
    ]
    for line, expected in steps:
        with path.open("a") as file:
            file.write(f"{line}\n")
        reader.start()
        call = reader.poll().calls["c/it/1"]
        assert expected == (
            call.outcome,
            call.wait_seconds,
            call.answered_at,
            call.left_at,
            call.talk_seconds,
        )
    assert "0701740605" not in (reader.cursor or "")
    assert reader.poll().pages == 3  # nothing new, no page


def test_entries_are_counted_by_call_and_queue(tmp_path):
    """A loop in the dialplan enters three times; a blind transfer goes on in another queue."""
    lines = []
    for n in range(3):
        at = T + 100 * n
        lines += [f"{at}|c|it|NONE|ENTERQUEUE||1|1", f"{at + 9}|c|it|NONE|EXITWITHTIMEOUT|1|1|9"]
    lines += [
        f"{T + 300}|c|it|NONE|ENTERQUEUE||1|1",
        f"{T + 301}|c|it|Bo|CONNECT|1|x|1",
        f"{T + 310}|c|it|Bo|BLINDTRANSFER|vip|q|1|9|1",
        f"{T + 310}|c|vip|NONE|ENTERQUEUE||1|1",
        f"{T + 318}|c|vip|NONE|ABANDON|1|1|8",
    ]
    path = tmp_path / "queue_log"
    path.touch()
    reader = Reader(path)
    for line in lines:
        with path.open("a") as file:
            file.write(f"{line}\n")
        reader.start()
        reader.poll()
    assert {i: c.outcome.value for i, c in reader.calls.items()} == {
        "c/it/1": "timeout",
        "c/it/2": "timeout",
        "c/it/3": "timeout",
        "c/it/4": "answered",
        "c/vip/1": "abandoned",
    }


def test_after_a_crash_nobody_waits(tmp_path):
    path = log_of(
        tmp_path / "queue_log",
        f"{T}|a|it|NONE|ENTERQUEUE||1|1",
        f"{T + 1}|b|it|NONE|ENTERQUEUE||1|2",
        f"{T + 4}|b|it|Bo|CONNECT|3|x|1",
    )
    with path.open("ab") as file:  # cut short, then zeros, and the start written behind
        file.write(b"%d|a|it|NONE|ABAN\0\0%d|NONE|NONE|NONE|QUEUESTART|\n" % (T + 9, T + 60))
    reader = read(path)
    a, b = reader.calls["a/it/1"], reader.calls["b/it/1"]
    assert (a.outcome, a.wait_seconds, a.left_at) == (CallOutcome.UNKNOWN, None, None)
    assert (b.outcome, b.wait_seconds, b.talk_seconds) == (CallOutcome.ANSWERED, 3, None)
    assert reader.reasons() == ["cut_line"]
    assert json.loads(reader.cursor)["calls"]["here"] == []


def test_what_is_not_understood_is_counted(tmp_path):
    reader = read(
        log_of(
            tmp_path / "queue_log",
            f"{T}|c|it|NONE|MENU|4619",
            f"{T}|c|it|NONE|SURVEY|x",
            f"{T}|c|it|Bo|CONNECT|9|x|1",
            f"{T}|c|it|Bo|COMPLETEAGENT|9|9|1",
            "",
            "rubbish",
            f"{T}|NONE|NONE|NONE|CONFIGRELOAD|",
            f"{T}|c|it|NONE|ABANDON|1|1|soon",
        )
    )
    assert reader.calls == {}
    assert reader.ignored == {"unknown_event": 2, "no_entry": 3, "blank_line": 1}
    assert reader.doubtful == {"bad_number": 1}
    assert [(r.reason, r.where) for r in reader.remarks] == [
        ("unknown_event", "queue_log:1"),
        ("unknown_event", "queue_log:2"),
        ("bad_number", "queue_log:8"),
    ]
    assert [(r.reason, r.where) for r in reader.rejected] == [("malformed_line", "queue_log:6")]
    assert "rubbish" not in reader.rejected[0].message


def test_the_answer_may_be_told_by_the_end_alone(tmp_path):
    reader = read(
        log_of(
            tmp_path / "queue_log",
            f"{T}|c|it|NONE|ENTERQUEUE||1|1",
            f"{T + 30}|c|it|Bo|COMPLETEAGENT|8|20|1",
        )
    )
    call = reader.calls["c/it/1"]
    assert (call.answered_at, call.wait_seconds, call.talk_seconds) == (T + 10, 8, 20)


def test_memory_is_bounded_by_the_logs_own_time():
    tracker, ignored = CallTracker("phone"), Counter()
    for n in range(5_000):
        at = T + 60 * n
        for name in ("ENTERQUEUE", "ABANDON"):
            list(tracker.feed(parse_event(at, f"c{n}", "it", name, ["1"]), ignored))
        list(tracker.feed(Event(at, f"lost{n}", "it", "ENTERQUEUE"), ignored))
    state = tracker.state()
    late = BELIEVED_AFTER // 3 + FORGET_EVERY // 60  # minutes until the log's time is believed
    assert len(state["left"]) <= 7_200 / 60 + 1 + late
    assert len(state["here"]) <= 86_400 / 60 + 1 + late
    pauses = [Event(T + 60 * 10_000, "NONE", "NONE", "PAUSE")] * BELIEVED_AFTER
    gone = [list(tracker.feed(pause, ignored)) for pause in pauses]
    assert not any(gone[:3])
    assert {call.outcome for calls in gone for call in calls} == {CallOutcome.UNKNOWN}
    assert tracker.state()["here"] == []


# Maps


def test_maps_of_queue_organization_and_outcome(tmp_path):
    path = log_of(
        tmp_path / "queue_log",
        f"{T}|a|it-askersund|NONE|ENTERQUEUE||1|1",
        f"{T + 9}|a|it-askersund|NONE|WITHDRAW|1|1|9|callback",
        f"{T}|b|it-laxa|NONE|ENTERQUEUE||1|1",
        f"{T + 9}|b|it-laxa|NONE|ABANDON|1|1|9",
    )
    plain = read(path, organizations=["Askersund", "Laxå"]).calls
    assert {call.organization for call in plain.values()} == {None}
    maps = {
        "organization": {"it-askersund": "Askersund", "default": "Laxå"},
        "queue": {"it-askersund": "it"},
        "outcome": {"withdrawn": "callback"},
    }
    calls = read(path, organizations=["Askersund", "Laxå"], map=maps).calls.values()
    assert sorted((c.queue, c.organization, c.outcome.value) for c in calls) == [
        ("it", "Askersund", "callback"),
        ("it-laxa", "Laxå", "abandoned"),
    ]
    del maps["organization"]["default"]
    reader = read(path, organizations=["Askersund", "Laxå"], map=maps)
    assert (reader.reasons(), len(reader.calls)) == (["unmapped_organization"], 1)


@pytest.mark.parametrize("maps", [{"priority": {"a": "b"}}, {"outcome": {"lost": "callback"}}])
def test_wrong_maps_are_refused(maps):
    with pytest.raises(ValidationError):
        AsteriskOptions(type="asterisk_queue_log", path="queue_log", map=maps)


# Files: what cannot be read


def test_nothing_there_is_an_error(tmp_path):
    for path in (tmp_path / "queue_log", tmp_path / "queue_log*", tmp_path / "none" / "queue_log*"):
        with pytest.raises(SourceError, match="check the path"):
            read(path)
        with pytest.raises(SourceError):
            Reader(path).source.check()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_no_right_to_read(tmp_path):
    log_of(tmp_path / "queue_log", f"{T}|c|it|NONE|ENTERQUEUE||1|1").chmod(0)
    with pytest.raises(SourceError, match="permission denied") as caught:
        read(tmp_path / "queue_log")
    assert caught.value.permanent


def test_no_right_to_read_is_told_for_whoever_runs_this(tmp_path, monkeypatch):
    path = log_of(tmp_path / "queue_log", f"{T}|c|it|NONE|ENTERQUEUE||1|1")

    def refuse(*_args: object, **_options: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch, pytest.raises(SourceError, match="asterisk") as caught:
        patch.setattr(Path, "open", refuse)
        read(path)
    assert caught.value.permanent


def test_check_says_what_was_found(tmp_path):
    path = log_of(tmp_path / "queue_log", f"{T}|c|it|NONE|ENTERQUEUE||1|1")
    assert "2020-09-13T12:26:40+00:00" in Reader(path).source.check()
    path.write_text("")
    assert "without any events" in Reader(path).source.check()


def test_an_empty_log_is_quiet(tmp_path):
    (tmp_path / "queue_log").touch()
    reader = read(tmp_path / "queue_log")
    assert (reader.pages, reader.cursor) == (0, None)


def test_zstd_is_refused_with_what_to_do(tmp_path):
    (tmp_path / "queue_log.1.zst").write_bytes(b"\x28\xb5\x2f\xfd1234")
    with pytest.raises(SourceError, match="decompress it"):
        read(tmp_path / "queue_log*")


# Files: rotation

CALLS = [
    line
    for n in range(40)
    for line in (
        f"{T + 100 * n}|c{n}|it|NONE|ENTERQUEUE||1|1",
        f"{T + 100 * n + 9}|c{n}|it|NONE|ABANDON|1|1|9",
    )
]


def test_half_a_line_is_left_until_it_is_complete(tmp_path):
    path = log_of(tmp_path / "queue_log", CALLS[0])
    with path.open("a") as file:
        file.write(CALLS[1][:-2])
    reader = read(path)
    assert reader.calls["c0/it/1"].outcome is CallOutcome.OPEN
    with path.open("a") as file:
        file.write(CALLS[1][-2:] + "\n")
    assert reader.poll().calls["c0/it/1"].wait_seconds == 9
    assert reader.rejected == []


def test_half_a_line_of_a_finished_log_is_rejected(tmp_path):
    path = log_of(tmp_path / "queue_log.1", CALLS[0])
    with path.open("a") as file:
        file.write(CALLS[1][:-2])
    log_of(tmp_path / "queue_log", *CALLS[2:4])
    reader = read(tmp_path / "queue_log")
    assert [(r.reason, r.where) for r in reader.rejected] == [("cut_line", "queue_log.1:2")]
    assert len(reader.calls) == 2


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_packed_predecessors_in_the_order_of_their_events(tmp_path, pack):
    """Names say nothing: here the highest number is the newest."""
    (tmp_path / "queue_log.0.gz").write_bytes(pack("\n".join([*CALLS[:5], ""]).encode()))
    log_of(tmp_path / "queue_log.1", *CALLS[5:10])
    log_of(tmp_path / "queue_log", *CALLS[10:])
    reader = read(tmp_path / "queue_log*")
    assert {c.outcome for c in reader.calls.values()} == {CallOutcome.ABANDONED}
    assert (len(reader.calls), reader.rejected, reader.ignored) == (40, [], Counter())


def test_the_same_log_twice_is_read_once(tmp_path):
    text = "\n".join([*CALLS[:20], ""]).encode()
    (tmp_path / "queue_log.1").write_bytes(text)
    packed = gzip.compress(text)
    log_of(tmp_path / "queue_log", *CALLS[20:])
    for content in (packed[:20], packed[: len(packed) // 2], packed):
        (tmp_path / "queue_log.1.gz").write_bytes(content)
        reader = read(tmp_path / "queue_log*")
        assert (len(reader.calls), reader.rejected, reader.ignored) == (40, [], Counter())


def test_a_damaged_predecessor_is_told_and_the_rest_is_read(tmp_path):
    packed = gzip.compress(os.urandom(9000).hex().encode())
    text = ("\n".join(CALLS[:20]) + "\n").encode()
    (tmp_path / "queue_log.1.gz").write_bytes(gzip.compress(text) + packed[: len(packed) // 2])
    log_of(tmp_path / "queue_log", *CALLS[20:])
    reader = read(tmp_path / "queue_log*")
    assert "broken_file" in reader.reasons()
    assert len(reader.calls) == 40
    reader.start()
    assert reader.poll().pages == 2


def test_truncation_is_told_and_newer_calls_are_read(tmp_path):
    path = log_of(tmp_path / "queue_log", *CALLS[:20])
    reader = read(path)
    path.write_text("")
    assert reader.poll().reasons() == ["lost_log"]
    assert reader.poll().pages == 2  # told once
    log_of(path, *CALLS[20:])
    assert len(reader.poll().calls) == 20 + 20 - 20 + 20
    assert (reader.reasons(), reader.ignored) == (["lost_log"], Counter())


def test_a_log_that_was_shortened_goes_on_behind_what_was_seen(tmp_path):
    """After a crash of the machine the file may end earlier than what was already read."""
    path = log_of(tmp_path / "queue_log", *CALLS[:20])
    reader = read(path)
    log_of(path, *CALLS[:10], *CALLS[20:])
    reader.poll()
    assert reader.reasons() == ["lost_log"]
    assert {c.outcome for c in reader.calls.values()} == {CallOutcome.ABANDONED}
    assert (len(reader.calls), reader.ignored) == (40, Counter())


def test_a_long_log_that_was_shortened_is_known_by_its_last_line(tmp_path):
    """Its first bytes are still the same; what stood before our place is not."""
    lines = [f"{T + n}|c{n}|it|NONE|ENTERQUEUE||1|1" for n in range(300)]
    path = log_of(tmp_path / "queue_log", *lines[:200])
    reader = read(path)
    log_of(path, *lines[:150], *lines[200:])  # regrown past our place
    with path.open("a") as file:
        file.write("".join(f"{T + 400 + n}|d{n}|it|NONE|ENTERQUEUE||1|1\n" for n in range(99)))
    reader.poll()
    assert reader.reasons() == ["lost_log"]
    assert len(reader.calls) == 300 + 99
    assert reader.poll().pages == 2


def test_a_deleted_log_is_told_and_older_ones_are_not_read_again(tmp_path):
    log_of(tmp_path / "queue_log.2", *CALLS[:20])
    path = log_of(tmp_path / "queue_log.1", *CALLS[20:40])
    reader = read(tmp_path / "queue_log*")
    path.unlink()
    log_of(tmp_path / "queue_log", *CALLS[60:])
    reader.calls.clear()
    assert sorted(reader.poll().calls) == sorted(f"c{n}/it/1" for n in range(30, 40))
    assert (reader.reasons(), reader.ignored) == (["lost_log"], Counter())


def test_since_reads_again_with_the_same_ids(tmp_path):
    day = 86_400
    lines = [
        line.replace(str(T + 100 * n), str(T + n * day)).replace(
            str(T + 100 * n + 9), str(T + n * day + 9)
        )
        for n in range(40)
        for line in CALLS[2 * n : 2 * n + 2]
    ]
    looped = [line.replace("|c3|", "|c2|") for line in lines]
    for n, name in enumerate(["queue_log.3", "queue_log.2", "queue_log.1", "queue_log"]):
        log_of(tmp_path / name, *looped[20 * n : 20 * n + 20])
    reader = read(tmp_path / "queue_log*")
    before, cursor = dict(reader.calls), reader.cursor
    reader.calls.clear()
    reader.poll(since=T + 15 * day)
    assert sorted(reader.calls) == sorted(
        i for i, c in before.items() if c.entered_at >= T + 15 * day
    )
    assert all(before[i] == c for i, c in reader.calls.items())
    assert json.loads(reader.cursor)["places"] == json.loads(cursor)["places"]


def test_since_knows_the_callers_who_were_there_before(tmp_path):
    log_of(
        tmp_path / "queue_log.1",
        f"{T}|c|it|NONE|ENTERQUEUE||1|1",
        f"{T + 9}|c|it|NONE|EXITWITHTIMEOUT|1|1|9",
        f"{T + 10}|d|it|NONE|ENTERQUEUE||1|1",
    )
    log_of(
        tmp_path / "queue_log",
        f"{T + 20}|c|it|NONE|ENTERQUEUE||1|1",
        f"{T + 29}|c|it|NONE|EXITWITHTIMEOUT|1|1|9",
        f"{T + 30}|d|it|NONE|ABANDON|1|1|20",
    )
    reader = Reader(tmp_path / "queue_log").poll(since=T + 20)
    assert sorted(reader.calls) == ["c/it/2", "d/it/1"]
    assert reader.ignored == {}


def test_two_systems_in_one_path_are_told(tmp_path):
    log_of(tmp_path / "queue_log", *CALLS)
    log_of(tmp_path / "queue_log_other", *CALLS[4:60:2])
    assert read(tmp_path / "queue_log*").reasons() == ["overlapping_logs"]
    assert read(tmp_path / "queue_log").reasons() == []


def test_what_is_no_queue_log_is_left_alone(tmp_path):
    path = log_of(tmp_path / "queue_log", *CALLS[:20])
    reader = read(tmp_path / "queue_log*")
    log_of(tmp_path / "queue_log.txt", "notes", "more notes")
    with path.open("a") as file:
        file.write("\n".join([*CALLS[20:], ""]))
    assert (len(reader.poll().calls), reader.rejected) == (40, [])


def call(at: int, callid: str) -> list[str]:
    return [f"{at}|{callid}|it|NONE|ENTERQUEUE||1|1", f"{at}|{callid}|it|NONE|ABANDON|1|1|0"]


def append(path: Path, *lines: str) -> None:
    with path.open("a") as file:
        file.write("".join(f"{line}\n" for line in lines))


def test_a_log_that_begins_earlier_because_the_clock_was_set_back(tmp_path):
    path = log_of(tmp_path / "queue_log", *call(T, "a"), *call(T + 100, "b"))
    reader = read(path)
    path.rename(tmp_path / "queue_log.1")
    log_of(path, *call(T - 10, "c"), *call(T - 5, "d"))
    os.utime(path, (T, T))  # its file may be the older one, too
    assert sorted(reader.poll().calls) == [f"{c}/it/1" for c in "abcd"]
    append(path, *call(T + 200, "e"))
    append(tmp_path / "queue_log.1", *call(T + 101, "late"))
    assert len(reader.poll().calls) == 6
    path.unlink()
    assert reader.poll().reasons() == ["lost_log"]


def test_copies_of_the_same_second_are_told_apart(tmp_path):
    path = log_of(tmp_path / "queue_log", *call(T, "a"))
    reader = read(path)
    path.rename(tmp_path / "queue_log.1")
    copy = log_of(tmp_path / "queue_log-20200913", *call(T + 46, "b"), *call(T + 46, "c"))
    log_of(path, *call(T + 46, "d"))
    for same in (copy, path):
        os.utime(same, (T + 46, T + 46))
    expected = [f"{c}/it/1" for c in "abcd"]
    assert list(reader.poll().calls) == expected
    for n, step in enumerate((copy, path, tmp_path / "queue_log.1")):
        append(path, *call(T + 50 + n, f"e{n}"))
        step.touch()  # by a backup, for instance
        expected.append(f"e{n}/it/1")
        assert list(reader.poll().calls) == expected
    assert (reader.rejected, reader.ignored) == ([], Counter())


@pytest.mark.parametrize("size", [40, 400])
def test_a_log_that_was_read_is_known_packed_and_restored(tmp_path, size):
    """Small ones are known by all there was of them, whatever they became afterwards."""
    path = log_of(tmp_path / "queue_log", *CALLS[:2])
    reader = read(path)
    lines = [f"{T + 10 + n}|x{n}|it|NONE|ABANDON|1|1|9" for n in range(size)]
    append(path, *CALLS[2:4], *lines)
    text = path.read_bytes()
    path.unlink()
    old = tmp_path / "queue_log.1.gz"
    old.write_bytes(gzip.compress(text))
    log_of(path, *CALLS[40:])
    assert (len(reader.poll().calls), reader.ignored) == (22, {"no_entry": size})
    pages = reader.pages
    assert reader.poll().pages == pages
    old.unlink()
    reader.poll()
    (tmp_path / "queue_log.7").write_bytes(text)
    reader.poll()
    old.write_bytes(bz2.compress(text))
    reader.poll()
    (tmp_path / "queue_log.7").unlink()
    reader.poll()
    assert (len(reader.calls), reader.ignored) == (22, {"no_entry": size})
    assert reader.rejected == []


def test_history_that_turns_up_late_is_told_and_read_on_demand(tmp_path):
    day = 86_400
    path = log_of(tmp_path / "queue_log", *call(T, "a"), f"{T}|b|it|NONE|ENTERQUEUE||1|1")
    reader = read(path)
    old = log_of(
        tmp_path / "queue_log.9",
        f"{T - 9 * day}|NONE|NONE|NONE|QUEUESTART|",
        f"{T - 9 * day}|b|it|NONE|ENTERQUEUE||1|1",
        *call(T - 9 * day, "a"),
    )
    before = dict(reader.calls)
    assert reader.poll().calls == before
    assert (reader.reasons(), reader.rejected[0].where) == (["late_log"], "queue_log.9")
    pages = reader.pages
    assert reader.poll().pages == pages
    append(old, *call(T - 9 * day, "gained"))
    assert sorted(reader.poll().calls) == ["a/it/1", "b/it/1", "gained/it/1"]
    old.unlink()
    assert (reader.poll().reasons(), reader.pages) == (["late_log"], pages + 1)
    log_of(old, *call(T - 9 * day, "z"))
    reader.poll(since=T - 10 * day)
    assert (reader.calls["z/it/1"].entered_at, len(reader.calls)) == (T - 9 * day, 4)
    assert reader.reasons() == ["late_log"]


def test_any_number_of_logs_is_read_once(tmp_path, monkeypatch):
    monkeypatch.setattr(queue_log_files, "KEPT", 3)
    for n in range(20):
        log_of(tmp_path / f"queue_log.{n}", *call(T + n, f"c{n}"))
    reader = read(tmp_path / "queue_log")
    pages = reader.pages
    assert (reader.poll().pages, len(reader.calls)) == (pages, 20)
    for n in range(15):
        (tmp_path / f"queue_log.{n}").unlink()
    append(tmp_path / "queue_log.19", *call(T + 30, "d"))
    reader.poll()
    assert len(json.loads(reader.cursor)["places"]) == 5 + 3
    log_of(tmp_path / "queue_log.3", *call(T + 14, "c14"))
    assert (reader.poll().pages, len(reader.calls)) == (pages + 1, 21)


def test_a_line_that_was_taken_for_cut_is_read_when_it_is_complete(tmp_path):
    path = log_of(tmp_path / "queue_log.1", CALLS[0])
    with path.open("a") as file:
        file.write(CALLS[1][:-2])
    log_of(tmp_path / "queue_log", *CALLS[2:4])
    reader = read(tmp_path / "queue_log")
    pages = reader.pages
    assert (reader.reasons(), reader.poll().pages) == (["cut_line"], pages)
    with path.open("a") as file:
        file.write(CALLS[1][-2:] + "\n")
    assert reader.poll().calls["c0/it/1"].wait_seconds == 9
    assert reader.reasons() == ["cut_line"]


class Machine:
    """A telephone system that writes, and the ways in which its log is rotated."""

    def __init__(self, folder: Path, text: bytes) -> None:
        self.path = folder / "queue_log"
        self.rest = text
        self.written = b""
        self.clock = 10**18
        self.tick = 10**9
        self.path.touch()

    def touch(self, path: Path) -> None:
        """Instants of files are part of the example, not of the machine it runs on."""
        self.clock += self.tick
        os.utime(path, ns=(self.clock, self.clock))

    def touch_old(self, number: int) -> None:
        if old := sorted(self.old()):
            self.touch(old[number % len(old)])

    def set_back(self, seconds: int) -> None:
        self.clock -= seconds * 10**9
        self.rest = re.sub(
            rb"^\d{10}(?=\|)", lambda at: b"%d" % (int(at[0]) - seconds), self.rest, flags=re.M
        )

    def write(self, size: int) -> None:
        with self.path.open("ab") as file:
            file.write(self.rest[:size])
        self.written += self.rest[:size]
        self.rest = self.rest[size:]
        self.touch(self.path)

    def finish_line(self) -> None:
        if self.written and not self.written.endswith(b"\n"):
            self.write(self.rest.index(b"\n") + 1)

    def old(self) -> list[Path]:
        return [path for path in self.path.parent.iterdir() if path != self.path]

    def sequential(self) -> None:  # the highest number is the newest
        self.path.rename(self.path.with_name(f"queue_log.{len(self.old())}"))
        self.path.touch()

    def shift(self, first: int) -> None:
        for path in sorted(self.old(), key=lambda path: -int(path.name.split(".")[1])):
            _, number, *packed = path.name.split(".")
            path.rename(path.with_name(".".join(["queue_log", str(int(number) + 1), *packed])))
        self.path.rename(self.path.with_name(f"queue_log.{first}"))

    def rotate(self) -> None:  # .0 is the newest; nothing is there until the next line
        self.shift(0)

    def logrotate(self) -> None:
        for path in self.old():
            if not path.name.endswith(".gz"):
                self.pack(path)
        self.shift(1)
        self.path.touch()

    def timestamp(self) -> None:
        self.path.rename(self.free("queue_log."))

    def copytruncate(self) -> None:
        copy = self.free("queue_log-")
        copy.write_bytes(self.path.read_bytes())
        self.touch(copy)
        self.path.write_bytes(b"")

    def free(self, start: str) -> Path:
        at = self.clock // 10**9
        while (path := self.path.with_name(f"{start}{at}")).exists():
            at += 1
        return path

    def pack(self, path: Path) -> None:
        packed = path.with_name(f"{path.name}.gz")
        packed.write_bytes(gzip.compress(path.read_bytes(), 1))
        shutil.copystat(path, packed)
        path.unlink()


KINDS = ["sequential", "rotate", "logrotate", "timestamp", "copytruncate"]
PLAIN_STEPS = [
    st.tuples(st.just("write"), st.integers(1, 4_000)),
    st.tuples(st.just("poll"), st.sampled_from([None, None, 0, 1, 2])),
    st.tuples(st.just("restart"), st.none()),
    st.tuples(st.just("rotate"), st.none()),
]
STEPS = st.lists(st.one_of(PLAIN_STEPS), max_size=40)
ODD_STEPS = st.lists(
    st.one_of(
        *PLAIN_STEPS,
        *PLAIN_STEPS,
        st.tuples(st.just("touch"), st.integers(0, 9)),
        st.tuples(st.just("set_back"), st.integers(1, 3_600)),
        st.tuples(st.just("tick"), st.sampled_from([0, 10**9])),
    ),
    max_size=40,
)


def recording() -> bytes:
    return b"".join((RECORDED / name).read_bytes() for name in ("queue_log.0", "queue_log"))


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, max_examples=sample_size(15, 60), database=None)
@given(steps=STEPS, wild=st.booleans())
def test_however_it_is_cut_the_calls_are_the_same(kind, steps, wild):
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        whole = Path(folder) / "whole"
        whole.write_bytes(recording())
        expected = read(whole).calls
        patch.setattr(asterisk_queue_log, "PAGE_LINES", 7)
        logs = Path(folder) / "logs"
        logs.mkdir()
        machine = Machine(logs, recording())
        reader = Reader(logs / ("queue_log*" if wild else "queue_log"))
        for step, value in [*steps, ("write", 10**6)]:
            if step == "write":
                machine.write(value)
            elif step == "rotate" and machine.path.exists() and machine.path.stat().st_size:
                machine.finish_line()
                getattr(machine, kind)()
            elif step == "restart":
                reader.start()
            elif step == "poll":
                reader.poll(value)
        reader.poll()
        assert reader.calls == expected
        assert (reader.rejected, reader.ignored) == ([], Counter())
        assert reader.poll().calls == expected


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, max_examples=sample_size(25, 100), database=None)
@given(steps=ODD_STEPS)
def test_whatever_the_clock_and_the_files_instants_say_the_calls_are_the_same(kind, steps):
    """The clock is set back, a log and its copy are of one instant, old logs are touched."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        logs = Path(folder) / "logs"
        logs.mkdir()
        machine = Machine(logs, recording())
        reader = Reader(logs / "queue_log")
        back = 0
        for step, value in [*steps, ("write", 10**6)]:
            patch.setattr(asterisk_queue_log, "PAGE_LINES", 7)
            if step == "write":
                machine.write(value)
            elif step == "rotate" and machine.path.exists() and machine.path.stat().st_size:
                machine.finish_line()
                machine.clock += 10**9
                getattr(machine, kind)()
            elif step == "poll" and machine.written:
                reader.start()
                reader.poll(value)
            elif step == "touch":
                machine.touch_old(value)
            elif step == "tick":
                machine.tick = value
            elif step == "set_back" and machine.written and back < 7_200:
                machine.finish_line()
                reader.poll()  # two logs that are both new are read as their clock says
                machine.set_back(value)
                back += value
        reader.poll()
        whole = Path(folder) / "whole"
        whole.write_bytes(machine.written)
        expected = read(whole)
        assert reader.calls == expected.calls
        assert set(reader.reasons()) <= {"overlapping_logs"}
        assert reader.ignored == expected.ignored
        assert reader.poll().calls == expected.calls
