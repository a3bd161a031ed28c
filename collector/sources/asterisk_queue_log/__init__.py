"""Asterisk's queue_log, with its rotated predecessors."""
