"""The life of a service desk: invented, but plausible, and the same for the same seed.

A day's tickets are planned from the seed and the date alone, with everything that will happen to
them, and carried out in chronological order. So it does not matter in how many steps time advances.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import TypeVar
from zoneinfo import ZoneInfo

from collector.cli.demo.desk import NOBODY, Desk
from collector.cli.demo.english import FIELD, ORGANIZATIONS
from collector.cli.demo.hours import OPENS, ZONE, DeskAgreement, OfficeHours, is_working_day

Act = Callable[[Desk], None]
Choice = TypeVar("Choice")

MUNICIPALITIES = {"Askersund": 26, "Hallsberg": 34, "Laxå": 15, "Lekeberg": 25}
FIRST_LINE, SECOND_LINE, FIELD_SERVICE = "Servicedesk", "Second line", "Field service"
KINDS = {"Incident": 55, "Service request": 31, "Order": 14}
PRIORITIES = {
    "Incident": {100: 8, 75: 22, 50: 60, 25: 10},
    "Service request": {75: 5, 50: 70, 25: 25},
    "Order": {50: 80, 25: 20},
}

_MINUTE, _HOUR, _OFFICE_DAY = 60, 3600, 9 * 3600
_TICKETS_A_DAY = 36
_BUSIER = (1.2, 1.05, 1.0, 1.0, 0.8)  # Monday to Friday
_SEASON = {6: 0.85, 7: 0.45, 8: 1.1, 12: 0.8}
_ANSWER = {
    100: (30 * _MINUTE, 0.81),
    75: (2 * _HOUR, 0.82),
    50: (8 * _HOUR, 0.90),
    25: (16 * _HOUR, 0.93),
}
"""By priority: the business seconds within which an answer is due, and the share that meets it."""


class DeskModel(Desk):
    """A desk that simulates its tickets from ``start`` on, and already up to ``end``; both in epoch
    seconds. ``english``: its organizations have English names."""

    def __init__(self, seed: int, start: int, end: int, *, english: bool = False) -> None:
        first_day = datetime.fromtimestamp(start, ZoneInfo(ZONE)).date()
        super().__init__(
            queues=(FIRST_LINE, SECOND_LINE, FIELD_SERVICE), agreement=DeskAgreement(first_day)
        )
        self._names = ORGANIZATIONS if english else {}
        if english:
            self.custom_fields = (FIELD, *self.custom_fields[1:])
        self._seed = seed
        self._start = start
        self._day = first_day
        self._office = OfficeHours(self._day)
        self._planned = 0
        self._coming: list[tuple[int, int, int, Act]] = []
        self.advance(end)

    def advance(self, to: int) -> None:
        """Carry out everything up to ``to`` (epoch seconds); an earlier instant changes nothing."""
        while self._office.instant(self._day, time(0)) <= to:
            for plan in plan_day(self._seed, self._day, self._office):
                if plan.at >= self._start:
                    plan.municipality = self._names.get(plan.municipality, plan.municipality)
                    self._expect(plan)
            self._day += timedelta(days=1)
        while self._coming and self._coming[0][0] <= to:
            act = heapq.heappop(self._coming)[3]
            act(self)

    def _expect(self, plan: Plan) -> None:
        self._planned += 1
        heapq.heappush(self._coming, (plan.at, self._planned, 0, plan.register))
        for order, (at, act) in enumerate(plan.acts, 1):
            heapq.heappush(self._coming, (at, self._planned, order, act))


@dataclass(slots=True)
class Plan:
    """A planned ticket: when and how it is registered, and what happens to it.

    ``id`` is its number at the desk, 0 until it is registered; instants are epoch seconds.
    """

    at: int
    creator: str
    requestor: str
    kind: str
    priority: int
    municipality: str
    status: str = "new"
    id: int = 0
    acts: list[tuple[int, Act]] = field(default_factory=list)

    def register(self, desk: Desk) -> None:
        """Open the ticket at the desk."""
        self.id = desk.create(
            self.at,
            self.creator,
            self.requestor,
            queue=FIRST_LINE,
            priority=self.priority,
            status=self.status,
            custom=dict(zip(desk.custom_fields, (self.municipality, self.kind), strict=True)),
            owner=NOBODY if self.creator == self.requestor else self.creator,
        )

    def reply(self, at: int, who: str) -> None:
        """Plan a public message."""
        self.acts.append((at, lambda desk: desk.correspond(at, self.id, who)))

    def note(self, at: int, who: str) -> None:
        """Plan an internal note."""
        self.acts.append((at, lambda desk: desk.comment(at, self.id, who)))

    def assign(self, at: int, who: str) -> None:
        """Plan that somebody becomes the ticket's owner."""
        self.acts.append((at, lambda desk: desk.set_owner(at, self.id, who, who)))

    def change_status(self, at: int, who: str, status: str) -> None:
        """Plan a change of status."""
        self.acts.append((at, lambda desk: desk.set_status(at, self.id, who, status)))

    def move(self, at: int, who: str, queue: str) -> None:
        """Plan a move to another queue."""
        self.acts.append((at, lambda desk: desk.move(at, self.id, who, queue)))

    def change_priority(self, at: int, who: str, priority: int) -> None:
        """Plan a change of priority."""
        self.acts.append((at, lambda desk: desk.set_priority(at, self.id, who, priority)))

    def change_kind(self, at: int, who: str, kind: str) -> None:
        """Plan a change of kind."""
        self.acts.append((at, lambda desk: desk.set_custom(at, self.id, who, "TicketType", kind)))

    def merge_into(self, at: int, who: str, other: Plan) -> None:
        """Plan a merge into an earlier ticket."""

        def merge(desk: Desk) -> None:
            if other.id:
                desk.merge(at, self.id, who, other.id)

        self.acts.append((at, merge))


