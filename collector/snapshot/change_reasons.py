"""Explain, as far as the store can tell, why a record's verdict changed since it was frozen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from collector.config.settings import Settings
from collector.model.codes import ChangeReason
from collector.model.records import MARKS, Ticket
from collector.snapshot.evidence import VerdictLine
from collector.store import Store


@dataclass(frozen=True, slots=True)
class Lookup:
    """Where to look for reasons. ``known_at``: the instant as of which the period was frozen (epoch
    seconds); ``day``: the period's last date."""

    store: Store
    settings: Settings
    known_at: int
    day: date

    def ticket(self, line: VerdictLine) -> Ticket | None:
        """The ticket as it is now; None for a call or a ticket that no longer exists.

        Raises StoreError.
        """
        if line.indicator not in self.settings.indicators:
            return None
        if self.settings.indicator(line.indicator, self.day).measured_on != "tickets":
            return None
        return self.store.records.ticket(line.source, line.id)


def why_changed(
    then: VerdictLine | None, now: VerdictLine | None, lookup: Lookup, *, restated: bool
) -> ChangeReason:
    """Return why a verdict changed; at least one of ``then`` and ``now`` must be given.

    ``restated``: the indicator's definition changed, too. Raises StoreError.
    """
    line = now or then
    assert line is not None
    ticket = lookup.ticket(line)
    if now is not None and now.reason in MARKS and (then is None or then.reason != now.reason):
        return ChangeReason(now.reason)
    if ticket is not None and (late := _happened_since(ticket, then, now, lookup)):
        return late
    if restated:
        return ChangeReason.RESTATED_DEFINITION
    if then is None:
        return ChangeReason.NEW_RECORD
    if now is None:
        return ChangeReason.RECORD_GONE if ticket is None else ChangeReason.CORRECTED
    if then.organization != now.organization:
        return ChangeReason.OTHER_ORGANIZATION
    if then.verdict == "pending" and now.verdict == "missed" and now.seconds is None:
        return ChangeReason.DEADLINE_PASSED
    return ChangeReason.RECORDED_LATER


def _happened_since(
    ticket: Ticket, then: VerdictLine | None, now: VerdictLine | None, lookup: Lookup
) -> ChangeReason | None:
    """What happened to a ticket after it was frozen; None if that does not explain the change."""
    if then is not None and now is not None:
        end = getattr(lookup.settings.indicator(now.indicator, lookup.day), "end", None)
        answered = end == "first_response" and _later(ticket.first_response_at, lookup)
        if answered:
            return ChangeReason.LATE_ANSWER
        if end in {"resolved", "closed"} and (
            _later(ticket.resolved_at, lookup) or _later(ticket.closed_at, lookup)
        ):
            return ChangeReason.LATE_RESOLUTION
    if ticket.opened_at > lookup.known_at:
        return None
    if any(change.at > lookup.known_at for change in ticket.changes):
        return None if _only_waited(then, now) else ChangeReason.CHANGED_TEXTS
    return None


def _only_waited(then: VerdictLine | None, now: VerdictLine | None) -> bool:
    """Whether time alone explains it: a pending record passed its deadline."""
    return (
        then is not None
        and now is not None
        and (then.verdict, now.verdict) == ("pending", "missed")
        and now.seconds is None
    )


def _later(instant: int | None, lookup: Lookup) -> bool:
    return instant is not None and instant > lookup.known_at
