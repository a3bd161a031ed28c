"""The simulated telephone system: the same bytes in any steps, and figures like those of a desk."""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path

import pytest

from collector.cli.demo.queue_log import QueueLogModel
from collector.model.records import Call, CallOutcome
from collector.sources.asterisk_queue_log.events import parse_line
from collector.sources.asterisk_queue_log.options import AsteriskOptions
from collector.sources.asterisk_queue_log.source import AsteriskQueueLog

START = 1_590_962_400  # 2020-06-01 00:00 in Stockholm
DAY = 86_400
YEAR = 396 * DAY


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def history(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("history")
    QueueLogModel(7, START, folder / "queue_log").advance(START + YEAR)
    return folder


@pytest.fixture(scope="module")
def calls(history) -> list[Call]:
    options = AsteriskOptions(type="asterisk_queue_log", path=str(history / "queue_log"))
    found = {}
    for page in AsteriskQueueLog("phone", options, []).pages(None):
        assert (list(page.rejected), page.ignored) == ([], {})
        found.update((call.id, call) for call in page.records)
    return list(found.values())


def test_steps_change_nothing(tmp_path):
    end = START + 65 * DAY + 40_000
    for folder in "abcd":
        (tmp_path / folder).mkdir()
    QueueLogModel(7, START, tmp_path / "a" / "queue_log").advance(end)
    model = QueueLogModel(7, START, tmp_path / "b" / "queue_log")
    for to in range(START - 500, end, 7_919):
        model.advance(to)
    model.advance(end)
    for to in range(START, end, 500_009):  # a new process each time, the last of them killed
        QueueLogModel(7, START, tmp_path / "c" / "queue_log").advance(to)
    with (tmp_path / "c" / "queue_log").open("a") as file:
        file.write("15911")
    QueueLogModel(7, START, tmp_path / "c" / "queue_log").advance(end)
    QueueLogModel(8, START, tmp_path / "d" / "queue_log").advance(end)
    one, two, three, other = (contents(tmp_path / folder) for folder in "abcd")
    assert one == two == three
    assert one != other


def test_it_rotates_every_month(history):
    names = {"queue_log", "queue_log.1", *(f"queue_log.{n}.gz" for n in range(2, 14))}
    assert set(contents(history)) == names
    assert (history / "queue_log").read_text().startswith("1625090400|NONE|NONE|NONE|CONFIGRELOAD|")
    oldest = gzip.decompress((history / "queue_log.13.gz").read_bytes()).decode()
    assert oldest.startswith(f"{START}|NONE|NONE|NONE|QUEUESTART|\n")


def test_lines_are_in_order_and_of_every_kind(history):
    names = sorted(contents(history), key=lambda name: -int((name + ".0").split(".")[1]))
    events = Counter()
    before = 0
    for name in names:
        content = (history / name).read_bytes()
        content = gzip.decompress(content) if name.endswith(".gz") else content
        for line in content.decode().splitlines():
            event = parse_line(line)
            assert event.at >= before
            before = event.at
            events[event.name] += 1
    assert events.keys() >= {
        *("ENTERQUEUE", "CONNECT", "COMPLETEAGENT", "COMPLETECALLER", "ABANDON", "RINGNOANSWER"),
        *("EXITWITHTIMEOUT", "EXITWITHKEY", "EXITEMPTY", "WITHDRAW", "BLINDTRANSFER"),
        *("ATTENDEDTRANSFER", "PAUSE", "UNPAUSE", "QUEUESTART", "CONFIGRELOAD"),
    }


def test_figures_are_those_of_a_desk(calls):
    offered = [
        call
        for call in calls
        if call.outcome not in {CallOutcome.KEY_EXIT, CallOutcome.UNKNOWN, CallOutcome.OPEN}
    ]
    answered = [call for call in offered if call.outcome is CallOutcome.ANSWERED]
    assert 0.62 < sum(call.wait_seconds <= 20 for call in answered) / len(offered) < 0.70
    assert 0.77 < sum(call.wait_seconds <= 60 for call in answered) / len(offered) < 0.85
    days = {call.entered_at // DAY for call in calls}
    assert 50 < len(calls) / len(days) < 75
    assert {call.queue for call in calls} == {"it-support", "it-vip"}
    short = [c for c in offered if c.outcome is CallOutcome.ABANDONED and c.wait_seconds <= 5]
    assert short
    # the log's own field and the instants agree
    assert all(c.answered_at - c.entered_at == c.wait_seconds for c in answered)
