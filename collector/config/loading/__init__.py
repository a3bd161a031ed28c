"""Loads configuration files into settings, or reports every fault at once."""
