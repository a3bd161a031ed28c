"""Annotations expanded as Grafana does it: the part of Go's templates that our rules use.

As tried with Go's text/template and ``missingkey=invalid``, which Grafana sets: a missing key
prints ``[no value]``, is false to ``if`` and ``with``, and is nil to a function, which fails on it.
A value that is there is true, even 0. What the rules do not use is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

_ACTION = re.compile(r'\{\{ ((?:"[^"]*"|[^{}"])*) \}\}')
_NUMERIC = {"humanize", "humanizeDuration", "humanizePercentage", "humanizeTimestamp"}


class ExpandError(Exception):
    """What Grafana logs when it cannot expand an annotation."""


@dataclass
class _Scope:
    values: Mapping[str, float]
    labels: Mapping[str, str]
    value: float | None
    dot: float | None = None
    written: list[str] = field(default_factory=list)


def expand(
    text: str,
    *,
    values: Mapping[str, float] | None = None,
    labels: Mapping[str, str] | None = None,
    value: float | None = None,
    missing: str | None = None,
) -> str:
    """The text of an annotation. ``values``: by refId, as Grafana's ``$values``; ``value``: as
    Prometheus' ``$value``. ``missing``: shown instead of a missing ``$value``.

    Raises ExpandError where Grafana would log one.
    """
    parts = iter(_ACTION.split(text))
    scope = _Scope(values or {}, labels or {}, value)
    if "{{" in "".join(_ACTION.split(text)[::2]):
        raise AssertionError(f"not understood: {text}")
    _block(parts, scope, missing, shown=True)
    return "".join(scope.written)


def _block(parts: Iterator[str], scope: _Scope, missing: str | None, *, shown: bool) -> str:
    """Write up to the end of a block; the action that ended it."""
    for plain in parts:
        if shown:
            scope.written.append(plain)
        action = next(parts, None)
        if action is None:
            return ""
        head, _, rest = action.partition(" ")
        if action in {"else", "end"}:
            return action
        if head in {"if", "with"}:
            found = _operand(rest, scope)
            before, scope.dot = scope.dot, found if head == "with" else scope.dot
            ended = _block(parts, scope, missing, shown=shown and found is not None)
            scope.dot = before
            if ended == "else":
                _block(parts, scope, missing, shown=shown and found is None)
        elif shown:
            scope.written.append(_pipeline(action, scope, missing))
    return ""


def _pipeline(action: str, scope: _Scope, missing: str | None) -> str:
    operand, *functions = action.split(" | ")
    found = _operand(operand, scope)
    if operand == "$value" and found is None and missing is not None:
        return missing
    for function in functions:
        if function not in _NUMERIC:
            raise AssertionError(f"not understood: {action}")
        if not isinstance(found, float):
            raise ExpandError(f"error calling {function}: can't convert <nil> to float")
        found = f"{function} of {found:g}"
    if found is None:
        return "[no value]"
    return f"{found:g}" if isinstance(found, float) else found


def _operand(operand: str, scope: _Scope) -> str | float | None:
    if quoted := re.fullmatch(r'"([^"]*)"', operand):
        return quoted[1]
    if operand == "$value":
        return scope.value
    if operand == ".Value":
        return scope.dot
    if label := re.fullmatch(r"\$labels\.(\w+)", operand):
        return scope.labels.get(label[1])
    if reference := re.fullmatch(r"\$values\.(\w+)(\.Value)?", operand):
        return scope.values.get(reference[1])
    raise AssertionError(f"not understood: {operand}")
