"""Tallies → figures: value, target, state, forecast and comparison. Pure functions."""
