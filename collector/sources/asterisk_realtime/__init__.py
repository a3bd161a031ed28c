"""Asterisk's queue log in a table: that of a database, or exported to files."""
