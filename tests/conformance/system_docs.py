"""docs/conformance.md: which case each ticket system passes, and why some are left out.

``python -m tests.conformance.system_docs`` writes it anew.
"""

from __future__ import annotations

import ast
from functools import cache

from tests.conformance.systems import TYPES, fake_of
from tests.worlds.paths import ROOT

PAGE = ROOT / "docs" / "conformance.md"
SUITE = ROOT / "tests" / "conformance" / "test_ticket_systems.py"

_HEAD = """# Conformance of ticket systems

Every ticket system over the kit passes the same cases (`tests/conformance/test_ticket_systems.py`)
against a fake of it, which shows a scripted desk with the system's own traps. What is expected is
written by hand from what happened at that desk. This page is generated:
`python -m tests.conformance.system_docs`.

"""


@cache
def cases() -> dict[str, str]:
    """The cases that run for every system, by name, with their first line where they have one."""
    functions = [
        node
        for node in ast.parse(SUITE.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]
    return {
        each.name.removeprefix("test_"): ast.get_docstring(each) or ""
        for each in functions
        if any(argument.arg == "bench" for argument in each.args.args)
    }


def document() -> str:
    """The page, in Markdown."""
    fakes = {kind: fake_of(kind) for kind in TYPES}
    lines = [("case", *(f"`{kind}`" for kind in TYPES)), ("---",) * (len(TYPES) + 1)]
    reasons: list[str] = []
    for case, said in cases().items():
        cells = []
        for each in fakes.values():
            reason = each.left_out.get(case)
            if reason is not None and reason not in reasons:
                reasons.append(reason)
            cells.append("✓" if reason is None else f"– ({reasons.index(reason) + 1})")
        words = case.replace("_", " ")
        lines.append((f"{words}: {said.splitlines()[0].rstrip('.')}" if said else words, *cells))
    table = "".join(f"| {' | '.join(line)} |\n" for line in lines)
    left_out = "".join(f"{number}. {reason}\n" for number, reason in enumerate(reasons, 1))
    return f"{_HEAD}{table}\nLeft out, because\n\n{left_out}"


if __name__ == "__main__":
    PAGE.write_text(document(), encoding="utf-8")
