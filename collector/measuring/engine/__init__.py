"""Store → figures: the only part of measuring that reads or writes the store."""
