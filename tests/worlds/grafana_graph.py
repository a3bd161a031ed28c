"""Graphs of a board as they are seen: their lines, bars and bands, scales, axes and legend, and the
states of indicators through time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from tests.worlds.grafana_layout import AXIS_SIZE, text_width
from tests.worlds.grafana_scales import Scale, key, scale, times
from tests.worlds.grafana_units import ZONE, displayed, mapped
from tests.worlds.grafana_view import View, config_of, legend_text

LEGEND_ROW, LEGEND_SHARE = 24, 0.35
_LEGEND_ITEM, _LEGEND_VALUE = 38, "Last *: "
"""Pixels of an item of a legend that are no text, and what stands before its value."""
AXIS_GAP, TIME_AXIS = 9, 21
TOP = 8
_SCRAPED = 15
"""Seconds between two scrapes of the data source that ``provision`` makes."""

_ROUND = [
    (12.5, 10), (17.5, 15), (25, 20), (45, 30), (90, 60), (210, 120), (450, 300), (750, 600),
    (1050, 900), (1500, 1200), (2700, 1800), (5400, 3600), (9000, 7200), (16_200, 10_800),
    (32_400, 21_600), (86_400, 43_200), (604_800, 86_400),
]  # fmt: skip
"""Up to so many seconds a point → the step that Grafana takes (from memory)."""


_Points = tuple[tuple[float, float | None], ...]
_Series = tuple[str, dict[str, str], _Points, dict[str, Any]]


class Line(NamedTuple):
    """A series of a graph: its query, its name in the legend, its instants in epoch seconds with
    their values (None: a gap), its colour, and how it is drawn. ``below``: what it is stacked on,
    at each instant."""

    ref: str
    name: str
    labels: Mapping[str, str]
    points: tuple[tuple[float, float | None], ...]
    colour: str
    config: Mapping[str, Any]
    scale: Scale
    below: Mapping[float, float]

    @property
    def last(self) -> str:
        """What the legend says it is now."""
        return _last(self.points, self.config)

    def hidden_from(self, area: str) -> bool:
        """Whether it is not in the legend, the tooltip or the drawing (``viz``)."""
        return bool((self.config.get("custom.hideFrom") or {}).get(area))


class Graph(NamedTuple):
    """A graph: from when to when and how far apart (epoch seconds), its lines, what stands at its
    time axis, the size of the drawing and how far from the left it begins, in pixels, and the rows
    of its legend, of which those are seen that take no more than LEGEND_SHARE of the panel."""

    start: float
    end: float
    step: float
    lines: tuple[Line, ...]
    times: tuple[tuple[float, str], ...]
    size: tuple[float, float]
    left: float
    legend: tuple[tuple[Line, ...], ...] = ()

    def line(self, ref: str) -> Line:
        """The only line of a query. Raises ValueError if there are others or none."""
        (found,) = (each for each in self.lines if each.ref == ref)
        return found

    @property
    def named(self) -> list[Line]:
        """The lines that the legend names."""
        return [each for row in self.legend for each in row]

    @property
    def axes(self) -> list[Scale]:
        """The scales whose axes are shown."""
        return list({line.scale: None for line in self.lines if line.scale.shown})


class Span(NamedTuple):
    """A state of an indicator from and to an instant in epoch seconds."""

    start: float
    end: float
    text: str
    colour: str


def span(view: View, panel: Any) -> tuple[float, float]:
    """From when to when a panel shows, in epoch seconds."""
    if panel.get("timeFrom"):
        return view.at - _seconds(panel["timeFrom"]), view.at
    begin, end = (_instant(view.board["time"][name], view.at, name) for name in ("from", "to"))
    return begin, end


def _instant(text: str, now: float, name: str) -> float:
    found = re.fullmatch(r"now(?:-(\w+))?(?:/([dwMy]))?", text)
    assert found, text
    at = now - (_seconds(found[1]) if found[1] else 0)
    if found[2] is None:
        return at
    day = datetime.fromtimestamp(at, ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    begin = {"d": day, "M": day.replace(day=1), "y": day.replace(month=1, day=1)}[found[2]]
    if name == "from":
        return begin.timestamp()
    longer = begin + timedelta(days={"d": 1, "M": 32, "y": 366}[found[2]])
    if found[2] != "d":
        longer = longer.replace(day=1)
    return longer.timestamp()


def _seconds(text: str) -> int:
    return int(text[:-1]) * {"m": 60, "h": 3600, "d": 86_400, "w": 604_800}[text[-1]]


def step(panel: Any, seconds: float, pixels: float) -> float:
    """Seconds between two points of a panel."""
    least = _seconds(panel["interval"]) if panel.get("interval") else _SCRAPED
    wanted = seconds / (panel.get("maxDataPoints") or pixels)
    return max(least, next((found for most, found in _ROUND if wanted <= most), 604_800))


def graph(view: View, number: int, size: tuple[float, float], **chosen: str) -> Graph:
    """A graph of a board whose panel has so much room, in pixels."""
    panel = view.panel(number)
    start, end = span(view, panel)
    every = step(panel, end - start, size[0])
    found = list(_series(view, panel, (start, end, every), chosen))
    assert panel["options"]["legend"]["displayMode"] == "list"
    legend = _legend(panel, found, size[0])
    tall = size[1] - min(LEGEND_ROW * len(legend), LEGEND_SHARE * size[1]) - TIME_AXIS - TOP
    stacks = list(_stacks(found))
    scales: dict[Any, Scale] = {}
    for _, _, _, config in found:
        if (own := key(config)) not in scales:
            values = [
                value + below.get(at, 0)
                for (_, _, points, each), below in zip(found, stacks, strict=True)
                for at, value in points
                if key(each) == own and value is not None and not _off(each, "viz")
            ]
            scales[own] = scale(config, values, tall)
    texts = [text for each in scales.values() if each.shown for _, text in each.ticks]
    left = max((text_width(text, AXIS_SIZE) for text in texts), default=0) + AXIS_GAP
    drawn = size[0] - left
    lines = tuple(
        Line(ref, legend_text(panel, ref, labels), labels, points, _colour(config), config,
             scales[key(config)], below)
        for (ref, labels, points, config), below in zip(found, stacks, strict=True)
    )  # fmt: skip
    named = tuple(tuple(lines[number] for number in row) for row in legend)
    return Graph(
        start,
        end,
        every,
        lines,
        tuple(times(start, end, drawn)),
        (drawn, max(tall, 1)),
        left,
        named,
    )


def _legend(panel: Any, found: Sequence[_Series], width: float) -> list[list[int]]:
    """The rows of a legend that is a list, each with the places of its series."""
    rows: list[list[int]] = []
    room = 0.0
    for number, (ref, labels, points, config) in enumerate(found):
        if _off(config, "legend"):
            continue
        name = legend_text(panel, ref, labels)
        needed = text_width(f"{name}{_LEGEND_VALUE}{_last(points, config)}", AXIS_SIZE)
        needed += _LEGEND_ITEM
        if needed > room:
            rows.append([])
            room = width
        rows[-1].append(number)
        room -= needed
    return rows


def _last(points: _Points, config: Mapping[str, Any]) -> str:
    return displayed([v for _, v in points if v is not None][-1], config)[0]


def _stacks(found: Sequence[_Series]) -> Iterator[dict[float, float]]:
    """What each series is stacked on: those before it in the same group."""
    groups: dict[str, dict[float, float]] = {}
    for _, _, points, config in found:
        stacking = config.get("custom.stacking") or {"mode": "none"}
        if stacking["mode"] == "none":
            yield {}
            continue
        below = groups.setdefault(stacking["group"], {})
        yield dict(below)
        for at, value in points:
            below[at] = below.get(at, 0) + (value or 0)


def _off(config: Mapping[str, Any], area: str) -> bool:
    return bool((config.get("custom.hideFrom") or {}).get(area))


def _series(
    view: View, panel: Any, asked: tuple[float, float, float], chosen: Mapping[str, str]
) -> Iterator[_Series]:
    """The queries of a panel, answered: where an instant has no value there is a gap."""
    for target in panel["targets"]:
        config = config_of(panel, "byFrameRefID", target["refId"])
        for labels, values in view.ask_range(target["expr"], *asked, **chosen):
            first, last, every = min(values), max(values), asked[2]
            instants = [first + every * n for n in range(round((last - first) / every) + 1)]
            yield target["refId"], labels, tuple((t, values.get(t)) for t in instants), config


def _colour(config: Mapping[str, Any]) -> str:
    """The colour of a line; those of Grafana's own palette are not known here."""
    colour = config["color"]
    known = {"fixed": colour.get("fixedColor"), "palette-classic-by-name": "#808080"}
    return str(known[colour["mode"]])


