"""Measure all figures of a snapshot: the period, the year so far, and month by month."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from collector.measuring.engine.comparing import with_comparisons
from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.forecasting import Calibration, calibration, history_start
from collector.measuring.engine.tallies import Tallies, history_by_month
from collector.measuring.figures.figure import Figure
from collector.measuring.figures.forecast import History
from collector.measuring.figures.outlook import outlook
from collector.model.periods import FiscalYear, Period, month_index, month_start
from collector.snapshot.evidence import VerdictLines, verdict_lines
from collector.store import PollState

MONTHS = 13
"""Months shown side by side: a year, plus the same month of the year before."""

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Material:
    """The figures of a period as they were known at ``known_at`` (epoch seconds).

    ``own``: the period's figures; ``year``: those of the fiscal year up to the period's end, with
    their outlook; ``months``: those of the last MONTHS up to the period's last one, by date.
    ``lines``: the verdicts behind all of these, on records from ``lines_from`` on; forecasts also
    rest on earlier records.
    """

    period: Period
    known_at: int
    own: list[Figure]
    year: list[Figure]
    months: list[Figure]
    calibration: Calibration
    lines: VerdictLines
    lines_from: date


def year_so_far(period: Period, fiscal: FiscalYear) -> Period:
    """Return the fiscal year that a period ends in, up to the period's last day."""
    year = fiscal.year_of(period.last)
    return Period("year_to_date", fiscal.first(year), period.after, fiscal.first(year + 1))


def gather(
    measuring: Measuring,
    period: Period,
    known_at: int,
    states: dict[str, PollState],
    on_progress: Progress = lambda share: None,
) -> Material:
    """Measure all figures of a snapshot.

    Verdicts are those known at ``known_at`` (epoch seconds). Everything else is seen from the
    period's end, so that the same records give the same figures however late it is frozen; the
    year's forecast uses no later months. ``on_progress`` is called with the share done, 0–1. Raises
    StoreError, and RecordsPurged where verdicts are gone.
    """
    ends = min(known_at, measuring.local.midnight(period.after))
    stands = min(ends, measuring.local.midnight(period.after) - 1)
    so_far = year_so_far(period, measuring.fiscal).until(measuring.today(stands))
    months = last_months(period, measuring.today(stands))
    first = min(
        history_start(measuring, stands), measuring.history_of(so_far, stands), months[0].first,
        period.first,
    )  # fmt: skip
    shown = min(period.first, so_far.first, months[0].first)
    measuring.purged.require(shown, f"the verdicts behind {period.name}")
    tallies = measuring.tallies(first, period.after, known_at, _part(on_progress, 0.0, 0.4))
    own = with_comparisons(
        measuring,
        measuring.figures(tallies, period, ends, states),
        period,
        known_at,
        states,
        _part(on_progress, 0.4, 0.7),
    )
    # in a year that has ended nothing is left to come: its targets are reached or missed
    finished = ends == measuring.local.midnight(so_far.ends)
    year = measuring.figures(tallies, so_far, ends if finished else stands, states)
    lines = verdict_lines(measuring, shown, period.after, known_at, _part(on_progress, 0.7, 1.0))
    return Material(
        period=period,
        known_at=known_at,
        own=own,
        year=list(_with_outlook(measuring, year, tallies, stands, states)),
        months=[f for m in months for f in measuring.figures(tallies, m, ends, states)],
        calibration=calibration(measuring, tallies, stands, states),
        lines=lines,
        lines_from=shown,
    )


def last_months(period: Period, today: date) -> list[Period]:
    """Return the last MONTHS up to the one in which a period ends, or that of today if earlier."""
    last = month_index(min(period.last, today))
    found = []
    for month in range(last - MONTHS + 1, last + 1):
        first, after = month_start(month), month_start(month + 1)
        until = min(after, period.after)
        found.append(Period(f"{first:%Y-%m}", first, until, until))
    return found


def _with_outlook(
    measuring: Measuring,
    figures: Iterable[Figure],
    tallies: Tallies,
    stands: int,
    states: dict[str, PollState],
) -> Iterator[Figure]:
    """Add the outlook on the whole year to the figures of the year so far."""
    today, places = measuring.today(stands), measuring.settings.organizations
    for figure in figures:
        timeline = measuring.timeline(figure.indicator)
        if not timeline.clock:  # its forecast, if any, was entered by hand
            yield figure
            continue
        place = None if figure.organization is None else places.index(figure.organization)
        expected = outlook(
            timeline.on(today),
            _known(measuring, tallies, figure.indicator, place, stands),
            figure.organization,
            today,
            measuring.fiscal,
            unknown=measuring.is_unknown(figure.indicator, stands, states),
        )
        yield replace(figure, outlook=expected)


def _known(
    measuring: Measuring, tallies: Tallies, indicator: str, place: int | None, stands: int
) -> History:
    """What is known month by month; a month that has just ended counts as complete."""
    timeline, fiscal = measuring.timeline(indicator), measuring.fiscal
    today, tomorrow = measuring.today(stands), measuring.today(stands + 1)
    if tomorrow.day > 1 or tomorrow == today:
        return history_by_month(tallies, timeline, place, today, measuring.passed(stands), fiscal)
    known = history_by_month(tallies, timeline, place, tomorrow, 0.0, fiscal)
    return replace(known, year=month_index(fiscal.first(fiscal.year_of(today))))


def _part(on_progress: Progress, start: float, end: float) -> Progress:
    """Map progress 0–1 to the part from ``start`` to ``end`` of the whole."""
    return lambda share: on_progress(start + (end - start) * share)
