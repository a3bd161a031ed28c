"""Measure the content of a snapshot from a single, consistent state of the store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from collector.config.settings import Settings
from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.manual_history import settings_as_known
from collector.model.codes import SpecialDay
from collector.model.periods import Period
from collector.snapshot.canonical import canonical
from collector.snapshot.chain import SnapshotError
from collector.snapshot.completeness import (
    Gap,
    RequiredSpan,
    default_known_at,
    gaps,
    notes,
    used_sources,
)
from collector.snapshot.content import SnapshotContext, content
from collector.snapshot.data_versions import data_versions
from collector.snapshot.evidence import VerdictLines
from collector.snapshot.gather import Material, gather, year_so_far
from collector.snapshot.sentences import sealed_times
from collector.store import PollState, Store
from collector.text.iso_times import IsoInstant, iso_instants, iso_span

ATTEMPTS = 5
"""How often a period is measured before giving up because its records keep changing."""

Progress = Callable[[float], None]


class RecordsKeepChanging(SnapshotError):
    """The records kept changing while they were being measured; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Capture:
    """The content of a snapshot that is not frozen yet, and the verdicts behind it.

    ``raw``: the content in canonical form; ``instant`` formats epoch seconds as ISO 8601.
    """

    period: Period
    content: dict[str, Any]
    raw: bytes
    lines: VerdictLines
    gaps: tuple[Gap, ...]
    instant: IsoInstant


@dataclass(frozen=True, slots=True)
class Basis:
    """What a period is judged by; instants in epoch seconds.

    ``known_at``: the instant as of which records are judged; ``states``: the sources at that time;
    ``since``: the first record of each source; ``gaps``: why the period is incomplete; ``notes``:
    limitations that do not block freezing but must be shown with the figures.
    """

    known_at: int
    states: dict[str, PollState]
    since: dict[str, int]
    gaps: tuple[Gap, ...]
    notes: tuple[Gap, ...]

    @property
    def states_as_read(self) -> dict[str, PollState]:
        """The states by which figures are stale: a source counts as read up to its ``as_of``."""
        return {name: replace(s, last_success=s.as_of) for name, s in self.states.items()}


def basis_of(
    settings: Settings, store: Store, period: Period, clock: int, requested_known_at: int | None
) -> Basis:
    """Find out what a period is judged by.

    ``requested_known_at``: the instant asked for; None derives it from the data. ``clock``: the
    present. Both in epoch seconds. Raises StoreError.
    """
    states = store.polls.states()
    measuring = Measuring(settings, store)
    start, end = measuring.instants(period)
    year, _ = measuring.instants(year_so_far(period, measuring.fiscal))
    known_at = (
        default_known_at(settings, end, states, clock)
        if requested_known_at is None
        else requested_known_at
    )
    since = store.records.earliest()
    span = RequiredSpan(start, end, known_at, store.clock_skew(), clock)
    found = gaps(settings, span, states, since)
    noted = notes(settings, span, year, states, since)
    return Basis(known_at, states, since, tuple(found), tuple(noted))


def _measuring(
    settings: Settings, store: Store, known_at: int, requested_known_at: int | None
) -> Measuring:
    """Measure records as they were known at ``known_at``, even if a source was read later.

    Values entered by hand do not depend on any reading of a source, so they are taken as of
    ``requested_known_at``, or else as they are now.
    """
    if requested_known_at is not None:
        settings = settings_as_known(settings, store.ledger.values_given(), requested_known_at)
    return Measuring(settings, store, known_at=known_at)


def capture_period(
    settings: Settings,
    store: Store,
    period: Period,
    clock: int,
    requested_known_at: int | None = None,
    on_progress: Progress = lambda share: None,
) -> Capture:
    """Measure the content of a snapshot; for the arguments see :func:`basis_of`.

    Everything comes from one state of the store: if records from before the period's end change
    meanwhile, the period is measured again. ``on_progress`` is called with the share done, 0–1.
    Raises NotStill if the records keep changing, and StoreError.
    """
    for _ in range(ATTEMPTS):
        revision, purged = store.revisions.latest(), store.purged.generation()
        basis = basis_of(settings, store, period, clock, requested_known_at)
        measuring = _measuring(settings, store, basis.known_at, requested_known_at)
        material = gather(measuring, period, basis.known_at, basis.states_as_read, on_progress)
        captured = content(material, _surroundings(measuring, material, basis, requested_known_at))
        if purged == store.purged.generation() and not _changed(measuring, period, revision):
            instant = iso_instants(settings.timezone)
            return Capture(
                period, captured, canonical(captured), material.lines, basis.gaps, instant
            )
    raise RecordsKeepChanging(
        f"the records of {period.name} kept changing while they were being measured: try again "
        "when fewer records are coming in"
    )


def _changed(measuring: Measuring, period: Period, revision: int) -> bool:
    """Whether any record that counts before the period's end changed since that revision."""
    end = measuring.local.midnight(period.after)
    return any(hour * 3600 < end for _, hour in measuring.store.revisions.dirty_since(revision))


def _surroundings(
    measuring: Measuring, material: Material, basis: Basis, requested_known_at: int | None
) -> SnapshotContext:
    settings, store, period = measuring.settings, measuring.store, material.period
    first = min(period.first, year_so_far(period, measuring.fiscal).first)
    start, end = measuring.local.midnight(first), measuring.local.midnight(period.after)
    drawn = used_sources(settings)
    counted = store.records.counts(start, end)
    return SnapshotContext(
        settings=settings,
        fiscal=measuring.fiscal,
        instant=iso_instants(settings.timezone),
        span=lambda span: iso_span(settings.timezone, measuring.instants(span)),
        when=sealed_times(settings.timezone),
        states=basis.states,
        gaps=basis.gaps,
        notes=basis.notes,
        records={name: n for name, n in counted.items() if name in drawn},
        since=basis.since,
        versions=data_versions(settings.timezone),
        closed={name: _closed(measuring, name, first, period) for name in settings.calendars},
        restated={name: store.ledger.restatements(name) for name in settings.indicators},
        given=[
            v
            for v in store.ledger.values_given()
            if requested_known_at is None or v.recorded_at <= requested_known_at
        ],
    )


def _closed(
    measuring: Measuring, name: str, first: date, period: Period
) -> list[tuple[date, SpecialDay]]:
    """The dates from ``first`` to the period's end that differ from the weekly hours, each by the
    version of the calendar in force on that date."""
    found = []
    for n in range((period.after - first).days):
        day = first + timedelta(days=n)
        versions = [v.valid_from for v in measuring.settings.calendars[name].versions]
        valid = max((v for v in versions if v <= day), default=date.min)
        special = measuring.special_days(name, valid).get(day)
        if special is not None:
            found.append((day, special))
    return found
