"""The configuration of the demo: the shipped board over simulated sources."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from collector.cli.demo.english import english_values, make_english
from collector.config.loading.load import load_settings
from collector.config.settings import Settings
from collector.io.files import write_file
from collector.io.yaml import read_yaml
from collector.measuring.kinds.table import KINDS
from collector.model.bilingual import Language

CONFIGURATION = "servicedesk.yaml"
"""The name of the demo's configuration in its folder."""

_DAY = 86_400
_FORECAST_BY_HAND = "first_line"


def demo_settings(
    folder: Path,
    source_keys: dict[str, dict[str, Any]],
    start: int,
    language: Language = "en",
) -> Settings:
    """Write the configuration of the demo into its folder, for other commands to use, and load it.

    It is the shipped one, in English with neutral names, with its sources replaced, without its
    public address and exclusions, and values by hand dated last month. Only one forecast by hand is
    kept, so that computed ones are shown as well. ``start`` is in epoch seconds.
    """
    shipped = board_file()
    board = read_yaml(shipped).data
    values = shipped.with_name(board["values_file"]).read_text(encoding="utf-8")
    if language == "en":
        make_english(board)
        values = english_values(values)
    board["store"] = f"sqlite:///{folder / 'servicedesk.db'}"
    del board["server"], board["exclude"]  # its desk has no tests to leave out
    for name, keys in source_keys.items():
        board["sources"][name] |= {**keys, "every": "2s"}
    zone = ZoneInfo(board["timezone"])
    first = datetime.fromtimestamp(start, zone).date().replace(month=1, day=1)
    given = max(first, datetime.fromtimestamp(start - 30 * _DAY, zone).date())
    every = board["indicators"].items()
    by_hand = {name for name, keys in every if not KINDS[keys["kind"]].is_measured}
    kept = {*by_hand, _FORECAST_BY_HAND}
    write_file(folder / board["values_file"], _dated(values, kept, given.isoformat()))
    text = yaml.safe_dump(board, allow_unicode=True, sort_keys=False)
    write_file(folder / CONFIGURATION, text)
    return load_settings(folder / CONFIGURATION)


def _dated(values: str, kept: set[str], day: str) -> str:
    """The rows of some indicators of a values file, all with the same date."""
    reader = csv.DictReader(io.StringIO(values))
    out = io.StringIO()
    writer = csv.DictWriter(out, reader.fieldnames or ())
    writer.writeheader()
    writer.writerows({**row, "date": day} for row in reader if row["indicator"] in kept)
    return out.getvalue()


def board_file() -> Path:
    """The configuration file that ships with the program: installed, or in the source tree."""
    shipped = Path(__file__).with_name("servicedesk.yaml")
    return shipped if shipped.is_file() else Path(__file__).parents[3] / "config/servicedesk.yaml"
