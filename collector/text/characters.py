"""Characters of typography that keyboards lack."""

NBSP = "\N{NO-BREAK SPACE}"
"""Within numbers, dates and units, and between a symbol and its word."""

MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"
"""Between two numbers, and in place of what is not there."""
