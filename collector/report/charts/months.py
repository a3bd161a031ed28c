"""Draw the months of an indicator with its target and forecast. Pure.

Numbers and formatted texts give a complete SVG document, always the same for the same input, with
no scripts or references and with real text. The background is white, so that a chart looks the same
on dark pages and on paper.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, log10

from collector.report.blocks import Drawing
from collector.report.charts.svg import INK, RULE, SOFT, TARGET, document, rule, text

_BAND = "#9CC3E6"
_WIDTH, _HEIGHT = 720, 216
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 16, 28, 50


@dataclass(frozen=True, slots=True)
class Point:
    """A month (``2020-07``) and its value, or None. ``hidden``: it has a value that must not be
    shown; ``target``: the one in force that month."""

    month: str
    value: float | None
    hidden: bool = False
    target: float | None = None


@dataclass(frozen=True, slots=True)
class Band:
    """The forecast for the year, with its 80 % interval, drawn over the months to come."""

    value: float
    low: float | None
    high: float | None
    label: str


@dataclass(frozen=True, slots=True)
class Plot:
    """What a chart shows.

    ``names``: labels of all months on the axis, those to come at the end; ``years``: for each
    month the year to print, or an empty text. ``target``: the one in force at the end and in the
    months to come. ``axis`` formats a value; ``latest`` is the last value as text; ``no_data`` and
    ``masked`` explain the marks of months without a value. ``share``: values are shares 0–1;
    ``unit``: how much of a value is one unit of the axis (3600: seconds in hours).
    """

    points: Sequence[Point]
    names: Sequence[str]
    years: Sequence[str]
    target: float | None
    target_label: str
    forecast: Band | None
    axis: Callable[[float], str]
    latest: str
    no_data: str
    masked: str
    share: bool
    unit: float = 1.0


def chart(plot: Plot, accent: str, alt: str) -> Drawing:
    """Draw the months as a line with gaps, their targets as a stepped line, and the forecast as a
    band over the months to come. ``accent``: colour ``#rrggbb``; ``alt``: alternative text."""
    scale = _Scale(plot)
    parts = [
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#FFFFFF"/>',
        *_axes(plot, scale),
        *_band(plot, scale),
        *_target_line(plot, scale),
        *_line(plot.points, scale.x, scale.y, accent),
        *_target_label(plot, scale),
        *_gaps(plot, scale),
        *_latest(plot, scale),
    ]
    return Drawing(document(_WIDTH, _HEIGHT, parts, alt), alt, _WIDTH, _HEIGHT)


class _Scale:
    """Maps months (by index) and values to px."""

    def __init__(self, plot: Plot) -> None:
        self.low, self.high, self.step = _range(plot)
        self.slots = max(1, len(plot.names))
        self.slot = (_WIDTH - _LEFT - _RIGHT) / self.slots

    def x(self, index: float) -> float:
        return _LEFT + (index + 0.5) * self.slot

    def y(self, value: float) -> float:
        height = _HEIGHT - _TOP - _BOTTOM
        return _TOP + height * (1 - (value - self.low) / (self.high - self.low))

    def ticks(self) -> list[float]:
        first, last = round(self.low / self.step), round(self.high / self.step)
        return [n * self.step for n in range(first, last + 1)]


def _range(plot: Plot) -> tuple[float, float, float]:
    """Start, end and step of the value axis: round numbers in the unit shown."""
    seen = [each.value for each in plot.points if each.value is not None]
    seen += [each for _, _, each in _targets(plot)]
    if plot.forecast is not None:
        bounds = (plot.forecast.value, plot.forecast.low, plot.forecast.high)
        seen += [each for each in bounds if each is not None]
    scale = 100.0 if plot.share else 1 / plot.unit
    low, high = (min(seen) * scale, max(seen) * scale) if seen else (0.0, 1.0)
    if low >= 0 and low < high / 2:
        low = 0.0
    spread = (high - low) or abs(high) / 5 or 1.0
    step = _round_step(spread / 3)
    low, high = floor(low / step) * step, ceil((high + spread / 20) / step) * step
    if plot.share and high > 100:
        high = 100.0
        low = min(low, high - step)
    return low / scale, high / scale, step / scale


