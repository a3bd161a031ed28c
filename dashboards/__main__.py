"""Writes the boards as JSON: ``python -m dashboards`` (``make dashboards``)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

from collector.model.bilingual import Language
from collector.monitoring.grafana.layout import lay_out
from dashboards import goals, health, organizations, response, telephone, today
from dashboards.board import dashboard
from dashboards.sdk import JSONEncoder

BOARDS = [each.BOARD for each in (today, response, telephone, goals, organizations, health)]
FOLDER = Path(__file__).parent


def written() -> dict[Path, str]:
    """Path → text of every board's file."""
    encode = JSONEncoder().encode
    return {
        FOLDER / language / f"{board.name}.json": _text(encode(dashboard(board, language)))
        for language in get_args(Language)
        for board in BOARDS
    }


def _text(encoded: str) -> str:
    board = _without_placement(json.loads(encoded))
    lay_out(board["panels"])
    return json.dumps(board, sort_keys=True, indent=2, ensure_ascii=False) + "\n"


def _without_placement(part: Any) -> Any:
    """Removes the SDK's ``placement`` of links, which would hide every link in a menu."""
    if isinstance(part, list):
        return [_without_placement(each) for each in part]
    if isinstance(part, dict):
        return {key: _without_placement(each) for key, each in part.items() if key != "placement"}
    return part


if __name__ == "__main__":
    for path, text in written().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
