"""Freezing: a period that is whole is written once, with its seal; anything else is refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from collector.business_time.zone import LocalDays
from collector.config.settings import Settings
from collector.model.periods import Period
from collector.snapshot.amendment import amends
from collector.snapshot.canonical import canonical
from collector.snapshot.capture import Capture, Report, basis_of, take
from collector.snapshot.chain import (
    AMENDMENT,
    FREEZE,
    Frozen,
    SnapshotError,
    frozen,
    latest,
    next_row,
    of_period,
)
from collector.snapshot.compare import Comparison, compared
from collector.snapshot.completeness import Gap
from collector.snapshot.evidence import packed
from collector.snapshot.sentences import gap_sentence, sealed_times
from collector.store import SnapshotHead, SnapshotRow, Store
from collector.text.words.reasons import gap_remedy


class Refused(SnapshotError):
    """Nothing was frozen; the text says why, a line for each reason, and what to do."""


class Incomplete(Refused):
    """A source was not read to its end after the period was over, or that is not over yet."""

    def __init__(self, settings: Settings, period: Period, gaps: Sequence[Gap]) -> None:
        super().__init__(_lines(settings, period, gaps))
        when = sealed_times(settings.timezone)
        self.reasons = tuple(gap_sentence(each, when).en.rstrip(".") for each in gaps)
        """A sentence for each gap, without its full stop."""


class FrozenAlready(Exception):
    """Another process was first."""


@dataclass(frozen=True, slots=True)
class FreezeRequest:
    """What shall be frozen. ``known_at``: the instant to judge by (epoch seconds), by default that
    which the data tell. ``incomplete``: also where data are missing, and marked so."""

    period: Period
    known_at: int | None = None
    incomplete: bool = False


@dataclass(frozen=True, slots=True)
class FreezeResult:
    """``snapshot``: what stands frozen now; ``new``: it was frozen just now. ``differs``: how the
    present differs from what was frozen before, where it does."""

    snapshot: Frozen
    new: bool
    differs: Comparison | None = None


def freeze(
    settings: Settings,
    store: Store,
    request: FreezeRequest,
    clock: Callable[[], int],
    report: Report = lambda share: None,
) -> FreezeResult:
    """Freeze a period that is not frozen yet; ``clock`` gives the present in epoch seconds.

    1. Refuse what is not over: it would stand in the place of the whole for ever.
    2. Where it is frozen, only compare: nothing is changed.
    3. Refuse where a source is not known for all of the period, unless that is asked for.
    4. Measure, of one state of the store.
    5. Seal and write in one transaction.

    Raises Incomplete, Refused, NotStill, Damaged and StoreError.
    """
    _refuse_unfinished(settings, request, clock())
    if of_period(store.snapshots.heads(), request.period):
        return _already(settings, store, request, clock, report)
    basis = basis_of(settings, store, request.period, clock(), request.known_at)
    if basis.gaps and not request.incomplete:
        raise Incomplete(settings, request.period, basis.gaps)
    taken = take(settings, store, request.period, clock(), request.known_at, report)
    if taken.gaps and not request.incomplete:
        raise Incomplete(settings, request.period, taken.gaps)
    try:
        row = _written(store, None, taken, taken.raw, clock)
    except FrozenAlready:
        return _already(settings, store, request, clock, report)
    return FreezeResult(frozen(row), new=True)


def amend(
    settings: Settings,
    store: Store,
    request: FreezeRequest,
    clock: Callable[[], int],
    report: Report = lambda share: None,
) -> FreezeResult:
    """Freeze the present of a period beside what was frozen, with what differs and why.

    Raises NotFrozen, Incomplete, Refused where nothing differs, and as :func:`freeze`.
    """
    before = latest(store, request.period)
    _refuse_unfinished(settings, request, clock())
    taken = take(settings, store, request.period, clock(), request.known_at, report)
    if taken.gaps and not request.incomplete:
        raise Incomplete(settings, request.period, taken.gaps)
    differs = compared(before, taken, store, settings)
    completed = before.content["incomplete"] and not taken.gaps
    if not differs.changed and not completed:
        raise Refused(
            f"nothing of {request.period.name} is another than in snapshot {before.number}: "
            "there is nothing to amend"
        )
    content = canonical(taken.content | {"amends": amends(before, differs)})
    try:
        row = _written(store, before.number, taken, content, clock)
    except FrozenAlready:
        raise Refused(f"{request.period.name} was amended by somebody else meanwhile") from None
    return FreezeResult(frozen(row), new=True)


def _already(
    settings: Settings,
    store: Store,
    request: FreezeRequest,
    clock: Callable[[], int],
    report: Report,
) -> FreezeResult:
    before = latest(store, request.period)
    taken = take(settings, store, request.period, clock(), request.known_at, report)
    differs = compared(before, taken, store, settings)
    return FreezeResult(before, new=False, differs=differs if differs.changed else None)


def _written(
    store: Store, behind: int | None, taken: Capture, content: bytes, clock: Callable[[], int]
) -> SnapshotRow:
    """Write it behind that number of the same period, or as the period's first. Raises
    FrozenAlready where there is another one meanwhile."""
    kind = FREEZE if behind is None else AMENDMENT
    records = packed(taken.lines)

    def make(heads: Sequence[SnapshotHead], last: int) -> SnapshotRow:
        own = of_period(heads, taken.period)
        if (own[-1].number if own else None) != behind:
            raise FrozenAlready
        return next_row(heads, last, kind, taken.period, content, records, clock())

    return store.snapshots.add(make)


def _refuse_unfinished(settings: Settings, request: FreezeRequest, clock: int) -> None:
    name, local = request.period.name, LocalDays(settings.timezone)
    if request.known_at is not None and request.known_at > clock:
        raise Refused("--now lies ahead: nobody knows yet what will be known then")
    known = clock if request.known_at is None else request.known_at
    if local.midnight(request.period.first) > known:
        raise Refused(f"{name} has not begun: there is nothing to freeze")
    if local.midnight(request.period.after) > known:
        raise Refused(
            f"{name} is not over, and is frozen once only: wait until it is, or freeze those "
            "months of it that are"
        )


def _lines(settings: Settings, period: Period, gaps: Sequence[Gap]) -> str:
    when = sealed_times(settings.timezone)
    end = when(LocalDays(settings.timezone).midnight(period.after)).en
    lines = [f"{period.name} is not complete, so it was not frozen:"]
    for each in gaps:
        why = gap_sentence(each, when).en.rstrip(".")
        todo = gap_remedy(each.reason, each.source, end, each.fault, exported=each.exported)
        lines.append(f"  {why}: {todo}")
    lines.append("--incomplete freezes it all the same, and marks it so on every document.")
    return "\n".join(lines)
