"""Where the row of a ticket holds which fact, declared once for a system. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from collector.sources.kit.history import History
from collector.sources.kit.raw import OwnSla, RawTicket
from collector.sources.kit.values import (
    Row,
    epoch,
    first_instant,
    instant,
    integer,
    nested,
    required,
    required_instant,
    text,
)

Names = str | tuple[str, ...]
"""A column, or several of which the first counts that is set."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """Columns of a deadline that the system sets itself: when it is ``due``, and when it was
    ``done``.

    Whether it was kept is told by ``left``, the minutes that were left, or by ``missed``, a "yes"
    that has no reliable opposite; without both, by the two times. It is due at a time in ISO form,
    or at a number of seconds since 1970.
    """

    due: str | None = None
    done: str | None = None
    left: str | None = None
    missed: str | None = None

    def is_met(self, row: Row, zone: ZoneInfo | None) -> bool | None:
        """Return whether the system considers it kept; None where it does not say."""
        if self.left is not None:
            left = integer(row, self.left)
            return None if left is None else left >= 0
        if self.missed is not None:
            return False if text(row, self.missed) == "yes" else None
        done, due = self.done_at(row, zone), self.due_at(row, zone)
        return None if done is None or due is None else done <= due

    def due_at(self, row: Row, zone: ZoneInfo | None) -> int | None:
        """Return when it is due (epoch seconds)."""
        if self.due is None:
            return None
        is_number = str(row.get(self.due)).isdigit()
        return epoch(row, self.due) if is_number else instant(row, self.due, zone)

    def done_at(self, row: Row, zone: ZoneInfo | None) -> int | None:
        """Return when it was done (epoch seconds)."""
        return None if self.done is None else instant(row, self.done, zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The columns of a ticket's row; None for what the system does not tell.

    ``values``: those of the current values, by our field names; a column inside an object is
    written with a dot, as in ``priority.name``.
    """

    opened_at: str = ""
    id: str = "id"
    resolved_at: Names | None = None
    closed_at: str | None = None
    changed_at: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    response: Deadline = Deadline()
    resolution: Deadline = Deadline()

    def names(self) -> Iterator[str]:
        """Yield all columns but the id, each once, for a system that is asked for them by name."""
        columns: list[Names | None] = [
            *(self.opened_at, self.resolved_at, self.closed_at, self.changed_at),
            *(name.partition(".")[0] for name in self.values.values()),
        ]
        for each in (self.response, self.resolution):
            columns += [each.due, each.done, each.left, each.missed]
        listed = [(each,) if isinstance(each, str) else each or () for each in columns]
        yield from dict.fromkeys(name for each in listed for name in each)

    def ticket(
        self,
        row: Row,
        history: History,
        url: str | None,
        zone: ZoneInfo | None = None,
        **more: Any,
    ) -> RawTicket:
        """Return the ticket of a row and of what happened to it.

        ``zone``: that of times without an offset. ``more``: what the row does not tell, as fields
        of RawTicket; ``fields`` are added to its own. Raises RejectedRow if it cannot be used.
        """
        opened_at = more.pop("opened_at", None)
        if opened_at is None:
            opened_at = required_instant(row, self.opened_at, zone)
        told = {
            "resolved_at": first_instant(row, self.resolved_at, zone),
            "closed_at": first_instant(row, self.closed_at, zone),
            "changed_at": first_instant(row, self.changed_at, zone),
            "own": self.own(row, zone),
            **more,
            "fields": {**self.current(row), **more.get("fields", {})},
        }
        return RawTicket(
            id=required(row, self.id),
            opened_at=opened_at,
            changes=history.changes,
            actions=history.since(opened_at),
            registered_by=history.registrar,
            registered_by_staff=history.is_staff(history.registrar),
            url=url,
            **told,
        )

    def current(self, row: Row) -> dict[str, str | None]:
        """Return the current values by our field names."""
        return {ours: _value(row, theirs) for ours, theirs in self.values.items()}

    def own(self, row: Row, zone: ZoneInfo | None) -> OwnSla:
        """Return the system's own deadlines and verdicts."""
        return OwnSla(
            response_due_at=self.response.due_at(row, zone),
            response_met=self.response.is_met(row, zone),
            resolution_due_at=self.resolution.due_at(row, zone),
            resolution_met=self.resolution.is_met(row, zone),
            first_response_at=self.response.done_at(row, zone),
        )


def _value(row: Row, name: str) -> str | None:
    *objects, last = name.split(".")
    for each in objects:
        row = nested(row, each)
    return text(row, last)
