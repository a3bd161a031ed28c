"""Plain text, made safe for the terminal where it goes into a table."""

from __future__ import annotations

from rich.markup import escape

from collector.text.characters import NBSP


def plain(text: str) -> str:
    """Text in which nothing is markup, or a control sequence for the terminal."""
    return escape(
        "".join(c if c.isprintable() or c == NBSP else "\N{REPLACEMENT CHARACTER}" for c in text)
    )
