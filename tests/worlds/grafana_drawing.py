"""The SVG of a graph that ``grafana_graph`` has found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from tests.worlds.grafana_graph import TIME_AXIS, TOP, Graph, Line, Span
from tests.worlds.grafana_layout import AXIS_SIZE, ink

_GREY, _GRID = "#9a9ba6", "#26282d"


def drawing(graph: Graph) -> str:
    """Lines, bars and bands with their axes."""
    parts = [*_axes(graph), *_bands(graph)]
    for line in graph.lines:
        if not line.hidden_from("viz"):
            parts += _bars(graph, line) if _is_bars(line) else _path(graph, line)
    return _svg(graph, parts)


def state_drawing(graph: Graph, rows: Sequence[tuple[str, Sequence[Span]]]) -> str:
    """Rows of states through time."""
    parts = [*_times(graph)]
    tall = graph.size[1] / max(len(rows), 1)
    for number, (name, spans) in enumerate(rows):
        y = number * tall
        parts.append(_text(graph.left - 8, y + tall / 2 + 4, name, "end"))
        for each in spans:
            x, width = _x(graph, each.start), _x(graph, each.end) - _x(graph, each.start)
            parts.append(
                f'<rect x="{x:.1f}" y="{y + tall * 0.05:.1f}" width="{width:.1f}" '
                f'height="{tall * 0.9:.1f}" fill="{each.colour}"/>'
            )
            if width > 90:
                parts.append(_text(x + 6, y + tall / 2 + 4, each.text, colour=ink(each.colour)))
    return _svg(graph, parts)


def _svg(graph: Graph, parts: Sequence[str]) -> str:
    width, tall = graph.left + graph.size[0], graph.size[1] + TIME_AXIS + TOP
    return (
        f'<svg width="{width:.0f}" height="{tall:.0f}" font-size="{AXIS_SIZE}" '
        f'viewBox="0 {-TOP} {width:.0f} {tall:.0f}" '
        f'font-family="inherit">{"".join(parts)}</svg>'
    )


def _x(graph: Graph, at: float) -> float:
    share = (at - graph.start) / (graph.end - graph.start)
    return graph.left + graph.size[0] * min(max(share, 0), 1)


def _y(graph: Graph, line: Line, value: float) -> float:
    return graph.size[1] * (1 - min(max(line.scale.share(value), 0), 1))


def _text(x: float, y: float, text: str, anchor: str = "start", colour: str = _GREY) -> str:
    said = escape(text)
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{said}</text>'


def _times(graph: Graph) -> Iterator[str]:
    for at, label in graph.times:
        x = _x(graph, at)
        yield f'<path d="M{x:.1f} 0V{graph.size[1]:.1f}" stroke="{_GRID}"/>'
        yield _text(x, graph.size[1] + 17, label, "middle")


def _axes(graph: Graph) -> Iterator[str]:
    yield from _times(graph)
    for scale in graph.axes[:1]:  # a second one stands on the right, which our boards never have
        for value, label in scale.ticks:
            y = graph.size[1] * (1 - scale.share(value))
            yield (
                f'<path d="M{graph.left:.1f} {y:.1f}h{graph.size[0]:.1f}" stroke="{_GRID}"/>'
                + _text(graph.left - 8, y + 4, label, "end")
            )


def _is_bars(line: Line) -> bool:
    return line.config.get("custom.drawStyle") == "bars"


def _stretches(line: Line) -> Iterator[list[tuple[float, float]]]:
    """What is drawn without lifting the pen."""
    found: list[tuple[float, float]] = []
    for at, value in (*line.points, (0.0, None)):
        if value is not None:
            found.append((at, value))
        elif found:
            yield found
            found = []


def _route(graph: Graph, line: Line, stretch: Sequence[tuple[float, float]]) -> str:
    steps = line.config.get("custom.lineInterpolation")
    found, before = "", None
    for at, value in stretch:
        x, y = _x(graph, at), _y(graph, line, value)
        if before is None:
            found = f"M{x:.1f} {y:.1f}"
        elif steps == "stepBefore":
            found += f"V{y:.1f}H{x:.1f}"
        elif steps == "stepAfter":
            found += f"H{x:.1f}V{y:.1f}"
        else:
            found += f"L{x:.1f} {y:.1f}"
        before = y
    return found


def _path(graph: Graph, line: Line) -> Iterator[str]:
    width = line.config.get("custom.lineWidth", 1)
    dash = (line.config.get("custom.lineStyle") or {}).get("dash", [])
    filled = line.config.get("custom.fillOpacity", 0) / 100
    for stretch in _stretches(line):
        route = _route(graph, line, stretch)
        if filled and not line.config.get("custom.fillBelowTo"):
            down = f"V{graph.size[1]:.1f}H{_x(graph, stretch[0][0]):.1f}Z"
            yield f'<path d="{route}{down}" fill="{line.colour}" opacity="{filled}"/>'
        if width:
            yield (
                f'<path d="{route}" fill="none" stroke="{line.colour}" stroke-width="{width}" '
                f'stroke-dasharray="{" ".join(map(str, dash))}"/>'
            )
            if len(stretch) == 1:  # a single point between two gaps, which a line does not show
                x, y = _x(graph, stretch[0][0]), _y(graph, line, stretch[0][1])
                yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="1.5" fill="{line.colour}"/>'


def _bands(graph: Graph) -> Iterator[str]:
    by_name = {line.name: line for line in graph.lines}
    for line in graph.lines:
        below = by_name.get(line.config.get("custom.fillBelowTo", ""))
        if below is None:
            continue
        opacity = line.config.get("custom.fillOpacity", 0) / 100
        for high, low in zip(_stretches(line), _stretches(below), strict=False):
            back = _route(graph, below, low[::-1]).replace("M", "L", 1)
            yield (
                f'<path d="{_route(graph, line, high)}{back}Z" fill="{line.colour}" '
                f'opacity="{opacity}"/>'
            )


def _bars(graph: Graph, line: Line) -> Iterator[str]:
    wide = graph.size[0] * graph.step / (graph.end - graph.start)
    wide *= line.config.get("custom.barWidthFactor", 0.6)
    move = {-1: -1.0, 0: -0.5, 1: 0.0}[line.config.get("custom.barAlignment", 0)] * wide
    opacity = line.config.get("custom.fillOpacity", 0) / 100
    edge = line.config.get("custom.lineWidth", 1)
    for at, value in line.points:
        if value:
            base = line.below.get(at, 0.0)
            left = max(_x(graph, at) + move, graph.left)
            y, foot = _y(graph, line, base + value), _y(graph, line, base)
            yield (
                f'<rect x="{left:.1f}" y="{y:.1f}" width="{max(wide, 0.5):.1f}" '
                f'height="{foot - y:.1f}" fill="{line.colour}" fill-opacity="{opacity}" '
                f'stroke="{line.colour}" stroke-width="{edge}"/>'
            )
