"""Loads the packaged boards and fills in the settings of one Grafana and of its desk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from collector.config.settings import Settings
from collector.monitoring.grafana.fitting import fit
from collector.text.locales import first_weekday

_HERE = Path(__file__).parent
PLACES = (_HERE / "boards", _HERE.parents[2] / "dashboards")
"""Where the boards are: in the wheel, or in a checkout."""

Board = dict[str, Any]

_WEEK_STARTS = {0: "monday", 5: "saturday", 6: "sunday"}
"""The days on which Grafana can begin a week; otherwise each reader's own settings decide."""


def boards(settings: Settings) -> list[Board]:
    """The boards in the configured languages, sorted by uid; empty if none are installed.

    Their variable ``collector`` is set to the collector's address, ``datasource`` to the uid of the
    configured data source, and their panels have the room that the configuration needs.
    """
    grafana = settings.grafana
    assert grafana is not None
    found: list[Board] = []
    for language in dict.fromkeys(grafana.languages):
        folder = next((p for place in PLACES if (p := place / language).is_dir()), None)
        files = sorted(folder.glob("*.json")) if folder else []
        found += [json.loads(file.read_text(encoding="utf-8")) for file in files]
    own = {str(board["uid"]) for board in found}
    for board in found:
        board["links"] = [each for each in board.get("links", ()) if _opens(each, own)]
        fit(board, settings)
        _fill(board, "collector", settings.server.address)
        _fill(board, "datasource", grafana.datasource.uid)
        if settings.locale is not None:
            board["weekStart"] = _WEEK_STARTS.get(first_weekday(settings.locale), "")
    return sorted(found, key=lambda board: str(board["uid"]))


def _opens(link: Board, boards: set[str]) -> bool:
    """Whether a link leads elsewhere than to a board in a language that is not in use."""
    url = str(link.get("url", ""))
    return not url.startswith("/d/") or url.removeprefix("/d/") in boards


def _fill(board: Board, name: str, value: str) -> None:
    for variable in board.get("templating", {}).get("list", []):
        if variable.get("name") != name:
            continue
        chosen = {"text": value, "value": value}
        variable["current"] = chosen
        if variable.get("type") in {"constant", "textbox"}:
            variable["query"] = value
            variable["options"] = [{**chosen, "selected": True}]