def states(
    view: View, number: int, size: tuple[float, float], **chosen: str
) -> tuple[Graph, list[tuple[str, list[Span]]]]:
    """The frame of a panel of states through time, and its rows."""
    panel = view.panel(number)
    start, end = span(view, panel)
    every = step(panel, end - start, size[0])
    rows = []
    for ref, labels, points, config in _series(view, panel, (start, end, every), chosen):
        rows.append((legend_text(panel, ref, labels), list(_spans(points, every, config))))
    left = max((text_width(name, AXIS_SIZE) for name, _ in rows), default=0) + AXIS_GAP
    drawn = size[0] - left
    tall = size[1] - TIME_AXIS - TOP - LEGEND_ROW
    return Graph(start, end, every, (), tuple(times(start, end, drawn)), (drawn, tall), left), rows


def _spans(points: _Points, every: float, config: Mapping[str, Any]) -> Iterator[Span]:
    """Instants of the same state that follow each other become one span."""
    begun: tuple[float, float] | None = None
    for at, value in (*points, (points[-1][0] + every, None)):
        if begun is not None and value != begun[1]:
            text, colour = mapped(begun[1], config["mappings"]) or (None, None)
            yield Span(begun[0], at, text or "", colour or config["color"]["fixedColor"])
            begun = None
        if begun is None and value is not None:
            begun = at, value
