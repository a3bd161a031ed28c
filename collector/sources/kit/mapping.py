"""Value maps: from a source's words for priorities, kinds, teams … to ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import BeforeValidator

from collector.model.page import RejectedRow

DEFAULT = "default"
"""The key of a map that applies to missing values and to values the map does not list."""


def _text_keys(value: object) -> object:
    """Make keys text: YAML reads ``100: urgent`` as a number and ``yes: x`` as a bool."""
    if isinstance(value, dict):
        return {str(k).lower() if isinstance(k, bool) else str(k): v for k, v in value.items()}
    return value


ValueMap = Annotated[dict[str, str], BeforeValidator(_text_keys)]
"""The map of one field in the configuration: ``{their value: our value}``."""


class Mapper:
    """Translates a source's values to ours, field by field, according to ``map:``.

    A value is kept as it is when its field has no map, or when it already is one of ours (a target
    of the map, or a configured organization). Otherwise the map's ``default`` applies. Without a
    default a missing value is None, and an unmapped value raises RejectedRow.
    """

    def __init__(self, maps: Mapping[str, Mapping[str, str]], organizations: Sequence[str]) -> None:
        self._maps = maps
        self._ours = {name: frozenset(m.values()) for name, m in maps.items()}
        self._organizations = frozenset(organizations)

    def __call__(self, name: str, value: str | None) -> str | None:
        """Return our value of field ``name`` for the source's ``value`` (stripped; empty: missing).

        Raises RejectedRow for a value that is not mapped.
        """
        value = value.strip() if value else None
        table = self._maps.get(name)
        if value and table and value in table and value != DEFAULT:
            return table[value]
        if value and self._is_ours(name, value):
            return value
        if table and DEFAULT in table:
            return table[DEFAULT]
        if not value:
            return None
        raise RejectedRow(
            f"unmapped_{name}",
            f"{name} {value!r} is not mapped: add it (or a default) under map.{name}",
        )

    def _is_ours(self, name: str, value: str) -> bool:
        if name == "organization":
            return value in self._organizations or not self._organizations
        return name not in self._maps or value in self._ours[name]
