"""Asterisk's queue_log, including rotated files."""
