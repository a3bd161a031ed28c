"""The colours of the boards: ours alone, and told apart also without seeing red and green."""

from __future__ import annotations

import re
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from tests.dashboards.test_boards import FILES, read, values

look = pytest.importorskip("dashboards.look", exc_type=ModuleNotFoundError)


def test_only_our_colours():
    for file in FILES:
        used = set(re.findall(r'"#[0-9A-Fa-f]{6}"', file.read_text()))
        assert {each.strip('"') for each in used} <= look.PALETTE
        board = read(file)
        colours = [*values(board, "color"), *values(board, "fixedColor")]
        named = {c for c in colours if isinstance(c, str) and not c.startswith("#")}
        assert named <= {"transparent"}, (
            f"{file}: colours of Grafana's own palette, red and green among them"
        )


_SEEN = {
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
}
"""Linear RGB as people see it who lack the cones for long or middle waves (Machado et al. 2009)."""


def _lab(colour: str, seen: Any = None) -> Any:
    """CIE L*a*b* of a colour."""
    rgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    if seen is not None:
        linear = np.clip(np.array(seen) @ linear, 0, 1)
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = np.array(to_xyz) @ linear / [0.9505, 1.0, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def _apart(one: str, other: str, seen: Any) -> float:
    return float(np.linalg.norm(_lab(one, seen) - _lab(other, seen)))


def test_queues_and_sources_are_told_apart_without_red_and_green():
    nearest = min(
        (_apart(one, other, seen), one, other)
        for seen in _SEEN.values()
        for one, other in combinations(look.SERIES, 2)
    )
    assert nearest[0] > 15, nearest
    dark = [min(_lab(each)[0] for each in look.SERIES), _lab("#181b1f")[0]]
    assert dark[0] - dark[1] > 30, "seen on Grafana's dark panels"


def test_good_and_bad_are_told_apart_from_all_else_without_red_and_green():
    """Stale and not measured come near each other for some; their words and symbols do not."""
    verdicts = {"met", "at_risk", "missed"}
    nearest = min(
        (_apart(look.FILLS[one], look.FILLS[other], seen), one, other)
        for seen in _SEEN.values()
        for one, other in combinations(look.FILLS, 2)
        if verdicts & {one, other}
    )
    assert nearest[0] > 15, nearest
    # the same measure finds Grafana's own green and red, which it is there to find
    assert _apart("#73BF69", "#F2495C", _SEEN["deuteranopia"]) < 15
