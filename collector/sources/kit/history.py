"""What happened to a ticket: from a system's own entries to the kit's changes and actions. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

from collector.sources.kit.raw import Act, Action, RawChange
from collector.sources.kit.values import Row, required_instant, required_integer, text

OWNER = "owner"
"""What an entry tells that gives the ticket to somebody, by ids of users, or to nobody."""


@dataclass(frozen=True, slots=True)
class Entries:
    """How a system's history is written, one change a row.

    The columns of when, by whom and what; of the value before and after; and of their ``ids``, if
    these stand beside names. ``ours``: what ``what`` is to us, as :meth:`History.add` takes it;
    rows of anything else are passed over, and those that differ from ``only``. ``number``: the
    column by which they are in their order. ``opening``: a row without ``what`` is that of the
    opening, by the registrar.
    """

    at: str
    by: str
    what: str
    old: str
    new: str
    ours: Mapping[str, str]
    ids: tuple[str, str] | None = None
    only: Mapping[str, str] = field(default_factory=dict)
    number: str | None = None
    opening: bool = False

    def and_also(self, ours: Mapping[str | None, str]) -> Entries:
        """Return this with more of what is ours, as the configuration says; None: nothing."""
        more = {theirs: name for theirs, name in ours.items() if theirs is not None}
        return replace(self, ours={**self.ours, **more})


@dataclass(slots=True)
class History:
    """What was done to a ticket, by whom and when (epoch seconds), in chronological order.

    ``outside``: those who are no staff: its requesters, and machines. ``nobody``: what stands for
    no owner; it is no staff either. ``words``: by our fields, how values are called whose ids are
    in the entries; others go by their names. ``registrar``: who opened the ticket.
    """

    outside: Collection[str] = ()
    nobody: Collection[str | None] = ("", "0", None)
    words: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)
    registrar: str = ""
    changes: list[RawChange] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)

    def is_staff(self, who: str) -> bool:
        """Return whether this is somebody who works on the ticket."""
        return who not in self.outside and who not in self.nobody

    def read(self, rows: Iterable[Row], entries: Entries, zone: ZoneInfo | None = None) -> None:
        """Add all rows, in their order. Raises RejectedRow if one of ours cannot be used.

        ``zone``: that of times without an offset. One that lies before that of the row before, and
        that the clock showed twice in autumn, is the second.
        """
        last: int | None = None
        old, new = entries.ids or (entries.old, entries.new)
        if (number := entries.number) is not None:
            rows = sorted(rows, key=lambda row: required_integer(row, number))
        for row in rows:
            if any(row.get(name) != value for name, value in entries.only.items()):
                continue
            if entries.opening and row.get(entries.what) is None:
                self.registrar = text(row, entries.by) or ""
            if (what := entries.ours.get(text(row, entries.what) or "")) is not None:
                at, by = required_instant(row, entries.at, zone, last), text(row, entries.by) or ""
                last = at
                before, after = text(row, entries.old), text(row, entries.new)
                self.add(at, by, what, (text(row, old), before), (text(row, new), after))

    def add(
        self,
        at: int,
        by: str,
        what: str,
        old: tuple[str | None, str | None] = (None, None),
        new: tuple[str | None, str | None] = (None, None),
    ) -> None:
        """Add what an entry tells: a reply, a note, or what was changed: one of our fields, OWNER.

        ``old``, ``new``: the id and the name of the value before and after.
        """
        match what:
            case "reply" | "note":
                self.act(at, by, what)
            case _:
                self.change(at, by, what, self._word(what, *old), self._word(what, *new))

    def change(
        self, at: int, by: str, name: str, old: str | None, new: str | None, *, acted: bool = True
    ) -> None:
        """Add a change of one of our fields, or of OWNER, in the system's words.

        ``acted``: it is something that was done, and not part of the opening.
        """
        self.changes.append(RawChange(at, name, old, new, by))
        if name == "status" and acted:
            self.act(at, by, "status")
        elif name == OWNER and acted and new not in self.nobody:
            self.act(at, by, "assignment")

    def act(self, at: int, by: str, act: Act) -> None:
        """Add something that was done."""
        self.actions.append(Action(at, act, self.is_staff(by)))

    def answered(self, at: int | None) -> None:
        """Add the first answer of staff, where the system tells only when it was; None: never."""
        if at is not None:
            self.actions.append(Action(at, "reply", by_staff=True))

    def opened(self, at: int, by: str, owner: str | None) -> None:
        """Add who registered the ticket, and that it was given to its first owner, if it had one.

        ``owner``: whose it is now, which is whose it was from the beginning if it never changed
        hands. Call it when all changes are there.
        """
        self.registrar = by
        first = next((each.old for each in self.changes if each.field == OWNER), owner)
        if first not in self.nobody:
            self.act(at, by, "assignment")

    def since(self, opened_at: int) -> list[Action]:
        """Return all actions by time. A ticket is not assigned before it was opened."""
        moved = [
            replace(each, at=max(each.at, opened_at)) if each.act == "assignment" else each
            for each in self.actions
        ]
        return sorted(moved, key=lambda each: each.at)

    def _word(self, what: str, number: str | None, name: str | None) -> str | None:
        if what == OWNER:
            return number
        return self.words[what].get(number or "", name) if what in self.words else name
