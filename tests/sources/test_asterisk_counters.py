"""Through source, store and measuring to the figures that a running Asterisk counted itself."""

import re
import shutil

import pytest

from collector.measuring.engine.engine import Measuring
from collector.model.periods import parse_period
from collector.service.drain import drain
from collector.service.poll import build_source
from tests.worlds.measured import CALLS, settings_of
from tests.worlds.paths import FIXTURES

RECORDED = FIXTURES / "asterisk"
QUEUES = ("it-support", "it-vip", "it-night", "it-dump")
AFTERWARDS = 1_795_400_000


def queue_params():
    """The counters of each queue, as the AMI answered."""
    found = {}
    for block in (RECORDED / "QueueStatus.txt").read_text().split("\n\n"):
        fields = dict(re.findall(r"^(\w+): ?(.*)$", block, re.M))
        if fields.get("Event") == "QueueParams":
            found[fields["Queue"]] = fields
    return found


def indicator(queue, limit, formula):
    records = {"queue": queue}
    return {**CALLS, "records": records, "within": f"{limit}s", "formula": formula}


@pytest.fixture
def figures(tmp_path, store):
    """The figures of the day on which the log was recorded, by queue and formula."""
    for name in ("queue_log", "queue_log.0"):
        shutil.copy(RECORDED / name, tmp_path)
    own = queue_params()
    settings = settings_of(
        {
            f"{queue.replace('-', '_')}_{formula}": indicator(
                queue, own[queue]["ServiceLevel"], formula
            )
            for queue in QUEUES
            for formula in ("answered_of_answered", "abandons_met", "answered_of_offered")
        },
        sources={"phone": {"type": "asterisk_queue_log", "path": str(tmp_path / "queue_log*")}},
    )
    result = drain(build_source(settings, "phone"), store, clock=lambda: AFTERWARDS)
    assert result.ok
    measuring = Measuring(settings, store)
    year = parse_period("year", measuring.today(AFTERWARDS))
    tallies = measuring.tallies(year.first, year.after, AFTERWARDS)
    found = measuring.figures(tallies, year, AFTERWARDS, store.polls.states())
    return {f.indicator: f for f in found if f.organization is None}


def test_asterisks_own_counters(figures):
    own = queue_params()
    assert sorted(own) == sorted(QUEUES)
    for queue, fields in own.items():
        name = queue.replace("-", "_")
        first = figures[f"{name}_answered_of_answered"]
        second = figures[f"{name}_abandons_met"]
        completed, abandoned = int(fields["Completed"]), int(fields["Abandoned"])
        assert first.eligible == completed
        assert first.excluded.get("unanswered", 0) == abandoned
        assert second.eligible == completed + abandoned
        assert (first.pending, second.pending) == (0, 0)
        for figure, counter in ((first, "ServicelevelPerf"), (second, "ServicelevelPerf2")):
            if figure.eligible:
                assert f"{100 * figure.value:.1f}" == fields[counter]
            else:  # Asterisk says 0.0 for nothing at all
                assert (figure.value, figure.state) == (None, "no_data")
                assert fields[counter] == "0.0"


def test_the_printed_decimals_of_it_support(figures):
    assert f"{100 * figures['it_support_answered_of_answered'].value:.1f}" == "64.6"
    assert f"{100 * figures['it_support_abandons_met'].value:.1f}" == "69.4"
    offered = figures["it_support_answered_of_offered"]
    assert (offered.good, offered.eligible, offered.value) == (31, 62, 0.5)


@pytest.mark.parametrize("kind", ["asterisk_queue_log", "asterisk_realtime"])
def test_a_caller_who_was_moved_is_one_caller(kind, tmp_path, store):
    """The recorded blind transfer from it-support, where it was answered after 9 s, to it-vip."""
    for name in ("queue_log", "queue_log.0", "queue_log_realtime.sqlite3"):
        shutil.copy(RECORDED / name, tmp_path)
    place = {
        "asterisk_queue_log": {"path": str(tmp_path / "queue_log")},
        "asterisk_realtime": {"url": f"sqlite:///{tmp_path}/queue_log_realtime.sqlite3"},
    }
    callers = {**CALLS, "records": {}, "within": "20s", "of": "callers"}
    settings = settings_of(
        {"stays": {**callers, "of": "stays"}, "callers": callers},
        sources={"phone": {"type": kind, **place[kind]}},
        timezone="UTC",
    )
    assert drain(build_source(settings, "phone"), store, clock=lambda: AFTERWARDS).ok
    measuring = Measuring(settings, store)
    year = parse_period("year", measuring.today(AFTERWARDS))
    tallies = measuring.tallies(year.first, year.after, AFTERWARDS)
    found = measuring.figures(tallies, year, AFTERWARDS, store.polls.states())
    stays, callers = (
        next(f for f in found if f.indicator == name and f.organization is None)
        for name in ("stays", "callers")
    )
    assert callers.eligible == stays.eligible - 1
    assert callers.excluded == {**stays.excluded, "same_caller": 1}
