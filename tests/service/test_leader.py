"""Which of several services on one store moves the sources forward, as its metrics say it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from apscheduler.events import EVENT_JOB_MAX_INSTANCES, JobSubmissionEvent

from collector.model.page import Cursor, Page
from collector.service import reader as readers
from collector.service.service import Service
from collector.store import Store, StoreError
from tests.worlds.measured import CALLS, at, settings_of
from tests.worlds.metrics import metrics_registry

NOW = at("2020-07-15 12:00")
SETTINGS = settings_of({"one": CALLS})
FIRST_POLLS = ["first poll of desk", "first poll of phone"]


class Source:
    """One page a drain; what is to happen before it is given is done then."""

    as_of = None

    def __init__(self, name: str, meanwhile: Callable[[], None]) -> None:
        self.name = name
        self._meanwhile = meanwhile

    def pages(self, cursor: Cursor | None, since: int | None = None) -> Iterator[Page]:
        self._meanwhile()
        yield Page(records=[], cursor={"n": cursor["n"] + 1 if cursor else 0})


class Role:
    """A role that a test gives and takes."""

    def __init__(self, *, leads: bool) -> None:
        self.on_taken: Callable[[], None] = lambda: None
        self.is_leader = leads
        self.stepped_aside = 0

    def leads(self) -> bool:
        return self.is_leader

    def step_aside(self) -> None:
        self.stepped_aside += 1


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[], Any]]:
    """By source, what happens once while the next drain of it is under way."""
    found: dict[str, Callable[[], Any]] = {}

    def once(name: str) -> None:
        found.pop(name, lambda: None)()

    monkeypatch.setattr(readers, "build_source", lambda _, name: Source(name, lambda: once(name)))
    return found


def leads(service: Service) -> float | None:
    metrics = metrics_registry(service.settings, service.snapshot, service.counters, service.health)
    return metrics.get_sample_value("servicedesk_leader")


def service_on(store: Store, role: Role) -> Service:
    service = Service(SETTINGS, store, lambda: NOW, leading=role)
    service.measure()
    return service


def test_one_that_stands_by_polls_nothing_and_serves_what_the_other_stores(
    sqlite_url, meanwhile
) -> None:
    with Store.open(sqlite_url) as store, Store.open(sqlite_url) as same:
        first = service_on(store, Role(leads=True))
        second = service_on(same, Role(leads=False))
        assert (leads(first), leads(second)) == (1, 0)
        meanwhile["desk"] = lambda: pytest.fail("it stands by")
        second.poll("desk")
        meanwhile.clear()
        assert second.waiting_for() == FIRST_POLLS, "nobody has polled yet"
        first.poll("desk")
        first.poll("phone")
        second.measure()
        assert second.waiting_for() == []
        assert second.hear("desk", ["1"]) is False
        assert second.ask_for_poll("desk") is None


def test_one_that_begins_to_stand_by_relies_on_what_was_read_lately(sqlite_url, meanwhile) -> None:
    """Else it would not be ready for a day, where a source is read once a day."""
    with Store.open(sqlite_url) as store:
        first = service_on(store, Role(leads=True))
        first.poll("desk")
        first.poll("phone")
        assert service_on(store, Role(leads=False)).waiting_for() == []
        assert service_on(store, Role(leads=True)).waiting_for() == FIRST_POLLS
        late = Service(SETTINGS, store, lambda: NOW + 86_400, leading=Role(leads=False))
        late.measure()
        assert late.waiting_for() == FIRST_POLLS


def test_one_that_loses_the_lease_stores_nothing_more_and_calls_it_no_failure(
    sqlite_url, meanwhile, caplog
) -> None:
    with Store.open(sqlite_url) as store, Store.open(sqlite_url) as same:
        old, new = store.lease("collector"), same.lease("collector")
        assert old.take(0), "it has run out as soon as it is held"
        role = Role(leads=True)
        service = service_on(store, role)

        def lost() -> None:
            assert new.take(60)
            role.is_leader = False

        meanwhile["desk"] = lost
        with caplog.at_level("INFO"):
            service.poll("desk")
        assert store.pages.cursor("desk") is None
        assert store.polls.states() == {}
        assert not service.health().failing
        assert "desk: poll left to another process, which was faster" in caplog.messages
        assert not [each for each in caplog.records if each.levelname == "ERROR"]


def test_one_whose_definitions_are_superseded_lets_another_lead_once(
    sqlite_url, monkeypatch
) -> None:
    with Store.open(sqlite_url) as store:
        role = Role(leads=True)
        service = service_on(store, role)
        service.check_definitions()
        assert role.stepped_aside == 0

        def superseded(*_: object) -> None:
            service.definitions.superseded = True

        monkeypatch.setattr(service.definitions, "look", superseded)
        service.check_definitions()
        service.check_definitions()
        assert role.stepped_aside == 1


def test_it_does_not_lead_once_it_stops_or_its_store_is_gone(sqlite_url, monkeypatch) -> None:
    def gone() -> None:
        raise StoreError("gone")

    with Store.open(sqlite_url) as store:
        service = service_on(store, Role(leads=True))
        assert leads(service) == 1
        with monkeypatch.context() as patched:
            patched.setattr(store.revisions, "latest", gone)
            service.measure()
            assert leads(service) == 0
        service.measure()
        assert leads(service) == 1
        service.stopping.set()
        assert leads(service) == 0


def test_that_runs_overlap_is_said_once_for_each_job_and_counted_every_time(sqlite_url, caplog):
    with Store.open(sqlite_url) as store:
        service = Service(SETTINGS, store, lambda: NOW)
        for job in ("measure", "poll desk", "measure", "measure"):
            event = JobSubmissionEvent(EVENT_JOB_MAX_INSTANCES, job, "default", [])
            service._count(event)
    said = [record.getMessage() for record in caplog.records]
    assert [line.split(" takes longer")[0] for line in said] == [
        "scheduler: measure",
        "scheduler: poll desk",
    ]
    assert service.counters.events["overlapped"] == 4
