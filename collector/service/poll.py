"""Configured sources: creating them, checking that they respond, and draining them once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import NamedTuple

from collector.config.calendars import Calendars
from collector.config.settings import Settings, sources_delivering
from collector.io.clock import now
from collector.io.errors import UserFacingError, without_next_poll
from collector.io.progress import progress
from collector.measuring.engine.definition_guard import check_definitions, register
from collector.measuring.engine.doubts import (
    BySource,
    doubts,
    lacking_facts,
    lacking_lately,
    left_out,
    partly_lacking,
    unrecorded_in,
    unseen_values,
)
from collector.measuring.engine.engine import Measuring
from collector.measuring.figures.figure import Lacking
from collector.measuring.verdicts.timeline import Timeline, timelines
from collector.model.columns import CallProfile, TicketProfile
from collector.model.instants import CLOCKS_DIFFER
from collector.model.page import Page
from collector.model.records import Call, Ticket, Unrecorded
from collector.service.drain import drain
from collector.service.sweep import NOT_SWEPT, in_words, standing, sweep
from collector.sources import make_source
from collector.sources.kit.contract import Look, Source
from collector.sources.kit.source import TicketSource
from collector.store import PollResult, Store
from collector.store.rows import call_row, ticket_row
from collector.text.counts import counted

ENDED_EARLY = "ended early, since no more requests may be sent for now: the next poll goes on"


def build_source(settings: Settings, name: str) -> Source:
    """Create a configured source; without a time zone of its own it gets the reporting zone.

    Raises SourceError if its options cannot be used, and SecretUnavailable if a secret is missing.
    """
    options = settings.sources[name]
    if getattr(options, "timezone", "") is None:
        options = options.model_copy(update={"timezone": settings.timezone})
    return make_source(name, options, settings.organizations)


def check_systems(
    settings: Settings,
    say: Callable[[str], None],
    doubt: Callable[[str], None],
    *,
    offline: bool = False,
) -> tuple[list[str], frozenset[str] | None]:
    """Check the store and every source; return one line for each problem, and the priorities that
    tickets have: none where no source records any, None where that is not known.

    ``say`` receives one line for each that responds, ``doubt`` one for each thing that the
    configuration asks of records in vain. ``offline``: only the sources that read files of this
    machine, and not the store.
    """
    problems: list[str] = []
    seen = (None if offline else _check_store(settings, say, problems)) or _Seen()
    looks: dict[str, Look] = {}
    stored = {each.source for each in seen.tickets if each.mark is None}
    for name, options in settings.sources.items():
        if offline and not options.LOCAL:
            continue
        try:
            source = build_source(settings, name)
            if isinstance(source, TicketSource) and name in stored:
                source.expect_tickets()
            say(f"sources.{name}: {source.check()}")
            looks[name] = source.look()
        except UserFacingError as error:
            problems.append(f"sources.{name}: {without_next_poll(str(error))}")
    recorded = unrecorded_in(seen.tickets) | {n: look.unrecorded for n, look in looks.items()}
    for each in _doubts(settings, looks, recorded, seen):
        doubt(each)
    return problems, _priorities(settings, seen.tickets, recorded)


def _priorities(
    settings: Settings,
    tickets: Iterable[TicketProfile],
    unrecorded: Mapping[str, frozenset[Unrecorded]],
) -> frozenset[str] | None:
    """The priorities that stored tickets have or had. ``unrecorded``: what sources do not record,
    by source; of others it is what their options say."""
    sources = sources_delivering(settings, "tickets")
    missing = [unrecorded.get(name, settings.sources[name].unrecorded) for name in sources]
    if missing and all(Unrecorded.PRIORITY in each for each in missing):
        return frozenset()
    seen = (each for p in tickets for each in (p.priority, *p.priorities))
    return frozenset(each for each in seen if each) or None


class _Seen(NamedTuple):
    """What the store holds: profiles of tickets and of calls, and what indicators leave out."""

    tickets: Sequence[TicketProfile] = ()
    calls: Sequence[CallProfile] = ()
    lacking: Sequence[tuple[Timeline, Lacking]] = ()


def _doubts(
    settings: Settings, looks: Mapping[str, Look], recorded: BySource, seen: _Seen
) -> Iterator[str]:
    """What the configuration asks in vain of what sources show and the store holds, in lines."""
    every = timelines(settings, Calendars())
    told = [*lacking_facts(settings, every, recorded), *partly_lacking(every, looks)]
    for timeline, lacking in seen.lacking:
        told += left_out(timeline, lacking, told)
    records = [record for look in looks.values() for record in look.records]
    tickets = {ticket_row(each)[1] for each in records if isinstance(each, Ticket)}
    calls = {call_row(each)[1] for each in records if isinstance(each, Call)}
    for each in (*told, *unseen_values(settings, [*seen.tickets, *tickets], [*seen.calls, *calls])):
        yield each.line()
    for name, look in looks.items():
        yield from _doubts_of(name, look)


def _doubts_of(name: str, look: Look) -> Iterator[str]:
    """What is probably wrong in a source's keys, in lines."""
    for place, text in look.doubts:
        yield f"{'.'.join(('sources', name, *place))}: {text}"


