"""Why a record has another verdict than when it was frozen, as far as the store can tell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from collector.config.settings import Settings
from collector.model.bilingual import Text
from collector.model.records import MARKS, Ticket
from collector.snapshot.evidence import Line
from collector.store import Store

WHY: dict[str, Text] = {
    "late_answer": Text(sv="besvarat sedan dess", en="answered since then"),
    "late_resolution": Text(sv="löst eller stängt sedan dess", en="resolved or closed since then"),
    "deadline_passed": Text(sv="tidsgränsen har passerat", en="its deadline has passed"),
    "merged": Text(sv="sammanslaget med ett annat", en="merged into another one"),
    "deleted": Text(sv="borttaget i källan", en="deleted in its source"),
    "spam": Text(sv="märkt som skräppost", en="marked as spam"),
    "changed_texts": Text(
        sv="prioritet, typ, grupp eller status ändrad sedan dess",
        en="its priority, kind, team or status was changed since then",
    ),
    "restated_definition": Text(
        sv="måttet är definierat på nytt", en="the definition was restated"
    ),
    "new_record": Text(sv="fanns inte i källan då", en="it was not there then"),
    "other_organization": Text(
        sv="tillhör en annan organisation nu", en="it belongs to another organization now"
    ),
    "corrected": Text(
        sv="finns kvar, med andra texter eller tider, och räknas inte längre här",
        en="it is there, with other texts or times, and does not count here any more",
    ),
    "record_gone": Text(sv="räknas inte längre", en="it does not count any more"),
    "recorded_later": Text(
        sv="källan berättade det först efteråt", en="its source told it only afterwards"
    ),
}
"""Why, in words."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Where to look: ``known_at`` is the instant by which it was frozen (epoch seconds), ``day``
    the period's last one."""

    store: Store
    settings: Settings
    known_at: int
    day: date

    def ticket(self, line: Line) -> Ticket | None:
        """The ticket as it is now; None for a call, and for one that is not there."""
        if line.indicator not in self.settings.indicators:
            return None
        if self.settings.indicator(line.indicator, self.day).measured_on != "tickets":
            return None
        return self.store.records.ticket(line.source, line.id)


def why_changed(then: Line | None, now: Line | None, seen: Seen, *, restated: bool) -> str:
    """A key of WHY. ``restated``: the indicator is defined otherwise now. Raises StoreError."""
    line = now or then
    assert line is not None
    ticket = seen.ticket(line)
    if now is not None and now.reason in MARKS and (then is None or then.reason != now.reason):
        return now.reason
    if ticket is not None and (late := _happened_since(ticket, then, now, seen)):
        return late
    if restated:
        return "restated_definition"
    if then is None:
        return "new_record"
    if now is None:
        return "record_gone" if ticket is None else "corrected"
    if then.organization != now.organization:
        return "other_organization"
    if then.verdict == "pending" and now.verdict == "missed" and now.seconds is None:
        return "deadline_passed"
    return "recorded_later"


def _happened_since(ticket: Ticket, then: Line | None, now: Line | None, seen: Seen) -> str | None:
    """What happened to a ticket after it was frozen; None where that explains nothing."""
    if then is not None and now is not None:
        end = getattr(seen.settings.indicator(now.indicator, seen.day), "end", None)
        answered = end == "first_response" and _later(ticket.first_response_at, seen)
        if answered:
            return "late_answer"
        if end in {"resolved", "closed"} and (
            _later(ticket.resolved_at, seen) or _later(ticket.closed_at, seen)
        ):
            return "late_resolution"
    if ticket.opened_at > seen.known_at:
        return None
    if any(change.at > seen.known_at for change in ticket.changes):
        return None if _only_waited(then, now) else "changed_texts"
    return None


def _only_waited(then: Line | None, now: Line | None) -> bool:
    """Whether nothing but time explains it: the deadline of what was pending came."""
    return (
        then is not None
        and now is not None
        and (then.verdict, now.verdict) == ("pending", "missed")
        and now.seconds is None
    )


def _later(instant: int | None, seen: Seen) -> bool:
    return instant is not None and instant > seen.known_at
