"""docs/conformance.md: which case each ticket system passes, and why some are left out.

``python -m tests.conformance.system_docs`` writes it anew.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from tests.conformance.offices import NO_RECORDS, OFFICES
from tests.conformance.systems import TYPES, fake_of
from tests.worlds.paths import ROOT

PAGE = ROOT / "docs" / "conformance.md"
SUITE = ROOT / "tests" / "conformance" / "test_ticket_systems.py"
OTHERS = ROOT / "tests" / "conformance" / "test_other_sources.py"

_HEAD = """# Conformance of ticket systems

Every ticket system over the kit passes the same cases (`tests/conformance/test_ticket_systems.py`)
against a fake of it, which shows a scripted desk with the system's own traps. What is expected is
written by hand from what happened at that desk. This page is generated:
`python -m tests.conformance.system_docs`.

"""


_OF_OTHERS = """
# Conformance of the other sources

Files, tables, programs and telephone systems pass those of these cases that apply to them
(`tests/conformance/test_other_sources.py`), each against a few tickets or calls in its own form.

"""
_BY_ID = "they are listed, and never asked for one by one"
_NO_SYSTEM = "no user and no rights: what is not listed is not there"
_OF_HISTORY = "what a history means is tried with each source, in tests/sources"
NOT_OF_OTHERS = {
    "tie_larger_than_a_page": "the walk is that of the kit, tried with ticket systems",
    "bulk_update_and_quiet_polls": "a poll reads a file, a query or a list, not single records",
    "clock_set_back": "exports have no clock; that of a queue log is tried in tests/sources",
    "future_date": "what is dated ahead is judged by the drain, tried in tests/service",
    "note_before_the_reply": _OF_HISTORY,
    "assignment_without_an_answer": _OF_HISTORY,
    "solved_on_the_phone": _OF_HISTORY,
    "hold": _OF_HISTORY,
    "reopened_and_not_resolved_again": _OF_HISTORY,
    "priority_and_team_as_they_were": _OF_HISTORY,
    "merged_both_ways": _OF_HISTORY,
    "child_closed_by_its_parent": _OF_HISTORY,
    "deleted": _BY_ID,
    "purged": _BY_ID,
    "right_lost": _NO_SYSTEM,
    "swept_purged": _BY_ID,
    "swept_out_of_sight": _NO_SYSTEM,
    "swept_silent_edit": _BY_ID,
    "swept_silent_edit_of_a_finished_ticket": _BY_ID,
    "swept_right_lost_for_everything": _NO_SYSTEM,
    "swept_in_parts": _BY_ID,
    "swept_without_a_cursor": _BY_ID,
    "not_found_for_everything": _BY_ID,
    "retry_after": "the door to HTTP is that of the kit, tried with ticket systems",
    "burst_of_errors": "the door to HTTP is that of the kit, tried with ticket systems",
    "spent_budget": "all is listed before the first record, so a budget must suffice for that",
    "time_zone_of_the_user": "the zone is a key of the source, tried in tests/sources",
    "poisoned_id": _BY_ID,
    "an_empty_answer_in_disguise": "the door to HTTP is that of the kit, tried with ticket systems",
    "nothing_visible": "an empty file or table may be a quiet night; a command has its own rule",
    "nothing_visible_any_more": "the same",
}
"""Cases of ticket systems that apply to no other source, and why."""


@cache
def cases(suite: Path = SUITE) -> dict[str, str]:
    """The cases that run for every system, by name, with their first line where they have one."""
    fixture = "bench" if suite == SUITE else "office"
    functions = [
        node
        for node in ast.parse(suite.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]
    return {
        each.name.removeprefix("test_"): ast.get_docstring(each) or ""
        for each in functions
        if any(argument.arg == fixture for argument in each.args.args)
    }


def document() -> str:
    """The page, in Markdown."""
    of_systems = _table(cases(), {kind: fake_of(kind).left_out for kind in TYPES})
    here = cases(OTHERS)
    silent = {kind: dict.fromkeys(here, reason) for kind, reason in NO_RECORDS.items()}
    of_others = _table(here, {**{kind: o.left_out for kind, o in OFFICES.items()}, **silent})
    rest: dict[str, list[str]] = {}
    for case, reason in NOT_OF_OTHERS.items():
        rest.setdefault(reason, []).append(case.replace("_", " "))
    lines = "".join(f"- {', '.join(names)}: {reason}\n" for reason, names in rest.items())
    return (
        f"{_HEAD}{of_systems}{_OF_OTHERS}{of_others}\nCases that apply to none of them\n\n{lines}"
    )


def _table(cases: Mapping[str, str], sources: Mapping[str, Mapping[str, str]]) -> str:
    """Which source passes which case, and why not; ``sources``: what each leaves out."""
    lines = [("case", *(f"`{kind}`" for kind in sources)), ("---",) * (len(sources) + 1)]
    reasons: list[str] = []
    for case, said in cases.items():
        cells = []
        for each in sources.values():
            reason = each.get(case)
            if reason is not None and reason not in reasons:
                reasons.append(reason)
            cells.append("✓" if reason is None else f"– ({reasons.index(reason) + 1})")
        words = case.replace("_", " ")
        lines.append((f"{words}: {said.splitlines()[0].rstrip('.')}" if said else words, *cells))
    table = "".join(f"| {' | '.join(line)} |\n" for line in lines)
    left_out = "".join(f"{number}. {reason}\n" for number, reason in enumerate(reasons, 1))
    return f"{table}\nLeft out, because\n\n{left_out}"


if __name__ == "__main__":
    PAGE.write_text(document(), encoding="utf-8")
