"""Typographic characters that are missing on keyboards."""

NBSP = "\N{NO-BREAK SPACE}"
"""Within numbers, dates and units, and between a symbol and its word."""

MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"
"""Between two numbers, and in place of a missing value."""
