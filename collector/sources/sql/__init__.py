"""Tickets and calls from any SQL database, by the user's own queries."""
