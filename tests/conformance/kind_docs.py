"""The table of kinds in docs/indicators.md, made of what the kinds declare.

``python -m tests.conformance.kind_docs`` writes it anew.
"""

from __future__ import annotations

import re
from typing import Any

from collector.measuring.kinds.base import Kind
from collector.measuring.kinds.table import KINDS
from collector.model.codes import STATES
from tests.worlds.commands import ROOT

PAGE = ROOT / "docs" / "indicators.md"
BLOCK = re.compile(r"(?<=<!-- kinds -->\n).*?(?=<!-- /kinds -->)", re.DOTALL)


def table() -> str:
    """The table, in Markdown."""
    heads = ("kind", "measured on", "value", "distribution", "deadlines", "states", "metrics")
    lines = [heads, tuple("---" for _ in heads), *map(_row, KINDS.values())]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _row(kind: Kind[Any]) -> tuple[str, ...]:
    value = {"ratio": "share, 0–1", "seconds": "mean, in seconds", "value": "in its own unit"}
    never = [state for state in STATES if state not in kind.states]
    return (
        f"[{kind.name}](#{kind.name})",
        " or ".join(kind.settings.RECORDS) or "nothing: given by hand",
        "number of records" if kind.is_count else value[kind.family],
        "yes" if kind.is_timed else "–",
        "yes" if kind.has_deadlines else "–",
        f"all but {', '.join(f'`{state}`' for state in never)}" if never else "all",
        " ".join(f"`{name}`" for name in kind.metrics),
    )


if __name__ == "__main__":
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(BLOCK.sub(lambda _: table(), page), encoding="utf-8")
