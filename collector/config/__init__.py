"""The configuration: its models, their checks, and loading it from files."""