def _round_step(about: float) -> float:
    size = float(10 ** floor(log10(about)))
    return next(size * each for each in (1, 2, 5, 10) if size * each >= about)


def _axes(plot: Plot, scale: _Scale) -> list[str]:
    parts = []
    for tick in scale.ticks():
        y = scale.y(tick)
        parts.append(rule(_LEFT, y, _WIDTH - _RIGHT, y, RULE, 1))
        parts.append(text(_LEFT - 8, y + 4, plot.axis(round(tick, 10)), SOFT, anchor="end"))
    for index, name in enumerate(plot.names):
        x = scale.x(index)
        parts.append(text(x, _HEIGHT - _BOTTOM + 29, name, SOFT, anchor="middle", size=12))
        if year := plot.years[index]:
            parts.append(text(x, _HEIGHT - _BOTTOM + 44, year, SOFT, anchor="middle", size=12))
    return parts


def _band(plot: Plot, scale: _Scale) -> list[str]:
    forecast, known = plot.forecast, len(plot.points)
    if forecast is None:
        return []
    label = text(_WIDTH - _RIGHT, 18, forecast.label, INK, anchor="end")
    if known >= scale.slots:
        return [label]
    left, right = scale.x(known - 0.5), scale.x(scale.slots - 0.5)
    y = scale.y(forecast.value)
    parts = [label]
    if forecast.low is not None and forecast.high is not None:
        top, bottom = scale.y(min(forecast.high, scale.high)), scale.y(max(forecast.low, scale.low))
        parts.append(
            f'<rect x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" '
            f'height="{max(2.0, bottom - top):.1f}" fill="{_BAND}" fill-opacity="0.55"/>'
        )
    parts.append(rule(left, y, right, y, INK, 1.5, dashes="5 4"))
    return parts


def _target_line(plot: Plot, scale: _Scale) -> list[str]:
    """The target: level within a month, with a step where it changed."""
    runs = _targets(plot)
    parts = []
    for first, last, value in runs:
        y, half = scale.y(value), scale.slot / 2
        parts.append(rule(scale.x(first) - half, y, scale.x(last) + half, y, TARGET, 1.5))
    for (_, last, one), (first, _, other) in pairwise(runs):
        if first == last + 1:
            x = scale.x(first) - scale.slot / 2
            parts.append(rule(x, scale.y(one), x, scale.y(other), TARGET, 1.5))
    return parts


def _targets(plot: Plot) -> list[tuple[int, int, float]]:
    to_come = len(plot.names) - len(plot.points)
    return stretches([*(each.target for each in plot.points), *[plot.target] * to_come])


def stretches(targets: Sequence[float | None]) -> list[tuple[int, int, float]]:
    """Return each run of equal targets: index of its first and last month, and the target."""
    found: list[tuple[int, int, float]] = []
    for index, target in enumerate(targets):
        if target is None:
            continue
        if found and found[-1][1:] == (index - 1, target):
            found[-1] = (found[-1][0], index, target)
        else:
            found.append((index, index, target))
    return found


def _target_label(plot: Plot, scale: _Scale) -> list[str]:
    """The target's value at its line: left or right, above or below, wherever it overlaps the
    least."""
    if plot.target is None:
        return []
    y, wide = scale.y(plot.target), 7.5 * len(plot.target_label)
    steps = len(_targets(plot)) > 1  # the left end shows an older target
    places = [
        (x, anchor, line)
        for line in (y - 6, y + 16)
        for x, anchor in (
            (_LEFT + 6.0, "start"),
            (_WIDTH - _RIGHT - 6.0, "end"),
            ((_LEFT + _WIDTH - _RIGHT) / 2, "middle"),
        )[steps:]
        if _TOP + 8 < line < _HEIGHT - _BOTTOM - 4
    ]

    def overlaps(place: tuple[float, str, float]) -> int:
        x, anchor, line = place
        left = x - {"start": 0.0, "middle": wide / 2, "end": wide}[anchor]
        return _covered(_points_on_lines(plot, scale), left, left + wide, line)

    x, anchor, line = min(places, key=overlaps, default=(_LEFT + 6.0, "start", y - 6))
    return [text(x, line, plot.target_label, TARGET, anchor=anchor, halo=True)]


