"""The command ``purge``, and what other commands say of purged months."""

import json
from pathlib import Path

import pytest

from tests.worlds.commands import run_here
from tests.worlds.frozen_desk import ASKED, TODAY, write_frozen_desk

ROWS = [
    "1,2019-11-05T09:00,2019-11-05T10:00,closed,Laxå",
    "2,2019-11-20T09:00,2019-12-01T10:00,closed,",
    "3,2019-12-05T09:00,2020-02-01T10:00,closed,Laxå",
    "4,2020-01-07T09:00,2020-01-07T10:00,closed,Laxå",
    "5,2021-05-07T09:00,2021-05-07T10:00,closed,Laxå",
]


@pytest.fixture
def purging(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A desk of two years, with November 2019 frozen."""
    monkeypatch.chdir(tmp_path)
    write_frozen_desk(tmp_path, ROWS)
    return tmp_path


def test_a_purge_says_first_what_would_go(purging: Path) -> None:
    shown = run_here("purge", "--before", "2020-01")
    assert shown.code == 0
    assert shown.out.splitlines()[:3] == [
        "2 records from before 2020-01 would be purged",
        "  desk                     2 tickets 2019-11-05 to 2019-11-20",
        "  1 from before it stays: open, or a later month needs them",
    ]
    assert "Nothing was deleted" in shown.out
    assert max(map(len, shown.out.splitlines())) <= 100
    again = run_here("purge", "--before", "2020-01")
    assert again.out == shown.out


def test_figures_stay_and_what_is_gone_is_said(purging: Path) -> None:
    before = run_here(*ASKED).out
    assert [each["value"] for each in json.loads(before)] == [2, 1]
    done = run_here("purge", "--before", "2020-01", "--yes")
    assert done.out.startswith("2 records from before 2020-01 were purged\n")
    assert run_here(*ASKED).out == before
    explained = run_here("explain", "tickets", "--period", "2019-11")
    assert f"records from before 2020-01-01 were purged on {TODAY}" in explained.out
    for_programs = run_here("explain", "tickets", "--period", "2019-11", "--format", "csv")
    assert f"were purged on {TODAY}" in for_programs.err
    verified = run_here("snapshot", "verify")
    assert verified.code == 0
    assert f"its records were purged on {TODAY}; the stored sums give the same" in verified.out
    assert f"were purged on {TODAY}" in run_here("snapshot", "compare", "2019-11").err
    assert run_here("poll").code == 0
    assert run_here(*ASKED).out == before


def test_by_another_definition_it_is_said_why_there_is_no_figure(purging: Path) -> None:
    run_here("purge", "--before", "2020-01", "--yes")
    file = purging / "servicedesk.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace("of: tickets,", "of: tickets, records: {status: closed},"), encoding="utf-8"
    )
    assert run_here("measure", "--period", "2019").code == 2
    shown = run_here("measure", "--period", "2019", "--restate", "--language", "en").out
    assert f"not measured: the records of the period were purged on {TODAY}" in shown
    verified = run_here("snapshot", "verify")
    assert "there are none by the present definition of tickets" in verified.out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "say from before which month, as --before 2024-01, or set retention.records"),
        (("--before", "2020"), "--before 2020: is not a month such as 2024-01"),
        (("--before", "2020-13"), "--before 2020-13: is not a month such as 2024-01"),
        (("--before", f"{TODAY:%Y-%m}"), "or an earlier month"),
    ],
)
def test_a_purge_that_cannot_be(purging: Path, arguments: tuple[str, ...], told: str) -> None:
    refused = run_here("purge", *arguments)
    assert refused.code == 2
    assert told in refused.err
