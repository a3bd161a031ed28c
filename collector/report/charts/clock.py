"""Draws the clock of one record: business hours, pauses, deadline and end on a line. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from collector.report.blocks import Drawing
from collector.report.charts.svg import INK, RULE, SOFT, document, rule, text

_WIDTH, _LEFT, _RIGHT = 720, 10, 10
_BAR, _THICK = 66, 26
_AHEAD, _PAUSE, _TARGET = "#9CC3E6", "#B8730A", "#A33B00"
_CLOSE = 1.5  # px: nearer windows are drawn as one
_PER_LETTER = 6.6

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Marked:
    """An instant with its label above the line; ``late``: in the colour of a miss."""

    at: int
    label: str
    late: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """What is drawn, instants in epoch seconds: from ``first`` to ``last``, and ``until`` where the
    clock was read. ``due``: its deadline, if it has one. ``open``: the business hours;
    ``paused``: spans taken off, in one another's order; ``marked``: at most three instants;
    ``named``: spans with a name under the line, such as holidays; ``ticks``: instants of the axis
    with their labels. ``legend``: the words for business
    hours that passed, those of them after the deadline, those that are left, for closed hours, and
    for pauses; an empty one is left out.
    """

    first: int
    last: int
    until: int
    due: int | None
    open: Sequence[Span]
    paused: Sequence[Span]
    marked: Sequence[Marked]
    named: Sequence[tuple[Span, str]]
    ticks: Sequence[tuple[int, str]]
    legend: tuple[str, str, str, str, str]


def clock(line: Line, accent: str, alt: str) -> Drawing:
    """Draw the line of time. ``accent``: colour ``#rrggbb`` of business hours that have passed;
    ``alt``: alternative text."""
    span = max(1, line.last - line.first)

    def x(at: int) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * (at - line.first) / span

    height = _BAR + _THICK + 72
    good = line.until if line.due is None else min(line.due, line.until)
    passed = [(a, min(b, good)) for a, b in line.open if a < good]
    late = [(max(a, good), min(b, line.until)) for a, b in line.open if b > good and a < line.until]
    ahead = [(max(a, line.until), b) for a, b in line.open if b > line.until]
    parts = [
        f'<rect width="{_WIDTH}" height="{height}" fill="#FFFFFF"/>',
        _rect(x(line.first), x(line.last), RULE),
        *(_rect(a, b, accent) for a, b in _joined([(x(a), x(b)) for a, b in passed])),
        *(_rect(a, b, _TARGET) for a, b in _joined([(x(a), x(b)) for a, b in late if a < b])),
        *(_rect(a, b, _AHEAD) for a, b in _joined([(x(a), x(b)) for a, b in ahead])),
        *(_rect(a, b, _PAUSE) for a, b in _joined([(x(a), x(b)) for a, b in line.paused])),
    ]
    for place, mark in enumerate(line.marked):
        parts += _mark(mark, x(mark.at), 14 + 19 * place)
    parts += _names([(x(a), x(b), name) for (a, b), name in line.named])
    for at, label in line.ticks:
        parts.append(rule(x(at), _BAR + _THICK, x(at), _BAR + _THICK + 5, SOFT, 1))
        parts.append(
            text(x(at), _BAR + _THICK + 35, label, SOFT, anchor=_anchor(x(at), label), size=11)
        )
    parts += _legend(line.legend, (accent, _TARGET, _AHEAD, RULE, _PAUSE), height - 8)
    return Drawing(document(_WIDTH, height, parts, alt), alt, _WIDTH, height)


def _rect(left: float, right: float, colour: str) -> str:
    return (
        f'<rect x="{left:.1f}" y="{_BAR}" width="{max(0.8, right - left):.1f}" '
        f'height="{_THICK}" fill="{colour}"/>'
    )


def _joined(spans: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    for left, right in spans:
        if found and left - found[-1][1] < _CLOSE:
            found[-1] = found[-1][0], max(right, found[-1][1])
        else:
            found.append((left, right))
    return found


def _anchor(x: float, label: str) -> str:
    half = len(label) * _PER_LETTER / 2
    return "start" if x < half else "end" if x > _WIDTH - half else "middle"


def _mark(mark: Marked, x: float, y: int) -> list[str]:
    """A line down to the bar with its label, on the side where there is room."""
    colour = _TARGET if mark.late else INK
    right = x + 6 + len(mark.label) * _PER_LETTER < _WIDTH
    place = x + 6 if right else x - 6
    return [
        rule(x, y - 10, x, _BAR + _THICK + 2, colour, 2),
        text(place, y, mark.label, colour, anchor="start" if right else "end", size=12, halo=True),
    ]


def _names(named: Sequence[tuple[float, float, str]]) -> list[str]:
    """The names of spans, as many as there is room for."""
    parts, free = [], 0.0
    for left, right, name in named:
        half = len(name) * _PER_LETTER / 2
        middle = min(max((left + right) / 2, half), _WIDTH - half)
        if middle - half < free:
            continue
        free = middle + half + 8
        parts.append(text(middle, _BAR + _THICK + 18, name, INK, anchor="middle", size=11))
    return parts


def _legend(words: Sequence[str], colours: Sequence[str], y: int) -> list[str]:
    parts, x = [], float(_LEFT)
    for word, colour in zip(words, colours, strict=True):
        if word:
            parts.append(f'<rect x="{x:.1f}" y="{y - 10}" width="12" height="12" fill="{colour}"/>')
            parts.append(text(x + 17, y, word, SOFT, size=12))
            x += 17 + len(word) * _PER_LETTER + 22
    return parts
