"""Value maps: a source's own words for priorities, kinds, teams … as ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import BeforeValidator

from collector.model.page import RejectedRow

DEFAULT = "default"
"""The key of a map that stands for whatever it does not name, and for what is missing."""


def _text_keys(value: object) -> object:
    """YAML reads ``100: urgent`` as a number and ``yes: x`` as a bool; sources deliver text."""
    if isinstance(value, dict):
        return {str(k).lower() if isinstance(k, bool) else str(k): v for k, v in value.items()}
    return value


ValueMap = Annotated[dict[str, str], BeforeValidator(_text_keys)]
"""One field's ``{their value: our value}``, as it is written in the configuration."""


class Mapper:
    """Translates a source's own values to ours, field by field, as ``map:`` says.

    A value stands for itself when its field has no map, or when it already is one of ours (a
    target of the map, or a configured organization). Otherwise the map's ``default`` is taken.
    Without one a missing value is absent, and an unmapped value raises RejectedRow.
    """

    def __init__(self, maps: Mapping[str, Mapping[str, str]], organizations: Sequence[str]) -> None:
        self._maps = maps
        self._ours = {name: frozenset(m.values()) for name, m in maps.items()}
        self._organizations = frozenset(organizations)

    def __call__(self, name: str, value: str | None) -> str | None:
        """Our value of field ``name`` for the source's ``value`` (stripped; empty is missing).

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
