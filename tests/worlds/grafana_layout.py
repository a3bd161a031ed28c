"""Where Grafana puts panels, and whether what they say has room, without Grafana.

The grid of 24 columns with rows of 30 px and gaps of 8 px is documented; the edges, headers,
paddings and heights of rows of its theme are from memory. Widths of letters are those of Inter, in
which Grafana writes (medium weight, the wider of the two it uses; ``inter.json``, measured from the
font, SIL Open Font License); a symbol that Inter does not have comes from another font and is taken
to be as wide as it is high.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from tests.worlds.grafana_view import Table, Tile
from tests.worlds.paths import ROOT

WIDTH, HEIGHT = 1920, 1080
"""Pixels of a wall display."""

EDGE, GAP, ROW, COLUMNS = 16, 8, 30, 24
HEADER, PADDING = 32, 8
TITLE_SIZE, CELL_SIZE, AXIS_SIZE = 14, 14, 12
"""Pixels of the letters of titles and cells and of axes."""

CELL_ROW = {"sm": 36, "md": 42, "lg": 48}
LEAST_COLUMN, CELL_PADDING = 150, 6
_CARD, _WIDE = 12, 2.5

INKS = {True: "#202226", False: "#F7F8FA"}
"""Grafana writes in almost black on what is brighter than 180 of 255, otherwise in white."""


class Box(NamedTuple):
    """A rectangle in pixels."""

    x: float
    y: float
    width: float
    height: float


class Placed(NamedTuple):
    """A panel at its place: with the values of the variable it is repeated for, and its title."""

    panel: Any
    chosen: Mapping[str, str]
    title: str
    box: Box


def placed(
    board: Any, options: Mapping[str, Mapping[str, str]], *, opened: bool = False, period: str = ""
) -> list[Placed]:
    """The panels of a board where they stand. ``options``: variable → value → text; ``period``: the
    text of the one that is chosen. A repeated panel, and with ``opened`` what lies in a collapsed
    row, pushes down what stands below it."""
    return _placed(board["panels"], {**options, "period": {"": period}}, opened, 0)[0]


def _placed(
    panels: Any, options: Mapping[str, Mapping[str, str]], opened: bool, pushed: int
) -> tuple[list[Placed], int]:
    """The panels, moved down so many lines of the grid, and how many those after them are."""
    found = []
    for panel in panels:
        place = panel["gridPos"]
        x, y, w, h = (place[each] for each in "xywh")
        variable = panel.get("repeat")
        if not variable:
            found.append(Placed(panel, {}, _titled(panel, {}, options), _box(x, y + pushed, w, h)))
            if opened and (inner := panel.get("panels")):
                within, moved = _placed(inner, options, opened, pushed)
                found += within
                bottom = max(each["gridPos"]["y"] + each["gridPos"]["h"] for each in inner)
                pushed = moved + bottom - y - 1
            continue
        values = [*options[variable]]
        across = min(panel["maxPerRow"], len(values) or 1)
        for number, value in enumerate(values):
            line, column = divmod(number, across)
            own, wide = {variable: value}, COLUMNS // across
            box = _box(column * wide, y + pushed + line * h, wide, h)
            found.append(Placed(panel, own, _titled(panel, own, options), box))
        pushed += (max(0, len(values) - 1) // across) * h
    return found, pushed


def _titled(panel: Any, chosen: Mapping[str, str], options: Any) -> str:
    def text(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        known = options.get(name, {})
        value = chosen.get(name) or next(iter(known), "")  # of one that is not repeated: the first
        return str(known.get(value, value))

    return re.sub(r"\$(?:\{(\w+)(?::text)?\}|(\w+))", text, panel.get("title", ""))


def _box(x: int, y: int, w: int, h: int) -> Box:
    column = (WIDTH - 2 * EDGE - GAP * (COLUMNS - 1)) / COLUMNS
    step = column + GAP
    return Box(
        EDGE + x * step, EDGE + y * (ROW + GAP), w * column + (w - 1) * GAP, h * ROW + (h - 1) * GAP
    )


def height(panels: Sequence[Placed]) -> float:
    """How tall a board is in pixels."""
    return max(each.box.y + each.box.height for each in panels) + EDGE


def content(box: Box) -> tuple[float, float]:
    """Width and height that a panel has within its header and its padding."""
    return box.width - 2 * PADDING, box.height - HEADER - 2 * PADDING


def size(panel: Any) -> tuple[float, float]:
    """The width and height in pixels that a panel has for its content on a wall display; a
    repeated one has as many beside it as there may be."""
    place = panel["gridPos"]
    columns = COLUMNS // panel["maxPerRow"] if panel.get("repeat") else place["w"]
    return content(_box(0, 0, columns, place["h"]))


@cache
def _letters() -> dict[str, int]:
    table = json.loads((ROOT / "tests/worlds/inter.json").read_text(encoding="utf-8"))
    return {letter: int(width) for width, letters in table.items() for letter in letters}


def text_width(text: str, pixels: float) -> float:
    """How wide a text is in Grafana's letters of that height."""
    letters = _letters()
    return pixels * sum(letters.get(each, 1000) for each in text) / 1000


