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
    integer,
    nested,
    required,
    required_instant,
    text,
)  # fmt: skip

Names = str | tuple[str, ...]
"""A column, or several of which the first counts that is set."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """Columns of a deadline that the system sets itself: when it is ``due``, in ISO form or as
    seconds since 1970, and when it was ``done``.

    Whether it was kept is told by ``left``, the minutes that were left, or by ``missed``, a "yes"
    that has no reliable opposite; without both, by the two times.
    """

    due: str | None = None
    done: str | None = None
    left: str | None = None
    missed: str | None = None

    def read(self, row: Row, zone: ZoneInfo | None) -> tuple[int | None, int | None, bool | None]:
        """Return when it is due and was done (epoch seconds), and whether the system considers it
        kept; None where it does not say."""
        is_number = str(row.get(self.due or "")).isdigit()
        due = epoch(row, self.due or "") if is_number else first_instant(row, self.due, zone)
        done = first_instant(row, self.done, zone)
        met = None if done is None or due is None else done <= due
        if self.left is not None:
            left = integer(row, self.left)
            met = None if left is None else left >= 0
        elif self.missed is not None:
            met = False if text(row, self.missed) == "yes" else None
        return due, done, met


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The columns of a ticket's row; None for what the system does not tell.

    ``values``: those of the current values, by our field names; a column inside an object is
    written with a dot, as in ``priority.name``.
    """

    id: str = "id"
    opened_at: str = ""
    resolved_at: Names | None = None
    closed_at: Names | None = None
    changed_at: Names | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    response: Deadline = Deadline()
    resolution: Deadline = Deadline()

    def names(self) -> Iterator[str]:
        """Yield all columns but the id, each once, for a system that is asked for them by name."""
        columns: list[Names | None] = [self.opened_at, self.resolved_at, self.closed_at]
        columns += [self.changed_at, *(name.partition(".")[0] for name in self.values.values())]
        for each in (self.response, self.resolution):
            columns += [each.due, each.done, each.left, each.missed]
        listed = [(each,) if isinstance(each, str) else each or () for each in columns]
        yield from dict.fromkeys(name for each in listed for name in each)

    def ticket(
        self, row: Row, history: History, url: str | None, zone: ZoneInfo | None = None, **more: Any
    ) -> RawTicket:
        """Return the ticket of a row and of what happened to it.

        ``zone``: that of times without an offset. ``more``: what the row does not tell, as fields
        of RawTicket; ``fields`` are added to its own. Raises RejectedRow if it cannot be used.
        """
        opened_at = more.pop("opened_at", None)
        if opened_at is None:
            opened_at = required_instant(row, self.opened_at, zone)
        response_due_at, responded_at, response_met = self.response.read(row, zone)
        resolution_due_at, _, resolution_met = self.resolution.read(row, zone)
        own = OwnSla(response_due_at, response_met, resolution_due_at, resolution_met, responded_at)
        told = {
            "resolved_at": first_instant(row, self.resolved_at, zone, opened_at),
            "closed_at": first_instant(row, self.closed_at, zone, opened_at),
            "changed_at": first_instant(row, self.changed_at, zone),
            "own": own,
            **more,
        }
        values = {ours: _value(row, theirs) for ours, theirs in self.values.items()}
        told["fields"] = {**values, **more.get("fields", {})}
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


def _value(row: Row, name: str) -> str | None:
    *objects, last = name.split(".")
    for each in objects:
        row = nested(row, each)
    return text(row, last)
