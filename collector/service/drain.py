"""Source → store, page by page: the only place that counts errors and freshness."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic
from traceback import extract_tb

from collector.io.errors import UserFacingError
from collector.model.page import Cursor, Page, Rejected
from collector.model.record_limits import UNSTORABLE, unstorable
from collector.model.records import Record
from collector.sources.kit.contract import MOST_REJECTED, Source
from collector.store import CursorMoved, PollResult, Store

log = logging.getLogger(__name__)

ENOUGH = 20
"""Below this many records the share decides only where a source is read whole: one odd ticket
alone in a poll would else stop its source for ever."""

REJECTIONS_LOGGED = 20
_LONGEST_ERROR = 300


def never() -> bool:
    """Nobody asks to stop."""
    return False


def ignore(_page: Page, _changed: int) -> None:
    """Nobody watches the progress."""


class TooManyRejected(UserFacingError):
    """Over MOST_REJECTED of the records read so far cannot be used."""


@dataclass
class _Drain:
    """What one drain has seen so far."""

    source: str
    records: int = 0
    changed: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    newest_at: int | None = None
    clock_skew: float | None = None
    error: str | None = None
    stopped: bool = False
    overtaken: bool = False

    def read(self, page: Page) -> bool:
        """Counts and logs what the page rejects; whether that is still little enough."""
        logged = self.rejected.total()
        for rejected in page.rejected[: max(0, REJECTIONS_LOGGED - logged)]:
            log.warning(
                "%s: rejected %s: %s", self.source, rejected.where, _one_line(rejected.message)
            )
        self.rejected.update(rejected.reason for rejected in page.rejected)
        if page.clock_skew is not None:
            self.clock_skew = page.clock_skew
        wrong, of = self._share(page)
        enough = page.whole is not None or of >= ENOUGH
        return not enough or wrong <= MOST_REJECTED * of

    def _share(self, page: Page) -> tuple[int, int]:
        """(rejected, all) records: of the whole where the source knows it, else up to this page."""
        wrong = self.rejected.total()
        return page.whole or (wrong, wrong + self.records + len(page.records))

    def too_many(self, page: Page) -> TooManyRejected:
        """The error for a drain of which too much cannot be used."""
        wrong, of = self._share(page)
        reasons = ", ".join(f"{reason} {n}" for reason, n in self.rejected.most_common(3))
        return TooManyRejected(f"{wrong} of {of} records rejected ({reasons})")

    def stored(self, page: Page, changed: int) -> None:
        self.records += len(page.records)
        self.changed += changed
        newest = [at for at in (self.newest_at, page.newest_at) if at is not None]
        self.newest_at = max(newest, default=None)


def drain(
    source: Source,
    store: Store,
    *,
    clock: Callable[[], int],
    since: int | None = None,
    stop: Callable[[], bool] = never,
    on_page: Callable[[Page, int], None] = ignore,
) -> PollResult:
    """Stores all that ``source`` has behind its cursor, and the poll itself in the poll log.

    1. Read the cursor.
    2. For each page: reject what the store cannot hold; fail if more than 5 % of all records read
       so far are rejected (that page is then not stored, and the cursor stays); store page and
       cursor together. Under 20 records that is no judgement yet, except where the source is read
       whole: there the share of the whole decides, before its first page is stored.
    3. After each page call ``on_page(page, number of records changed)`` and end early if
       ``stop()``: what is stored stays, the next drain goes on from there. A drain that was ended
       early is neither a success nor a failure: what is stored may be a part.

    ``clock`` tells epoch seconds; ``since`` (epoch seconds) reads again from there. Whatever the
    source or the store raises fails the poll and nothing else: the result says why in one line
    without secrets and without anything a record holds.
    """
    started, began = clock(), monotonic()
    seen = _Drain(source.name)
    with _failures(seen):
        position: Cursor | None = store.pages.cursor(source.name)
        with _closing(source.pages(position, since)) as pages:
            for page in pages:
                usable = _usable(page)
                if not seen.read(usable):
                    _log_some_more(seen, usable, pages)
                    raise seen.too_many(usable)
                changed = store.pages.save(source.name, usable, position)
                position = usable.cursor
                seen.stored(usable, changed)
                on_page(usable, changed)
                if stop():
                    seen.stopped = True
                    break
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
        error=seen.error,
        newest_at=seen.newest_at,
        clock_skew=seen.clock_skew,
        as_of=source.as_of,
    )
    silent = seen.rejected.total() - REJECTIONS_LOGGED
    if silent > 0:
        log.warning("%s: %d more records rejected", result.source, silent)
    log_poll(result, store)
    return result


def _log_some_more(seen: _Drain, judged: Page, pages: Iterator[Page]) -> None:
    """A whole may be refused before the page with its wrong rows: they are named all the same."""
    while judged.whole is not None and seen.rejected.total() < REJECTIONS_LOGGED:
        try:
            following = next(pages, None)
        except UserFacingError as error:  # another fault of the same source
            log.error("%s: %s", seen.source, _one_line(str(error)))
            return
        if following is None:
            return
        seen.read(following)


@contextmanager
def _failures(seen: _Drain) -> Iterator[None]:
    """Turns every error into the drain's one line."""
    try:
        yield
    except UserFacingError as error:
        seen.overtaken = isinstance(error, CursorMoved)
        seen.error = _one_line(str(error)) or type(error).__name__
        log.error("%s: poll failed (%s): %s", seen.source, type(error).__name__, seen.error)
    except Exception as error:  # whatever it is, the other sources go on
        kind = type(error).__name__
        seen.error = f"unexpected {kind}; the log names the place"
        last = extract_tb(error.__traceback__)[-1]  # not its text: that may quote a record
        place = f"{Path(last.filename).name} line {last.lineno}"
        log.error("%s: poll failed (unexpected %s in %s)", seen.source, kind, place)


@contextmanager
def _closing(pages: Iterator[Page]) -> Iterator[Iterator[Page]]:
    """Lets the source close what it has open, also when we stop in mid-drain."""
    try:
        yield pages
    finally:
        close = getattr(pages, "close", None)
        if close is not None:
            close()


def _usable(page: Page) -> Page:
    """The page with what no row can hold moved to its rejections."""
    good: list[Record] = []
    bad: list[Rejected] = []
    for record in page.records:
        if problem := unstorable(record):
            bad.append(Rejected(UNSTORABLE, f"id {str(record.id)[:80]!r}", problem))
        else:
            good.append(record)
    return replace(page, records=good, rejected=(*page.rejected, *bad)) if bad else page


def _one_line(text: str) -> str:
    return " ".join(text.split())[:_LONGEST_ERROR]


def log_poll(result: PollResult, store: Store) -> None:
    """Write a poll down in the poll log. Never raises: what was stored stays stored."""
    try:
        store.polls.record(result)
    except UserFacingError as error:
        log.error("%s: the poll could not be logged: %s", result.source, error)
