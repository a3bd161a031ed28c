"""In one line, how a figure is made; printed beside it everywhere."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from collector.config.indicators import Count, Manual, MeanDuration, ServiceLevel, ShareWhere
from collector.measuring.verdicts.clocks import STOPPED, stopping
from collector.measuring.verdicts.timeline import Timeline, Yardstick
from collector.model.periods import Period


def formula(yardstick: Yardstick) -> str:
    """The formula of one version."""
    indicator, rules = yardstick.indicator, yardstick.rules
    if isinstance(indicator, ServiceLevel):
        short = ""
        if indicator.short_abandon:
            kept = "with" if indicator.formula == "short_abandons_met" else "without"
            short = f", {kept} hang-ups within {indicator.short_abandon} s"
        return f"{indicator.formula} (wait <= {indicator.within} s{short})"
    if isinstance(indicator, Manual):
        return "given by hand"
    counted = f"counted by {rules.counted_by}, priority {rules.priority}"
    if isinstance(indicator, Count):
        return f"number of {indicator.of}"
    if isinstance(indicator, ShareWhere):
        return f"true at resolution / all resolved; {counted}"
    stops = [STOPPED[each] for each in stopping(yardstick)]
    clock = f"{indicator.start} to {indicator.end}, calendar {indicator.calendar}, " + (
        f"{' and '.join(stops)} pauses" if stops else "no pauses"
    )
    if isinstance(indicator, MeanDuration):
        return f"sum of seconds / records; {clock}; {counted}"
    return f"elapsed <= {indicator.within.text} / all due; {clock}; {counted}"


def formulas(timeline: Timeline, period: Period, turns: Iterable[date]) -> str:
    """The formula of a period, and those of the versions that take its place at ``turns``."""
    parts = [formula(timeline.on(period.first))]
    for turn in turns:
        if (changed := formula(timeline.on(turn))) != parts[-1]:
            parts += [f"from {turn}", changed]
    return "; ".join(parts)