def plan_day(seed: int, day: date, office: OfficeHours) -> list[Plan]:
    """The tickets that will be registered on one day, in chronological order."""
    rng = Random(f"{seed}/{day}")
    expected = 1.5
    if is_working_day(day):
        expected = _TICKETS_A_DAY * _SEASON.get(day.month, 1.0) * _BUSIER[day.weekday()]
    count = max(0, round(rng.gauss(expected, math.sqrt(expected))))
    moments = sorted(_moment(rng, day, office) for _ in range(count))
    plans: list[Plan] = []
    kept: list[Plan] = []
    for at in moments:
        plan = _begun(rng, at, office)
        if _fate(rng, plan, office, kept):
            kept.append(plan)
        plans.append(plan)
    return plans


def _moment(rng: Random, day: date, office: OfficeHours) -> int:
    """When a ticket arrives (epoch seconds): mostly in office hours, often in the late morning."""
    if not is_working_day(day) or rng.random() < 0.06:
        return office.instant(day, time(6)) + rng.randrange(16 * _HOUR)
    return office.instant(day, OPENS) + int(_OFFICE_DAY * rng.betavariate(1.5, 1.9))


def _begun(rng: Random, at: int, office: OfficeHours) -> Plan:
    kind = _pick(rng, KINDS)
    requestor = f"user{rng.randrange(1, 900)}"
    on_the_phone = office.after(at, 1) == at + 1 and rng.random() < 0.36
    return Plan(
        at=at,
        creator=_agent(rng, 1) if on_the_phone else requestor,
        requestor=requestor,
        kind=kind,
        priority=_pick(rng, PRIORITIES[kind]),
        municipality=_pick(rng, MUNICIPALITIES),
    )


