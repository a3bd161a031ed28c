"""The configuration: its models, the checks on them, and how it is loaded from files."""
