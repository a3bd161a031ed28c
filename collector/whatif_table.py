"""The table of figures measured another way, for the terminal."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console

from collector.boards import change_text, named, table, word
from collector.terminal import count_text, state_text, value_text
from collector.values import Language
from collector.whatif import Alternative


def print_alternatives(
    alternatives: Iterable[Alternative], language: Language, out: Console
) -> None:
    """Figures in force beside those of another configuration."""
    shown = table(
        (word("indicator", language), False),
        (word("in_force", language), True),
        ("n", True),
        (word("state", language), False),
        (word("what_if", language), True),
        ("n", True),
        (word("state", language), False),
        (word("change", language), True),
        (word("records", language), False),
    )
    for each in alternatives:
        before, after = each.in_force, each.other
        change = ""
        alike = (before.unit, before.shown_in) == (after.unit, after.shown_in)
        if before.value is not None and after.value is not None and alike:
            change = change_text(after, after.value - before.value, language)
        shown.add_row(
            named(before, language),
            value_text(before, language),
            count_text(before),
            state_text(before.state, language),
            value_text(after, language),
            count_text(after),
            state_text(after.state, language),
            change,
            _moved(each, language),
        )
    out.print(shown)


def _moved(each: Alternative, language: Language) -> str:
    if each.in_force.kind == "manual":
        return ""
    parts = [
        f"{n} {word(was, language)} → {word(becomes, language)}"
        for (was, becomes), n in each.moved.items()
    ]
    return ", ".join(parts) or word("none", language)
