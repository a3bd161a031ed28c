"""The command ``schema``."""

from __future__ import annotations

import json


def schema() -> None:
    """Print the JSON Schema of the configuration, for editors."""
    from collector.config.settings import Settings

    described = Settings.model_json_schema(by_alias=True)
    described = {"$schema": "https://json-schema.org/draft/2020-12/schema", **described}
    print(json.dumps(described, indent=2, ensure_ascii=False))
