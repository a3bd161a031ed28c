"""What release 0.1.0 froze is verified, shown, compared and reported as it was then."""

from __future__ import annotations

import lzma
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from collector.config.loading.load import load_settings
from collector.model.codes import DayKind, NoForecast
from collector.model.periods import FiscalYear, written_period
from collector.snapshot.canonical import canonical, parse_json
from collector.snapshot.capture import capture_period
from collector.snapshot.chain import decode_row, envelope, seal_of
from collector.snapshot.evidence import pack_lines, unpack_lines
from collector.snapshot.sentences import (
    no_forecast,
    no_forecast_sentence,
    special_day,
    special_day_sentence,
)
from collector.snapshot.verify import verify
from collector.store import Store
from tests.worlds.commands import run_here

FIXTURE = Path(__file__).parents[1] / "fixtures/frozen_store"
PERIODS = {
    1: "2020-06", 2: "2020-t1", 3: "2020-01..2020-07", 4: "2020-07", 5: "2020-07", 6: "2020-08",
}  # fmt: skip
CHANGED = {1, 3, 4}
"""The snapshots of which something would be told otherwise now."""

COMPARED = sorted(each.name.removesuffix(".xz") for each in (FIXTURE / "printed").glob("compare-*"))


def printed(name: str) -> str:
    """What release 0.1.0 printed, its line ends as they were."""
    whole = FIXTURE / "printed" / name
    if whole.exists():
        return whole.read_bytes().decode()
    return lzma.decompress((FIXTURE / "printed" / f"{name}.xz").read_bytes()).decode()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The configuration beside its store, unpacked."""
    folder = tmp_path_factory.mktemp("desk")
    for name in ("servicedesk.yaml", "values.csv"):
        shutil.copy(FIXTURE / name, folder / name)
    (folder / "store.sqlite").write_bytes(
        lzma.decompress((FIXTURE / "store.sqlite.xz").read_bytes())
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("RT_TOKEN", "none")
        patch.setenv("COLUMNS", "150")
        yield folder


@pytest.fixture(scope="module")
def store(desk: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{desk / 'store.sqlite'}") as opened:
        yield opened


def test_every_seal_holds(desk: Path, store: Store) -> None:
    assert verify(store) == (6, [])
    said = run_here("snapshot", "verify")
    assert (said.code, said.out) == (0, printed("verify.txt"))


@pytest.mark.parametrize("number", PERIODS)
def test_read_and_written_again_it_is_the_same_to_the_byte(store: Store, number: int) -> None:
    row = store.snapshots.find(number)
    assert row is not None
    found = decode_row(row)
    assert canonical(parse_json(row.content)) == row.content
    assert unpack_lines(pack_lines(found.lines)) == found.lines
    assert seal_of(found.head) == found.seal
    assert envelope(found).decode() == printed(f"show-{number}.json")


def told_as_then(then: Any, now: Any) -> Any:
    """What is captured now with three things as release 0.1.0 had them: formulas named rules that
    could not act, a count of nothing was not measured, and intervals had other widths."""
    if isinstance(now, list):
        return [told_as_then(*pair) for pair in zip(then, now, strict=True)]
    if not isinstance(now, dict):
        return now
    found = {key: told_as_then(then.get(key), value) for key, value in now.items()}
    for key in ("formula", "low", "high", "chance", "c"):
        if key in found:
            found[key] = then[key]
    if (then.get("value", 0), now.get("value")) == (None, 0):
        assert (then["state"], then["eligible"]) == ("no_data", 0)
        found |= {"value": None, "state": "no_data"}
    return found


def test_the_same_store_gives_the_same_content_today(desk: Path, store: Store) -> None:
    """The last snapshot: nothing was read after it. The release and the data of holidays and zones
    are those of the machine."""
    row = store.snapshots.find(6)
    assert row is not None
    then = decode_row(row)
    settings = load_settings(desk / "servicedesk.yaml")
    period = written_period(PERIODS[6], FiscalYear())
    taken = capture_period(settings, store, period, then.frozen_at)
    ours = {key: then.content[key] for key in ("program", "data_versions")}
    assert canonical(told_as_then(then.content, taken.content | ours)) == then.raw
    assert unpack_lines(pack_lines(taken.lines)) == then.lines


@pytest.mark.parametrize("number", PERIODS)
@pytest.mark.parametrize("language", ["sv", "en"])
def test_it_is_shown_as_the_same_snapshot(
    desk: Path, store: Store, number: int, language: str
) -> None:
    """Words and numbers may be written otherwise, and lines be folded elsewhere."""
    said = run_here(
        "snapshot", "show", PERIODS[number], "--number", str(number), "--language", language
    )
    assert said.code == 0, said.err
    now, then = said.out.splitlines(), printed(f"show-{number}-{language}.txt").splitlines()
    assert (now[0], now[-1]) == (then[0], then[-1]), "which snapshot it is, and its seal"
    row = store.snapshots.find(number)
    assert row is not None
    for each in decode_row(row).content["indicators"]:
        first_word = each["title"][language].split()[0]
        assert sum(line.startswith(first_word) for line in now) >= 2, "a month, and the year so far"


@pytest.mark.parametrize("name", COMPARED)
def test_it_differs_from_the_present_in_the_same_way(desk: Path, name: str) -> None:
    """As a table in each language, and for programs; the exit code says whether it differs."""
    what, _, form = name.partition(".")
    number, language = int(what.split("-")[1]), what.split("-")[2:]
    asked = ["--language", *language] if language else ["--format", form]
    said = run_here("snapshot", "compare", PERIODS[number], "--number", str(number), *asked)
    assert said.code == (number in CHANGED), said.err
    assert said.out == printed(name)


def test_every_kind_and_reason_of_that_release_is_in_it(store: Store) -> None:
    kinds, reasons = set(), set()
    for number in PERIODS:
        row = store.snapshots.find(number)
        assert row is not None
        found = decode_row(row)
        kinds |= {each["kind"] for each in found.content["indicators"]}
        reasons |= {parse_json(line.encode())[6] for own in found.lines.values() for line in own}
    assert kinds == {
        *("share_within", "share_where", "mean_duration", "service_level", "count", "manual"),
    }
    assert reasons == {
        *("", "merged", "deleted", "spam", "ends_before_start", "no_resolved_at", "no_team"),
        *("unanswered", "early_abandon", "short_abandon", "key_exit", "callback", "unknown"),
        "test",  # configured under exclude:
    }


@pytest.mark.parametrize("number", [1, 3, 4, 6])
def test_its_report_holds_the_same_data(desk: Path, tmp_path: Path, number: int) -> None:
    out = tmp_path / "report"
    said = run_here("report", PERIODS[number], "--format", "csv,json", "--out", str(out))
    assert said.code == 0, said.err
    made = sorted(out.iterdir())
    assert made
    for file in made:
        # its name says draft since then, where a comment is missing; its bytes are what they were
        name = re.sub("-(draft|utkast)[.]", ".", file.name)
        then = f"show-{number}.json" if file.suffix == ".json" else f"report/{name}"
        assert file.read_bytes().decode() == printed(then), file.name


@pytest.mark.parametrize("reason", [None, *NoForecast])
def test_a_missing_forecast_is_read_back_from_its_sentence(reason: NoForecast | None) -> None:
    assert no_forecast(no_forecast_sentence(reason)) is reason


@pytest.mark.parametrize(
    ("sentence", "kind", "detail"),
    [
        ("closed by configuration", DayKind.CLOSED, ""),
        ("short day, 08:00-12:00", DayKind.SHORT, "08:00-12:00"),
        ("short day, closed", DayKind.SHORT, ""),
        ("Midsommarafton", DayKind.HOLIDAY, "Midsommarafton"),
    ],
)
def test_a_special_day_is_read_back_from_its_sentence(
    sentence: str, kind: DayKind, detail: str
) -> None:
    day = special_day(sentence)
    assert (day.kind, day.detail) == (kind, detail)
    assert special_day_sentence(day) == sentence
