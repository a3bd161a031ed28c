"""What there can be of indicators: one file a kind, one line each in the table; pure."""
