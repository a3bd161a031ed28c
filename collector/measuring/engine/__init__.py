"""Store to figures: the only door from measuring to the store."""
