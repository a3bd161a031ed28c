"""Freeze a complete period once, with its seal, and amend it later; refuse anything else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from collector.business_time.zone import LocalDays
from collector.config.settings import Settings
from collector.model.periods import Period
from collector.snapshot.amendment import amends
from collector.snapshot.canonical import canonical
from collector.snapshot.capture import Capture, Progress, basis_of, capture_period
from collector.snapshot.chain import (
    AMENDMENT,
    FREEZE,
    FrozenSnapshot,
    SnapshotError,
    decode_row,
    latest,
    next_row,
    of_period,
)
from collector.snapshot.compare import SnapshotComparison, compare_with_present
from collector.snapshot.completeness import Gap
from collector.snapshot.evidence import pack_lines
from collector.snapshot.sentences import gap_sentence, sealed_times
from collector.store import SnapshotHead, SnapshotRow, Store
from collector.text.words.reasons import gap_remedy


class Refused(SnapshotError):
    """Nothing was frozen; the message says why, a line per reason, and what to do."""


class Incomplete(Refused):
    """A source has not been read completely since the period ended."""

    def __init__(self, settings: Settings, period: Period, gaps: Sequence[Gap]) -> None:
        super().__init__(_lines(settings, period, gaps))
        when = sealed_times(settings.timezone)
        self.reasons = tuple(gap_sentence(each, when).en.rstrip(".") for each in gaps)
        """An English sentence per gap, without its full stop."""


class FrozenAlready(Exception):
    """Another process froze or amended the period first."""


@dataclass(frozen=True, slots=True)
class FreezeRequest:
    """What to freeze. ``known_at``: the instant as of which to judge (epoch seconds), by default
    derived from the data; ``incomplete``: freeze even if data are missing, and mark it so."""

    period: Period
    known_at: int | None = None
    incomplete: bool = False


@dataclass(frozen=True, slots=True)
class FreezeResult:
    """The snapshot in force. ``new``: it was frozen by this call; ``differs``: how the present
    differs from an earlier snapshot, None if it does not."""

    snapshot: FrozenSnapshot
    new: bool
    differs: SnapshotComparison | None = None


def freeze(
    settings: Settings,
    store: Store,
    request: FreezeRequest,
    clock: Callable[[], int],
    on_progress: Progress = lambda share: None,
) -> FreezeResult:
    """Freeze a period that is not frozen yet; ``clock`` gives the present in epoch seconds.

    1. Refuse a period that is not over: the partial figures would be final.
    2. Refuse if a source does not cover the period, unless ``request.incomplete``; and a damaged
       store, whose indexes may hide records.
    3. If it is frozen already, only compare: nothing is changed.
    4. Measure, from one state of the store.
    5. Seal and write in one transaction.

    ``on_progress`` is called with the share done, 0–1. Raises Refused (Incomplete in step 2),
    NotStill if records keep changing, Damaged if an earlier snapshot is, and StoreError.
    """
    _refuse_unfinished(settings, request, clock())
    frozen = of_period(store.snapshots.heads(), request.period)
    if not frozen and not request.incomplete:
        basis = basis_of(settings, store, request.period, clock(), request.known_at)
        if basis.gaps:  # before all is read: it is tried every hour
            raise Incomplete(settings, request.period, basis.gaps)
    store.check(structure=True)
    if frozen:
        return _already(settings, store, request, clock, on_progress)
    captured = capture_period(
        settings, store, request.period, clock(), request.known_at, on_progress
    )
    if captured.gaps and not request.incomplete:
        raise Incomplete(settings, request.period, captured.gaps)
    try:
        row = _written(store, None, captured, captured.raw, clock)
    except FrozenAlready:
        return _already(settings, store, request, clock, on_progress)
    return FreezeResult(decode_row(row), new=True)


def amend(
    settings: Settings,
    store: Store,
    request: FreezeRequest,
    clock: Callable[[], int],
    on_progress: Progress = lambda share: None,
) -> FreezeResult:
    """Freeze a period again beside its earlier snapshots, with what changed and why.

    Raises NotFrozen if there is nothing to amend, Refused if nothing differs or another process
    amended it meanwhile, and otherwise as :func:`freeze`.
    """
    before = latest(store, request.period)
    _refuse_unfinished(settings, request, clock())
    store.check(structure=True)
    captured = capture_period(
        settings, store, request.period, clock(), request.known_at, on_progress
    )
    if captured.gaps and not request.incomplete:
        raise Incomplete(settings, request.period, captured.gaps)
    differs = compare_with_present(before, captured, store, settings)
    completed = before.content["incomplete"] and not captured.gaps
    if not differs.changed and not completed:
        raise Refused(
            f"nothing in {request.period.name} has changed since snapshot {before.number}: there "
            "is nothing to amend"
        )
    content = canonical(captured.content | {"amends": amends(before, differs)})
    try:
        row = _written(store, before.number, captured, content, clock)
    except FrozenAlready:
        raise Refused(
            f"{request.period.name} was amended by another process meanwhile; nothing was frozen"
        ) from None
    return FreezeResult(decode_row(row), new=True)


def _already(
    settings: Settings,
    store: Store,
    request: FreezeRequest,
    clock: Callable[[], int],
    on_progress: Progress,
) -> FreezeResult:
    before = latest(store, request.period)
    captured = capture_period(
        settings, store, request.period, clock(), request.known_at, on_progress
    )
    differs = compare_with_present(before, captured, store, settings)
    return FreezeResult(before, new=False, differs=differs if differs.changed else None)


def _written(
    store: Store, previous: int | None, captured: Capture, content: bytes, clock: Callable[[], int]
) -> SnapshotRow:
    """Append a snapshot after number ``previous`` of the same period, or as its first one (None).

    Raises FrozenAlready if the period got another snapshot meanwhile.
    """
    kind = FREEZE if previous is None else AMENDMENT
    records = pack_lines(captured.lines)

    def make(heads: Sequence[SnapshotHead], last: int) -> SnapshotRow:
        own = of_period(heads, captured.period)
        if (own[-1].number if own else None) != previous:
            raise FrozenAlready
        return next_row(heads, last, kind, captured.period, content, records, clock())

    return store.snapshots.add(make)


def _refuse_unfinished(settings: Settings, request: FreezeRequest, clock: int) -> None:
    name, local = request.period.name, LocalDays(settings.timezone)
    if request.known_at is not None and request.known_at > clock:
        raise Refused("--now lies ahead: give an instant in the past, or leave it out")
    known = clock if request.known_at is None else request.known_at
    if local.midnight(request.period.first) > known:
        raise Refused(f"{name} has not begun yet: there is nothing to freeze")
    if local.midnight(request.period.after) > known:
        raise Refused(
            f"{name} is not over, and a period is frozen only once: wait until it ends, or freeze "
            "the months of it that have ended"
        )


def _lines(settings: Settings, period: Period, gaps: Sequence[Gap]) -> str:
    when = sealed_times(settings.timezone)
    end = when(LocalDays(settings.timezone).midnight(period.after)).en
    lines = [f"{period.name} is not complete, so it was not frozen:"]
    for each in gaps:
        why = gap_sentence(each, when).en.rstrip(".")
        todo = gap_remedy(each.reason, each.source, end, each.fault, exported=each.exported)
        lines.append(f"  {why}: {todo}")
    lines.append("--incomplete freezes it anyway, and every document is marked as incomplete.")
    return "\n".join(lines)
