"""Today's calls as the page shows them: by quarter hour, the limits, lost callers, who waits.

Everything is as of the last measurement, so that the parts add up to the published figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from collector.config.settings import sources_delivering
from collector.measuring.engine.live import LiveSnapshot
from collector.measuring.figures.figure import Figure
from collector.measuring.kinds.service_level import UNANSWERED
from collector.measuring.kinds.table import kind_of
from collector.measuring.verdicts.calls import still_waiting
from collector.measuring.verdicts.timeline import Verdict
from collector.model.bilingual import Language
from collector.model.columns import ABSENT, CallTable, Int64
from collector.model.records import CallOutcome
from collector.text.measures import amount_text, target_text
from collector.web.calls_content import (
    CallLimit,
    CallsContent,
    LostCall,
    QuarterHour,
    Within,
)
from collector.web.desk import Desk
from collector.web.paging import Paging, paged
from collector.web.waiting import waiting_by_queue

QUARTER = 900
"""Seconds."""
_PAGE_SIZE = 50
_DAY = "today"

Bool = NDArray[np.bool_]


def calls_content(desk: Desk, queue: str | None, number: int, language: Language) -> CallsContent:
    """Today's calls, of one ``queue`` or of all; ``number``: the page of the list of lost ones.

    Raises StoreError.
    """
    published, known = desk.published, known_until(desk)
    stale = None if published is None else published.stale.get("calls")
    if published is None or known is None or stale is None:
        return _nothing(desk, queue, published)
    day = _Day(desk, published, queue)
    lost = np.flatnonzero(day.lost)
    waits = day.wait[day.lost & (day.wait != ABSENT)]
    lost_calls = (day.lost_call(row) for row in reversed(lost.tolist()))
    shown, paging = paged(lost_calls, number, _PAGE_SIZE, len(lost))
    figures = desk.figures(_DAY, None)
    return CallsContent(
        queue=queue,
        measured_at=desk.moment(published.now),
        doubt="stale" if stale else None,
        known_until=desk.moment(min(known, published.now)),
        calls=int(day.chosen.sum()),
        answered=int(day.answered.sum()),
        mean_wait=day.mean_wait(day.answered),
        timed=int((day.answered & (day.wait != ABSENT)).sum()),
        lost=len(lost),
        open=int((day.still & day.chosen).sum()),
        refused=int(day.refused.sum()) or None,
        otherwise=int((day.chosen & ~day.still & ~day.answered & ~day.lost).sum()),
        lost_median=float(np.median(waits)) if len(waits) else None,
        lost_longest=int(waits.max()) if len(waits) else None,
        limits=[
            day.limit(name, figures[name], queue is None, language)
            for name in day.verdicts
            if name in figures
        ],
        quarters=day.quarters(known),
        lost_calls=shown,
        waiting=waiting_by_queue(desk, queue),
        paging=paging,
    )


def known_until(desk: Desk) -> int | None:
    """Up to when every source of calls told what happened (epoch seconds); None if one of them was
    never read to its end, or there is none."""
    states = desk.states()
    names = sources_delivering(desk.settings, "calls")
    known = [states[name].as_of or states[name].read_at for name in names if name in states]
    told = [each for each in known if each is not None]
    return min(told) if told and len(told) == len(names) else None


def queues(desk: Desk) -> list[str]:
    """The queues of today's calls and waiting callers, as published."""
    if desk.published is None:
        return []
    work = desk.published.open_work
    return sorted({*work.waiting, *(queue for queue, _ in work.calls)} - {""})


def _nothing(desk: Desk, queue: str | None, published: LiveSnapshot | None) -> CallsContent:
    measured_at = None if published is None else desk.moment(published.now)
    return CallsContent(
        queue, measured_at, "no_data", None, None, None, None, None, None, None, None, None, None,
        None, [], [], [], waiting_by_queue(desk, queue), Paging(1, _PAGE_SIZE, more=False, total=0),
    )  # fmt: skip


