"""A page that shows a board about as Grafana would: everything on it comes from the functions that
the tests assert. The colours of the dark theme are from memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from tests.worlds.grafana_drawing import drawing, state_drawing
from tests.worlds.grafana_graph import LEGEND_ROW, TIME_AXIS, TOP, graph, states
from tests.worlds.grafana_layout import (
    CELL_PADDING,
    CELL_ROW,
    CELL_SIZE,
    EDGE,
    HEADER,
    HEIGHT,
    PADDING,
    TITLE_SIZE,
    WIDTH,
    Placed,
    cards,
    columns,
    content,
    height,
    ink,
    placed,
)
from tests.worlds.grafana_view import Cell, View

_STYLE = f"""
* {{ box-sizing: border-box; margin: 0 }}
body {{ background: #111217; color: #ccccdc; font-family: Inter, "Noto Sans", "DejaVu Sans",
  sans-serif; font-weight: 400; position: relative; overflow: hidden }}
.panel {{ position: absolute; background: #181b1f; border: 1px solid #2a2c31; border-radius: 2px;
  overflow: hidden }}
.panel > h2 {{ font-size: {TITLE_SIZE}px; font-weight: 500; line-height: {HEADER}px; padding: 0 8px;
  overflow: hidden; white-space: nowrap; text-overflow: ellipsis }}
.row {{ position: absolute; font-size: {TITLE_SIZE}px; font-weight: 500; line-height: 30px }}
.content {{ position: absolute; left: {PADDING}px; top: {HEADER + PADDING}px; overflow: hidden }}
.card {{ position: absolute; border-radius: 2px; display: flex; flex-direction: column;
  align-items: center; justify-content: center; white-space: nowrap; overflow: hidden;
  font-weight: 500; line-height: 1.2 }}
