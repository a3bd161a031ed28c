"""Paths into a configuration, such as ``indicators.urgent.within``, and assignments to them."""

from __future__ import annotations

import re
from typing import Any

from collector.io.yaml import Place, parse_yaml, place_text
from collector.model.fields import small_number

_STEP = re.compile(r"([^.\[\]]+)|\[([0-9]+)\]")


def place_of(assignment: str) -> Place:
    """The place that ``PATH=VALUE`` names; a path consists of keys, and ``[n]`` for list entries.

    Raises ValueError for anything else.
    """
    path, equals, _ = assignment.partition("=")
    if not path.isprintable():
        raise ValueError("contains a control character or is not UTF-8 text")
    steps = tuple(small_number(n) if n else key for key, n in _STEP.findall(path.strip()))
    if not equals or not steps or place_text(steps) != path.strip():
        raise ValueError("write PATH=VALUE, as in indicators.urgent_response.within=20min")
    return steps


def assign(data: Any, assignment: str) -> None:
    """Sets the value of ``PATH=VALUE``, which is YAML, in the data of a configuration, in place.

    Missing keys are added. Raises ValueError if the path or the value is malformed, if it does not
    fit a list, or if a list has too few entries.
    """
    steps, value = place_of(assignment), parse_yaml(assignment.partition("=")[2])
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        if isinstance(step, int) != isinstance(data, list):
            kind = "a list: name an entry, as in [0]" if isinstance(data, list) else "not a list"
            raise ValueError(f"the parent of {step!r} is {kind}")
        if isinstance(step, int) and step >= len(data):
            raise ValueError(f"the list has only {len(data)} entries")
        if following is None:
            data[step] = value
        elif not isinstance(data[step] if isinstance(step, int) else data.get(step), dict | list):
            data[step] = {}
        data = data[step]
