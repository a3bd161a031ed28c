"""The questions that commands and pages ask of a store: each opens, measures and shows progress."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from collector.config.settings import Settings
from collector.io.clock import now
from collector.io.progress import progress
from collector.measuring.engine.comparing import with_comparisons
from collector.measuring.engine.definition_guard import register
from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.manual_history import settings_as_known
from collector.measuring.engine.splitting import can_be_split, split_figures
from collector.measuring.figures.figure import Figure
from collector.measuring.verdicts.timeline import Timeline
from collector.model.periods import Period
from collector.store import PollState, RecordedValue, Store


@contextmanager
def open_measuring(
    settings: Settings,
    *,
    restate: bool = False,
    commit: bool = False,
    known_at: int | None = None,
) -> Iterator[Measuring]:
    """Open the store of a configuration, ready to measure; see ``register`` and ``measuring_at``.

    Raises StoreError if the store cannot be opened, and PastEdited if the configuration would
    change past figures and ``restate`` is off.
    """
    with Store.open(settings.store, settings.store_password) as store:
        register(settings, store, now(), restate=restate, commit=commit)
        yield measuring_at(settings, store, known_at)


def measuring_at(settings: Settings, store: Store, known_at: int | None) -> Measuring:
    """Return the measuring of a store by what is known now or, with ``known_at`` (epoch seconds),
    by what was known then of records and of values entered by hand. Raises StoreError if the store
    cannot be read."""
    if known_at is not None:
        settings = settings_as_known(settings, store.ledger.values_given(), known_at)
    return Measuring(settings, store, known_at=known_at)


def manual_values_known(measuring: Measuring, indicator: str | None = None) -> list[RecordedValue]:
    """Return the recorded values entered by hand, the oldest first; when looking back only those
    recorded by then. Raises StoreError if the store cannot be read."""
    recorded, known_at = measuring.store.ledger.values_given(indicator), measuring.known_at
    return [each for each in recorded if known_at is None or each.recorded_at <= known_at]


def period_figures(
    measuring: Measuring,
    period: Period,
    at: int,
    only: list[str] | None,
    *,
    compare: bool = False,
    by: str | None = None,
) -> tuple[list[Figure], dict[str, PollState]]:
    """Return the figures of a period as known at ``at`` (epoch seconds), and how far the sources
    were read: of the whole desk and of each organization or, with ``by``, of each value of that
    field of ``splitting.FIELDS``; indicators whose records have no such field are not split.

    ``only``: ids of indicators; None or empty for all. ``compare``: with comparisons with other
    periods; parts have none. Raises StoreError if the store cannot be read.
    """
    states = measuring.store.polls.states()
    timelines = [each for each in measuring.timelines if not only or each.id in only]
    split = [each.id for each in timelines if by is not None and can_be_split(each, by)]
    whole = [each.id for each in timelines if each.id not in split]
    figures: list[Figure] = []
    with progress(f"measuring {period.name}") as report:
        if whole:
            first = measuring.history_of(period, at)
            tallies = measuring.tallies(first, period.after, at, report, whole)
            figures += measuring.figures(tallies, period, at, states, whole)
        if by is not None:
            figures = [each for each in figures if each.organization is None]
            figures += split_figures(measuring, period, at, by, states, split, report)
    if compare:
        with progress("measuring the periods to compare with") as report:
            figures = with_comparisons(measuring, figures, period, at, states, report)
    return _in_order(timelines, figures), states


def _in_order(timelines: Iterable[Timeline], figures: Iterable[Figure]) -> list[Figure]:
    """Figures in the order of the configured indicators, those of each as they came."""
    places = {each.id: place for place, each in enumerate(timelines)}
    return sorted(figures, key=lambda figure: places[figure.indicator])
