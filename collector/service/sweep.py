"""Sweeps: which stored tickets a source no longer shows, stored as any page, moving no cursor."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from collector.io.errors import UserFacingError
from collector.model.codes import Fault
from collector.model.page import Page
from collector.model.stored import CHANGED
from collector.service.drain import REJECTIONS_LOGGED, failures, never_stop, usable_part
from collector.sources.kit.contract import SourceOptions
from collector.sources.kit.options import TicketOptions
from collector.sources.kit.source import TicketSource
from collector.store import Store, SweepState

log = logging.getLogger(__name__)

NOT_SWEPT = (
    "only a system with tickets of its own can be asked what became of them, and no file or log"
)
AGAIN = 3600
"""Seconds from a failed sweep to the next attempt."""


@dataclass
class SweepResult:
    """What a sweep, or a part of one, found: marks, silent edits and returns, by how many.

    ``finished``: it came to its end. ``error``: one line for people; ``cause``: its kind, where it
    has one. ``overtaken``: another process
    had moved the source's cursor, so that this one left the rest to it.
    """

    source: str
    found: Counter[str] = field(default_factory=Counter)
    rejected: int = 0
    finished: bool = False
    error: str | None = None
    cause: Fault | None = None
    overtaken: bool = False


def is_due(options: SourceOptions, state: SweepState, zone: str, now: int) -> bool:
    """Return whether a sweep is to be begun or gone on with at ``now`` (epoch seconds).

    ``zone``: the time zone of ``reconcile.at``.
    """
    if not isinstance(options, TicketOptions) or options.reconcile.at == "never":
        return False
    if state.failed_at is not None and 0 <= now - state.failed_at < AGAIN:
        return False
    if state.position is not None:
        return True
    last = state.since if state.finished_at is None else state.finished_at
    ahead = last > now  # the clock was wrong then: nothing is known of when it was
    return ahead or _last_time(options.reconcile.at, ZoneInfo(zone), now) > last


def _last_time(at: str, zone: ZoneInfo, now: int) -> int:
    """Return when it was last ``at`` (HH:MM) in the zone, in epoch seconds."""
    today = datetime.fromtimestamp(now, zone).date()

    def on(day: date) -> int:
        return int(datetime.combine(day, time.fromisoformat(at), zone).timestamp())

    return on(today) if on(today) <= now else on(today - timedelta(days=1))


def sweep(
    source: TicketSource,
    store: Store,
    *,
    clock: Callable[[], int],
    stop: Callable[[], bool] = never_stop,
    accept: bool = False,
    log_failure: bool = True,
) -> SweepResult:
    """Go on with the sweep of a source, or begin one, until it is finished or ``stop()``.

    1. Where nothing was read yet, there is nothing to look for.
    2. Store the page of each step under the cursor as it stands; if another process has moved it,
       leave the rest to that one. Then remember how far the sweep is.
    3. It ends early if the source may not be asked for more now, and goes on the next time.

    ``clock`` returns epoch seconds. ``accept``: believe it if very many tickets are gone. Never
    raises for an error of the source or the store: the result has it, and the store remembers it.
    """
    result = SweepResult(source.name)
    with failures(result, "reconciliation", logged=log_failure):
        now = clock()
        state = store.sweeps.begun(source.name, now)
        cursor = store.pages.cursor(source.name)
        if cursor is None:
            return result
        view = partial(store.sweeps.tickets, source.name)
        for step in source.sweep(view, state.position, now, accept=accept):
            page = usable_part(replace(step.page, cursor=cursor))
            _log_rejections(result, page)
            changed = 0
            if page.records:  # what cannot be used was counted when a poll read it
                changed = store.pages.save(source.name, replace(page, rejected=()), cursor)
            found = _counted(step.found, changed)
            result.found.update(found)
            store.sweeps.moved(source.name, step.position, found, clock())
            result.finished = step.position is None
            if stop():
                break
    if result.error and not result.overtaken:
        _remember(store, source.name, result.error, clock(), result.cause)
    if result.finished and result.found.total():
        log.info("%s: reconciled: %s", source.name, in_words(result))
    return result


def _counted(found: Mapping[str, int], changed: int) -> Counter[str]:
    """Return what a step found: of the records that changed, those not marked are silent edits."""
    return Counter(found) + Counter({CHANGED: max(0, changed - sum(found.values()))})


def _log_rejections(result: SweepResult, page: Page) -> None:
    for each in page.rejected[: max(0, REJECTIONS_LOGGED - result.rejected)]:
        log.warning(
            "%s: rejected %s: %s", result.source, each.where, " ".join(each.message.split())
        )
    result.rejected += len(page.rejected)


def _remember(store: Store, source: str, error: str, now: int, cause: Fault | None) -> None:
    try:
        store.sweeps.failed(source, error, now, cause)
    except UserFacingError as problem:
        log.error("%s: the failure could not be recorded: %s", source, problem)


_WORDS = {
    "visible_again": "visible again",
    "not_visible": "no longer visible",
    CHANGED: "changed without a new time of change",
}


def in_words(result: SweepResult) -> str:
    """Return what was found, in English: ``2 deleted, 1 no longer visible``."""
    if not result.found.total():
        return "nothing is missing"
    return ", ".join(f"{n} {_WORDS.get(name, name)}" for name, n in sorted(result.found.items()))


def standing(state: SweepState | None, hidden: int) -> str | None:
    """Return what ``check`` says of a source's sweeps, in English; None if there is nothing.

    ``hidden``: how many of its tickets are no longer visible.
    """
    parts: list[str] = []
    if hidden:
        parts.append(
            f"{hidden} stored ticket(s) no longer visible to this user, excluded from figures as "
            "not_visible until they are visible again"
        )
    if state is not None and state.failed_at is not None:
        when = datetime.fromtimestamp(state.failed_at, UTC).isoformat(timespec="minutes")
        parts.append(f"the last reconciliation failed at {when}: {state.error}")
    return "warning: " + "; ".join(parts) if parts else None
