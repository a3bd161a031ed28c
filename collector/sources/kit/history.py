"""Collects what happened to a ticket, entry by entry, for its RawTicket."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from collector.sources.kit.raw import Act, Action, RawChange


@dataclass(slots=True)
class History:
    """What was done to a ticket, by whom and when (epoch seconds), in chronological order.

    ``outside``: those who are no staff: its requesters, machines, and nobody.
    """

    outside: Collection[str]
    changes: list[RawChange] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)

    def is_staff(self, who: str) -> bool:
        """Return whether this is somebody who works on the ticket."""
        return who not in self.outside

    def change(
        self, at: int, by: str, name: str, old: str | None, new: str | None, *, acted: bool = True
    ) -> None:
        """Add a change of one of our fields, in the system's words.

        ``acted``: one of the status is something that was done, and not part of the opening.
        """
        self.changes.append(RawChange(at, name, old, new, by))
        if name == "status" and acted:
            self.act(at, by, "status")

    def act(self, at: int, by: str, act: Act) -> None:
        """Add something that was done."""
        self.actions.append(Action(at, act, self.is_staff(by)))
