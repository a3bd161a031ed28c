"""Values out of rows: what systems write for nothing, and what no program can use."""

from __future__ import annotations

import json
from zoneinfo import ZoneInfo

import pytest

from collector.model.page import RejectedRow
from collector.sources.kit.history import Entries, History
from collector.sources.kit.values import epoch, instant, integer, text

HERE = ZoneInfo("Europe/Stockholm")


@pytest.mark.parametrize(
    "nothing",
    [
        *(None, "", "0000-00-00 00:00:00", "0000-00-00", "0001-01-01T00:00:00Z"),
        *("1753-01-01T00:00:00", "1899-12-30T00:00:00", "1969-12-31T23:00:00Z"),
        *("1970-01-01T01:00:00", "9999-12-31T23:59:59.997", "2999-12-31"),
    ],
)
def test_the_dates_that_systems_write_for_none_are_none(nothing: str | None) -> None:
    assert instant({"at": nothing}, "at", HERE) is None


@pytest.mark.parametrize("wrong", ["0000", "1700000000", "soon", 17, "2026-02-30", "00000-01-01"])
def test_what_is_no_time_is_refused_and_not_taken_for_none(wrong: object) -> None:
    with pytest.raises(RejectedRow):
        instant({"at": wrong}, "at", HERE)


@pytest.mark.parametrize("wrong", [-62135596800, -1, 1_700_000_000_000, 253402300799])
def test_a_number_of_seconds_outside_of_its_years_is_refused(wrong: int) -> None:
    with pytest.raises(RejectedRow):
        epoch({"at": wrong}, "at")


def test_a_local_time_that_the_clock_skips_moves_forward() -> None:
    skipped, after = ({"at": f"2026-03-29T0{hour}:30:00"} for hour in (2, 3))
    assert instant(skipped, "at", HERE) == instant(after, "at", HERE)


def test_of_an_hour_that_comes_twice_it_is_the_second_if_the_first_lies_before() -> None:
    first, skipped = {"at": "2026-10-25T02:10:00"}, {"at": "2026-03-29T02:30:00"}
    at = instant(first, "at", HERE)
    assert at is not None
    assert instant(first, "at", HERE, at) == at
    assert instant(first, "at", HERE, at + 1) == at + 3600
    later = {"at": "2026-10-25T04:10:00"}
    assert instant(later, "at", HERE, at + 10**6) == at + 3 * 3600
    assert instant(skipped, "at", HERE, at) == instant(skipped, "at", HERE)


def test_a_history_goes_on_through_the_hour_that_comes_twice() -> None:
    entries = Entries("at", "by", "what", "old", "new", ours={"state": "status"})
    times = ("02:50", "02:10", "02:20", "03:05")
    rows = [{"at": f"2026-10-25T{at}:00", "by": "7", "what": "state"} for at in times]
    history = History()
    history.read(rows, entries, HERE)
    begin = history.changes[0].at
    assert [(each.at - begin) // 60 for each in history.changes] == [0, 20, 30, 75]


def test_half_a_pair_of_json_is_no_text() -> None:
    row = json.loads('{"half": "a\\ud800", "whole": "\\ud83d\\ude00", "digits": "\u0661"}')
    assert text(row, "whole") == "\N{GRINNING FACE}"
    with pytest.raises(RejectedRow):
        text(row, "half")
    with pytest.raises(RejectedRow):
        integer(row, "digits")
