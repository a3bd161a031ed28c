"""Doors to the outside: HTTP, YAML, files, the clock, progress, and errors for people."""
