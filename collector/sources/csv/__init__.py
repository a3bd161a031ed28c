"""Tickets and calls from CSV files."""
