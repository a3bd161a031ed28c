"""The table of what sources tell in docs/sources.md, made of what their options declare.

``python -m tests.conformance.source_docs`` writes it anew.
"""

from __future__ import annotations

import re

from collector.model.records import OF_CALLS, Unrecorded
from collector.sources import SOURCES
from collector.text.words.facts import FACT_WORDS
from tests.worlds.paths import ROOT

PAGE = ROOT / "docs" / "sources.md"
BLOCK = re.compile(r"(?<=<!-- facts -->\n).*?(?=<!-- /facts -->)", re.DOTALL)
TICKETS = {name: each for name, each in SOURCES.items() if each.delivers == "tickets"}


def table() -> str:
    """The table, in Markdown."""
    lines = [("of a ticket", *(f"`{name}`" for name in TICKETS)), ("---",) * (len(TICKETS) + 1)]
    facts = [fact for fact in Unrecorded if fact not in OF_CALLS]
    lines += [(FACT_WORDS[fact].en, *(_cell(n, fact) for n in TICKETS)) for fact in facts]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cell(name: str, fact: Unrecorded) -> str:
    source = TICKETS[name]
    if fact in source.UNRECORDED:
        return "–"
    return f"by `{source.REMEDIES[fact]}`" if fact in source.REMEDIES else "yes"


if __name__ == "__main__":
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(BLOCK.sub(lambda _: table(), page), encoding="utf-8")
