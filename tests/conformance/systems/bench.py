"""A ticket system on the bench: its fake behind a door, its source, and what a store would hold."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from collector.model.page import Cursor, Page
from collector.model.records import Gone, Ticket, Unrecorded
from collector.model.stored import CHANGED, StoredTicket
from collector.sources import SOURCES, make_source
from collector.sources.kit.contract import Source
from collector.sources.kit.source import TicketSource
from collector.sources.kit.web import WebOptions
from tests.conformance.systems import fake_of
from tests.conformance.systems.fake import SECRETS, Door, Fake
from tests.worlds.serving import served
from tests.worlds.ticket_world import World

NAME = "desk"
_FACT_OF = {
    "first_response_at": Unrecorded.FIRST_RESPONSE,
    "first_note_at": Unrecorded.NOTE,
    "first_status_at": Unrecorded.STATUS_CHANGE,
    "first_assigned_at": Unrecorded.ASSIGNMENT,
    "first_resolved_at": Unrecorded.RESOLUTION,
    "resolved_at": Unrecorded.RESOLUTION,
    "closed_at": Unrecorded.CLOSING,
    "reopened": Unrecorded.REOPENINGS,
    "solved_by_registrar": Unrecorded.REGISTRAR,
    "priority": Unrecorded.PRIORITY,
    "team": Unrecorded.TEAM,
    "status": Unrecorded.STATUS,
}


@dataclass
class Bench:
    """``records``: the last of each ticket that was delivered; ``rejected``: their reasons."""

    kind: str
    world: World
    fake: Fake
    door: Door
    url: str
    cursor: Cursor | None = None
    records: dict[str, Ticket | Gone] = field(default_factory=dict)
    rejected: dict[str, str] = field(default_factory=dict)
    position: Cursor | None = None
    going_on: bool = False

    def options(self, **more: Any) -> dict[str, Any]:
        """The keys of the source."""
        return {
            "type": self.kind,
            "url": self.url,
            "allow_empty": True,
            **self.fake.options,
            **more,
        }

    def source(self, **more: Any) -> Source:
        """A new source, as after a restart."""
        return make_source(NAME, SOURCES[self.kind].model_validate(self.options(**more)), ())

    def pages(self, since: int | None = None) -> Iterator[Page]:
        """Pages from the cursor on, each taken as a store takes it."""
        for page in self.source().pages(self.cursor, since):
            self.cursor = json.loads(json.dumps(page.cursor))
            self.records |= {record.id: record for record in page.records}
            self.rejected |= {each.where: each.reason for each in page.rejected}
            yield page

    def drain(self, since: int | None = None) -> set[str]:
        """One drain; the ids of what was delivered."""
        return {record.id for page in self.pages(since) for record in page.records}

    def sweep(self, *, accept: bool = False, steps: int | None = None) -> Counter[str]:
        """One sweep, or only its first steps, a day after all that happened; what it found."""
        self.position = None if steps is None and not self.going_on else self.position
        found: Counter[str] = Counter()
        source = self.source()
        assert isinstance(source, TicketSource)
        now = self.world.now
        for number, step in enumerate(
            source.sweep(self._stored, self.position, now, accept=accept), 1
        ):
            self.position = json.loads(json.dumps(step.position))
            before = dict(self.records)
            self.records |= {record.id: record for record in step.page.records}
            found.update(step.found)
            marked = sum(step.found.values())
            changed = sum(before.get(n) != self.records[n] for n in self.records)
            found[CHANGED] += changed - marked
            if number == steps:
                break
        self.going_on = self.position is not None
        return +found

    def _stored(self, since: int) -> list[StoredTicket]:
        """The records as a store shows them to a sweep."""
        found = [
            StoredTicket(
                number,
                each.id,
                str(each.mark) if each.mark else None,
                each.mark is None and each.resolved_at is None and each.closed_at is None,
                max((each.opened_at, *(change.at for change in each.changes))),
            )
            for number, each in enumerate(map(self._as_stored, self.records.values()), 1)
        ]
        return [
            each
            for each, own in zip(found, self.records.values(), strict=True)
            if each.is_open or each.mark == "not_visible" or self._as_stored(own).opened_at >= since
        ]

    def _as_stored(self, record: Ticket | Gone) -> Ticket:
        if isinstance(record, Ticket):
            return record
        return Ticket(source=NAME, id=record.id, opened_at=self.world.now, mark=record.mark)

    def requests(self) -> int:
        """How many requests came since this was last asked."""
        number = len(self.door.requests)
        self.door.requests.clear()
        return number

    def ticket(self, number: int) -> Ticket:
        """The stored record of a ticket that is there."""
        found = self.records[str(number)]
        assert isinstance(found, Ticket)
        return found

    def mark(self, number: int) -> str | None:
        """How a ticket was marked that is no more."""
        return self.records[str(number)].mark

    def expect(self, number: int, **facts: Any) -> None:
        """These are the facts of a ticket, as far as its system tells them."""
        ticket = self.ticket(number)
        told = {name: value for name, value in facts.items() if self.tells(ticket, name)}
        assert {name: getattr(ticket, name) for name in told} == told

    @staticmethod
    def tells(ticket: Ticket, name: str) -> bool:
        """Whether the source tells this fact of a ticket."""
        return _FACT_OF[name] not in ticket.unrecorded

    def everything(self) -> dict[str, Ticket | Gone]:
        """What a new source delivers from the beginning."""
        pages = self.source().pages(None)
        return {record.id: record for page in pages for record in page.records}


@contextmanager
def bench_of(kind: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """A bench with an empty world. Pauses between attempts are not made."""
    for name, secret in SECRETS.items():
        monkeypatch.setenv(name, secret)
    client = WebOptions.client

    def without_pauses(self: WebOptions, path: str = "") -> Any:
        made = client(self, path)
        made._sleep = lambda _: None
        return made

    monkeypatch.setattr(WebOptions, "client", without_pauses)
    world = World()
    fake = fake_of(kind)(world)
    door = Door(fake)
    fake.attach(door, monkeypatch)
    with served(door) as url:
        yield Bench(kind, world, fake, door, url)
