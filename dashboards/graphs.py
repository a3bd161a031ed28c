"""Graphs: lines, bars and bands over time, and states over time.

A share is the line that is seen; its n is a strip of bars along the time axis. Several lines of the
same kind have their colours by their place in the configuration, one query for each colour: so a
queue or a source is of the same colour in every graph, and two are never of the same one among the
first six.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from dashboards import graph_queries, look
from dashboards.panels import PanelFrame, framed, link_to, put, query
from dashboards.sdk import build, common, model, statetimeline, timeseries
from dashboards.texts import Words

_FEW = 5
"""Up to where an axis of counts reaches at least."""

_HOURLY_POINTS = 5000
"""The most points of an hourly graph; with fewer Grafana would widen the steps."""


@dataclass(frozen=True, slots=True)
class GraphLine:
    """A line of a graph. ``style``: line, main (what is seen first), steps, target (dashed), strip
    (n: bars along the time axis), bars (stacked), low and high (the bounds of a band), reach and
    strip_reach (not seen: how far the scale reaches)."""

    name: str
    expr: str
    legend: str
    colour: str
    style: str = "line"


def strip(words: Words, expr: str) -> list[GraphLine]:
    """n as bars along the time axis, with a scale of its own of which they take the lowest
    seventh."""
    n = GraphLine("n", expr, words("n"), look.COUNT, "strip")
    return [
        n,
        replace(n, name="n_reach", expr=graph_queries.strip_reach(expr), style="strip_reach"),
    ]


def reach(words: Words, value: str, target: str) -> list[GraphLine]:
    """The scale of a share: around its value and its target, also where both stand still, when
    Grafana would begin at 0 and end at twice the value."""
    low, high = graph_queries.reach(value, target)
    return [
        GraphLine("reach_low", low, words("target"), look.TARGET, "reach"),
        GraphLine("reach_high", high, words("target"), look.TARGET, "reach"),
    ]


def by_place(line: GraphLine, label: str) -> list[GraphLine]:
    """A line for each value of a label, in a colour by its place in the configuration."""
    return [
        replace(
            line,
            name=f"{line.name}_{number}",
            expr=graph_queries.of_place(line.expr, label, number, len(look.SERIES)),
            colour=colour,
        )
        for number, colour in enumerate(look.SERIES)
    ]


def lines(
    frame: PanelFrame,
    words: Words,
    drawn: Sequence[GraphLine],
    *,
    unit: str,
    link: str | None = None,
    share: bool = False,
    hourly: bool = False,
    last: str | None = None,
) -> model.Panel:
    """A graph of lines over time, their last values in a list below it (a table of six would be
    scrolled: Grafana gives a legend a third of the panel), its axis fitted to them; that of counts
    begins at 0, reaches to 5 at least and has whole numbers. ``share``: an axis from 0 to 100 %;
    ``hourly``: a point for each full hour; ``last``: the time that is shown, as in ``30d``,
    whatever the board's is."""
    legend = (
        build.VizLegendOptions()
        .display_mode(common.LegendDisplayMode.LIST)
        .placement(common.LegendPlacement.BOTTOM)
        .show_legend(True)
        .calcs(["lastNotNull"])
    )
    made = (
        timeseries.Panel()
        .unit(unit)
        .legend(legend)
        .tooltip(build.VizTooltipOptions().mode(common.TooltipDisplayMode.MULTI))
        .span_nulls(False)
        .show_points(common.VisibilityMode.NEVER)
        .no_value(words.state("no_data"))
    )
    if unit == look.NUMBER:  # counts: without any the axis would reach to 100
        made.axis_soft_min(0).axis_soft_max(_FEW).decimals(0)
    if hourly:
        made.interval("1h").max_data_points(_HOURLY_POINTS)
    if last:
        made.time_from(last)
    for line in drawn:
        made.with_target(query(line.name, line.expr).legend_format(line.legend).range())
        styled = [put("color", look.fixed(line.colour)), *_styled(line, drawn)]
        if share and not line.style.startswith("strip"):
            styled += [put("min", 0), put("max", 1)]
        made.override_by_query(line.name, styled)
    if link:
        made.data_links([link_to(words, link)])
    return framed(made.build(), frame, words)


def _styled(line: GraphLine, drawn: Sequence[GraphLine]) -> Iterator[model.DynamicConfigValue]:
    match line.style:
        case "target":
            yield put("custom.lineStyle", {"fill": "dash", "dash": [8, 6]})
            yield put("custom.lineWidth", 2)
        case "strip" | "strip_reach":
            yield from (put("custom.drawStyle", "bars"), put("custom.barWidthFactor", 1))
            yield from (put("custom.axisPlacement", "hidden"), put("min", 0))
            yield from (put("unit", look.NUMBER), put("decimals", 0), put("custom.lineWidth", 0))
            yield put("custom.fillOpacity", 40 if line.style == "strip" else 0)
        case "reach" | "low":
            yield put("custom.lineWidth", 0)
        case "high":
            (low,) = (each.legend for each in drawn if each.style == "low")
            yield from (put("custom.lineWidth", 0), put("custom.fillOpacity", 25))
            yield put("custom.fillBelowTo", low)
        case "bars":
            yield from (put("custom.drawStyle", "bars"), put("custom.fillOpacity", 80))
            yield from (put("custom.lineWidth", 0), put("custom.barWidthFactor", 1))
            yield from (put("custom.barAlignment", -1), put("custom.stacking", _STACKED))
        case "steps":
            yield from (put("custom.lineInterpolation", "stepBefore"), put("custom.lineWidth", 2))
        case _:
            yield put("custom.lineWidth", 3 if line.style == "main" else 2)
    if line.style.endswith("reach"):
        yield put("custom.hideFrom", {"legend": True, "tooltip": True, "viz": False})


_STACKED = {"mode": "normal", "group": "A"}


def states(frame: PanelFrame, words: Words, expr: str, link: str) -> model.Panel:
    """The states of indicators over time, a row for each."""
    made = (
        statetimeline.Panel()
        .unit(look.NUMBER)
        .mappings(list(look.states(words.language)))
        .show_value(common.VisibilityMode.AUTO)
        .merge_values(True)
        .fill_opacity(90)
        .line_width(0)
        .legend(build.VizLegendOptions().show_legend(True).placement(common.LegendPlacement.BOTTOM))
        .no_value(words.state("no_data"))
        .data_links([link_to(words, link)])
        .with_target(query("state", expr).legend_format(f"{{{{title_{words.language}}}}}").range())
    )
    return framed(made.build(), frame, words)