def _fate(rng: Random, plan: Plan, office: OfficeHours, earlier: Sequence[Plan]) -> bool:
    """Plan what happens to a ticket; False if it is deleted or merged."""
    agent = _agent(rng, 1)
    chance = rng.random()
    soon = office.after(plan.at, rng.uniform(2, 50) * _MINUTE)
    if chance < 0.007:
        plan.change_status(soon, agent, "deleted")
        return False
    if chance < 0.02 and earlier:
        plan.merge_into(soon, agent, rng.choice(earlier))
        return False
    by_phone = plan.creator != plan.requestor
    if by_phone and plan.kind != "Order" and rng.random() < 0.42:
        _solve_on_the_phone(rng, plan)
    else:
        _handle(rng, plan, office, plan.creator if by_phone else agent)
    return True


def _solve_on_the_phone(rng: Random, plan: Plan) -> None:
    if rng.random() < 0.5:
        plan.status = "resolved"
    else:
        plan.change_status(
            plan.at + rng.randrange(2 * _MINUTE, 20 * _MINUTE), plan.creator, "resolved"
        )


def _handle(rng: Random, plan: Plan, office: OfficeHours, agent: str) -> None:
    """The usual course: answer, perhaps pass on, work, perhaps hold, resolve, perhaps reopen."""
    limit, share = _ANSWER[plan.priority]
    on_time = rng.random() < share
    part = 0.03 + 0.94 * rng.random() ** 1.5 if on_time else 1.03 + 2.5 * rng.random() ** 2
    now = office.after(plan.at, limit * part)
    taken_at = now
    if rng.random() < 0.5:
        taken_at = plan.at + int((now - plan.at) * 0.7)
        plan.note(taken_at, agent)
    plan.assign(taken_at, agent)
    if rng.random() < 0.03:
        plan.change_priority(plan.at + int((now - plan.at) * 0.5), agent, rng.choice((75, 50)))
    if rng.random() < 0.98:
        plan.reply(now, agent)
    median, spread = (0.4, 1.1)
    if rng.random() > (0.1 if plan.kind == "Order" else 0.38):
        to_field = rng.random() < (0.8 if plan.kind == "Order" else 0.35)
        now = office.after(now, rng.uniform(1, 90) * _MINUTE)
        plan.move(now, agent, FIELD_SERVICE if to_field else SECOND_LINE)
        agent = _agent(rng, 3 if to_field else 2)
        plan.assign(now, agent)
        median, spread = (1.3, 0.8) if plan.kind == "Order" else (6.0, 1.0)
    if rng.random() < 0.02:
        plan.change_kind(now, agent, "Service request")
    work = rng.lognormvariate(math.log(median), spread) * _OFFICE_DAY
    if rng.random() < 0.18:
        now = _hold(rng, plan, office, office.after(now, work * 0.4), agent)
        work *= 0.6
    now = office.after(now, work)
    _resolve(rng, plan, now, agent)
    if rng.random() < 0.05:
        now = office.after(now, rng.uniform(0.1, 3) * _OFFICE_DAY)
        plan.reply(now, plan.requestor)  # which opens it again
        _resolve(rng, plan, office.after(now, rng.uniform(0.2, 3) * _OFFICE_DAY), agent)


def _hold(rng: Random, plan: Plan, office: OfficeHours, now: int, agent: str) -> int:
    """Plan a wait for the requestor or for goods; returns when the work goes on."""
    plan.change_status(now, agent, "stalled")
    now = office.after(now, rng.uniform(0.5, 6) * _OFFICE_DAY)
    if rng.random() < 0.6:
        plan.reply(now, plan.requestor)  # which opens it
    else:
        plan.change_status(now, agent, "open")
    return now


def _resolve(rng: Random, plan: Plan, now: int, agent: str) -> None:
    if rng.random() < 0.5:
        plan.reply(now, agent)
    plan.change_status(now, agent, "resolved" if rng.random() < 0.97 else "rejected")


def _agent(rng: Random, line: int) -> str:
    return f"agent{line}{rng.randrange(1, 7)}"


def _pick(rng: Random, weights: Mapping[Choice, int]) -> Choice:
    return rng.choices(list(weights), list(weights.values()))[0]
