"""Fetching in batches, and what a page says of what was found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest

from collector.io.errors import SourceError
from collector.io.http import BudgetSpent, HttpError, ResponseTooLarge
from collector.model.page import Rejected
from collector.model.records import Gone, Status, Unrecorded
from collector.sources.kit.mapping import Mapper
from collector.sources.kit.options import TicketOptions
from collector.sources.kit.raw import (
    ChangedTicket,
    Fetched,
    Ignored,
    NotVisible,
    RawTicket,
    Removed,
)
from collector.sources.kit.reading import Reader, read_batch
from collector.sources.kit.system import BatchError
from collector.sources.kit.web import WebOptions

IDS = [str(number) for number in range(1, 51)]


def found(number: str, **more: Any) -> RawTicket:
    return RawTicket(id=number, opened_at=1_600_000_000, fields={"status": "open"}, **more)


def fails_for(poisoned: set[str], error: Callable[[], SourceError]) -> tuple[Any, list[int]]:
    """A fetch that fails whole batches for these ids, and the sizes that were asked for."""
    sizes: list[int] = []

    def fetch(ids: Sequence[str]) -> Iterable[Fetched]:
        sizes.append(len(ids))
        if poisoned & set(ids):
            raise error()
        return [found(number) for number in ids]

    return fetch, sizes


def refused() -> SourceError:
    return HttpError("refused", permanent=True, status=404)


def broken() -> SourceError:
    return HttpError("broken", permanent=False, status=500)


def too_large() -> SourceError:
    return ResponseTooLarge("larger", permanent=True, status=200)


@pytest.mark.parametrize("error", [refused, broken, too_large, lambda: BatchError("one of them")])
@pytest.mark.parametrize("poisoned", [{"1"}, {"50"}, {"17"}, {"2", "3", "40"}])
def test_a_poisoned_id_is_found_and_the_others_are_read(
    error: Callable[[], SourceError], poisoned: set[str]
) -> None:
    fetch, sizes = fails_for(poisoned, error)
    results = read_batch(fetch, IDS)
    assert {each.id for each in results if isinstance(each, RawTicket)} == set(IDS) - poisoned
    bad = [each for each in results if isinstance(each, Rejected)]
    assert {each.where for each in bad} == {f"ticket {number}" for number in poisoned}
    assert {each.reason for each in bad} == {"unreadable"}
    assert len(sizes) <= 2 + 12 * len(poisoned)


def test_an_outage_is_not_halved() -> None:
    fetch, sizes = fails_for(set(IDS), broken)
    with pytest.raises(HttpError, match="broken"):
        read_batch(fetch, IDS)
    assert sizes == [50, 1, 1]


def test_a_single_failure_of_the_system_is_raised_and_a_refusal_rejects() -> None:
    with pytest.raises(HttpError):
        read_batch(fails_for({"7"}, broken)[0], ["7"])
    (only,) = read_batch(fails_for({"7"}, refused)[0], ["7"])
    assert isinstance(only, Rejected)


@pytest.mark.parametrize(
    "error",
    [
        lambda: HttpError("denied", permanent=True, status=401),
        lambda: HttpError("gone", permanent=False),
        lambda: BudgetSpent("spent", status=429),
        lambda: SourceError("other"),
    ],
)
def test_other_errors_are_nobodys_fault(error: Callable[[], SourceError]) -> None:
    fetch, sizes = fails_for({"7"}, error)
    with pytest.raises(SourceError):
        read_batch(fetch, IDS)
    assert sizes == [50]


class System:
    """Finds what it was made with."""

    clock_skew = None
    server_time = None

    def __init__(self, *results: Fetched) -> None:
        self.results = results
        self.asked: list[str] = []

    def fetch(self, connection: object, ids: Sequence[str]) -> Iterable[Fetched]:
        self.asked += ids
        return self.results


def reader(system: System) -> Reader:
    lacking = frozenset({Unrecorded.HOLDS})
    mapper = Mapper({"status": {"open": "open"}}, ())
    return Reader("desk", system, system, mapper, lacking)  # type: ignore[arg-type]


def test_everything_is_counted_as_what_it_is() -> None:
    system = System(
        found("1", unrecorded=frozenset({Unrecorded.NOTE}), changed_at=1_600_000_060),
        Removed("2", Status.MERGED, 1_600_000_001),
        NotVisible("3"),
        Ignored("4", "other_queue"),
        Rejected("bad_field", "ticket 5", "no time"),
        RawTicket(id="6", opened_at=1, fields={"status": "strange"}),
    )
    batch = reader(system).batch([ChangedTicket(str(number)) for number in range(1, 8)])
    ticket, gone = batch.records
    assert ticket.id == "1" and ticket.unrecorded == {Unrecorded.HOLDS, Unrecorded.NOTE}
    assert gone == Gone(source="desk", id="2", mark="merged", at=1_600_000_001)
    assert batch.ignored == {"not_visible": 2, "other_queue": 1}, "7 is left out: not visible"
    assert [(each.reason, each.where) for each in batch.rejected] == [
        ("bad_field", "ticket 5"),
        ("unmapped_status", "ticket 6"),
    ]
    assert batch.newest_at == 1_600_000_060


def test_what_a_feed_holds_is_not_asked_for_again() -> None:
    system = System()
    lines = [ChangedTicket("1", found=found("1")), ChangedTicket("1", found=found("1"))]
    batch = reader(system).batch(lines)
    assert [each.id for each in batch.records] == ["1"] and system.asked == []


# -- what options say -----------------------------------------------------------------------------


class Options(TicketOptions):
    UNRECORDED = frozenset({Unrecorded.HOLDS})
    REMEDIES = {
        Unrecorded.NOTE: "notes",
        Unrecorded.TEAM: "fields.team",
        Unrecorded.KIND: "map.kind",
        Unrecorded.CLOSING: "map.status",
    }
    WORDS = {"status": {"4": "on_hold", "5": "resolved"}}
    notes: bool = False


def lacking(**keys: Any) -> set[str]:
    return set(map(str, Options.model_validate({"type": "x", **keys}).unrecorded))


def test_a_fact_is_told_once_its_key_is_set() -> None:
    assert lacking() == {"holds", "first_note", "team", "teams", "kind", "closing"}
    assert "first_note" not in lacking(notes=True)
    assert "kind" not in lacking(map={"kind": {"default": "incident"}})
    assert "kind" in lacking(map={"kind": {"a": "incident"}})
    assert not lacking(map={"team": {"default": "Servicedesk"}}) & {"team", "teams"}
    assert "closing" not in lacking(map={"status": {"6": "closed"}})


def test_the_configured_map_adds_to_the_systems_words_and_wins() -> None:
    options = Options.model_validate({"type": "x", "map": {"status": {"5": "closed", "9": "open"}}})
    mapper = options.mapper()
    assert [mapper("status", word) for word in "459"] == ["on_hold", "closed", "open"]


def test_a_budget_lasts_from_poll_to_poll() -> None:
    options = WebOptions.model_validate(
        {"type": "x", "url": "https://desk.example/", "requests_per_minute": 1}
    )
    one_poll, another = options.model_copy(), options.model_copy()
    with one_poll.client() as first, another.client("/api/") as second:
        assert first._budget is second._budget
        assert second._base == "https://desk.example/api"
