"""The cases of ticket systems that apply to files, tables, programs and telephone systems as well.

What is expected is written here by hand. docs/conformance.md shows which source passes which case,
and why some are left out (``python -m tests.conformance.system_docs``).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.io.errors import SourceError
from collector.sources import SOURCES
from tests.conformance.offices import CALLER, NO_RECORDS, OFFICES, Office, Stay
from tests.conformance.system_docs import NOT_OF_OTHERS, OTHERS, cases
from tests.conformance.systems import TYPES


@pytest.fixture(params=OFFICES)
def office(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Office]:
    made = OFFICES[request.param](tmp_path)
    case = request.function.__name__.removeprefix("test_")
    if (reason := made.left_out.get(case)) is not None:
        pytest.skip(f"{request.param}: {reason}")
    monkeypatch.setattr(made.page, 3)
    with made.running(monkeypatch):
        yield made


def fresh(office: Office) -> dict[str, Any]:
    """What a new source delivers from the beginning."""
    office.show()
    return {record.id: record for page in office.source().pages(None) for record in page.records}


def _drain_for_good(office: Office) -> None:
    """Read until nothing can come in between any more, when what cannot be used is told."""
    office.drain()
    office.now += 3600
    office.drain()


# -- reading and following ------------------------------------------------------------------------


def test_whole_first_drain(office: Office) -> None:
    """All records, also if the process ends between any two pages."""
    for _ in range(12):
        office.end(office.open())
    office.show()
    pages = list(office.pages())
    assert office.found == office.expected and not office.told
    assert len(pages) > 2
    for number, page in enumerate(pages, 1):
        before = {r.id: r for each in pages[:number] for r in each.records}
        rest = {r.id: r for each in office.source().pages(page.cursor) for r in each.records}
        assert before | rest == office.records


def test_nothing_changed(office: Office) -> None:
    for _ in range(5):
        office.end(office.open())
    office.drain()
    office.now += 3600
    office.drain()
    assert office.drain() == set()
    assert office.found == office.expected


def test_incremental(office: Office) -> None:
    """What began and what ended since then is delivered."""
    first, second = office.open(), office.open()
    office.drain()
    office.now += 3600
    office.end(second)
    third = office.open()
    assert office.drain() >= {office.name(second), office.name(third)}
    office.end(first)
    assert office.drain() >= {office.name(first)}
    assert office.found == office.expected


def test_duplicates(office: Office) -> None:
    """What is shown twice counts once."""
    for _ in range(4):
        office.end(office.open())
    office.twice = True
    office.drain()
    assert office.found == office.expected


def test_late_commit(office: Office) -> None:
    """A record becomes visible 20 s after its time, when later ones are already read."""
    late = office.open()
    office.withheld.add(late)
    office.now -= 50
    office.open()
    office.drain()
    office.now += 20
    office.withheld.clear()
    assert office.drain() >= {office.name(late)}
    assert office.found == office.expected


@pytest.mark.parametrize("seed", range(20))
def test_walk_simulation(office: Office, seed: int) -> None:
    """Records begin and end between polls, and some are seen up to 20 s late."""
    rng, office.step = random.Random(seed), 2
    for _ in range(6):
        for _ in range(rng.randrange(4)):
            number = office.open()
            if rng.random() < 0.2 and "late_commit" not in office.left_out:
                office.withheld.add(number)
        running = [n for n, each in office.stays.items() if each.end is None]
        for number in rng.sample(running, rng.randrange(len(running) + 1)):
            if number not in office.withheld:
                office.end(number)
        if office.stays.keys() - office.withheld:
            office.drain()
        office.now += 20
        office.withheld.clear()
    office.open()
    office.drain()
    office.now += 3600
    office.drain()
    assert office.found == office.expected, "none missing, none stale"
    assert fresh(office) == office.records


# -- values that cannot be used -------------------------------------------------------------------


def test_unknown_value(office: Office) -> None:
    """A word that nobody mapped is told, and harms no other record."""
    for _ in range(30):
        office.end(office.open())
    unknown = office.open(word="whatever")
    _drain_for_good(office)
    assert office.told
    office.records.pop(office.name(unknown), None)
    del office.stays[unknown]
    assert office.found == office.expected


@pytest.mark.parametrize("value", [None, True, "yesterday", "", [], {"a": 1}, "9" * 400])
def test_damaged_value(office: Office, value: object) -> None:
    """A beginning that is no time rejects its record, and no other."""
    known = [office.open() for _ in range(3)]
    damaged = office.open(opening=value)
    for each in (*known, damaged):
        office.end(each)
    _drain_for_good(office)
    assert office.told
    del office.stays[damaged]
    assert office.found == office.expected


@settings(suppress_health_check=list(HealthCheck), max_examples=30)
@given(data=st.data())
def test_any_json(office: Office, data: st.DataObject) -> None:
    """Whatever stands in any place of its rows, a drain ends, with an error for people if any."""
    rows = [
        row
        for number in (1, 2, 3)
        for row in office.rows(number, Stay(office.now + number, office.now + 90))
    ]
    for number, row in enumerate(rows, 1):
        row.setdefault("id", number)
    damaged = rows[data.draw(st.integers(0, len(rows) - 1))]
    damaged[data.draw(st.sampled_from(sorted(damaged)))] = data.draw(_ANY)
    office.write(rows)
    for ask in (lambda: list(office.source().pages(None)), office.source().check):
        with suppress(SourceError):
            ask()


_ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=3,
)


# -- what is not whole, and what is not there -----------------------------------------------------


def test_cut(office: Office) -> None:
    """What ends in the middle of a row gives no wrong record, and all of it later."""
    for _ in range(6):
        office.end(office.open())
    office.show()
    office.cut()
    with suppress(SourceError):
        list(office.pages())
    assert office.found.items() <= office.expected.items() | _unended(office).items()
    office.end(office.open())
    office.drain()
    assert office.found == office.expected


def _unended(office: Office) -> dict[str, tuple[int, None]]:
    return {name: (begin, None) for name, (begin, _) in office.expected.items()}


def test_failure(office: Office) -> None:
    """A system that is gone is an error, the cursor stays, and the next drain goes on."""
    first = office.open()
    office.drain()
    before = office.cursor
    office.vanish()
    with pytest.raises(SourceError) as caught:
        list(office.pages())
    assert isinstance(caught.value.permanent, bool)
    assert office.cursor == before
    office.end(first)
    office.drain()
    assert office.found == office.expected


def test_nobody_is_stored(office: Office) -> None:
    for _ in range(3):
        office.end(office.open())
    office.show()
    kept = repr([(page.records, page.cursor) for page in office.pages()])
    assert not [each for each in ("Anna", CALLER) if each in kept]


# -- the table ------------------------------------------------------------------------------------


def test_every_source_has_its_column() -> None:
    assert {*TYPES, *OFFICES, *NO_RECORDS} == SOURCES.keys()


def test_every_case_of_ticket_systems_is_here_or_left_out_with_a_reason() -> None:
    here = cases(OTHERS)
    assert NOT_OF_OTHERS.keys() | here.keys() >= cases().keys()
    assert not NOT_OF_OTHERS.keys() & here.keys()
    for each in OFFICES.values():
        assert each.left_out.keys() <= here.keys()
