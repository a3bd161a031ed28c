"""Text of others, made safe for the terminal."""

from __future__ import annotations

from rich.markup import escape


def plain(text: str) -> str:
    """Text of others: nothing in it is markup, or a control sequence for the terminal."""
    return escape("".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text))
