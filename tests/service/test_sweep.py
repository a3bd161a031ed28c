"""Sweeps on a store: when they run, what they do to figures, and how they fail."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete

from collector.io.budget import Budget
from collector.measuring.engine.engine import Measuring
from collector.measuring.figures.figure import Figure
from collector.model.page import Page
from collector.model.records import Change, Ticket
from collector.model.stored import StoredTicket
from collector.service import reader
from collector.service.hooks import read_tickets
from collector.service.poll import Reconciling, build_source, check_systems, poll_once
from collector.service.service import Service
from collector.service.sweep import AGAIN, NOT_SWEPT, is_due, sweep
from collector.sources.csv.options import CsvTicketsOptions
from collector.sources.glpi import GlpiOptions
from collector.store import Store, SweepState
from collector.store.schema import cursors
from tests.conformance.systems.bench import Bench, bench_of
from tests.worlds.commands import run_here
from tests.worlds.desk import write_desk
from tests.worlds.measured import RESOLUTION, at, settings_of
from tests.worlds.metrics import metrics_registry

DAY = 86400


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """A GLPI, which tells deleted tickets from those that one may not see."""
    with bench_of("glpi", monkeypatch) as made:
        yield made


class Desk:
    """A service on a store, over the bench; ``now`` is that of both."""

    def __init__(self, bench: Bench, store: Store, url: str, **keys: object) -> None:
        self.bench, self.store = bench, store
        self.settings = settings_of(
            {"resolved": {**RESOLUTION, "calendar": "always"}},
            organizations=["Root entity > North"],
            sources={"desk": bench.options(**keys)},
            store=url,
        )
        self.service = Service(self.settings, store, lambda: bench.world.now)

    def poll(self, after: int = 60) -> None:
        self.bench.world.now += after
        self.service.poll("desk")

    def metric(self, name: str, **labels: str) -> float | None:
        registry = metrics_registry(
            self.settings, self.service.snapshot, self.service.counters, self.service.health
        )
        return registry.get_sample_value(f"servicedesk_{name}", labels)

    def found(self, name: str) -> float | None:
        return self.metric("source_reconciled_total", source="desk", found=name)

    def overdue(self) -> float:
        registry = metrics_registry(
            self.settings, self.service.snapshot, self.service.counters, self.service.health
        )
        return sum(
            sample.value
            for family in registry.collect()
            for sample in family.samples
            if sample.name == "servicedesk_tickets_overdue"
        )

    def figure(self, now: int, known_at: int | None = None) -> Figure:
        """That of the whole desk and this month."""
        measuring = Measuring(self.settings, self.store, known_at=known_at)
        month = measuring.period("month", now)
        tallies = measuring.tallies(measuring.history_of(month, now), month.after, now)
        return next(measuring.figures(tallies, month, now, self.store.polls.states()))

    def mark(self, number: int) -> str | None:
        ticket = self.store.records.ticket("desk", str(number))
        assert ticket is not None
        return ticket.mark


@pytest.fixture
def desk(bench: Bench, sqlite_store: Store, sqlite_url: str) -> Desk:
    for _ in range(12):
        bench.world.open()
    made = Desk(bench, sqlite_store, sqlite_url)
    made.poll()
    return made


def test_it_runs_once_a_night_after_a_poll_at_its_time(desk: Desk) -> None:
    world = desk.bench.world
    world.purge(3)
    world.purge(4)
    desk.poll(3600)
    assert (desk.mark(3), desk.metric("source_reconciled_timestamp_seconds", source="desk")) == (
        None, None,
    )  # fmt: skip
    world.now = at("2026-03-03 02:59")
    desk.poll(0)
    assert desk.mark(3) is None
    desk.poll(60)
    assert (desk.mark(3), desk.mark(4), desk.mark(5)) == ("deleted", "deleted", None)
    assert desk.found("deleted") == 2
    assert desk.found("changed") == 0
    stamp = desk.metric("source_reconciled_timestamp_seconds", source="desk")
    assert stamp == at("2026-03-03 03:00")
    world.purge(5)
    desk.poll(3600)
    assert desk.mark(5) is None, "the night is over"


def test_a_ticket_out_of_sight_is_neither_overdue_for_ever_nor_gone_without_a_word(
    desk: Desk,
) -> None:
    world = desk.bench.world
    desk.poll(DAY)
    assert desk.overdue() == 12
    cursor = desk.store.pages.cursor("desk")
    world.hide(3)
    desk.poll(DAY)
    assert (desk.mark(3), desk.overdue()) == ("not_visible", 11)
    assert desk.store.pages.cursor("desk") == cursor
    assert desk.figure(world.now).excluded == {"not_visible": 1}
    said: list[str] = []
    check_systems(desk.settings, said.append, said.append)
    assert any(
        line.startswith("sources.desk: warning: 1 stored ticket(s) no longer visible")
        for line in said
    ), said
    world.show(3)
    desk.poll(DAY)
    assert (desk.mark(3), desk.overdue()) == (None, 12)
    assert (desk.found("not_visible"), desk.found("visible_again")) == (1, 1)


def test_as_of_before_it_was_out_of_sight_it_counts_as_then(desk: Desk) -> None:
    desk.poll(DAY)
    then = desk.bench.world.now
    before = desk.figure(then)
    assert (before.eligible, before.excluded) == (12, {})
    desk.bench.world.hide(3)
    desk.poll(DAY)
    assert desk.figure(desk.bench.world.now).eligible == 11
    assert desk.figure(then, known_at=then) == before


def test_a_right_lost_marks_nothing_and_is_said(desk: Desk, caplog) -> None:
    world = desk.bench.world
    for number in range(1, 12):
        world.hide(number)
    desk.poll(DAY)
    assert {desk.mark(n) for n in range(1, 13)} == {None}
    assert desk.metric("source_up", source="desk") == 1
    state = desk.store.sweeps.states()["desk"]
    assert state.error is not None
    assert state.error.startswith("11 of 12 tickets are gone at once, so nothing was marked")
    assert sum("reconciliation failed" in line.getMessage() for line in caplog.records) == 1
    desk.bench.requests()
    desk.poll(60)
    assert sum("reconciliation failed" in line.getMessage() for line in caplog.records) == 1
    for number in range(1, 12):
        world.show(number)
    desk.poll(AGAIN)
    state = desk.store.sweeps.states()["desk"]
    assert (state.error, state.finished_at) == (None, world.now)


def test_a_desk_of_which_tickets_are_stored_may_not_be_empty(desk: Desk, caplog) -> None:
    """``allow_empty`` is for a new desk: later a user who sees nothing has lost a right."""
    assert desk.settings.sources["desk"].allow_empty  # type: ignore[attr-defined]
    world = desk.bench.world
    for number in range(1, 13):
        world.hide(number)
    desk.poll(60)
    assert desk.metric("source_up", source="desk") == 0
    assert any(
        "no ticket is visible to this user any more" in each.message for each in caplog.records
    )
    problems, _ = check_systems(desk.settings, str, str)
    assert any("no ticket is visible to this user any more" in line for line in problems)
    poll_once(desk.settings, ["desk"], None, str, reconcile=Reconciling(accept=True))
    assert {desk.mark(n) for n in range(1, 13)} == {"not_visible"}
    desk.poll(60)
    assert desk.metric("source_up", source="desk") == 1, "all are gone for good: it is empty"


def test_it_goes_on_after_the_next_poll_where_it_stopped(desk: Desk, monkeypatch) -> None:
    monkeypatch.setattr(reader, "SWEEP_SECONDS", -1.0)
    world = desk.bench.world
    world.purge(3)
    monkeypatch.setattr("collector.sources.kit.system.TicketSystem.SWEEP_IDS", 5)
    polls = 0
    world.now += DAY
    while desk.metric("source_reconciled_timestamp_seconds", source="desk") is None:
        desk.poll()
        polls += 1
        assert polls < 20
    assert polls > 3
    assert desk.mark(3) == "deleted"
    assert desk.found("deleted") == 1


def test_it_leaves_half_of_a_limit_of_requests_to_polls(
    bench: Bench, sqlite_store: Store, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(30):
        bench.world.open()
    made = Desk(bench, sqlite_store, sqlite_url, requests_per_minute=1000)
    made.poll()
    monkeypatch.setattr(Budget, "is_scarce", lambda _: True)
    monkeypatch.setattr("collector.sources.kit.system.TicketSystem.PAGE_TICKETS", 4)
    bench.world.now += DAY
    bench.requests()
    made.poll()
    assert bench.requests() <= 4, "the poll, and one step"
    state = sqlite_store.sweeps.states()["desk"]
    assert state.position is not None
    assert state.finished_at is None


def test_another_process_that_moves_the_cursor_has_the_rest(desk: Desk) -> None:
    world, store = desk.bench.world, desk.store
    world.purge(3)
    world.now += DAY
    source = build_source(desk.settings, "desk")
    moved = []

    def meanwhile(number: int) -> None:
        if not moved:
            moved.append(number)
            cursor = store.pages.cursor("desk")
            assert cursor is not None
            store.pages.save("desk", Page(records=(), cursor={**cursor, "n": 1}), cursor)

    desk.bench.door.before = meanwhile
    result = sweep(source, store, clock=lambda: world.now)  # type: ignore[arg-type]
    assert result.overtaken
    assert desk.mark(3) is None
    assert store.sweeps.states()["desk"].error is None


def test_an_erased_ticket_comes_back_by_no_way(desk: Desk) -> None:
    """Neither by a poll, a message, a reconciliation, nor a cursor that is reset."""
    world, store = desk.bench.world, desk.store
    world.status(3, "resolved")
    desk.poll()
    store.erased.erase("desk", ["3"], world.now)
    erased = [each for each in store.records.ticket_names(range(1000)).values() if each[1] == "3"]
    kept = _names(store)
    world.status(3, "open")
    desk.poll()
    source = build_source(desk.settings, "desk")
    assert read_tickets(source, store, ["3"]).error is None  # type: ignore[arg-type]
    result = sweep(source, store, clock=lambda: world.now)  # type: ignore[arg-type]
    assert (result.finished, result.found.total(), result.error) == (True, 0, None)
    with store._database.writing() as connection:
        connection.execute(delete(cursors))
    desk.poll()
    assert (erased, _names(store)) == ([], kept)
    assert not [each for each in desk.bench.door.requests if "erased-" in str(each)]
    assert len(kept) == 12
    ignored = desk.metric("source_ignored_total", source="desk", reason="erased")
    assert ignored is not None
    assert ignored > 0


def _names(store: Store) -> list[str]:
    return sorted(each[1] for each in store.records.ticket_names(range(1000)).values())


def test_a_source_that_was_never_read_is_not_swept(bench: Bench, sqlite_store: Store) -> None:
    made = Desk(bench, sqlite_store, "sqlite:///elsewhere.db")
    source = build_source(made.settings, "desk")
    result = sweep(source, sqlite_store, clock=lambda: 0)  # type: ignore[arg-type]
    assert (result.error, result.finished) == (None, False)
    assert bench.requests() == 0


def test_the_command_poll_reconciles_at_once(desk: Desk, sqlite_url: str, tmp_path: Path) -> None:
    export = tmp_path / "tickets.csv"
    export.write_text("id,kind,organization,opened_at\n1,incident,North,2026-03-02 09:00\n")
    columns = {name: name for name in ("id", "kind", "organization", "opened_at")}
    sources = {
        "desk": desk.bench.options(),
        "export": {"type": "csv_tickets", "path": str(export), "columns": columns,
                   "map": {"organization": {"default": "Root entity > North"}}},
    }  # fmt: skip
    settings = settings_of(
        {"resolved": RESOLUTION}, organizations=["Root entity > North"], sources=sources,
        store=sqlite_url,
    )  # fmt: skip
    world = desk.bench.world

    def lines(accept: bool = False) -> tuple[int, list[str]]:
        said: list[str] = []
        asked = Reconciling(accept)
        code = poll_once(settings, sources, None, said.append, restate=True, reconcile=asked)
        return code, [line for line in said if "reconcil" in line]

    nothing = f"export: nothing to reconcile: {NOT_SWEPT}"
    assert lines() == (0, ["desk: reconciled: nothing is missing", nothing])
    world.purge(3)
    world.hide(4)
    world.now += DAY
    assert lines() == (0, ["desk: reconciled: 1 deleted, 1 no longer visible", nothing])
    for number in range(5, 13):
        world.hide(number)
    code, said = lines()
    assert (code, said[1]) == (1, nothing)
    assert said[0].startswith("desk: reconciliation failed: 8 of 10 tickets are gone at once")
    assert lines(accept=True) == (0, ["desk: reconciled: 8 no longer visible", nothing])


def test_accepting_needs_a_reconciliation(tmp_path: Path) -> None:
    write_desk(tmp_path)
    found = run_here("poll", "--accept-gone", "--config", tmp_path / "servicedesk.yaml")
    assert (found.code, found.err) == (2, "error: --accept-gone needs --reconcile\n")


def test_when_it_is_due() -> None:
    glpi = {"type": "glpi", "url": "http://a", "token": "${A}", "timezone": "UTC"}
    options = GlpiOptions.model_validate(glpi)
    zone, since = "Europe/Stockholm", at("2026-03-28 12:00")

    def due(when: str, **state: object) -> bool:
        return is_due(options, SweepState(**{"since": since, **state}), zone, at(when))  # type: ignore[arg-type]

    assert not due("2026-03-28 12:00")
    assert not due("2026-03-29 01:59")
    assert due("2026-03-29 03:00"), "also in the night without 02:00 to 03:00"
    assert due("2026-03-31 02:00"), "one that was missed is made up for"
    assert not due("2026-03-30 02:00", finished_at=at("2026-03-29 03:00"))
    assert due("2026-03-30 03:00", finished_at=at("2026-03-29 03:01"))
    assert due("2026-03-28 12:00", position={"began": 1}), "begun ones go on at once"
    failed = at("2026-03-29 03:00")
    assert not due("2026-03-29 03:59", failed_at=failed)
    assert due("2026-03-29 04:00", failed_at=failed)
    never = GlpiOptions.model_validate({**glpi, "reconcile": {"at": "never"}})
    assert not is_due(never, SweepState(since=0), zone, at("2026-03-29 03:00"))
    export = {"type": "csv_tickets", "path": "x", "columns": {"id": "id", "opened_at": "o"}}
    assert not is_due(CsvTicketsOptions.model_validate(export), SweepState(since=0), zone, 10**9)


def test_what_a_sweep_looks_at(store: Store, desk_of_all_ages) -> None:
    """Lately opened, still open, or not visible before; each with its latest instant."""
    found = store.sweeps.tickets("desk", desk_of_all_ages)
    assert [each.id for each in found] == ["old open", "old hidden", "new closed", "new merged"]
    assert found[0] == StoredTicket(found[0].number, "old open", None, True, 1500)
    assert (found[2].is_open, found[3].mark) == (False, "merged")


@pytest.fixture
def desk_of_all_ages(store: Store) -> int:
    records = [
        Ticket(source="desk", id="old open", opened_at=1000,
               changes=(Change(1000, "status", "new"), Change(1500, "status", "open"))),
        Ticket(source="desk", id="old closed", opened_at=1000, resolved_at=1100),
        Ticket(source="desk", id="old deleted", opened_at=1000, mark="deleted"),
        Ticket(source="desk", id="old hidden", opened_at=1000, mark="not_visible"),
        Ticket(source="desk", id="new closed", opened_at=9000, closed_at=9100),
        Ticket(source="desk", id="new merged", opened_at=9000, mark="merged"),
        Ticket(source="other", id="another's", opened_at=9000),
    ]  # fmt: skip
    store.pages.save("desk", Page(records=records, cursor={}), None)
    return 9000
