"""One way to write a value as bytes, so that the same content always has the same digest. Pure."""

from __future__ import annotations

import hashlib
import json
from typing import Any

_DIGITS = 12
"""Significant digits of what logarithms and roots went into: the last ones differ by machine."""


def canonical(value: Any) -> bytes:
    """JSON with sorted keys and no spaces, in UTF-8. Raises ValueError for what is no number."""
    text = json.dumps(
        value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    )
    return text.encode()


def digest(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def steady(value: Any) -> Any:
    """The same with every float in it cut to the digits that all machines agree on."""
    if isinstance(value, float):
        return float(f"{value:.{_DIGITS}g}") + 0.0  # no negative zero
    if isinstance(value, dict):
        return {key: steady(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [steady(each) for each in value]
    return value


class DoubleKey(ValueError):
    """An object names a key twice: two readers may see two values."""


def parsed(data: bytes) -> Any:
    """JSON in UTF-8 that :func:`canonical` can write again.

    Raises ValueError, also for a key that is there twice, for what is no finite number, for half a
    character and for what is nested without end.
    """

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise DoubleKey("a key is there twice")
        return found

    def refuse(constant: str) -> Any:
        raise ValueError(f"{constant} is no number")

    try:
        said = json.loads(data.decode(), object_pairs_hook=once, parse_constant=refuse)
        canonical(said)
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    return said
