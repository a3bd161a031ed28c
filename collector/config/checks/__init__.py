"""Checks of a configuration as a whole."""
