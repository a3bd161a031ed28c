"""A scripted service desk of no system: what happens there, for the fakes of all systems to show.

A world is a list of events; what a ticket is like follows from those of its events that are
committed. Times are epoch seconds of the system's own clock, ``world.now``; every act happens one
minute after the one before unless it is said otherwise::

    world = World()
    printer = world.open()                     # by a customer
    world.note(printer)                        # by an agent, a minute later
    world.reply(printer, after=300)
    with world.at_once():                      # a bulk update: all in one second
        for each in tickets: world.status(each, "resolved")
    with world.uncommitted() as late:          # dated and numbered now, visible after late.commit()
        world.reply(printer)
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

START = int(datetime(2026, 3, 2, 8, tzinfo=UTC).timestamp())
CUSTOMER, AGENT, OTHER_AGENT = "carla", "annika", "bodil"
PEOPLE = (CUSTOMER, AGENT, OTHER_AGENT)
STATUSES = ("new", "open", "on_hold", "resolved", "closed")
PRIORITIES = ("urgent", "high", "normal", "low")
TEAMS = ("Servicedesk", "Second line")


@dataclass(frozen=True, slots=True)
class WorldEvent:
    """``what`` happened to ``ticket``: open, reply, note, status, priority, team, assign or merge.

    ``old`` and ``new``: values, for those that change one; for a merge ``new`` is the other ticket.
    """

    number: int
    at: int
    ticket: int
    what: str
    by: str
    old: str = ""
    new: str = ""


@dataclass(slots=True)
class WorldTicket:
    """A ticket as its committed events make it. ``values``: status, priority and team."""

    id: int
    opened_at: int
    registered_by: str
    values: dict[str, str]
    events: list[WorldEvent] = field(default_factory=list)
    assignee: str = ""
    merged_into: int | None = None

    @property
    def changed_at(self) -> int:
        """When the last of its events was written."""
        return self.events[-1].at


@dataclass(slots=True)
class Late:
    """Events that are not committed yet."""

    world: World
    numbers: set[int] = field(default_factory=set)

    def commit(self) -> None:
        """Make them visible."""
        self.world.withheld -= self.numbers
        self.world.version += 1


@dataclass(slots=True)
class World:
    """The desk. ``purged`` tickets are gone for good, ``hidden`` ones only for the reading user.

    ``parents``: those of children. ``spoiled``: tickets whose time of opening is shown as something
    else. ``zone``: in which the system shows times, if it has local ones. ``version`` counts what
    happens.
    """

    now: int = START
    zone: str = "Europe/Stockholm"
    events: list[WorldEvent] = field(default_factory=list)
    withheld: set[int] = field(default_factory=set)
    purged: set[int] = field(default_factory=set)
    hidden: set[int] = field(default_factory=set)
    spoiled: dict[int, object] = field(default_factory=dict)
    parents: dict[int, int] = field(default_factory=dict)
    version: int = 0
    _step: int = 60
    _locked: set[int] | None = None
    _values: dict[int, dict[str, str]] = field(default_factory=dict)

    # -- what happens -----------------------------------------------------------------------------

    def open(
        self,
        by: str = CUSTOMER,
        *,
        status: str = "new",
        priority: str = "normal",
        team: str = TEAMS[0],
        parent: int | None = None,
        after: int | None = None,
    ) -> int:
        """Open a ticket for the customer; returns its id. A child is resolved with its parent."""
        number = len(self._values) + 1
        self.parents |= {} if parent is None else {number: parent}
        self._values[number] = {"status": status, "priority": priority, "team": team}
        self._add(number, "open", by, "", "|".join((status, priority, team)), after)
        return number

    def reply(self, ticket: int, by: str = AGENT, *, after: int | None = None) -> None:
        """Write to the customer, or as the customer."""
        self._add(ticket, "reply", by, "", "", after)

    def note(self, ticket: int, by: str = AGENT, *, after: int | None = None) -> None:
        """Write an internal note."""
        self._add(ticket, "note", by, "", "", after)

    def status(self, ticket: int, new: str, by: str = AGENT, *, after: int | None = None) -> None:
        """Change the status; with a resolved ticket its children are resolved."""
        self._set(ticket, "status", new, by, after)
        if new == "resolved":
            for child, parent in self.parents.items():
                if parent == ticket:
                    self._set(child, "status", new, by, 0)

    def priority(self, ticket: int, new: str, by: str = AGENT, *, after: int | None = None) -> None:
        """Change the priority."""
        self._set(ticket, "priority", new, by, after)

    def team(self, ticket: int, new: str, by: str = AGENT, *, after: int | None = None) -> None:
        """Move to another team."""
        self._set(ticket, "team", new, by, after)

    def assign(self, ticket: int, to: str = AGENT, *, after: int | None = None) -> None:
        """Give it an owner, who takes it."""
        self._add(ticket, "assign", to, "", to, after)

    def merge(self, ticket: int, into: int, by: str = AGENT, *, after: int | None = None) -> None:
        """Merge a ticket into another."""
        self._add(ticket, "merge", by, "", str(into), after)

    def delete(self, ticket: int, by: str = AGENT, *, after: int | None = None) -> None:
        """Delete a ticket as people do, which may leave a trace."""
        self._add(ticket, "delete", by, "", "", after)

    def purge(self, ticket: int) -> None:
        """Remove it without a trace."""
        self.purged.add(ticket)
        self.version += 1

    def hide(self, ticket: int) -> None:
        """Take from the reading user the right to see it."""
        self.hidden.add(ticket)
        self.version += 1

    def show(self, ticket: int) -> None:
        """Give that right back."""
        self.hidden.remove(ticket)
        self.version += 1

    def edit_silently(self, ticket: int, priority: str) -> None:
        """Another priority from the opening on, which no feed and no time of change tells."""
        place = next(n for n, e in enumerate(self.events) if (e.ticket, e.what) == (ticket, "open"))
        status, _, team = self.events[place].new.split("|")
        new = "|".join((status, priority, team))
        self.events[place] = replace(self.events[place], new=new)
        self.version += 1

    @contextmanager
    def at_once(self, after: int = 60) -> Iterator[None]:
        """All that happens within it happens in one second."""
        self.now += after
        self._step = 0
        try:
            yield
        finally:
            self._step = 60

    @contextmanager
    def uncommitted(self) -> Iterator[Late]:
        """What happens within it has its time and number, but is visible only once committed.

        Until then its tickets are locked, as rows are: what else is done to them does not happen.
        """
        first = len(self.events) + 1
        late = Late(self)
        self._locked = self._locked_now()
        try:
            yield late
        finally:
            self._locked = None
        late.numbers = set(range(first, len(self.events) + 1))
        self.withheld |= late.numbers
        self.version += 1

    # -- what is visible --------------------------------------------------------------------------

    def visible_events(self) -> list[WorldEvent]:
        """Committed events of tickets that are there, by number."""
        absent = self.purged | self.hidden
        return [
            each
            for each in self.events
            if each.number not in self.withheld and each.ticket not in absent
        ]

    def tickets(self) -> dict[int, WorldTicket]:
        """The visible tickets by id, merged and deleted ones too."""
        found: dict[int, WorldTicket] = {}
        for event in self.visible_events():
            if event.what == "open":
                values = dict(
                    zip(("status", "priority", "team"), event.new.split("|"), strict=True)
                )
                ticket = WorldTicket(event.ticket, event.at, event.by, values)
                found[event.ticket] = ticket
            if (here := found.get(event.ticket)) is None:
                continue  # its opening is not committed
            here.events.append(event)
            if event.what in here.values:
                here.values[event.what] = event.new
            elif event.what == "assign":
                here.assignee = event.new
            elif event.what == "merge":
                here.merged_into = int(event.new)
        return found

    def is_deleted(self, ticket: WorldTicket) -> bool:
        """Whether people deleted it."""
        return any(event.what == "delete" for event in ticket.events)

    def _locked_now(self) -> set[int]:
        return {self.events[number - 1].ticket for number in self.withheld}

    def _set(self, ticket: int, what: str, new: str, by: str, after: int | None) -> None:
        old = self._values[ticket][what]
        if self._add(ticket, what, by, old, new, after):
            self._values[ticket][what] = new

    def _add(self, ticket: int, what: str, by: str, old: str, new: str, after: int | None) -> bool:
        self.now += self._step if after is None else after
        locked = self._locked_now() if self._locked is None else self._locked
        if ticket in locked:
            return False
        self.events.append(WorldEvent(len(self.events) + 1, self.now, ticket, what, by, old, new))
        self.version += 1
        return True
