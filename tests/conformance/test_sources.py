"""What every source promises, asked of each entry of the table by itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from collector.io.errors import SourceError, UserFacingError
from collector.io.secrets import Secret
from collector.model.page import Cursor, Page
from collector.model.record_limits import storage_problem
from collector.model.records import Call, Gone, Ticket
from collector.service.drain import drain
from collector.sources import SOURCES, make_source
from collector.sources.kit.contract import Source
from collector.store import Store
from tests.conformance.source_docs import BLOCK, PAGE, table
from tests.worlds.paths import ROOT
from tests.worlds.source_desks import SECRETS, SYSTEMS, System

NAME = "office"


@pytest.fixture(params=SOURCES)
def kind(request: pytest.FixtureRequest) -> str:
    """The ``type:`` of each source."""
    return str(request.param)


@pytest.fixture
def system(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[System]:
    for name, secret in SECRETS.items():
        monkeypatch.setenv(name, secret)
    with SYSTEMS[kind](tmp_path) as running:
        if running.page is not None:
            monkeypatch.setattr(running.page, 2)
        yield running


@pytest.fixture
def _with_records(kind: str) -> None:
    """A source of queues as they are now has no records: what is promised of these is left out."""
    if SOURCES[kind].delivers == "queues":
        pytest.skip("it delivers no records")


of_records = pytest.mark.usefixtures("_with_records")


@pytest.fixture
def source(kind: str, system: System) -> Source:
    return built(kind, system.options)


def built(kind: str, options: Any) -> Source:
    """A source of this type by these keys, as after a restart."""
    return make_source(NAME, SOURCES[kind].model_validate({"type": kind, **options}), ())


def through_json(cursor: Cursor) -> Any:
    """A cursor as the store hands it out."""
    return json.loads(json.dumps(cursor))


def state(pages: list[Page]) -> dict[str, object]:
    """What a store holds after these pages."""
    return {record.id: record for page in pages for record in page.records}


def assert_discreet(text: str, system: System) -> None:
    """One line, without secrets."""
    assert text and text == " ".join(text.split())
    assert not [secret for secret in SECRETS.values() if secret in text]


# -- what it says of itself -----------------------------------------------------------------------


def test_every_source_has_a_small_system_here() -> None:
    assert SYSTEMS.keys() == SOURCES.keys()


def test_it_describes_itself(kind: str) -> None:
    described = SOURCES[kind]
    keys = described.model_fields.keys()
    assert described.delivers in ("tickets", "calls", "queues")
    assert described.title["sv"] and described.title["en"]
    assert described.settings_in_words.keys() <= keys - described.ACCESS
    assert all(words["sv"] and words["en"] for words in described.settings_in_words.values())
    assert keys >= described.ACCESS


def test_its_keys_are_documented(kind: str) -> None:
    documented = (ROOT / "docs" / "sources.md").read_text()
    assert re.search(rf"^## .*\b{kind}\b", documented, re.M)
    missing = [key for key in SOURCES[kind].model_fields if not stands(key, documented)]
    assert not missing


def stands(key: str, text: str) -> bool:
    """Whether a key is written as in a configuration or as code."""
    return bool(re.search(rf"\b{key}:|`{key}\b", text))


def test_the_table_of_what_they_tell_is_up_to_date() -> None:
    assert BLOCK.findall(PAGE.read_text(encoding="utf-8")) == [table()]


def test_what_it_lacks_is_what_it_declares_or_a_key_can_mend(kind: str, source: Source) -> None:
    described = SOURCES[kind]
    found = source.look().unrecorded
    assert found >= described.UNRECORDED
    assert found <= described.UNRECORDED | described.REMEDIES.keys()


def test_unknown_keys_are_refused(kind: str, system: System) -> None:
    with pytest.raises(ValueError, match="nonsense"):
        built(kind, {**system.options, "nonsense": 1})


def test_check_says_what_was_found_in_one_line(source: Source, system: System) -> None:
    said = source.check()
    assert_discreet(said, system)
    assert not [each for each in system.personal if each in said]


# -- pages and cursors ----------------------------------------------------------------------------


@of_records
def test_it_delivers_what_it_says_and_counts_the_rest(
    kind: str, source: Source, system: System
) -> None:
    pages = list(source.pages(None))
    found = state(pages)
    assert len(found) == system.records
    wanted = Ticket | Gone if SOURCES[kind].delivers == "tickets" else Call
    for record in found.values():
        assert isinstance(record, wanted)
        assert record.source == NAME
        assert not storage_problem(record)
    (rejected,) = {each for page in pages for each in page.rejected}  # some are read twice
    assert re.fullmatch(r"[a-z_]+", rejected.reason)
    assert rejected.where and rejected.message


@of_records
def test_pages_say_how_far_they_are(source: Source) -> None:
    pages = list(source.pages(None))
    assert len(pages) > 1, "or the cursors between them are not tried"
    assert all(page.progress is None or 0 <= page.progress <= 1 for page in pages)
    assert max(page.newest_at or 0 for page in pages) > 1_500_000_000


def test_nobody_is_in_the_records(source: Source, system: System) -> None:
    pages = list(source.pages(None))
    stored = repr([page.records for page in pages])
    kept = json.dumps([page.cursor for page in pages])
    assert not [each for each in (*system.personal, *SECRETS.values()) if each in stored]
    assert not [each for each in (*system.personal, *SECRETS.values()) if each in kept]


def test_the_same_again_from_the_beginning(kind: str, source: Source, system: System) -> None:
    assert state(list(source.pages(None))) == state(list(source.pages(None)))
    assert state(list(built(kind, system.options).pages(None))) == state(list(source.pages(None)))


@of_records
def test_it_goes_on_from_every_cursor(kind: str, source: Source, system: System) -> None:
    """A process that ends between two pages loses nothing and doubles nothing."""
    pages = list(source.pages(None))
    for number, page in enumerate(pages, 1):
        rest = built(kind, system.options).pages(through_json(page.cursor))
        assert state([*pages[:number], *rest]) == state(pages)


def test_nothing_new_is_no_record(kind: str, source: Source, system: System) -> None:
    *_, last = source.pages(None)
    later = list(built(kind, system.options).pages(through_json(last.cursor)))
    assert state(later) == {}
    assert not [each for page in later for each in page.rejected]


@of_records
def test_since_reads_again(kind: str, source: Source, system: System) -> None:
    *_, last = pages = list(source.pages(None))
    again = built(kind, system.options).pages(through_json(last.cursor), since=1)
    assert state(list(again)) == state(pages)


def test_it_is_drained_into_a_store(source: Source, system: System, tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path}/store.db") as store:
        first = drain(source, store, clock=lambda: 1_700_000_000)
        second = drain(source, store, clock=lambda: 1_700_000_060)
        held = store.records.counts(0, 1_800_000_000).get(NAME, 0)
    assert first.ok and first.changed >= system.records
    assert bool(first.rejected) == bool(system.records)
    assert (second.ok, second.changed) == (True, 0)
    assert held == system.records


# -- errors ---------------------------------------------------------------------------------------


def test_what_cannot_be_read_is_said_in_one_line(kind: str, system: System) -> None:
    broken = built(kind, {**system.options, **system.unreadable})
    for ask in (broken.check, lambda: list(broken.pages(None))):
        with pytest.raises(SourceError) as caught:
            ask()
        assert isinstance(caught.value.permanent, bool)
        assert_discreet(str(caught.value), system)


def test_a_secret_that_is_not_there_is_named(
    kind: str, source: Source, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = SOURCES[kind].model_validate({"type": kind, **system.options})
    secrets = [value for _, value in options if isinstance(value, Secret)]
    for name in SECRETS:
        monkeypatch.delenv(name)
    for secret in secrets:
        with pytest.raises(UserFacingError, match="is not set") as caught:
            list(source.pages(None))
        assert caught.value.permanent
        assert secret.reference.strip("${}") in str(caught.value)
