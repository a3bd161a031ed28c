"""Checks across the whole configuration, beyond what single keys can show."""
