"""Draws how durations are spread, with the limit marked. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from collector.report.blocks import Drawing
from collector.report.charts.svg import INK, document, rule, text

_WIDTH, _LABEL, _AFTER, _ROW = 480, 104, 110, 21
_TARGET, _UNKNOWN = "#A33B00", "#6B7280"


@dataclass(frozen=True, slots=True)
class Bar:
    """A group of durations: its label, its length 0-1 of the longest, the text after it, and
    whether it is over the limit; None: the limit lies within it, or there is none."""

    label: str
    length: float
    after: str
    over: bool | None


def distribution(bars: Sequence[Bar], limit: str, accent: str, alt: str) -> Drawing:
    """Draw bars one under the other, with a line named ``limit`` above the first one that is over
    it; an empty text draws none. ``accent``: colour ``#rrggbb``; ``alt``: alternative text."""
    first = next((place for place, each in enumerate(bars) if each.over), len(bars))
    height = _ROW * (len(bars) + bool(limit)) + 10
    parts, y = [f'<rect width="{_WIDTH}" height="{height}" fill="#FFFFFF"/>'], 5.0
    for place, each in enumerate((*bars, None)):
        if limit and place == first:
            wide = 7.2 * len(limit)
            parts.append(rule(0, y + 10, _WIDTH - wide - 8, y + 10, _TARGET, 1.5, dashes="5 4"))
            parts.append(text(_WIDTH, y + 14, limit, _TARGET, anchor="end"))
            y += _ROW
        if each is None:
            break
        length = max(1.0, (_WIDTH - _LABEL - _AFTER) * each.length) if each.length else 0.0
        colour = _TARGET if each.over else accent
        if limit and each.over is None:
            colour = _UNKNOWN
        parts.append(text(_LABEL - 8, y + 14, each.label, INK, anchor="end"))
        parts.append(
            f'<rect x="{_LABEL}" y="{y + 3}" width="{length:.1f}" height="14" fill="{colour}"/>'
        )
        parts.append(text(_LABEL + length + 6, y + 14, each.after, INK))
        y += _ROW
    return Drawing(document(_WIDTH, height, parts, alt), alt, _WIDTH, height)
