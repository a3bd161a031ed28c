"""The content of the page of sources: how each is read, and what of it could not be used. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from collector.model.bilingual import Language
from collector.model.stored import FOUND
from collector.monitoring.readings import Example, Reading
from collector.sources.kit.options import TicketOptions
from collector.store import PollState
from collector.text.words.faults import fault_in_words
from collector.text.words.reading import found_in_words, reason_in_words
from collector.web.desk import Desk, SourceAge, source_ages

Condition = Literal["ok", "failing", "stale", "incomplete", "unread"]
"""How it stands with a source, the worst first: failing, unread, stale, incomplete, ok."""
_WORST: tuple[Condition, ...] = ("failing", "unread", "stale", "incomplete", "ok")


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How many entries there were for a ``reason``, since the store was created, None for doubtful
    ones, which are not counted; and ``examples`` since the service started, the newest first."""

    reason: str
    words: str
    count: int | None
    examples: list[Example]


@dataclass(frozen=True, slots=True)
class RequestsNow:
    """What a server was sent: requests in the last minute, our own limit a minute (None without
    one), and for how many seconds the server wants to be left alone."""

    sent: int
    per_minute: int | None
    paused: int


@dataclass(frozen=True, slots=True)
class FoundCount:
    """What became of stored tickets, in ``words``, and of how many in all."""

    found: str
    words: str
    count: int


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The sweeps that look for stored tickets in their source. ``at``: the time of day, or never.

    ``finished_at``: when one was last finished; ``under_way``: one has begun and not come to its
    end. ``failed_at``, ``error`` and ``said``: of the last attempt, if that failed.
    """

    at: str
    finished_at: datetime | None
    under_way: bool
    failed_at: datetime | None
    error: str | None
    said: str
    found: list[FoundCount]


@dataclass(frozen=True, slots=True)
class SourceContent:
    """A source. ``condition``: failing (the last polls failed), unread (never read to its end),
    stale (not read for too long), incomplete (being read as a whole, not at its end) or ok.

    ``every``: seconds between polls. ``under_way``: it is being read just now. ``error``: the one
    line of the last failure, in English, ``said`` what its kind means in the language asked for
    (empty where it has none), and ``failed_at`` when that was, also if polls succeed again;
    ``failures``: how many in a row. ``as_of``: up to when its data are complete; ``newest``: the
    latest instant in its records. ``seconds``, ``records`` and ``changed``: of the last poll.
    ``clock_ahead``: seconds by which its clock is ahead of ours. ``doubtful``: examples of entries
    that were used although something about them is doubtful. ``reconciliation``: None where a
    source cannot be asked what became of its tickets.
    """

    source: str
    system: str
    delivers: str
    condition: Condition
    age: SourceAge
    every: int
    under_way: bool
    failures: int
    failed_at: datetime | None
    error: str | None
    said: str
    as_of: datetime | None
    newest: datetime | None
    seconds: float | None
    records: int | None
    changed: int | None
    clock_ahead: float | None
    rejected: list[ReasonCount]
    ignored: list[ReasonCount]
    doubtful: list[ReasonCount]
    requests: RequestsNow | None
    reconciliation: Reconciliation | None


@dataclass(frozen=True, slots=True)
class SourcesContent:
    """Every source, the worst first. ``may_poll``: whether a poll can be started from the page."""

    sources: list[SourceContent]
    may_poll: bool


def sources_content(desk: Desk, language: Language) -> SourcesContent:
    """How every source stands. Raises StoreError."""
    states = desk.states()
    ages = {each.source: each for each in source_ages(desk, language)}
    found = [
        _source(desk, name, states.get(name), ages[name], language)
        for name in desk.settings.sources
    ]
    return SourcesContent(
        sorted(found, key=lambda each: _WORST.index(each.condition)),
        desk.settings.server.polls_on_request,
    )


def _source(
    desk: Desk, name: str, state: PollState | None, age: SourceAge, language: Language
) -> SourceContent:
    options = desk.settings.sources[name]
    reading = desk.readings.get(name, Reading())
    requests = options.allowance()
    known = state or PollState(source="")
    polled = known.last_started is not None
    counted = {**known.rejected, **known.ignored}
    doubtful = {each: None for each in reading.examples if each not in counted}

    def moment(instant: int | None) -> datetime | None:
        return None if instant is None else desk.moment(instant)

    def reasons(counts: Mapping[str, int | None]) -> list[ReasonCount]:
        return [
            ReasonCount(
                each,
                reason_in_words(each, language),
                counts[each],
                list(reading.examples.get(each, ())),
            )
            for each in sorted(counts, key=lambda each: (-(counts[each] or 0), each))
        ]

    return SourceContent(
        source=name,
        system=options.title[language],
        delivers=options.delivers,
        condition=_condition(known, age),
        age=age,
        every=options.every,
        under_way=reading.under_way,
        failures=known.consecutive_failures,
        failed_at=moment(known.last_failure),
        error=known.last_error,
        said=fault_in_words(known.last_fault, language),
        as_of=moment(known.as_of),
        newest=moment(known.newest_record_at),
        seconds=known.duration if polled else None,
        records=known.records if polled else None,
        changed=known.changed if polled else None,
        clock_ahead=known.clock_skew,
        rejected=reasons(known.rejected),
        ignored=reasons(known.ignored),
        doubtful=reasons(doubtful),
        requests=requests
        and RequestsNow(requests.sent, requests.per_minute, round(requests.paused)),
        reconciliation=_reconciliation(desk, name, language),
    )


def _reconciliation(desk: Desk, name: str, language: Language) -> Reconciliation | None:
    options, state = desk.settings.sources[name], desk.health.sweeps.get(name)
    if not isinstance(options, TicketOptions):
        return None
    if state is None:
        return Reconciliation(options.reconcile.at, None, False, None, None, "", [])
    return Reconciliation(
        at=options.reconcile.at,
        finished_at=None if state.finished_at is None else desk.moment(state.finished_at),
        under_way=state.position is not None,
        failed_at=None if state.failed_at is None else desk.moment(state.failed_at),
        error=state.error,
        said=fault_in_words(state.fault, language),
        found=[
            FoundCount(each, found_in_words(each, language), state.found[each])
            for each in FOUND
            if state.found.get(each)
        ],
    )


def _condition(state: PollState, age: SourceAge) -> Condition:
    if state.consecutive_failures:
        return "failing"
    if state.last_success is None:
        return "unread"
    if state.partial:
        return "incomplete"
    return "stale" if age.state else "ok"
