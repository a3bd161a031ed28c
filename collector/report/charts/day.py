"""A day by short intervals: what was reached in time stands on the line, what was lost hangs below
it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from collector.report.blocks import Drawing
from collector.report.charts.svg import INK, RULE, SOFT, document, rule, text

_HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 240, 34, 12, 10, 26
_LINES = 4
_HOUR_ROOM = 42
"""The least px between two labels of the axis of time."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Numbers of records of one interval; ``label`` at its start, empty for none. None in all of
    them: nothing is known of it."""

    label: str
    in_time: int | None
    late: int | None
    lost: int | None


def day_chart(
    intervals: Sequence[Interval], colours: tuple[str, str], alt: str, width: int = 960
) -> Drawing:
    """Draw the intervals as bars. ``colours``: of those in time and late (which are outlined), and
    of the lost ones. Intervals of which nothing is known are left open, over a dotted line."""
    fine, bad = colours
    most_up = max((each.in_time or 0) + (each.late or 0) for each in intervals)
    most_down = max(each.lost or 0 for each in intervals)
    step = _step(most_up + most_down)
    up, down = -(-max(most_up, 1) // step) * step, -(-most_down // step) * step
    room = _HEIGHT - _TOP - _BOTTOM
    slot = (width - _LEFT - _RIGHT) / len(intervals)

    def y(value: float) -> float:
        return _TOP + room * (up - value) / (up + down)

    parts = []
    for value in range(-down, up + 1, step):
        parts.append(rule(_LEFT, y(value), width - _RIGHT, y(value), RULE, 1))
        parts.append(text(_LEFT - 6, y(value) + 4, str(abs(value)), SOFT, anchor="end", size=12))
    free = 0.0
    for index, each in enumerate(intervals):
        x = _LEFT + index * slot
        if each.label and x >= free:
            parts.append(text(x, _HEIGHT - 8, each.label, SOFT, size=12))
            parts.append(rule(x, _HEIGHT - _BOTTOM, x, _HEIGHT - _BOTTOM + 5, SOFT, 1))
            free = x + _HOUR_ROOM
        if each.in_time is None or each.late is None or each.lost is None:
            parts.append(rule(x, y(0), x + slot, y(0), SOFT, 3, dashes="1 4"))
            continue
        left, wide = x + slot * 0.12, min(slot * 0.76, 40)
        parts += _bar(left, wide, y(each.in_time), y(0), fine)
        parts += _bar(left, wide, y(each.in_time + each.late), y(each.in_time), fine, hollow=True)
        parts += _bar(left, wide, y(0), y(-each.lost), bad)
    parts.append(rule(_LEFT, y(0), width - _RIGHT, y(0), INK, 1.5))
    return Drawing(document(width, _HEIGHT, parts, alt), alt, width, _HEIGHT)


def _step(spread: int) -> int:
    """The distance of lines that makes few of them: 1, 2, 5, 10, …"""
    size = 1
    while True:
        for factor in (1, 2, 5):
            if spread <= size * factor * _LINES:
                return size * factor
        size *= 10


def _bar(
    x: float, width: float, top: float, bottom: float, colour: str, *, hollow: bool = False
) -> list[str]:
    if bottom - top < 0.05:
        return []
    inset = 0.75 if hollow else 0
    look = f'fill="#FFFFFF" stroke="{colour}" stroke-width="1.5"' if hollow else f'fill="{colour}"'
    return [
        f'<rect x="{x + inset:.1f}" y="{top + inset:.1f}" width="{width - 2 * inset:.1f}" '
        f'height="{max(0.5, bottom - top - 2 * inset):.1f}" {look}/>'
    ]
