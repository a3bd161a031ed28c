"""Scales and axes of the graphs that uPlot draws in Grafana: how far they reach, what stands there.

The range is that of uPlot's option ``range`` (padding, soft and hard limits), as its types describe
it, and compared with uPlot 1.6.32 itself. Which room is left between labels, which form of a date
is taken, and that only whole numbers are written where a field has no decimals, is what Grafana 12
does (seen in its source, of which nothing stands here).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from math import ceil, floor, log10
from typing import Any, NamedTuple

from tests.worlds.grafana_layout import AXIS_SIZE, text_width
from tests.worlds.grafana_units import ZONE, formatted

_PADDING = 0.1
_LOW_GRAPH, _BETWEEN_ROWS, _CLOSER_ROWS, _BETWEEN_TIMES, _TIME = 150, 30, 15, 18, 40
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_STEPS = [
    *(1, 5, 10, 15, 30),
    *(_MINUTE * n for n in (1, 5, 10, 15, 30)),
    *(_HOUR * n for n in (1, 2, 3, 4, 6, 8, 12)),
    *(_DAY * n for n in (1, 2, 3, 4, 5, 7, 10, 14)),
    *(_DAY * n for n in (30, 60, 90, 180, 365)),
]

DATES = {
    "second": "%H:%M:%S",
    "minute": "%H:%M",
    "hour": "%m-%d %H:%M",
    "day": "%m-%d",
    "month": "%Y-%m",
}
"""The forms of docker-compose.yml (``GF_DATE_FORMATS_INTERVAL_…``)."""


class Scale(NamedTuple):
    """A vertical scale: from where to where it reaches, whether its axis is shown, and what is
    written at it."""

    low: float
    high: float
    shown: bool
    ticks: tuple[tuple[float, str], ...]

    def share(self, value: float) -> float:
        """How far up a value is, 0 to 1."""
        return (value - self.low) / (self.high - self.low) if self.high > self.low else 0.5


def key(config: Mapping[str, Any]) -> tuple[Any, ...]:
    """Series with the same key share a scale."""
    names = ("unit", "min", "max", "custom.axisSoftMin", "custom.axisSoftMax")
    return (*(config.get(name) for name in names), placement(config))


def placement(config: Mapping[str, Any]) -> str:
    """Where the axis of a series stands."""
    return str(config.get("custom.axisPlacement", "auto"))


def scale(config: Mapping[str, Any], values: Sequence[float], pixels: float) -> Scale:
    """The scale of series with the same key that have these values, on so many pixels."""
    low, high = reach(config, values)
    ticks = tuple((v, _text(config, v, step)) for v, step in _ticks(config, low, high, pixels))
    return Scale(low, high, placement(config) != "hidden", ticks)


def reach(config: Mapping[str, Any], values: Sequence[float]) -> tuple[float, float]:
    """From where to where a scale reaches: a tenth more than its values at either end, not across
    0 by that alone; at least to soft limits; exactly to hard ones."""
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    spread = high - low
    largest = spread or max(abs(low), abs(high)) or 1000
    grain = 10 ** floor(log10(largest)) / 10

    def beyond(value: float, sign: int) -> float:
        share = _PADDING if spread else (0.1 if value == 0 else 1)
        padded = value + sign * share * largest
        return grain * (ceil(padded / grain - 1e-9) if sign > 0 else floor(padded / grain + 1e-9))

    soft_low, soft_high = config.get("custom.axisSoftMin"), config.get("custom.axisSoftMax")
    bottom, top = beyond(low, -1), beyond(high, 1)
    if soft_low is not None and low >= soft_low:
        bottom = soft_low
    elif soft_low is None and low >= 0 >= bottom:
        bottom = 0
    if soft_high is not None and high <= soft_high:
        top = soft_high
    elif soft_high is None and high <= 0 <= top:
        top = 0
    hard_low, hard_high = config.get("min"), config.get("max")
    return (bottom if hard_low is None else hard_low, top if hard_high is None else hard_high)


def _ticks(
    config: Mapping[str, Any], low: float, high: float, pixels: float
) -> Iterator[tuple[float, float]]:
    """Places on a vertical axis at which a number stands, each with the step between two lines."""
    if high <= low or pixels <= 0:
        return
    apart = _CLOSER_ROWS if pixels <= _LOW_GRAPH else _BETWEEN_ROWS
    least = (high - low) * apart / pixels
    magnitude = 10 ** floor(log10(least))
    step = next(n * magnitude for n in (1, 2, 2.5, 5, 10) if n * magnitude >= least * (1 - 1e-9))
    number = ceil(low / step - 1e-9)
    while number * step <= high + 1e-9 * step:
        value = round(number * step, 12)
        if config.get("decimals") != 0 or value == int(value):
            yield value, step
        number += 1


def _text(config: Mapping[str, Any], value: float, step: float) -> str:
    unit = config["unit"]
    shown = step * 100 if unit == "percentunit" else step
    needed = next(n for n in range(9) if abs(round(shown, n) - shown) < 1e-9)
    return formatted(value, unit, needed or config.get("decimals") or 0)


def times(start: float, end: float, pixels: float) -> list[tuple[float, str]]:
    """Instants of a horizontal axis and what is written there."""
    span = end - start
    sample = datetime.fromtimestamp(start, ZONE).strftime(_form(span * _TIME / pixels, span))
    room = text_width(sample, AXIS_SIZE) + _BETWEEN_TIMES
    step = next((each for each in _STEPS if each * pixels / span >= room), _STEPS[-1])
    form = _form(step, span)
    return [(t, datetime.fromtimestamp(t, ZONE).strftime(form)) for t in _at(start, end, step)]


def _form(step: float, span: float) -> str:
    if step <= _MINUTE:
        return DATES["second"]
    if span <= _DAY:
        return DATES["minute"]
    if step <= _DAY:
        return DATES["hour"]
    return DATES["day"] if span < 365 * _DAY else DATES["month"]


def _at(start: float, end: float, step: int) -> Iterator[float]:
    """Local times of day, days or months at which a label stands."""
    local = datetime.fromtimestamp(start, ZONE)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    if step >= 30 * _DAY:
        every, month = round(step / _DAY / 30), midnight.year * 12
        while (at := _stamp(datetime(month // 12, month % 12 + 1, 1))) <= end:
            if at >= start:
                yield at
            month += every
        return
    if step >= _DAY:  # counted from the first of the month, as uPlot does
        midnight = midnight.replace(day=1)
    at = midnight
    while _stamp(at) <= end:
        if _stamp(at) >= start:
            yield _stamp(at)
        following = at + timedelta(seconds=step)
        if step >= 2 * _DAY and following.month != at.month:
            following = following.replace(day=1)
        at = following


def _stamp(local: datetime) -> float:
    return local.replace(tzinfo=ZONE).timestamp()
