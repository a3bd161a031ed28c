"""Explanations for programs: as objects with fixed keys, and as flat rows of CSV.

New keys may be added at any time.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

from collector.measuring.engine.explain import Explanation
from collector.measuring.verdicts.clocks import PAUSE_WORDS
from collector.model.codes import DayKind, SpecialDay
from collector.model.columns import Fact
from collector.text.iso_times import IsoInstant

_DAYS = {
    DayKind.HOLIDAY: "{0}",
    DayKind.CLOSED: "closed by configuration",
    DayKind.SHORT: "short day, {0}",
    DayKind.OPEN: "open, {0}",
    DayKind.NO_HOURS: "closed all day",
}

EXPLANATION_COLUMNS = [
    "source", "id", "url", "organization", "verdict", "reason", "counted_at", "kind", "priority",
    "teams", "queue", "outcome", "start", "end", "calendar", "elapsed_seconds", "limit_seconds",
    "due", "open_seconds", "on_hold_seconds", "paused_seconds", "closed_days", "valid_from",
    "own_first_response", "own_due", "own_met", "disagrees_verdict", "disagrees_first_response",
]  # fmt: skip


def explanation_record(each: Explanation, instant: IsoInstant) -> dict[str, Any]:
    """An explanation for programs: ISO 8601 instants, durations in seconds, half-open spans.

    ``instant`` formats epoch seconds as ISO 8601.
    """
    return {
        **_judged(each, instant),
        "open": [[instant(a), instant(b)] for a, b in each.clock.counted],
        "on_hold": [
            [instant(p.start), instant(p.end)] for p in each.clock.paused if p.why is Fact.HOLD
        ],
        "closed": [_closed(*closed) for closed in each.clock.closed],
        "paused": [
            [instant(p.start), instant(p.end), PAUSE_WORDS[p.why]] for p in each.clock.paused
        ],
        **_by_its_source(each, instant),
        "disagrees": [] if each.own is None else list(each.own.disagrees),
    }


def explanation_row(each: Explanation, instant: IsoInstant) -> dict[str, Any]:
    """An explanation as a row of CSV, with ``EXPLANATION_COLUMNS``: spans of time as their sum
    in seconds."""
    disagrees = () if each.own is None else each.own.disagrees
    return {
        **_judged(each, instant),
        "open_seconds": sum(end - start for start, end in each.clock.counted),
        "on_hold_seconds": sum(p.end - p.start for p in each.clock.paused if p.why is Fact.HOLD),
        "paused_seconds": sum(p.end - p.start for p in each.clock.paused),
        "closed_days": len(each.clock.closed),
        **_by_its_source(each, instant),
        "disagrees_verdict": "verdict" in disagrees,
        "disagrees_first_response": "first response" in disagrees,
    }


def _judged(each: Explanation, instant: IsoInstant) -> dict[str, Any]:
    facts = each.facts.get
    return {
        "source": each.source,
        "id": each.id,
        "url": each.url,
        "organization": each.organization,
        "verdict": each.verdict,
        "reason": each.reason or None,
        "counted_at": instant(each.counted_at),
        "kind": facts("kind"),
        "priority": facts("priority"),
        "teams": facts("teams"),
        "queue": facts("queue"),
        "outcome": facts("outcome"),
        "start": instant(each.clock.start),
        "end": instant(each.clock.end),
        "calendar": each.clock.calendar,
        "elapsed_seconds": each.clock.elapsed,
        "limit_seconds": each.clock.limit,
        "due": instant(each.clock.due),
    }


def _by_its_source(each: Explanation, instant: IsoInstant) -> dict[str, Any]:
    own = each.own
    return {
        "valid_from": None if each.valid_from is None else each.valid_from.isoformat(),
        "own_first_response": None if own is None else instant(own.first_response_at),
        "own_due": None if own is None else instant(own.due_at),
        "own_met": None if own is None else own.met,
    }


@lru_cache(maxsize=1024)
def _closed(day: date, special: SpecialDay) -> tuple[str, str]:
    return day.isoformat(), _DAYS[special.kind].format(special.detail or "closed")