def _check_store(
    settings: Settings, say: Callable[[str], None], problems: list[str]
) -> _Seen | None:
    """Return what the store holds; None, with the problem, if it does not respond."""
    try:
        with Store.open(settings.store, settings.store_password) as store:
            store.check_quickly()
            check_definitions(settings, store, now())
            say("store: answers")
            swept = store.sweeps.states()
            for name in settings.sources:
                if problem := _future_records(store, name):
                    say(f"sources.{name}: {problem}")
                if problem := standing(swept.get(name), store.sweeps.not_visible(name)):
                    say(f"sources.{name}: {problem}")
            lacking = lacking_lately(Measuring(settings, store), now())
            return _Seen(*store.records.profiles(), lacking)
    except UserFacingError as error:
        problems.append(f"store: {error}")
    return None


def poll_once(
    settings: Settings,
    names: Iterable[str],
    since: int | None,
    say: Callable[[str], None],
    *,
    restate: bool = False,
    commit: bool = False,
    reconcile: Reconciling | None = None,
) -> int:
    """Drain sources one after another; ``say`` receives one line for each, and notes on what the
    configuration asks of the records in vain.

    ``since`` (epoch seconds): read again from then on. ``reconcile``: then look for stored tickets
    that the source no longer shows. Returns the exit code: 0, 1 if a source
    failed, 2 if one cannot be created as configured. Raises StoreError, and PastEdited unless
    ``restate`` is set and the definitions or maps would change past figures (see ``register``).
    """
    code, told = 0, list[str]()
    with Store.open(settings.store, settings.store_password) as store:
        store.remember()
        register(settings, store, now(), restate=restate, commit=commit)
        for name in names:
            try:
                source = build_source(settings, name)
            except UserFacingError as error:
                say(f"{name}: failed: {error}")
                code = 2
                continue
            with progress(f"polling {name}", "records") as report:
                done = 0

                def on_page(page: Page, _: int, report: Callable[..., None] = report) -> None:
                    nonlocal done
                    done += len(page.records)
                    report(page.progress, done)

                result = drain(
                    source, store, clock=now, since=since, on_page=on_page, log_failure=False
                )
            say(f"{name}: {_in_words(result)}")
            code = max(code, 0 if result.ok or result.overtaken else 1)
            if reconcile is not None and (result.ok or reconcile.accept):
                code = max(code, _reconciled(source, store, reconcile, say))
            with suppress(UserFacingError):  # a source that failed has just said so
                told += _doubts_of(name, source.look())
        for line in told:
            say(f"note: {line}")
        for each in doubts(Measuring(settings, store), now()):
            say(f"note: {each.line()}")
    return code


class Reconciling(NamedTuple):
    """A sweep is asked for; ``accept``: also if very many tickets are gone at once, or all, so that
    the poll fails."""

    accept: bool


def _reconciled(
    source: Source, store: Store, reconcile: Reconciling, say: Callable[[str], None]
) -> int:
    """Sweep a source that was read, and say what was found; return the exit code."""
    if not isinstance(source, TicketSource):
        say(f"{source.name}: nothing to reconcile: {NOT_SWEPT}")
        return 0
    result = sweep(source, store, clock=now, accept=reconcile.accept, log_failure=False)
    if result.error:
        say(f"{source.name}: reconciliation failed: {result.error}")
        return 1
    early = "" if result.finished else f"; {ENDED_EARLY}"
    say(f"{source.name}: reconciled: {in_words(result)}{early}")
    return 0


def _future_records(store: Store, source: str) -> str | None:
    number, latest = store.polls.future_records(source, now() + CLOCKS_DIFFER)
    if latest is None:
        return None
    when = datetime.fromtimestamp(latest, UTC).isoformat(timespec="seconds")
    return (
        f"warning: {number} stored record(s) dated in the future, up to {when}: correct them in"
        " their system, or the clock or time zone there"
    )


def _in_words(result: PollResult) -> str:
    text = f"{counted(result.records, 'record')}, {result.changed} new or changed"
    for reasons, what in (
        (result.rejected, "rejected"),
        (result.ignored, "ignored"),
        (result.doubtful, "doubtful"),
    ):
        if reasons:
            listed = ", ".join(f"{reason} {n}" for reason, n in sorted(reasons.items()))
            text += f", {sum(reasons.values())} {what} ({listed})"
    if result.stopped:
        text += f"; {ENDED_EARLY}"
    if result.ok:
        return text
    if result.overtaken:
        return f"left to another process, which reads it just now; before that {text}"
    seen = f"; before that {text}" if result.records or result.rejected else ""
    return f"failed: {result.error}{seen}"
