"""Tickets from the output of a program: Singer taps, or JSON in lines."""
