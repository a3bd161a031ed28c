"""Canonical JSON: the same content always gives the same bytes and the same digest. Pure."""

from __future__ import annotations

import hashlib
import json
from typing import Any

_DIGITS = 12
"""Significant digits kept of floats: logarithms and roots differ by machine after these."""


def canonical(value: Any) -> bytes:
    """JSON with sorted keys and no spaces, in UTF-8. Raises ValueError for NaN and infinity."""
    text = json.dumps(
        value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    )
    return text.encode()


def digest(data: bytes) -> str:
    """The SHA-256 of some bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def round_floats(value: Any) -> Any:
    """Return the value with every float rounded to the digits that all machines agree on."""
    if isinstance(value, float):
        return float(f"{value:.{_DIGITS}g}") + 0.0  # no negative zero
    if isinstance(value, dict):
        return {key: round_floats(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [round_floats(each) for each in value]
    return value


class DuplicateKey(ValueError):
    """A JSON object has the same key twice, so two readers may see different values."""


def parse_json(data: bytes) -> Any:
    """Read JSON in UTF-8 that :func:`canonical` can write again.

    Raises DoubleKey for a repeated key, and ValueError for invalid JSON or UTF-8, NaN, infinity, an
    unpaired surrogate and JSON that is nested too deeply.
    """

    def unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise DuplicateKey("a key occurs twice")
        return found

    def reject(constant: str) -> Any:
        raise ValueError(f"{constant} is not a valid number")

    try:
        value = json.loads(data.decode(), object_pairs_hook=unique_keys, parse_constant=reject)
        canonical(value)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    return value
