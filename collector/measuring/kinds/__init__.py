"""The kinds of indicators: one file and one line in ``table`` for each kind. Pure."""
