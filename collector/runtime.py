"""From settings to something that works: sources built, store opened, work done with progress."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from time import time

from collector.backtesting import backtested
from collector.comparing import compared
from collector.explain import Explanation, explain
from collector.forecasting import Calibration, Forecasting, history_start
from collector.given import as_given
from collector.indicators.backtest import Row
from collector.indicators.figures import Figure
from collector.indicators.periods import Period
from collector.measuring import Measuring
from collector.poll import drain
from collector.progress import progress
from collector.registry import PastEdited, check_definitions, register
from collector.settings import Settings
from collector.sources import SOURCES
from collector.sources.base import Page, Source, SourceError
from collector.store import GivenValue, PollResult, PollState, Store, StoreError
from collector.values import SecretUnavailable


class CannotListen(Exception):
    """The address is taken or not ours; the text says what to do."""


def now() -> int:
    """The present, in epoch seconds: the one clock of the program."""
    return int(time())


def build_source(settings: Settings, name: str) -> Source:
    """A configured source. Raises SecretUnavailable or SourceError.

    Times of a source that names no zone are read in the reporting zone.
    """
    options = settings.sources[name]
    if getattr(options, "timezone", "") is None:
        options = options.model_copy(update={"timezone": settings.timezone})
    source: Source = SOURCES[options.type](name, options, settings.organizations)
    return source


@contextmanager
def opened(
    settings: Settings, *, restate: bool = False, known_at: int | None = None
) -> Iterator[Measuring]:
    """The store of a configuration, ready to measure; see ``register`` and ``measuring_at``.

    Raises StoreError and PastEdited.
    """
    with Store.open(settings.store) as store:
        register(settings, store, now(), restate=restate)
        yield measuring_at(settings, store, known_at)


def measuring_at(settings: Settings, store: Store, known_at: int | None) -> Measuring:
    """Measures a store by what is known of records and values given by hand; with ``known_at``
    (epoch seconds) by what was known then. Raises StoreError."""
    if known_at is not None:
        settings = as_given(settings, store.values_given(), known_at)
    return Measuring(settings, store, known_at=known_at)


def values_known(measuring: Measuring, indicator: str | None = None) -> list[GivenValue]:
    """The figures given by hand as they were seen, the oldest first; looking back those seen by
    then."""
    seen, known_at = measuring.store.values_given(indicator), measuring.known_at
    return [each for each in seen if known_at is None or each.recorded_at <= known_at]


def check_online(settings: Settings, say: Callable[[str], None]) -> list[str]:
    """Ask the store and every source; what does not answer is returned, a line each."""
    problems: list[str] = []
    try:
        with Store.open(settings.store) as store:
            check_definitions(settings, store, now())
            say("store: answers")
    except (StoreError, PastEdited) as error:
        problems.append(f"store: {error}")
    for name in settings.sources:
        try:
            say(f"sources.{name}: {build_source(settings, name).check()}")
        except (SourceError, SecretUnavailable) as error:
            problems.append(f"sources.{name}: {error}")
    return problems


def poll_once(
    settings: Settings,
    names: Iterable[str],
    since: int | None,
    say: Callable[[str], None],
    *,
    restate: bool = False,
) -> int:
    """Drain sources one after the other, a line each.

    A source that is read by another map than before would change what was measured: see
    ``register``. Returns the exit code: 0, 1 if a source failed, 2 if one cannot even be built as
    configured. Raises StoreError and PastEdited.
    """
    code = 0
    with Store.open(settings.store) as store:
        register(settings, store, now(), restate=restate)
        for name in names:
            try:
                source = build_source(settings, name)
            except (SourceError, SecretUnavailable) as error:
                say(f"{name}: failed: {error}")
                code = 2
                continue
            with progress(f"polling {name}", "records") as report:
                done = 0

                def on_page(page: Page, _: int, report: Callable[..., None] = report) -> None:
                    nonlocal done
                    done += len(page.records)
                    report(page.progress, done)

                result = drain(source, store, clock=now, since=since, on_page=on_page)
            say(f"{name}: {_in_words(result)}")
            code = max(code, 0 if result.ok else 1)
    return code


def _in_words(result: PollResult) -> str:
    text = f"{result.records} records, {result.changed} new or changed"
    if result.rejected:
        reasons = ", ".join(f"{reason} {n}" for reason, n in sorted(result.rejected.items()))
        text += f", {sum(result.rejected.values())} rejected ({reasons})"
    if result.ok:
        return text
    seen = f"; before that {text}" if result.records or result.rejected else ""
    return f"failed: {result.error}{seen}"


def period_figures(
    measuring: Measuring, period: Period, at: int, only: list[str] | None, *, compare: bool = False
) -> tuple[list[Figure], dict[str, PollState]]:
    """The figures of a period as known at an instant, and where the sources stand.

    ``compare``: with those of other periods beside them.
    """
    states = measuring.store.poll_states()
    first = measuring.history_of(period, at)
    with progress(f"measuring {period.name}") as report:
        tallies = measuring.tallies(first, period.after, at, report, only or None)
    figures = list(measuring.figures(tallies, period, at, states, only or None))
    if compare:
        with progress("measuring what it is compared with") as report:
            figures = compared(measuring, figures, period, at, states, report)
    return figures, states


def forecasts(
    measuring: Measuring, at: int, only: list[str] | None
) -> tuple[list[Figure], Calibration, dict[str, PollState]]:
    """The figures of the fiscal year to date with their outlook, how wide its intervals are, and
    where the sources stand."""
    states = measuring.store.poll_states()
    period = measuring.period("year_to_date", at)
    first = min(measuring.history_of(period, at), history_start(measuring, at))
    with progress("measuring the history") as report:
        tallies = measuring.tallies(first, period.after, at, report)
    figures = measuring.figures(tallies, period, at, states, only or None)
    forecasting = Forecasting(measuring)
    beside = list(forecasting.beside(figures, tallies, at, states))
    return beside, forecasting.calibration(tallies, at, states), states


def rebuilt_forecasts(measuring: Measuring, at: int) -> tuple[Row, ...]:
    """The back-test of all forecasts over the finished years."""
    with progress("measuring every month as it was known later") as report:
        return backtested(measuring, history_start(measuring, at), at, report)


def explanations(
    measuring: Measuring,
    indicator: str,
    period: Period,
    at: int,
    organization: str | None,
    verdict: str | None,
    *,
    disagreements: bool = False,
) -> Iterator[Explanation]:
    """The records behind a figure, of one organization and verdict where asked; with
    ``disagreements`` only those whose source calculated something else."""
    timeline = measuring.timeline(indicator)
    if not timeline.clock:
        return iter(())
    return (
        each
        for each in explain(measuring, timeline, period, at)
        if (organization is None or each.organization == organization)
        and (verdict is None or each.verdict == verdict)
        and (not disagreements or bool(each.own and each.own.disagrees))
    )


def listen(host: str, port: int, where: str = "under server.port") -> socket.socket:
    """A bound socket. Raises CannotListen, which says ``where`` to choose another port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio switches Nagle off; without it each answer costs 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        reason = error.strerror or "not possible"
        raise CannotListen(
            f"cannot listen on {host} port {port}: {reason}; choose another {where}"
        ) from None
    return listener
