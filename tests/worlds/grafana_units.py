"""Numbers as Grafana writes them: its units, and the mappings of a panel."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Stockholm")


def displayed(value: float, config: Mapping[str, Any]) -> tuple[str, str | None]:
    """Text of a number, and its colour if a mapping sets one."""
    text = formatted(value, config["unit"], config.get("decimals"))
    word, colour = mapped(value, config.get("mappings") or []) or (None, None)
    return text if word is None else word, colour


def mapped(value: Any, mappings: Sequence[Any]) -> tuple[str | None, str | None] | None:
    """The text and the colour of the first mapping that fits; None if none does."""
    for each in mappings:
        options = each["options"]
        if each["type"] == "value":
            result = options.get(f"{value:.0f}" if isinstance(value, float) else value)
            if isinstance(value, float) and value != int(value):
                result = None
        else:
            low, high = options.get("from"), options.get("to")
            fits = isinstance(value, float) and (low is None or value >= low)
            result = options["result"] if fits and (high is None or value <= high) else None
        if result is not None:
            return result.get("text"), result.get("color")
    return None


def formatted(value: float, unit: str, decimals: int | None) -> str:
    """A number in one of the units that our boards use. Raises KeyError for another."""
    prefix, _, rest = unit.partition(":")
    if prefix == "suffix":
        return f"{_plain(value, decimals)} {rest}"
    if prefix == "time":
        words = {"YYYY": "%Y", "MM": "%m", "DD": "%d", "HH": "%H", "mm": "%M"}
        pattern = re.sub("YYYY|MM|DD|HH|mm", lambda found: words[found[0]], rest)
        return datetime.fromtimestamp(value / 1000, ZONE).strftime(pattern)
    if unit == "dtdhms":
        seconds = round(value)
        days, left = divmod(abs(seconds), 86_400)
        clock = f"{left // 3600:02}:{left // 60 % 60:02}:{left % 60:02}"
        return ("-" if seconds < 0 else "") + (f"{days} d {clock}" if days else clock)
    return {
        "none": lambda: _plain(value, decimals),
        "percentunit": lambda: f"{_plain(100 * value, decimals)}%",
        "s": lambda: f"{_plain(value, decimals)} s",
        "locale": lambda: _in_swedish(value, decimals),
    }[unit]()


def _in_swedish(value: float, decimals: int | None) -> str:
    """The unit that follows the language of the browser, here a Swedish one; without decimals it
    has up to three."""
    text = f"{value:,.{3 if decimals is None else decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(",", "\u00a0").replace(".", ",").replace("-", "\u2212")


def _plain(value: float, decimals: int | None) -> str:
    if decimals is not None:
        return f"{value:.{decimals}f}"
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"
