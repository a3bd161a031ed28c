"""Compares objects in a Grafana with the desired ones: by meaning, not byte by byte. Pure.

Grafana adds ids, dates and defaults to everything it stores, and each release adds others. What
Grafana adds is not a difference; what users changed is.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from collector.monitoring.grafana.ownership import Kind

REDACTED = "[REDACTED]"
"""What Grafana shows in place of a secret."""

_BOOKKEEPING = frozenset(
    {
        *("id", "orgId", "orgID", "version", "updated", "created", "updatedBy", "createdBy"),
        *("provenance", "iteration", "guid", "gnetId", "schemaVersion", "access_control"),
    }
)
"""Top-level keys that Grafana maintains itself."""

_ADDED = {
    "intervalMs": 1000,
    "maxDataPoints": 43200,
    "queryType": "",
    "missingSeriesEvalsToResolve": 2,
    "keep_firing_for": "0s",
    "pluginVersion": ...,
}
"""Keys that Grafana adds when they are missing, with its default; ``...`` for any value."""

_DURATIONS = frozenset(
    {"for", "keep_firing_for", "group_wait", "group_interval", "repeat_interval"}
)
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|[smhdwy])")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31536000}

_COST = 2**14
"""scrypt's cost parameter: some 50 ms for each guess at a secret."""

_EMPTY: tuple[object, ...] = (None, "", [], {})
"""Values that mean the same as a missing key."""


def normalised(kind: Kind, body: Mapping[str, Any]) -> dict[str, Any]:
    """An object without Grafana's bookkeeping, and with durations in seconds."""
    kept = {key: value for key, value in body.items() if key not in _BOOKKEEPING}
    if kind is Kind.BOARD and isinstance(listed := kept.get("annotations"), Mapping):
        own = [each for each in listed.get("list") or [] if not each.get("builtIn")]
        kept["annotations"] = {**listed, "list": own}
    if kind in {Kind.RULE, Kind.POLICY}:
        kept = dict(_in_seconds(kept))
    return kept


def _in_seconds(value: Any, key: str = "") -> Any:
    if isinstance(value, Mapping):
        return {e: own if e == "model" else _in_seconds(own, e) for e, own in value.items()}
    if isinstance(value, list):
        return [_in_seconds(each) for each in value]
    if key in _DURATIONS and isinstance(value, str):
        return _seconds(value)
    return value


def _seconds(text: str) -> object:
    """A duration in seconds, so that ``5m`` equals ``5m0s``; other text is returned unchanged."""
    parts = _PART.findall(text)
    if "".join(number + unit for number, unit in parts) != text or not parts:
        return text
    return f"{sum(float(number) * _SECONDS[unit] for number, unit in parts):g}s"


def differences(wanted: Any, found: Any) -> list[str]:
    """The paths at which ``found`` differs from ``wanted``, such as ``panels[2].title``.

    An additional key in ``found`` counts only if Grafana would not have added it itself. Redacted
    values cannot be compared and are skipped.
    """
    return [path.lstrip(".") or "all" for path in _differences(wanted, found, "", "")]


def redacted_paths(found: Any) -> list[str]:
    """The paths of the values that Grafana redacts."""
    return differences(_shown(found), found)


def _shown(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _shown(own) for key, own in value.items() if own != REDACTED}
    return [_shown(each) for each in value] if isinstance(value, list) else value


def _differences(wanted: Any, found: Any, path: str, key: str) -> Iterator[str]:
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        for each in [*wanted, *(other for other in found if other not in wanted)]:
            below = f"{path}.{each}"
            if each in wanted:
                if found.get(each) == REDACTED:
                    continue
                yield from _differences(wanted[each], found.get(each), below, each)
            elif not _is_addition(each, found[each]):
                yield below
    elif isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        for place, (one, other) in enumerate(zip(wanted, found, strict=True)):
            yield from _differences(one, other, f"{path}[{place}]", key)
    elif wanted != found and not (wanted in _EMPTY and found in _EMPTY):
        yield path


def _is_addition(key: str, value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(_is_addition(each, own) for each, own in value.items())
    added = _ADDED.get(key)
    return value in _EMPTY or value is False or value == 0 or added is ... or added == value


def canonical(body: object) -> str:
    """Canonical JSON: equal content gives equal text."""
    return json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def fingerprint(kind: Kind, body: Mapping[str, Any]) -> str:
    """A SHA-256 (hex) of what Grafana holds; it stays the same until somebody changes it."""
    return hashlib.sha256(canonical(normalised(kind, body)).encode()).hexdigest()


def salted_hash(kind: Kind, body: Mapping[str, Any]) -> str:
    """A salted hash of what is sent, ``salt$digest`` in hex: recognisable, but not guessable."""
    salt = secrets.token_bytes(16)
    return f"{salt.hex()}${_digest(kind)(salt, canonical(body).encode())}"


def matches_salted_hash(kind: Kind, mark: str | None, body: Mapping[str, Any]) -> bool:
    """Whether ``mark`` was made by :func:`salted_hash` of this body."""
    salt, dollar, digest = (mark or "").partition("$")
    if not dollar:
        return False
    again = _digest(kind)(bytes.fromhex(salt), canonical(body).encode())
    return hmac.compare_digest(again, digest)


def _digest(kind: Kind) -> Callable[[bytes, bytes], str]:
    """The hash function; slow for contact points, whose secrets could be found by guessing."""
    if kind is Kind.CONTACT_POINT:
        return lambda salt, text: hashlib.scrypt(text, salt=salt, n=_COST, r=8, p=1).hex()
    return lambda salt, text: hashlib.sha256(salt + text).hexdigest()
