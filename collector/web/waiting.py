"""Who waits now: as telephone systems say of this moment, and otherwise by the records. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from collector.config.settings import sources_delivering
from collector.measuring.engine.freshness import stale_after
from collector.web.desk import Desk


@dataclass(frozen=True, slots=True)
class QueueWaiting:
    """The callers waiting in a queue, and for how many seconds the first of them.

    ``live_from``: the source that says so of this moment, with how many agents are logged in, and
    ready for a call; None: that is how the records of calls stood when they were last read.
    """

    queue: str
    callers: int
    longest: int | None
    agents: int | None = None
    ready: int | None = None
    live_from: str | None = None


@dataclass(frozen=True, slots=True)
class WaitingNow:
    """The callers who wait, and for how many seconds the first of them.

    ``live_from``: the sources that say so of this moment; ``by_records``: whether the records of
    calls say it, of all queues or of those that no telephone system speaks of.
    """

    callers: int
    longest: int | None
    live_from: list[str]
    by_records: bool


def waiting_by_queue(desk: Desk, queue: str | None = None) -> list[QueueWaiting] | None:
    """Who waits now, in one ``queue`` or in each, in the order of their names.

    A telephone system is believed of the queues that it speaks of, the records of the others. None
    where neither knows: no system says it, and nothing is published yet, or the sources of calls
    are stale or were never read, or an export is no longer new.
    """
    live = [
        QueueWaiting(
            each.queue, each.waiting, each.longest_wait, each.logged_in, each.ready, source
        )
        for source, told in desk.queues.items()
        for each in told
        if each.waiting is not None
    ]
    recorded = _recorded(desk)
    if not live and recorded is None:
        return None
    spoken_of = {each.queue for each in live}
    others = [
        each
        for each in recorded or ()
        if each.queue not in spoken_of and (each.callers or not live)
    ]
    found = [each for each in (*live, *others) if queue in (None, each.queue)]
    return sorted(found, key=lambda each: each.queue)


def waiting_now(desk: Desk) -> WaitingNow | None:
    """All who wait now; None where that is not known."""
    found = waiting_by_queue(desk)
    if found is None:
        return None
    return WaitingNow(
        callers=sum(each.callers for each in found),
        longest=max((each.longest for each in found if each.longest is not None), default=None),
        live_from=sorted({each.live_from for each in found if each.live_from}),
        by_records=not found or any(each.live_from is None for each in found),
    )


def _recorded(desk: Desk) -> Sequence[QueueWaiting] | None:
    published, states = desk.published, desk.states()
    if published is None or published.stale.get("calls") is not False:
        return None
    for name in sources_delivering(desk.settings, "calls"):
        as_of = states[name].as_of
        if as_of is not None and abs(desk.now - as_of) > stale_after(desk.settings, name):
            return None
    return [
        QueueWaiting(
            name, each.callers, None if each.since is None else max(0, desk.now - each.since)
        )
        for name, each in published.open_work.waiting.items()
    ]
