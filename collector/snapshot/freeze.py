"""Freezing: a period that is whole is written once, with its seal; anything else is refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from collector.business_time.zone import LocalDays
from collector.config.settings import Settings
from collector.model.periods import Period
from collector.snapshot.canonical import canonical
from collector.snapshot.capture import Report, Taken, judged_by, take
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
from collector.store import SnapshotHead, SnapshotRow, Store


class Refused(SnapshotError):
    """Nothing was frozen; the text says why, a line for each reason, and what to do."""


class Incomplete(Refused):
    """A source was not read to its end after the period was over, or that is not over yet."""

    def __init__(self, period: Period, gaps: Sequence[Gap]) -> None:
        super().__init__(_lines(period, gaps))
        self.gaps = tuple(gaps)


class FrozenAlready(Exception):
    """Another process was first."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What shall be frozen. ``given``: the instant to judge by (epoch seconds), by default that
    which the data tell. ``incomplete``: also where data are missing, and marked so."""

    period: Period
    given: int | None = None
    incomplete: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """``snapshot``: what stands frozen now; ``new``: it was frozen just now. ``unlike``: how the
    present differs from what was frozen before, where it does."""

    snapshot: Frozen
    new: bool
    unlike: Comparison | None = None


def freeze(
    settings: Settings,
    store: Store,
    asked: Asked,
    clock: Callable[[], int],
    report: Report = lambda share: None,
) -> Outcome:
    """Freeze a period that is not frozen yet; ``clock`` gives the present in epoch seconds.

    1. Refuse what is not over: it would stand in the place of the whole for ever.
    2. Where it is frozen, only compare: nothing is changed.
    3. Refuse where a source does not tell all of the period, unless that is asked for.
    4. Measure, of one state of the store.
    5. Seal and write in one transaction.

    Raises Incomplete, Refused, NotStill, Damaged and StoreError.
    """
    _refuse_unfinished(settings, asked, clock())
    if of_period(store.snapshots.heads(), asked.period):
        return _already(settings, store, asked, clock, report)
    judged = judged_by(settings, store, asked.period, clock(), asked.given)
    if judged.gaps and not asked.incomplete:
        raise Incomplete(asked.period, judged.gaps)
    taken = take(settings, store, asked.period, clock(), asked.given, report)
    if taken.gaps and not asked.incomplete:
        raise Incomplete(asked.period, taken.gaps)
    try:
        row = _written(store, None, taken, taken.raw, clock)
    except FrozenAlready:
        return _already(settings, store, asked, clock, report)
    return Outcome(frozen(row), new=True)


def amend(
    settings: Settings,
    store: Store,
    asked: Asked,
    clock: Callable[[], int],
    report: Report = lambda share: None,
) -> Outcome:
    """Freeze the present of a period beside what was frozen, with what differs and why.

    Raises NotFrozen, Incomplete, Refused where nothing differs, and as :func:`freeze`.
    """
    before = latest(store, asked.period)
    _refuse_unfinished(settings, asked, clock())
    taken = take(settings, store, asked.period, clock(), asked.given, report)
    if taken.gaps and not asked.incomplete:
        raise Incomplete(asked.period, taken.gaps)
    differs = compared(before, taken, store, settings)
    completed = before.content["incomplete"] and not taken.gaps
    if not differs.changed and not completed:
        raise Refused(
            f"nothing of {asked.period.name} is another than in snapshot {before.number}: there is "
            "nothing to amend"
        )
    amends = {"number": before.number, "seal": before.seal, "changes": differs.record()}
    content = canonical(taken.content | {"amends": amends})
    try:
        row = _written(store, before.number, taken, content, clock)
    except FrozenAlready:
        raise Refused(f"{asked.period.name} was amended by somebody else meanwhile") from None
    return Outcome(frozen(row), new=True)


def _already(
    settings: Settings, store: Store, asked: Asked, clock: Callable[[], int], report: Report
) -> Outcome:
    before = latest(store, asked.period)
    taken = take(settings, store, asked.period, clock(), asked.given, report)
    differs = compared(before, taken, store, settings)
    return Outcome(before, new=False, unlike=differs if differs.changed else None)


def _written(
    store: Store, behind: int | None, taken: Taken, content: bytes, clock: Callable[[], int]
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


def _refuse_unfinished(settings: Settings, asked: Asked, clock: int) -> None:
    name, local = asked.period.name, LocalDays(settings.timezone)
    if asked.given is not None and asked.given > clock:
        raise Refused("--now lies ahead: nobody knows yet what will be known then")
    known = clock if asked.given is None else asked.given
    if local.midnight(asked.period.first) > known:
        raise Refused(f"{name} has not begun: there is nothing to freeze")
    if local.midnight(asked.period.after) > known:
        raise Refused(
            f"{name} is not over, and is frozen once only: wait until it is, or freeze those "
            "months of it that are"
        )


def _lines(period: Period, gaps: Sequence[Gap]) -> str:
    lines = [f"{period.name} is not complete, so it was not frozen:"]
    lines += [f"  {each.text.en.rstrip('.')}: {each.remedy}" for each in gaps]
    lines.append("--incomplete freezes it all the same, and marks it so on every document.")
    return "\n".join(lines)
