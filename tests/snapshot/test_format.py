"""The format of what is sealed is the snapshot's own: nothing that is printed can change it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import pytest

from collector.cli import records
from collector.measuring.figures.figure import FigureComparison
from collector.measuring.figures.outlook import Outlook
from collector.snapshot import capture, content
from collector.snapshot import format as sealed_format
from collector.snapshot.freeze import FreezeRequest, amend
from collector.sources.csv.options import CsvTicketsOptions
from collector.store import SnapshotHead, Store
from tests.worlds.frozen import ANSWERED, CLOCK, JUNE, READ, SETTINGS, fill, froze
from tests.worlds.measured import polled
from tests.worlds.samples import save

CONTENT = "c159b01bf918d65e37517ab60cc9e2ae5256e10feca00adf4268ae2e9ec722bf"
LINES = "8ec23055a45a0c5f55691f1cd314bd21b4a251ae77fb6d3b31eaf0c1f9755622"
AMENDED = "8927b15d5b08be28dbe766f1d34ba9c87cef56858a352c578550294d4415678f"
"""SHA-256 of what release 0.1.0 made of the same desk, with the intervals of forecasts as they are
computed since; the lines before they are compressed."""


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A desk on one engine, with the release and the data of holidays and zones held still."""
    monkeypatch.setattr(content, "__version__", "0.1.0")
    # that release took every source to tell all: its formulas name rules that could not act
    monkeypatch.setattr(CsvTicketsOptions, "UNRECORDED", frozenset())
    versions = {"holidays": "1", "tzdata": "2"}
    monkeypatch.setattr(capture, "data_versions", lambda timezone: versions)
    with Store.open(f"sqlite:///{tmp_path / 'desk.db'}") as store:
        fill(store)
        yield store


def amended(store: Store):
    save(store, ANSWERED)
    polled(store, "desk", READ + 86_400)
    polled(store, "phone", READ + 86_400)
    return amend(SETTINGS, store, FreezeRequest(JUNE), lambda: CLOCK + 86_400).snapshot


def test_a_known_desk_gives_the_bytes_of_the_first_release(desk):
    june = froze(desk).snapshot
    lines = "".join(f"{line}\n" for own in june.lines.values() for line in own)
    assert june.sha256 == CONTENT
    assert hashlib.sha256(lines.encode()).hexdigest() == LINES
    assert amended(desk).sha256 == AMENDED


def test_a_new_key_of_the_command_lines_record_changes_no_sealed_byte(desk, monkeypatch):
    printed = records.figure_record

    def with_a_key(*arguments: Any) -> dict[str, Any]:
        return {**printed(*arguments), "new": 1}

    monkeypatch.setattr(records, "figure_record", with_a_key)
    assert froze(desk).snapshot.sha256 == CONTENT


@dataclass(frozen=True)
class _Outlook(Outlook):
    new: int = 1


@dataclass(frozen=True)
class _Comparison(FigureComparison):
    new: int = 1


@dataclass(frozen=True)
class _Head(SnapshotHead):
    new: int = 1


def test_a_new_field_of_what_is_sealed_adds_no_key():
    outlook = _Outlook(0.5)
    compared = _Comparison("previous", "2020-05", 0.5, 10, 0.5, None, 0.0)
    head = _Head(1, "freeze", "2020-06-01", "2020-06-30", "a", "b", 0, "", "c")
    assert "new" not in sealed_format._forecast(outlook)
    assert "new" not in sealed_format._comparison(compared)
    assert "new" not in sealed_format.head_of(head)


def test_an_amendment_seals_its_changes_key_by_key(desk):
    froze(desk)
    changes = amended(desk).content["amends"]["changes"]
    assert set(changes) == {
        "figures", "records", "definitions", "by_records_before", "data_versions",
    }  # fmt: skip
    (late,) = [each for each in changes["records"] if each["indicator"] == "urgent"]
    assert set(late) == {"indicator", "source", "id", "then", "now", "why"}
    assert late["why"] == "late_answer"
