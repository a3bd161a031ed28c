"""From settings to something that works: sources built, store opened, work done with progress."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from collector.config.settings import Settings
from collector.io.clock import now
from collector.io.progress import progress
from collector.measuring.engine.backtesting import backtested
from collector.measuring.engine.comparing import compared
from collector.measuring.engine.definition_guard import register
from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.explain import Explanation, explain
from collector.measuring.engine.forecasting import Calibration, Forecasting, history_start
from collector.measuring.engine.given_values import as_given
from collector.measuring.figures.backtest import Row
from collector.measuring.figures.figure import Figure
from collector.model.periods import Period
from collector.store import GivenValue, PollState, Store


@contextmanager
def opened(
    settings: Settings, *, restate: bool = False, known_at: int | None = None
) -> Iterator[Measuring]:
    """The store of a configuration, ready to measure; see ``register`` and ``measuring_at``.

    Raises StoreError and PastEdited.
    """
    with Store.open(settings.store, settings.store_password) as store:
        register(settings, store, now(), restate=restate)
        yield measuring_at(settings, store, known_at)


def measuring_at(settings: Settings, store: Store, known_at: int | None) -> Measuring:
    """Measures a store by what is known of records and values given by hand; with ``known_at``
    (epoch seconds) by what was known then. Raises StoreError."""
    if known_at is not None:
        settings = as_given(settings, store.ledger.values_given(), known_at)
    return Measuring(settings, store, known_at=known_at)


def values_known(measuring: Measuring, indicator: str | None = None) -> list[GivenValue]:
    """The figures given by hand as they were seen, the oldest first; looking back those seen by
    then."""
    seen, known_at = measuring.store.ledger.values_given(indicator), measuring.known_at
    return [each for each in seen if known_at is None or each.recorded_at <= known_at]


def period_figures(
    measuring: Measuring, period: Period, at: int, only: list[str] | None, *, compare: bool = False
) -> tuple[list[Figure], dict[str, PollState]]:
    """The figures of a period as known at an instant, and where the sources stand.

    ``compare``: with those of other periods beside them.
    """
    states = measuring.store.polls.states()
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
    states = measuring.store.polls.states()
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
