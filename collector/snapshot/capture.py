"""Store → the content of a snapshot, of one state of the store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from collector.config.settings import Settings
from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.given_values import as_given
from collector.model.codes import SpecialDay
from collector.model.periods import Period
from collector.snapshot.canonical import canonical
from collector.snapshot.chain import SnapshotError
from collector.snapshot.completeness import Gap, Reach, default_known_at, drawn_on, gaps, notes
from collector.snapshot.content import Surroundings, content
from collector.snapshot.data_versions import data_versions
from collector.snapshot.evidence import Lines
from collector.snapshot.gather import Material, gather, year_so_far
from collector.snapshot.sentences import sealed_times
from collector.store import PollState, Store
from collector.text.iso_times import Instant, iso_instants, iso_span

ATTEMPTS = 5
"""How often a period is measured anew because its records changed meanwhile."""

Report = Callable[[float], None]


class NotStill(SnapshotError):
    """The records kept changing while they were measured; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Capture:
    """The content of a snapshot that is not frozen yet, and the verdicts that it rests on."""

    period: Period
    content: dict[str, Any]
    raw: bytes
    lines: Lines
    gaps: tuple[Gap, ...]
    instant: Instant


@dataclass(frozen=True, slots=True)
class Basis:
    """By what a period is judged: the instant ``known_at``, where the sources stood then, and what
    is missing of it. ``since``: the first record of each source; ``notes``: what else must stand
    beside its figures. Instants in epoch seconds."""

    known_at: int
    states: dict[str, PollState]
    since: dict[str, int]
    gaps: tuple[Gap, ...]
    notes: tuple[Gap, ...]

    @property
    def states_as_read(self) -> dict[str, PollState]:
        """The states by which figures are stale: what was read says nothing of after ``as_of``."""
        return {name: replace(s, last_success=s.as_of) for name, s in self.states.items()}


def basis_of(
    settings: Settings, store: Store, period: Period, clock: int, given: int | None
) -> Basis:
    """``given``: the instant that somebody asks for; without it the data say. ``clock``: the
    present. All in epoch seconds. Raises StoreError."""
    states = store.polls.states()
    measuring = Measuring(settings, store)
    start, end = measuring.instants(period)
    year, _ = measuring.instants(year_so_far(period, measuring.fiscal))
    known_at = default_known_at(settings, end, states, clock) if given is None else given
    since = store.records.earliest()
    reach = Reach(start, end, known_at)
    found = gaps(settings, reach, states, since)
    noted = notes(settings, reach, year, states, since)
    return Basis(known_at, states, since, tuple(found), tuple(noted))


def _measuring(settings: Settings, store: Store, known_at: int, given: int | None) -> Measuring:
    """Records as they were known at ``known_at``, whichever source was read later. Values given by
    hand are known when somebody gives them, whenever a source was read: only ``given`` looks back
    on them."""
    if given is not None:
        settings = as_given(settings, store.ledger.values_given(), given)
    return Measuring(settings, store, known_at=known_at)


def take(
    settings: Settings,
    store: Store,
    period: Period,
    clock: int,
    given: int | None = None,
    report: Report = lambda share: None,
) -> Capture:
    """Measure what a snapshot of a period says; see :func:`basis_of`.

    All of it is of one state of the store: where records of before the period's end change
    meanwhile, it is measured anew. Raises StoreError, NotStill.
    """
    for _ in range(ATTEMPTS):
        revision = store.revisions.latest()
        basis = basis_of(settings, store, period, clock, given)
        measuring = _measuring(settings, store, basis.known_at, given)
        material = gather(measuring, period, basis.known_at, basis.states_as_read, report)
        said = content(material, _surroundings(measuring, material, basis, given))
        if not _changed(measuring, period, revision):
            instant = iso_instants(settings.timezone)
            return Capture(period, said, canonical(said), material.lines, basis.gaps, instant)
    raise NotStill(
        f"the records of {period.name} kept changing while they were measured: try again when the "
        "sources bring less"
    )


def _changed(measuring: Measuring, period: Period, revision: int) -> bool:
    """Whether records changed that count before the period's end."""
    end = measuring.local.midnight(period.after)
    return any(hour * 3600 < end for _, hour in measuring.store.revisions.dirty_since(revision))


def _surroundings(
    measuring: Measuring, material: Material, basis: Basis, given: int | None
) -> Surroundings:
    settings, store, period = measuring.settings, measuring.store, material.period
    first = min(period.first, year_so_far(period, measuring.fiscal).first)
    start, end = measuring.local.midnight(first), measuring.local.midnight(period.after)
    drawn = drawn_on(settings)
    counted = store.records.counts(start, end)
    return Surroundings(
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
        given=[v for v in store.ledger.values_given() if given is None or v.recorded_at <= given],
    )


def _closed(
    measuring: Measuring, name: str, first: date, period: Period
) -> list[tuple[date, SpecialDay]]:
    """The dates from ``first`` to the period's end that are not as every week: each as the
    version of the calendar on that date has it."""
    found = []
    for n in range((period.after - first).days):
        day = first + timedelta(days=n)
        versions = [v.valid_from for v in measuring.settings.calendars[name].versions]
        valid = max((v for v in versions if v <= day), default=date.min)
        special = measuring.special_days(name, valid).get(day)
        if special is not None:
            found.append((day, special))
    return found
