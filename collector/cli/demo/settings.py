"""The settings of the demo: the shipped board over simulated sources."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from collector.config.indicators import Indicator
from collector.config.loading.values_file import with_values_file
from collector.config.settings import Settings
from collector.io.yaml import read_yaml

_DAY = 86_400
_FORECAST_BY_HAND = "first_line"


def demo_settings(folder: Path, source_keys: dict[str, dict[str, Any]], start: int) -> Settings:
    """The shipped configuration with its sources replaced, and values by hand dated last month.

    Only one forecast by hand is kept, so that computed ones are shown as well. ``start`` is in
    epoch seconds.
    """
    file = board_file()
    board = read_yaml(file).data
    board["store"] = f"sqlite:///{folder / 'servicedesk.db'}"
    for name, keys in source_keys.items():
        board["sources"][name] |= {**keys, "every": "2s"}
    context = {"folder": str(file.parent)}
    settings, _ = with_values_file(Settings.model_validate(board, context=context))
    zone = ZoneInfo(settings.timezone)
    first = datetime.fromtimestamp(start, zone).date().replace(month=1, day=1)
    given = max(first, datetime.fromtimestamp(start - 30 * _DAY, zone).date())
    indicators = {name: _dated(name, each, given) for name, each in settings.indicators.items()}
    return settings.model_copy(update={"indicators": indicators})


def _dated(name: str, indicator: Indicator, given: date) -> Indicator:
    kept = indicator.given if not indicator.measured_on or name == _FORECAST_BY_HAND else ()
    return indicator.with_given(each.model_copy(update={"date": given}) for each in kept)


def board_file() -> Path:
    """The configuration file that ships with the program: installed, or in the source tree."""
    shipped = Path(__file__).with_name("servicedesk.yaml")
    return shipped if shipped.is_file() else Path(__file__).parents[3] / "config/servicedesk.yaml"
