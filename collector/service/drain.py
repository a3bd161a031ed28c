"""Drains a source into the store page by page; the only place that counts errors and freshness."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from traceback import extract_tb
from typing import Protocol

from collector.io.errors import UserFacingError
from collector.model.codes import Fault
from collector.model.instants import CLOCKS_DIFFER, instants_of, is_in_future
from collector.model.page import Cursor, Page, Rejected
from collector.model.record_limits import UNSTORABLE, storage_problem
from collector.model.records import Call, Record
from collector.sources.kit.contract import LOSSES, REJECTED_SHARE_LIMIT, Source
from collector.sources.kit.source import TicketSource
from collector.store import Overtaken, PollResult, Store

log = logging.getLogger(__name__)

JUDGED_FROM = 20
"""Below this many records the share of rejections only counts for sources that are read completely;
otherwise a single bad ticket, alone in a poll, would block its source for ever. A source that has
never delivered anything else is probably none of its kind."""

REJECTIONS_LOGGED = 20
REMARKS_LOGGED = 20
IN_FUTURE = "in_future"
"""The reason by which records dated after the poll are counted among the doubtful."""
_LONGEST_ERROR = 300


def never_stop() -> bool:
    """The default for ``stop``: never stop early."""
    return False


def ignore_page(_page: Page, _changed: int) -> None:
    """The default for ``on_page``: do nothing."""


def ignore_reading(_page: Page) -> None:
    """The default for ``on_read``: do nothing."""


class TooManyRejected(UserFacingError):
    """More than REJECTED_SHARE_LIMIT of the records read so far were rejected."""

    fault = Fault.TOO_MANY_REJECTED


class TooManyIgnored(UserFacingError):
    """More than REJECTED_SHARE_LIMIT of the entries that a drain read may be missing in records."""

    fault = Fault.TOO_MANY_IGNORED


@dataclass
class _Drain:
    """The running totals of one drain. ``first``: nothing of the source was stored before it."""

    source: str
    now: int
    first: bool = False
    records: int = 0
    changed: int = 0
    entries: int = 0
    whole: bool = False
    rejected: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    ignored: Counter[str] = field(default_factory=Counter)
    doubtful: Counter[str] = field(default_factory=Counter)
    remarks: set[str] = field(default_factory=set)
    keys: set[int] = field(default_factory=set)
    newest_at: int | None = None
    clock_skew: float | None = None
    error: str | None = None
    cause: Fault | None = None
    stopped: bool = False
    overtaken: bool = False

    @property
    def wrong(self) -> Counter[str]:
        """What was rejected or left out."""
        return self.rejected + self.left_out

    @property
    def fault(self) -> str:
        """What is wrong with records, in words."""
        return "rejected or incomplete" if self.left_out else "rejected"

    def read(self, page: Page) -> bool:
        """Count and log the page's rejections and the fields that it leaves out; return whether
        their share is acceptable."""
        for what, entries, count in (
            ("rejected", page.rejected, self.rejected),
            ("left a field out of", page.left_out, self.left_out),
        ):
            for each in entries[: max(0, REJECTIONS_LOGGED - self.wrong.total())]:
                log.warning("%s: %s %s: %s", self.source, what, each.where, _one_line(each.message))
            count.update(each.reason for each in entries)
        if page.clock_skew is not None:  # a clock that was right again at the end was still wrong
            self.clock_skew = max(self.clock_skew or 0.0, page.clock_skew, key=abs)
        wrong, of = self._share(page)
        none_yet = self.first and wrong == of
        enough = page.whole is not None or of >= JUDGED_FROM or none_yet
        return not enough or wrong <= REJECTED_SHARE_LIMIT * of

    def _share(self, page: Page) -> tuple[int, int]:
        """Return (rejected, all) records of the whole drain if known, otherwise up to this page."""
        wrong = self.rejected.total()
        return page.whole or (wrong, wrong + self.records + len(page.records))

    def too_many(self, page: Page) -> TooManyRejected:
        """Return the error for a drain with too many rejected records."""
        wrong, of = self._share(page)
        return TooManyRejected(f"{wrong} of {of} records {self.fault} ({_counts(self.wrong)})")

    def stored(self, page: Page, changed: int) -> None:
        self.keys.update(hash((isinstance(record, Call), record.id)) for record in page.records)
        self.records = len(self.keys)  # a record of several pages is one
        self.changed += changed
        self.whole |= page.whole is not None
        self.ignored.update(page.ignored)
        self.doubtful.update(page.doubtful)
        lost = sum(n for reason, n in page.ignored.items() if reason in LOSSES)
        self.entries += page.entries or len(page.records) + len(page.rejected) + lost
        for remark in page.remarks:
            self._remark(remark.where, remark.message)
        newest = [at for at in (self.newest_at, self._newest(page)) if at is not None]
        self.newest_at = max(newest, default=None)

    def _newest(self, page: Page) -> int | None:
        """The page's latest instant, at most that of the poll.

        If it is in the future, which is counted and logged, it is that of the page's other records.
        """
        newest = page.newest_at
        if newest is None or newest <= self.now + CLOCKS_DIFFER:
            return newest if newest is None else min(newest, self.now)
        future = [record for record in page.records if is_in_future(record, self.now)]
        self.doubtful[IN_FUTURE] += len(future) or 1
        if not (where := page.newest_where):
            last = max(future, key=lambda record: max(instants_of(record)), default=None)
            where = "an entry" if last is None else f"id {str(last.id)[:80]!r}"
        latest = datetime.fromtimestamp(newest, UTC).isoformat(timespec="seconds")
        self._remark(
            where,
            f"dated {latest}, in the future, so it does not count as the newest record: correct it"
            " in its system, or the clock or time zone there",
        )
        past = (at for record in page.records for at in instants_of(record) if at <= self.now)
        return max(past, default=self.now)

    def _remark(self, where: str, message: str) -> None:
        if message not in self.remarks and len(self.remarks) < REMARKS_LOGGED:
            self.remarks.add(message)
            log.warning("%s: %s: %s", self.source, where, _one_line(message))

    def judge_ignored(self) -> None:
        """Raise TooManyIgnored if much of what was read may be missing in the stored records."""
        lost = Counter({reason: n for reason, n in self.ignored.items() if reason in LOSSES})
        if self.entries < JUDGED_FROM or lost.total() <= REJECTED_SHARE_LIMIT * self.entries:
            return
        raise TooManyIgnored(
            f"{lost.total()} of {self.entries} entries ignored ({_counts(lost)}): calls may be"
            " missing or lost; the rest is stored. The log says which entries"
        )


def drain(
    source: Source,
    store: Store,
    *,
    clock: Callable[[], int],
    since: int | None = None,
    stop: Callable[[], bool] = never_stop,
    on_page: Callable[[Page, int], None] = ignore_page,
    on_read: Callable[[Page], None] = ignore_reading,
    log_failure: bool = True,
) -> PollResult:
    """Store everything ``source`` has after its cursor, and record the poll in the poll log.

    1. Read the cursor. A ticket system of which tickets are stored may not show none.
    2. For each page: reject what the store cannot hold; fail if more than 5 % of all records read
       so far are rejected (the page is then not stored, and the cursor stays); store page and
       cursor together. Below 20 records the share is not judged, except for sources that are read
       completely, where the share of the whole drain decides before the first page is stored, and
       for a source of which nothing could be used yet.
    3. After each page call ``on_page(page, number of records changed)``, and end early if
       ``stop()``, or if the source may not be asked for more now: stored pages stay, and the next
       drain continues from there. A drain that ended early counts as neither success nor failure,
       since the stored data may be incomplete.
    4. At the end fail, with everything stored, if more than 5 % of the entries (at least 20) were
       ignored for one of LOSSES.

    An instant in the future is never the newest; it is counted as doubtful.

    ``clock`` returns epoch seconds; with ``since`` (epoch seconds) records from then on are read
    again. ``log_failure``: log why the poll failed; without, the caller says it. Never raises for
    an error of the source or the store: the poll fails, and the result says why in one line,
    without secrets and without content of records.
    """
    started, began = clock(), monotonic()
    seen = _Drain(source.name, started)
    with failures(seen, logged=log_failure):
        position: Cursor | None = store.pages.cursor(source.name)
        if isinstance(source, TicketSource) and store.records.has_tickets(source.name):
            source.expect_tickets()
        seen.first = not position  # an empty one is that of a source that is still at its first run
        with _closing(source.pages(position, since)) as pages:
            for page in pages:
                usable = usable_part(page)
                on_read(usable)
                if not seen.read(usable):
                    _log_some_more(seen, usable, pages)
                    raise seen.too_many(usable)
                changed = store.pages.save(source.name, usable, position)
                position = usable.cursor
                seen.stored(usable, changed)
                on_page(usable, changed)
                if stop() or usable.more:
                    seen.stopped = True
                    break
            else:
                seen.judge_ignored()
    result = PollResult(
        source=source.name,
        started_at=started,
        finished_at=clock(),
        seconds=monotonic() - began,
        ok=seen.error is None,
        stopped=seen.stopped,
        overtaken=seen.overtaken,
        records=seen.records,
        changed=seen.changed,
        rejected=dict(seen.rejected),
        ignored=dict(seen.ignored),
        doubtful=dict(seen.doubtful + seen.left_out),
        whole=seen.whole,
        error=seen.error,
        fault=seen.cause,
        newest_at=seen.newest_at,
        clock_skew=seen.clock_skew,
        as_of=source.as_of,
    )
    silent = seen.wrong.total() - REJECTIONS_LOGGED
    if silent > 0:
        log.warning("%s: %d more records %s", result.source, silent, seen.fault)
    log_poll(result, store)
    return result


def _log_some_more(seen: _Drain, judged: Page, pages: Iterator[Page]) -> None:
    """Log rejections of later pages too, if a complete read failed before reaching their page."""
    while judged.whole is not None and seen.wrong.total() < REJECTIONS_LOGGED:
        try:
            following = next(pages, None)
        except UserFacingError as error:  # another error of the same source
            log.error("%s: %s", seen.source, _one_line(str(error)))
            return
        if following is None:
            return
        seen.read(following)


class Reading(Protocol):
    """What a block of :func:`failures` reads, and how it ended. ``cause``: the kind of the error,
    where it has one."""

    source: str
    error: str | None
    cause: Fault | None
    overtaken: bool


@contextmanager
def failures(seen: Reading, what: str = "poll", *, logged: bool) -> Iterator[None]:
    """Turn every error in the block into one line in ``seen.error``, without content of records.

    ``logged``: also log it, as ``what`` that failed; an unexpected error is logged in any case.
    """
    try:
        yield
    except UserFacingError as error:
        seen.overtaken = isinstance(error, Overtaken)
        seen.error, seen.cause = _one_line(str(error)) or type(error).__name__, error.fault
        if seen.overtaken:
            log.info("%s: %s left to another process, which was faster", seen.source, what)
        elif logged:
            kind = type(error).__name__
            log.error("%s: %s failed (%s): %s", seen.source, what, kind, seen.error)
    except Exception as error:  # whatever it is, the other sources must go on
        kind = type(error).__name__
        seen.error = f"unexpected {kind}; see the log for where it occurred"
        seen.cause = Fault.UNEXPECTED
        last = extract_tb(error.__traceback__)[-1]  # not its text: that may quote a record
        place = f"{Path(last.filename).name} line {last.lineno}"
        log.error("%s: %s failed (unexpected %s in %s)", seen.source, what, kind, place)


@contextmanager
def _closing(pages: Iterator[Page]) -> Iterator[Iterator[Page]]:
    """Let the source close its files and connections, even if the drain stops early."""
    try:
        yield pages
    finally:
        close = getattr(pages, "close", None)
        if close is not None:
            close()


def usable_part(page: Page) -> Page:
    """Return the page with records that the store cannot hold moved to its rejections."""
    good: list[Record] = []
    bad: list[Rejected] = []
    for record in page.records:
        if problem := storage_problem(record):
            bad.append(Rejected(UNSTORABLE, f"id {str(record.id)[:80]!r}", problem))
        else:
            good.append(record)
    return replace(page, records=good, rejected=(*page.rejected, *bad)) if bad else page


def _counts(reasons: Counter[str]) -> str:
    return ", ".join(f"{reason} {n}" for reason, n in reasons.most_common(3))


def _one_line(text: str) -> str:
    return " ".join(text.split())[:_LONGEST_ERROR]


def log_poll(result: PollResult, store: Store) -> None:
    """Record a poll in the poll log. A UserFacingError is logged and not raised."""
    try:
        store.polls.record(result)
    except Overtaken:
        log.info("%s: the poll is not recorded, as another process polls now", result.source)
    except UserFacingError as error:
        log.error("%s: the poll could not be recorded: %s", result.source, error)
