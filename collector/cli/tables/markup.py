"""Escapes plain text for rich's markup and for the terminal."""

from __future__ import annotations

from rich.markup import escape

from collector.text.characters import NBSP


def escaped(text: str) -> str:
    """Text without markup, ``printable``."""
    return escape(printable(text))


def printable(text: str) -> str:
    """Text whose unprintable characters, and so control sequences, are replaced."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == NBSP else "\N{REPLACEMENT CHARACTER}" for c in text)
