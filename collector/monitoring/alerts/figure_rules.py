"""Alert rules about the figures of the day and the year, and about months not yet frozen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from collector.config.settings import Settings
from collector.measuring.kinds.table import kind_of
from collector.model.bilingual import Text
from collector.monitoring.alerts.model import Rule
from collector.monitoring.alerts.scope import (
    by_sources,
    directions,
    general_calendar,
    measured_indicators,
    shares_with_minimum,
)
from collector.monitoring.promql import aggregated, all_of, is_fresh, is_open, label_in, series

MIN_RECORDS = 30
"""The least number of records in a day for a verdict about it: at eight tickets an hour, twice as
many misses as allowed are noticed 6 times in 100 (bench/alerts_simulation.py)."""

_PAST_CLOSING = 1800
"""Seconds that an alert of several days keeps firing after closing time. Were it carried on
overnight, it would be repeated to people who are at home."""

_DETAILS = "indicator/{{ $labels.indicator }}?period="


def figure_rules(settings: Settings) -> Iterator[Rule]:
    """Rules about the day's shares and the year's targets, one for each set of sources."""
    for sources, names in by_sources(settings, shares_with_minimum(settings)).items():
        yield _day_below_target(settings, sources, names)
    with_targets = [name for name in measured_indicators(settings) if directions(settings, name)]
    for sources, names in by_sources(settings, with_targets).items():
        yield _year_unreachable(settings, sources, names)
        yield _year_at_risk(settings, sources, names)
    if settings.calendars:
        yield _snapshot_missing(settings)


def _day_below_target(settings: Settings, sources: Sequence[str], names: Sequence[str]) -> Rule:
    """The threshold exported by the collector, which chance reaches on one day in a hundred, is
    meant for one look at the day's end; the additional half standard deviation allows for looking
    all day long, at several indicators."""
    chosen = label_in("indicator", names)
    eligible = aggregated("indicator_eligible", "indicator", 'period="today"', chosen)
    good = aggregated("indicator_good", "indicator", 'period="today"', chosen)
    target = aggregated("indicator_target_ratio", "indicator", chosen)
    by_chance = aggregated("indicator_misses_threshold", "indicator", chosen)
    deviation = f"sqrt({eligible} * {target} * (1 - {target}))"
    return Rule(
        name="ServicedeskDayBelowTarget",
        of=",".join(sources),
        expr=all_of(
            f"{eligible} - {good} >= {by_chance} + {deviation} / 2",
            f"{eligible} >= {MIN_RECORDS}",
            on="indicator",
        )
        + _gates(settings, sources),
        severity="warn",
        labels={"sources": ",".join(sources)},
        calendars=general_calendar(settings),
        summary=Text(
            en="{{ $value }} misses today, more than chance explains: {{ $labels.indicator }}",
            sv="{{ $value }} missade idag, fler än slumpen förklarar: {{ $labels.indicator }}",
        ),
        description=Text(
            en="So many of today's records miss that a desk at its target would hardly ever see "
            "such a day. Something is different today.",
            sv="Så många av dagens poster missar att en servicedesk som når sitt mål nästan aldrig "
            "skulle ha en sådan dag. Något är annorlunda idag.",
        ),
        runbook="day-below-target",
        explain=f"{_DETAILS}today",
        for_seconds=900,
        keep_firing_for_seconds=1800,
    )


def _year_unreachable(settings: Settings, sources: Sequence[str], names: Sequence[str]) -> Rule:
    missed = _year_state("missed", names)
    now = f"{aggregated('indicator_state', 'indicator', *missed)} == 1"
    before = f"max_over_time({series('indicator_state', *missed)}[1h] offset 1w)"
    return Rule(
        name="ServicedeskYearUnreachable",
        of=",".join(sources),
        expr=f"{now}\nunless on (indicator) (max by (indicator) ({before}) == 1)"
        + _gates(settings, sources),
        severity="warn",
        labels={"sources": ",".join(sources)},
        calendars=general_calendar(settings),
        summary=Text(
            en="This year's target is out of reach: {{ $labels.indicator }}",
            sv="Årets mål går inte längre att nå: {{ $labels.indicator }}",
        ),
        description=Text(
            en="Even if every record in the rest of the year met it, the year would end off "
            "target. Told for one week, then it is known.",
            sv="Även om allt under resten av året når målet slutar året utanför det. Meddelas i en "
            "vecka, sedan är det känt.",
        ),
        runbook="year-unreachable",
        explain=f"{_DETAILS}year_to_date",
        for_seconds=3600,
        keep_firing_for_seconds=_PAST_CLOSING,
    )


def _year_at_risk(settings: Settings, sources: Sequence[str], names: Sequence[str]) -> Rule:
    """Off target so far, and forecast to end the year off target. The former alone means little: in
    January half of all desks that will reach their target are below it by chance."""
    return Rule(
        name="ServicedeskYearAtRisk",
        of=",".join(sources),
        expr=all_of(
            f"{aggregated('indicator_state', 'indicator', *_year_state('at_risk', names))} == 1",
            "\n  or ".join(_expected_to_miss(settings, names)),
            on="indicator",
        )
        + _gates(settings, sources),
        severity="info",
        labels={"sources": ",".join(sources)},
        calendars=general_calendar(settings),
        summary=Text(
            en="This year's target is at risk: {{ $labels.indicator }}",
            sv="Årets mål är i fara: {{ $labels.indicator }}",
        ),
        description=Text(
            en="So far this year the figure is off target, and so is what is expected of the "
            "whole year. It can still be reached.",
            sv="Hittills i år ligger måttet utanför målet, och det gör även prognosen för hela "
            "året. Målet kan fortfarande nås.",
        ),
        runbook="year-at-risk",
        explain=f"{_DETAILS}year_to_date",
        for_seconds=3600,
        keep_firing_for_seconds=_PAST_CLOSING,
    )


def _expected_to_miss(settings: Settings, names: Sequence[str]) -> Iterator[str]:
    """Expressions for forecasts on the wrong side of their target, one for each unit and side."""
    sides: dict[tuple[str, bool], list[str]] = {}
    for name in names:
        for higher in directions(settings, name):
            sides.setdefault((kind_of(settings.indicators[name]).family, higher), []).append(name)
    for (unit, higher), some in sides.items():
        chosen = label_in("indicator", some)
        forecast = aggregated(f"indicator_forecast_{unit}", "indicator", 'bound="expected"', chosen)
        target = aggregated(f"indicator_target_{unit}", "indicator", chosen)
        yield f"{forecast} {'<' if higher else '>'} {target}"


def _year_state(state: str, names: Sequence[str]) -> tuple[str, ...]:
    """The matchers for a state of the year to date."""
    return 'period="year_to_date"', f'state="{state}"', label_in("indicator", names)


def _snapshot_missing(settings: Settings) -> Rule:
    """Fires from the working day after the one on which a month should be frozen until it is, even
    when further months have ended meanwhile."""
    calendar = [settings.snapshot_calendar or ""]
    return Rule(
        name="ServicedeskSnapshotMissing",
        expr=all_of(
            f"{aggregated('snapshot_months_missing', '')} > 0",
            is_open(calendar),
        ),
        severity="warn",
        calendars=calendar,
        summary=Text(
            en="A finished month has not been frozen",
            sv="En avslutad månad är inte fryst",
        ),
        description=Text(
            en="The working day on which a month is frozen is over, and the figures of last month "
            "or of an earlier one have no snapshot, or only one that is not complete: what is "
            "reported may still change.",
            sv="Arbetsdagen då en månad ska frysas är över, och siffrorna för förra månaden eller "
            "en tidigare har ingen ögonblicksbild, eller bara en ofullständig: det som rapporteras "
            "kan fortfarande ändras.",
        ),
        runbook="snapshot-missing",
        explain="months",
        for_seconds=900,
        keep_firing_for_seconds=3600,
    )


def _gates(settings: Settings, sources: Sequence[str]) -> str:
    """Conditions: the desk is open, and the sources of the figures are up to date."""
    gates = is_open(general_calendar(settings)), is_fresh(sources)
    return "".join(f"\nand on () ({gate})" for gate in gates if gate)