def _covered(points: Sequence[tuple[float, float]], left: float, right: float, line: float) -> int:
    """How many of the points a text on a ``line`` would cover."""
    inside = [y for x, y in points if left - 8 < x < right + 8]
    return sum(line - 18 < y < line + 8 for y in inside)


def _points_on_lines(plot: Plot, scale: _Scale) -> list[tuple[float, float]]:
    """Points along the lines of the months and of the forecast, in px."""
    at = [
        None if p.value is None else (scale.x(i), scale.y(p.value))
        for i, p in enumerate(plot.points)
    ]
    found = [each for each in at if each]
    for one, other in pairwise(at):
        if one and other:
            found += [
                (one[0] + (other[0] - one[0]) * n / 8, one[1] + (other[1] - one[1]) * n / 8)
                for n in range(1, 8)
            ]
    if plot.forecast is not None:
        y = scale.y(plot.forecast.value)
        found += [(scale.x(i), y) for i in range(len(plot.points), scale.slots)]
    return found


def _line(
    points: Sequence[Point],
    x: Callable[[float], float],
    y: Callable[[float], float],
    colour: str,
) -> list[str]:
    """A dot for each month; neighbouring months are joined."""
    at = [None if p.value is None else (x(i), y(p.value)) for i, p in enumerate(points)]
    parts = [rule(*one, *other, colour, 2) for one, other in pairwise(at) if one and other]
    parts += [
        f'<circle cx="{each[0]:.1f}" cy="{each[1]:.1f}" r="3.5" fill="{colour}"/>'
        for each in at
        if each
    ]
    return parts


def _gaps(plot: Plot, scale: _Scale) -> list[str]:
    """Marks below the axis for months without a value (dash: not measured, dot: not shown), with
    their legend above the chart."""
    parts, below = [], _HEIGHT - _BOTTOM + 14
    for index, point in enumerate(plot.points):
        if point.value is None:
            sign = "·" if point.hidden else "–"
            parts.append(
                text(scale.x(index), below, sign, INK, anchor="middle", size=16, bold=True)
            )
    legend = []
    if any(p.value is None and not p.hidden for p in plot.points):
        legend.append(plot.no_data)
    if any(p.hidden for p in plot.points):
        legend.append(plot.masked)
    if legend:
        parts.append(text(_LEFT, 18, "   ".join(legend), SOFT, size=12))
    return parts


def _latest(plot: Plot, scale: _Scale) -> list[str]:
    """The latest value as text, beside its dot."""
    known = [(i, p.value) for i, p in enumerate(plot.points) if p.value is not None]
    if not known:
        return []
    index, value = known[-1]
    x, y, half = scale.x(index), scale.y(value), 4.0 * len(plot.latest)
    anchor, at, left = "middle", x, x - half
    if x + half > _WIDTH:
        anchor, at, left = "end", float(_WIDTH - 2), _WIDTH - 2 - 2 * half
    lines = [each for each in _points_on_lines(plot, scale) if each != (x, y)]
    lines += [
        (scale.x(month), scale.y(target))
        for first, last, target in _targets(plot)
        for month in range(first, last + 1)
    ]
    places = [y - 9, *([y + 18] if y + 18 < _HEIGHT - _BOTTOM else [])]
    place = min(places, key=lambda line: _covered(lines, left, left + 2 * half, line))
    return [text(at, place, plot.latest, INK, anchor=anchor, bold=True, halo=True)]
