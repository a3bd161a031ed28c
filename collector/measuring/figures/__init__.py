"""Tallies to figures: value, target, state, forecast and comparison; pure."""
