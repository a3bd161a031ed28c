"""Records → one verdict each. Pure functions."""
