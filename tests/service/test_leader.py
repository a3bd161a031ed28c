"""Which of several services on one store moves the sources forward, as its metrics say it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from apscheduler.events import EVENT_JOB_MAX_INSTANCES, JobSubmissionEvent

from collector.io.errors import SourceError
from collector.measuring.engine.freshness import FROZEN_AFTER
from collector.model.page import Cursor, Page
from collector.service import reader as readers
from collector.service.service import Service
from collector.store import Store, StoreError
from tests.worlds.measured import CALLS, at, settings_of
from tests.worlds.metrics import metrics_registry

NOW = at("2020-07-15 12:00")
SETTINGS = settings_of({"one": CALLS})


class Source:
    """One page a drain; what is to happen before it is given is done then."""

    as_of = None

    def __init__(self, name: str, meanwhile: Callable[[], None]) -> None:
        self.name = name
        self._meanwhile = meanwhile

    def pages(self, cursor: Cursor | None, since: int | None = None) -> Iterator[Page]:
        self._meanwhile()
        yield Page(records=[], cursor={"n": cursor["n"] + 1 if cursor else 0})


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


def test_of_two_on_one_store_the_one_that_was_overtaken_does_not_lead(sqlite_url, meanwhile):
    with Store.open(sqlite_url) as store, Store.open(sqlite_url) as same:
        slow, fast = Service(SETTINGS, store, lambda: NOW), Service(SETTINGS, same, lambda: NOW)
        assert leads(slow) == 0, "it has moved nothing yet"
        slow.poll("desk")
        slow.poll("phone")
        assert leads(slow) == 1
        meanwhile["desk"] = lambda: fast.poll("desk")
        slow.poll("desk")
        assert (leads(slow), leads(fast)) == (0, 1)
        slow.poll("phone")
        assert leads(slow) == 0, "another source does not give it back"
        slow.poll("desk")
        assert leads(slow) == 1, "its next drain of that source moved the cursor again"


def test_a_source_that_does_not_answer_changes_nothing(sqlite_url, meanwhile):
    def silent():
        raise SourceError("no answer")

    with Store.open(sqlite_url) as store:
        service = Service(SETTINGS, store, lambda: NOW)
        meanwhile["desk"] = silent
        service.poll("desk")
        assert leads(service) == 0
        service.poll("desk")
        meanwhile["desk"] = silent
        service.poll("desk")
        assert store.polls.states()["desk"].last_error == "no answer"
        assert leads(service) == 1


def test_it_does_not_lead_once_it_stops_or_its_store_is_gone(sqlite_url, meanwhile, monkeypatch):
    def gone():
        raise StoreError("gone")

    clock = [NOW]
    with Store.open(sqlite_url) as store:
        service = Service(SETTINGS, store, lambda: clock[0])
        service.poll("desk")
        assert leads(service) == 1
        with monkeypatch.context() as patched:
            patched.setattr(store.revisions, "latest", gone)
            clock[0] += FROZEN_AFTER + 1
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
