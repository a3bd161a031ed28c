"""Asterisk's queues as they are now, by its manager interface (AMI)."""
