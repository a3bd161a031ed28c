"""Whether what a Grafana holds is what it shall hold: by meaning, not byte by byte. Pure.

Grafana adds numbers, dates and defaults to all it keeps, and each release others. What it adds is
not a difference; what people changed is.
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
"""What Grafana says in the place of a secret."""

_BOOKKEEPING = frozenset(
    {
        *("id", "orgId", "orgID", "version", "updated", "created", "updatedBy", "createdBy"),
        *("provenance", "iteration", "guid", "gnetId", "schemaVersion", "access_control"),
    }
)
"""Keys of an object as a whole that Grafana keeps for itself."""

_ADDED = {
    "intervalMs": 1000,
    "maxDataPoints": 43200,
    "queryType": "",
    "missingSeriesEvalsToResolve": 2,
    "keep_firing_for": "0s",
    "pluginVersion": ...,
}
"""What Grafana adds where nothing is said; ``...`` for any value."""

_DURATIONS = frozenset(
    {"for", "keep_firing_for", "group_wait", "group_interval", "repeat_interval"}
)
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|[smhdwy])")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31536000}

_COST = 2**14
"""Of one try at a secret, for scrypt: some 50 ms."""

_UNSAID: tuple[object, ...] = (None, "", [], {})
"""What says nothing: the same as not being there."""


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
    """``5m`` and ``5m0s`` are the same; text that is no duration stays as it is."""
    parts = _PART.findall(text)
    if "".join(number + unit for number, unit in parts) != text or not parts:
        return text
    return f"{sum(float(number) * _SECONDS[unit] for number, unit in parts):g}s"


def differences(wanted: Any, found: Any) -> list[str]:
    """The paths at which ``found`` is not as wanted, as in ``panels[2].title``.

    A key that is not wanted differs only where it says something that Grafana does not add by
    itself. A redacted value cannot be compared and is passed over.
    """
    return [path.lstrip(".") or "all" for path in _differences(wanted, found, "", "")]


def redacted(found: Any) -> list[str]:
    """The paths of the values that Grafana does not show."""
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
    elif wanted != found and not (wanted in _UNSAID and found in _UNSAID):
        yield path


def _is_addition(key: str, value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(_is_addition(each, own) for each, own in value.items())
    added = _ADDED.get(key)
    return value in _UNSAID or value is False or value == 0 or added is ... or added == value


def canonical(body: object) -> str:
    """The same text for the same content."""
    return json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def fingerprint(kind: Kind, body: Mapping[str, Any]) -> str:
    """A mark of what Grafana holds; the same as long as nobody changes it."""
    return hashlib.sha256(canonical(normalised(kind, body)).encode()).hexdigest()


def sealed(kind: Kind, body: Mapping[str, Any]) -> str:
    """A mark of what is sent, by which it can be recognised and not be guessed."""
    salt = secrets.token_bytes(16)
    return f"{salt.hex()}${_digest(kind)(salt, canonical(body).encode())}"


def is_sealed(kind: Kind, mark: str | None, body: Mapping[str, Any]) -> bool:
    """Whether a mark is that of this body."""
    salt, dollar, digest = (mark or "").partition("$")
    if not dollar:
        return False
    again = _digest(kind)(bytes.fromhex(salt), canonical(body).encode())
    return hmac.compare_digest(again, digest)


def _digest(kind: Kind) -> Callable[[bytes, bytes], str]:
    """Slow where secrets are among it, since a password could be found by trying."""
    if kind is Kind.CONTACT_POINT:
        return lambda salt, text: hashlib.scrypt(text, salt=salt, n=_COST, r=8, p=1).hex()
    return lambda salt, text: hashlib.sha256(salt + text).hexdigest()