.card.beside {{ flex-direction: row; justify-content: space-between; padding: 0 12px }}
.cut {{ outline: 3px solid #ff00ff; outline-offset: -3px }}
table {{ border-collapse: collapse; table-layout: fixed; font-size: {CELL_SIZE}px }}
th, td {{ overflow: hidden; white-space: nowrap; text-overflow: ellipsis; text-align: left;
  padding: 0 {CELL_PADDING}px; border-bottom: 1px solid #2a2c31; border-right: 1px solid #2a2c31;
  font-weight: 400 }}
th {{ color: #6e9fff; font-weight: 500 }}
td.number {{ text-align: right }}
.legend {{ font-size: 12px; position: absolute; left: 0; right: 0; overflow: hidden }}
.legend p {{ display: flex; gap: 16px; line-height: {LEGEND_ROW}px; height: {LEGEND_ROW}px;
  white-space: nowrap }}
.legend i {{ display: inline-block; width: 14px; height: 4px; border-radius: 2px;
  margin: 0 8px 3px 0 }}
.note {{ position: absolute; right: 0; top: 0; background: #000; color: #fff; font-size: 11px;
  padding: 1px 8px; z-index: 9 }}
.fold {{ position: absolute; left: 0; right: 0; top: {HEIGHT}px; border-top: 2px dashed #ff00ff }}
"""


def page(view: View, note: str, *, opened: bool = False) -> tuple[str, int]:
    """The HTML of a board, and how tall it is in pixels. ``note``: what is seen; ``opened``: with
    what lies in its collapsed rows."""
    period = view.period_text()
    panels = placed(view.board, view.options, opened=opened, period=period)
    tall = max(HEIGHT, round(height(panels)))
    body = "\n".join(_panel(view, each) for each in panels)
    said = escape(f"approximate: drawn from the board's JSON without Grafana · {note}")
    fold = '<div class="fold"></div>' if tall > HEIGHT else ""
    return (
        f'<!doctype html><html lang="sv"><meta charset="utf-8"><title>{escape(note)}</title>'
        f'<style>{_STYLE}</style><body style="width:{WIDTH}px;height:{tall}px">{body}{fold}'
        f'<div class="note">{said}</div></body></html>'
    ), tall


def _panel(view: View, each: Placed) -> str:
    x, y, width, tall = (round(part, 1) for part in each.box)
    place = f"left:{x}px;top:{y}px;width:{width}px;height:{tall}px"
    if each.panel["type"] == "row":
        return f'<div class="row" style="{place}">› {escape(each.title)}</div>'
    inner = content(each.box)
    drawn = "".join(_KINDS[each.panel["type"]](view, each.panel, each.chosen, inner))
    title = f"<h2>{escape(each.title)}</h2>"
    return (
        f'<div class="panel" style="{place}">{title}<div class="content" '
        f'style="width:{inner[0]:.0f}px;height:{inner[1]:.0f}px">{drawn}</div></div>'
    )


def _numbers(
    view: View, panel: Any, chosen: Mapping[str, str], size: tuple[float, float]
) -> Iterator[str]:
    text = panel["options"]["text"]
    for card in cards(panel, view.tiles(panel["id"], **chosen), size):
        x, y, width, tall = (round(part, 1) for part in card.box)
        kind = "card" + (" beside" if card.beside else "") + (" cut" if card.cut else "")
        yield (
            f'<div class="{kind}" style="left:{x}px;top:{y}px;width:{width}px;height:{tall}px;'
            f'background:{card.tile.colour};color:{ink(card.tile.colour)}">'
            f'<span style="font-size:{text["titleSize"]}px">{escape(card.tile.name)}</span>'
            f'<span style="font-size:{text["valueSize"]}px">{escape(card.tile.text)}</span></div>'
        )


def _table(
    view: View, panel: Any, chosen: Mapping[str, str], size: tuple[float, float]
) -> Iterator[str]:
    table = view.table(panel["id"], **chosen)
    if not table.rows:
        yield _nothing(panel)
        return
    widths = columns(table, size[0])
    row = CELL_ROW[panel["options"]["cellHeight"]]
    yield f'<table style="width:{sum(widths):.0f}px"><tr style="height:{row}px">'
    for heading, width in zip(table.headings, widths, strict=True):
        yield f'<th style="width:{width:.0f}px">{escape(heading)}</th>'
    yield "</tr>"
    for cells in table.rows:
        yield f'<tr style="height:{row}px">{"".join(map(_cell, cells))}</tr>'
    yield "</table>"


def _cell(cell: Cell) -> str:
    colour = cell.colour if cell.colour and cell.colour.startswith("#") else ""
    style = f' style="background:{colour};color:{ink(colour)}"' if colour else ""
    number = "" if cell.left else ' class="number"'
    return f"<td{number}{style}>{escape(cell.text)}</td>"


def _lines(
    view: View, panel: Any, chosen: Mapping[str, str], size: tuple[float, float]
) -> Iterator[str]:
    found = graph(view, panel["id"], size, **chosen)
    if not found.lines:
        yield _nothing(panel)
        return
    yield drawing(found)
    top = found.size[1] + TIME_AXIS + TOP
    yield f'<div class="legend" style="top:{top:.0f}px">'
    for row in found.legend:
        named = (
            f'<span><i style="background:{line.colour}"></i>{escape(line.name)} &nbsp;'
            f"Last *: {escape(line.last)}</span>"
            for line in row
        )
        yield f"<p>{''.join(named)}</p>"
    yield "</div>"


def _states(
    view: View, panel: Any, chosen: Mapping[str, str], size: tuple[float, float]
) -> Iterator[str]:
    frame, rows = states(view, panel["id"], size, **chosen)
    yield state_drawing(frame, rows) if rows else _nothing(panel)


def _text(
    view: View, panel: Any, chosen: Mapping[str, str], size: tuple[float, float]
) -> Iterator[str]:
    yield f'<div style="font-size:14px">{panel["options"]["content"]}</div>'


def _nothing(panel: Any) -> str:
    said = escape(panel["fieldConfig"]["defaults"].get("noValue", "No data"))
    return f'<p style="text-align:center;padding-top:{EDGE}px">{said}</p>'


_KINDS = {
    "stat": _numbers,
    "table": _table,
    "timeseries": _lines,
    "state-timeline": _states,
    "text": _text,
}
