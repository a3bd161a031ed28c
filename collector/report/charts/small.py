"""Small drawings: sparklines for table cells, and horizontal bars. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from collector.report.blocks import Drawing
from collector.report.charts.months import Point, stretches
from collector.report.charts.svg import INK, TARGET, document, rule, text

_SPARK_WIDTH, _SPARK_HEIGHT = 104, 26
MIDDLE = "#6B7280"
"""Visible on white and on dark backgrounds."""


def bars(
    groups: Sequence[tuple[str, float, str]],
    accent: str,
    alt: str,
    mark: tuple[int, str] | None = None,
) -> Drawing:
    """Draw horizontal bars; ``groups``: label, length 0–1 of the longest, text after the bar.

    ``mark``: a line after so many bars, with the text that stands on it.
    """
    row, label, width = 18, 150, 500
    height = row * (len(groups) + (mark is not None)) + 8
    parts = [f'<rect width="{width}" height="{height}" fill="#FFFFFF"/>']
    room = width - label - 110
    for index, (name, share, after) in enumerate(groups):
        y = 4 + (index + (mark is not None and index >= mark[0])) * row
        length = max(1.0, room * share) if share else 0.0
        parts.append(text(label - 8, y + 14, name, INK, anchor="end"))
        parts.append(
            f'<rect x="{label}" y="{y + 3}" width="{length:.1f}" height="13" fill="{accent}"/>'
        )
        parts.append(text(label + length + 6, y + 14, after, INK))
    if mark is not None:
        y = 4 + mark[0] * row
        parts.append(rule(4, y + row - 1.5, width - 4, y + row - 1.5, TARGET, 1.5, dashes="5 4"))
        parts.append(text(width - 6, y + 13, mark[1], TARGET, anchor="end"))
    return Drawing(document(width, height, parts, alt), alt, width, height)


def sparkline(points: Sequence[Point], alt: str) -> Drawing:
    """Draw the months as a small line with gaps, over dashed targets, without axes.

    Raises ValueError if ``points`` contains neither values nor targets, StopIteration without
    values.
    """
    values = [p.value for p in points if p.value is not None]
    targets = stretches([p.target for p in points])
    seen = [*values, *(target for _, _, target in targets)]
    low, high = min(seen), max(seen)
    spread = (high - low) or 1.0
    step = (_SPARK_WIDTH - 12) / max(1, len(points) - 1)

    def x(index: float) -> float:
        return 6 + index * step

    def y(value: float) -> float:
        if high == low:
            return _SPARK_HEIGHT / 2
        return 4 + (_SPARK_HEIGHT - 8) * (1 - (value - low) / spread)

    parts = []
    for begin, end, target in targets:
        left, right = max(2, x(begin - 0.5)), min(_SPARK_WIDTH - 2, x(end + 0.5))
        parts.append(rule(left, y(target), right, y(target), MIDDLE, 1, dashes="2 2"))
    at = [None if p.value is None else (x(i), y(p.value)) for i, p in enumerate(points)]
    runs = [[each for each in run if each] for known, run in groupby(at, bool) if known]
    parts += [_line(run) for run in runs if len(run) > 1]
    alone = [run[0] for run in runs if len(run) == 1]
    last = next(each for each in reversed(at) if each)
    dots = [*((each, 1.5) for each in alone if each != last), (last, 3.5)]
    parts += [f'<circle cx="{p[0]:.1f}" cy="{p[1]:.1f}" r="{r}" fill="{MIDDLE}"/>' for p, r in dots]
    svg = document(_SPARK_WIDTH, _SPARK_HEIGHT, parts, alt)
    return Drawing(svg, alt, _SPARK_WIDTH, _SPARK_HEIGHT)


def _line(run: Sequence[tuple[float, float]]) -> str:
    """A line through all points: a third of the bytes of a rule from each to the next."""
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in run)
    return f'<polyline points="{points}" fill="none" stroke="{MIDDLE}" stroke-width="2"/>'
