"""Rows of any system, by the queries or expressions of a configuration, as tickets."""
