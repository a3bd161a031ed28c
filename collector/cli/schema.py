"""Implements ``schema``: prints the JSON Schema of the configuration."""

from __future__ import annotations

import json

from collector.config.settings import Settings


def print_schema() -> None:
    """Print the JSON Schema of the configuration."""
    described = Settings.model_json_schema(by_alias=True)
    described = {"$schema": "https://json-schema.org/draft/2020-12/schema", **described}
    print(json.dumps(described, indent=2, ensure_ascii=False))