class _Day:
    """Today's calls as columns, as known when the figures were published."""

    def __init__(self, desk: Desk, published: LiveSnapshot, queue: str | None) -> None:
        measuring, self.desk, self.now = desk.measuring, desk, published.now
        today = measuring.today(self.now)
        tomorrow = measuring.local.midnight(today.fromordinal(today.toordinal() + 1))
        self.begin = published.day_start
        table = measuring.store.records.calls((self.begin, tomorrow))
        self.table = table.take(np.argsort(table.entered_at, kind="stable"))
        rows = np.arange(len(self.table))
        own = _of_queue(self.table, queue, queues(desk)) & (self.table.entered_at <= self.now)
        self.still = still_waiting(self.table, rows, self.now)
        self.chosen = own
        self.refused = self._ended({CallOutcome.REFUSED})
        self.chosen = own & ~self.refused
        self.wait = self.table.wait_seconds
        withdrawn = desk.settings.general_rules(today).withdrawn
        self.answered = self._ended({CallOutcome.ANSWERED})
        self.lost = self._ended(
            {
                each
                for each in UNANSWERED - {CallOutcome.REFUSED}
                if each != CallOutcome.WITHDRAWN or withdrawn == "unanswered"
            }
        )
        self.place = (self.table.entered_at - self.begin) // QUARTER
        self.within: dict[str, int] = {}
        self.verdicts: dict[str, Mapping[Verdict, Int64]] = {}
        for timeline in measuring.timelines:
            yardstick = timeline.on(today)
            kind = kind_of(yardstick.indicator)
            limit = kind.limit(yardstick) if timeline.clock == "entered" else None
            if limit is None or kind.family != "ratio":
                continue
            found = measuring.judge(timeline, self.table, self.now).verdicts
            self.within[timeline.id] = limit
            self.verdicts[timeline.id] = {
                verdict: found.row[(found.verdict == verdict) & own[found.row]]
                for verdict in (Verdict.MET, Verdict.MISSED, Verdict.PENDING)
            }

    def _ended(self, outcomes: set[CallOutcome]) -> Bool:
        has_it = [profile.outcome in outcomes for profile in self.table.profiles]
        found: Bool = np.array(has_it, dtype=np.bool_)[self.table.profile]
        return found & ~self.still & self.chosen

    def limit(self, name: str, figure: Figure, whole: bool, language: Language) -> CallLimit:
        """How an indicator stands today: as published, or of the chosen calls alone."""
        good, missed, pending = (len(rows) for rows in self.verdicts[name].values())
        eligible = good + missed
        value = figure.value if whole else (good / eligible if eligible else None)
        return CallLimit(
            indicator=name,
            title=figure.title[language],
            within=self.within[name],
            target=target_text(figure.measure, language),
            value=value,
            text=amount_text(figure.measure, value, language),
            good=good,
            eligible=eligible,
            pending=pending,
            state=figure.state if whole else None,  # type: ignore[arg-type]
        )

    def mean_wait(self, rows: Bool) -> float | None:
        """The mean wait in seconds of these calls, as far as it is recorded."""
        waits = self.wait[rows & (self.wait != ABSENT)]
        return float(waits.mean()) if len(waits) else None

    def lost_call(self, row: int) -> LostCall:
        """A lost call as a content."""
        profile, wait = self.table.profiles[self.table.profile[row]], int(self.wait[row])
        return LostCall(
            at=self.desk.moment(int(self.table.entered_at[row])),
            queue=profile.queue,
            outcome=profile.outcome,
            waited=None if wait == ABSENT else wait,
        )

    def quarters(self, known: int) -> list[QuarterHour]:
        """Every quarter hour from the first with a call to that of now. ``known``: up to when the
        telephone system told what happened (epoch seconds)."""
        places = self.place[self.chosen]
        last = (self.now - self.begin) // QUARTER
        first = int(places.min()) if len(places) else last
        return [self._quarter(place, known) for place in range(first, last + 1)]

    def _quarter(self, place: int, known: int) -> QuarterHour:
        start = self.begin + place * QUARTER
        own = self.chosen & (self.place == place)
        moment, complete = self.desk.moment(start), known >= start + QUARTER
        if known <= start and not own.any():
            return QuarterHour(moment, complete, None, None, None, [], None, None)
        answered, waits = own & self.answered, self.wait[own & (self.wait != ABSENT)]
        return QuarterHour(
            start=moment,
            known=complete,
            calls=int(own.sum()),
            answered=int(answered.sum()),
            lost=int((own & self.lost).sum()),
            within=[Within(name, *self._good(rows, place)) for name, rows in self.verdicts.items()],
            mean_wait=self.mean_wait(answered),
            longest=int(waits.max()) if len(waits) else None,
        )

    def _good(self, rows: Mapping[Verdict, Int64], place: int) -> tuple[int, int]:
        good, missed = (
            int((self.place[rows[each]] == place).sum()) for each in (Verdict.MET, Verdict.MISSED)
        )
        return good, good + missed


def _of_queue(table: CallTable, queue: str | None, known: Sequence[str]) -> Bool:
    """The calls of a queue as published; those of queues that are not told apart are its own if it
    is no queue itself, see ``OpenWork``."""
    own = {profile.queue for profile in table.profiles}
    fits = [
        queue is None or profile.queue == queue or (profile.queue not in known and queue not in own)
        for profile in table.profiles
    ]
    found: Bool = np.array(fits, dtype=np.bool_)[table.profile]
    return found
