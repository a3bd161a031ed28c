"""Escapes plain text for rich's markup and for the terminal."""

from __future__ import annotations

from rich.markup import escape

from collector.text.characters import NBSP


def escaped(text: str) -> str:
    """Text without markup; unprintable characters, and so control sequences, are replaced."""
    return escape(
        "".join(c if c.isprintable() or c == NBSP else "\N{REPLACEMENT CHARACTER}" for c in text)
    )
