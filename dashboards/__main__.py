"""Write the boards: ``python -m dashboards``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

from collector.model.bilingual import Language
from dashboards import goals, health, municipalities, response, telephone, today
from dashboards.board import dashboard
from dashboards.sdk import JSONEncoder

BOARDS = [each.BOARD for each in (today, response, telephone, goals, municipalities, health)]
FOLDER = Path(__file__).parent


def written() -> dict[Path, str]:
    """Every file and what shall stand in it."""
    encode = JSONEncoder().encode
    return {
        FOLDER / language / f"{board.name}.json": _text(encode(dashboard(board, language)))
        for language in get_args(Language)
        for board in BOARDS
    }


def _text(encoded: str) -> str:
    whole = _in_sight(json.loads(encoded))
    return json.dumps(whole, sort_keys=True, indent=2, ensure_ascii=False) + "\n"


def _in_sight(part: Any) -> Any:
    """Without ``placement``: the SDK would put every link away in a menu."""
    if isinstance(part, list):
        return [_in_sight(each) for each in part]
    if isinstance(part, dict):
        return {key: _in_sight(each) for key, each in part.items() if key != "placement"}
    return part


if __name__ == "__main__":
    for path, text in written().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