class Card(NamedTuple):
    """A number of a panel at its place within the content: ``beside``: the name is on the left of
    the number instead of above; ``needs``: the width and height that its texts take; ``room``."""

    tile: Tile
    box: Box
    beside: bool
    needs: tuple[float, float]
    room: tuple[float, float]

    @property
    def cut(self) -> bool:
        """Whether it does not fit."""
        return self.needs[0] > self.room[0] or self.needs[1] > self.room[1]


def cards(panel: Any, tiles: Sequence[Tile], size: tuple[float, float]) -> list[Card]:
    """The numbers of a panel at their places."""
    width, height = size
    text = panel["options"]["text"]
    name_size, value_size = text["titleSize"], text["valueSize"]
    below = panel["options"]["orientation"] == "horizontal"
    n = len(tiles)
    own_width = width if below else (width - GAP * (n - 1)) / n
    own_height = (height - GAP * (n - 1)) / n if below else height
    beside = panel["options"]["wideLayout"] and own_width / own_height > _WIDE
    found = []
    for number, tile in enumerate(tiles):
        name, value = text_width(tile.name, name_size), text_width(tile.text, value_size)
        if beside:
            needs = name + value + GAP, 1.2 * max(name_size, value_size)
        else:
            needs = max(name, value), 1.2 * (name_size + value_size)
        x = 0 if below else number * (own_width + GAP)
        y = number * (own_height + GAP) if below else 0
        box = Box(x, y, own_width, own_height)
        found.append(Card(tile, box, beside, needs, (own_width - 2 * _CARD, own_height)))
    return found


def clipped(panel: Any, tiles: Sequence[Tile]) -> list[str]:
    """The names and texts of a panel of numbers that have no room, each with what it needs."""
    return [
        f"{card.tile.name} | {card.tile.text}: {card.needs[0]:.0f} x {card.needs[1]:.0f}, "
        f"not in {card.room[0]:.0f} x {card.room[1]:.0f}"
        for card in cards(panel, tiles, size(panel))
        if card.cut
    ]


def columns(table: Table, width: float) -> list[float]:
    """The width of each column: as it is set, and those without a width, or else the last one,
    share what is left, but get no less than Grafana's least width or their own. A table that is
    wider then scrolls sideways."""
    free = [n for n, each in enumerate(table.widths) if each is None] or [len(table.widths) - 1]
    left = width - sum(each or 0 for n, each in enumerate(table.widths) if n not in free)
    return [
        max(left / len(free), own or LEAST_COLUMN) if n in free else float(own or 0)
        for n, own in enumerate(table.widths)
    ]


def visible_rows(panel: Any, table: Table, height: float) -> int:
    """How many rows are seen without scrolling."""
    row = CELL_ROW[panel["options"]["cellHeight"]]
    return min(len(table.rows), int((height - row) // row))


def cut_cells(table: Table, width: float) -> list[str]:
    """Headings and cells that are wider than their column, or than what is seen of it without
    scrolling sideways."""
    found, left = [], width
    for place, column in enumerate(columns(table, width)):
        room = min(column, left) - 2 * CELL_PADDING
        left -= column
        texts = [table.headings[place], *(row[place].text for row in table.rows)]
        found += [text for text in dict.fromkeys(texts) if text_width(text, CELL_SIZE) > room]
    return found


def contrast(colour: str) -> float:
    """Of the text that Grafana writes on a colour, against it (WCAG 2)."""
    light, dark = sorted((_luminance(colour), _luminance(ink(colour))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def ink(colour: str) -> str:
    """The colour of the text on a colour."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return INKS[(299 * red + 587 * green + 114 * blue) / 1000 > 180]


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
