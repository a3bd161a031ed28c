"""CSV files through a drain into a store, also one that is stopped on its way."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.live import Live
from collector.service.drain import drain
from collector.sources.csv import source as csv_files
from collector.sources.csv.source import CsvTickets
from collector.store import Store
from tests.worlds.measured import settings_of

NOON = 1_593_597_600  # 2020-07-01T12:00+02:00
HEAD = "id,kind,organization,opened_at\n"


def rows(ids: range, kind: str, organization: str = "Laxå") -> str:
    return "".join(f"{n},{kind},{organization},2020-07-01T08:00:00Z\n" for n in ids)


def source(folder: Path) -> CsvTickets:
    keys = {"type": "csv_tickets", "path": f"{folder}/x-*.csv"}
    keys["map"] = {"organization": {"Lekebergs kommun": "Lekeberg"}}
    return CsvTickets("desk", CsvTickets.Options.model_validate(keys), ["Laxå", "Lekeberg"])


def stop_after(pages: int):
    asked = itertools.count(1)
    return lambda: next(asked) >= pages


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_files, "PAGE_ROWS", 100)


def test_a_reading_again_that_stops_half_way_does_not_look_whole(store: Store, tmp_path: Path):
    first, second = tmp_path / "x-1.csv", tmp_path / "x-2.csv"
    first.write_text(HEAD + rows(range(150), "incident"))
    second.write_text(HEAD + rows(range(60), "request"))
    counting = {"n": {"kind": "count", "records": {"kind": "incident"}, "target": ">= 1"}}
    live = Live(Measuring(settings_of(counting), store))

    def figure():
        found = live.refresh(NOON).figures[0]
        return found.eligible, found.state

    assert drain(source(tmp_path), store, clock=lambda: NOON).ok
    assert figure() == (90, "met")
    first.write_text(HEAD + rows(range(151), "incident"))
    assert drain(source(tmp_path), store, clock=lambda: NOON, stop=stop_after(1)).stopped
    assert figure()[1] == "stale"  # ids of the second file hold what the first one says
    assert drain(source(tmp_path), store, clock=lambda: NOON).ok
    assert figure() == (91, "met")


def test_a_stop_between_files_does_not_change_the_judgement(store: Store, tmp_path: Path):
    (tmp_path / "x-1.csv").write_text(HEAD + rows(range(300), "incident"))
    odd = rows(range(300, 310), "incident", organization="Mars")
    (tmp_path / "x-2.csv").write_text(HEAD + rows(range(310, 400), "incident") + odd)
    stopped = drain(source(tmp_path), store, clock=lambda: NOON, stop=stop_after(3))
    assert stopped.stopped
    rest = drain(source(tmp_path), store, clock=lambda: NOON)
    assert rest.ok, rest.error
    assert (rest.rejected, rest.doubtful) == ({}, {"unmapped_organization": 10})
    # Once the whole is read, what was counted for it is forgotten.
    assert "counted" not in (store.pages.cursor("desk") or {})


def test_rows_that_no_store_can_hold_count_before_the_first_page(store: Store, tmp_path: Path):
    unholdable = "".join(f"{'9' * 600}{n},incident,Laxå,2020-07-01T08:00:00Z\n" for n in range(30))
    (tmp_path / "x-1.csv").write_text(HEAD + rows(range(300), "incident") + unholdable)
    refused = drain(source(tmp_path), store, clock=lambda: NOON)
    assert refused.error is not None
    assert refused.error.startswith("30 of 330 records rejected")
    assert store.records.span() is None


def test_too_many_wrong_rows_are_told_beside_a_broken_file(store: Store, tmp_path: Path, caplog):
    (tmp_path / "x-1.csv").write_text("a,b\n1,2\n")
    wrong = rows(range(7), "incident", organization="Mars")
    (tmp_path / "x-2.csv").write_text(HEAD + rows(range(7, 100), "incident") + wrong)
    refused = drain(source(tmp_path), store, clock=lambda: NOON)
    assert refused.error is not None
    assert refused.error.startswith("7 of 100 records rejected or incomplete (unmapped")
    assert "x-1.csv has no column" in caplog.text
