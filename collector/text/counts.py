"""Counts in English, as the command line prints them."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """Return ``1 record`` or ``5 records``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
