"""The PromQL of graphs: how far their scales reach, and which line has which colour."""

from __future__ import annotations

from collector.monitoring.promql import series

_STRIP = 6
"""The highest n takes this part of its scale's height, less what Grafana leaves above it."""

_MARGIN = 0.05


def strip_reach(n: str) -> str:
    """How far the scale of n reaches, the same at each instant: several times the highest n that is
    shown."""
    return f"{_STRIP} * max_over_time(({n})[$__range:$__interval] @ end())"


def reach(value: str, target: str) -> tuple[str, str]:
    """The bounds of a share's scale: five points below and above its value and its target."""
    both = f'label_replace({value}, "of", "value", "", "") or {target}'
    low, high = (f"{of} by (indicator) ({both})" for of in ("min", "max"))
    return f"clamp_min({low} - {_MARGIN}, 0)", f"clamp_max({high} + {_MARGIN}, 1)"


def of_place(expr: str, label: str, number: int, places: int) -> str:
    """Those series of a vector whose label's value stands at a place of the configuration: the
    first (``number`` 0), and again every so many. It is the last place that was told in the time
    that is shown, so that a line has one colour."""
    rank = f"max by ({label}) (last_over_time({series(f'{label}_rank')}[$__range] @ end()))"
    return f"({expr}) and on ({label}) ({rank} - 1) % {places} == {number}"
