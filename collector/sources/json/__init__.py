"""Tickets of any system with a REST interface, by a configuration alone."""
