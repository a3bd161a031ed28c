"""The command ``schema``, which has no options."""

from __future__ import annotations


def schema() -> None:
    """Print the JSON Schema of the configuration, for editors."""
    from collector.cli.schema import print_schema

    print_schema()
