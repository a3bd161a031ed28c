"""What Grafana shows of a panel, without Grafana: its queries are run against a Prometheus, and its
transformations, overrides, mappings and units applied as Grafana documents them.

It knows what our boards use and raises KeyError for anything else, so a new unit or transformation
is a failing test and not a picture that nobody has checked. Grafana itself is not asked: sizes of
its layout (grid, header, padding) and widths of its letters are from memory, the latter rounded up.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from collector.monitoring.grafana.fitting import fit
from collector.monitoring.grafana.layout import every_panel
from tests.worlds.boards_desk import settings
from tests.worlds.paths import BOARDS
from tests.worlds.real_prometheus import RealPrometheus, Sample

ZONE = ZoneInfo("Europe/Stockholm")
WIDTH, HEIGHT = 1920, 1080
"""Pixels of a wall display."""

_EDGE, _GAP, _ROW, _COLUMNS = 16, 8, 30, 24
_HEADER, _PADDING, _CELL = 32, 8, 12
_WIDE = 2.5

INKS = {True: "#202226", False: "#F7F8FA"}
"""Grafana writes in almost black on what is brighter than 180 of 255, otherwise in white."""


class Tile(NamedTuple):
    """A number of a panel: its name, its text, the colour behind both, and the labels."""

    name: str
    text: str
    colour: str
    labels: Mapping[str, str]


class Cell(NamedTuple):
    """A cell of a table."""

    text: str
    colour: str | None


class Table(NamedTuple):
    """A table as it is seen: the headings, the width that each column has at least in pixels, and
    the rows."""

    headings: tuple[str, ...]
    widths: tuple[int | None, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def column(self, heading: str) -> list[str]:
        """The texts below a heading."""
        place = self.headings.index(heading)
        return [row[place].text for row in self.rows]


@cache
def board(name: str, language: str) -> Any:
    """A board with the room that the desk of ``boards_desk`` gives its panels."""
    found = json.loads((BOARDS / language / f"{name}.json").read_text())
    fit(found, settings())
    return found


class View:
    """A board in one language, as it is seen at an instant (epoch seconds) with a period."""

    def __init__(
        self, prometheus: RealPrometheus, name: str, language: str, at: float, period: str
    ) -> None:
        self.prometheus, self.at, self.period = prometheus, at, period
        self.board = board(name, language)
        self.options = {
            each["name"]: self._options(each)
            for each in self.board["templating"]["list"]
            if each["type"] == "query"
        }

    def panel(self, number: int) -> Any:
        """A panel by its number. Raises ValueError if there is none."""
        (found,) = (each for each in every_panel(self.board) if each["id"] == number)
        return found

    def _options(self, variable: Any) -> dict[str, str]:
        """Value → text of each option of a query variable, in its order."""
        query = variable["query"]
        if labels := re.fullmatch(r"label_values\((\w+), (\w+)\)", query):
            metric, label = labels.groups()
            found = self.prometheus.query(
                f"group by ({label}) (last_over_time({metric}[1d]))", self.at
            )
            return {name: name for name in sorted(s.labels[label] for s in found)}
        asked = re.fullmatch(r"query_result\((.+)\)", query, re.DOTALL)
        assert asked, query
        assert variable["sort"] == 0, "the order of the query is that of the options"
        pattern = re.compile(variable["regex"].strip("/").replace("(?<", "(?P<"))
        texts = {}
        for sample in self.prometheus.query(asked[1].replace("$period", self.period), self.at):
            shown = ",".join(f'{k}="{v}"' for k, v in sample.labels.items())
            if found := pattern.search(f"{{{shown}}} 1 0"):
                named = found.groupdict()
                value = named.get("value", found[1])
                texts[value] = named.get("text", value)
        return texts

    def ask(self, expr: str, **chosen: str) -> list[Sample]:
        """The answer to a query of the board. ``chosen``: of a repeated panel, its own value."""
        values = {name: "|".join(map(re.escape, found)) for name, found in self.options.items()}
        for name, value in {**values, "period": self.period, **chosen}.items():
            expr = expr.replace(f"${name}", value)
        return self.prometheus.query(expr, self.at)

    def tiles(self, number: int, **chosen: str) -> list[Tile]:
        """The numbers of a panel, in their order."""
        panel = self.panel(number)
        assert panel["options"]["reduceOptions"]["calcs"] == ["lastNotNull"]
        found = []
        for target in panel["targets"]:
            config = _config(panel, "byFrameRefID", target["refId"])
            for sample in self.ask(target["expr"], **chosen):
                text, colour = displayed(sample.value, config)
                name = _legend(target["legendFormat"], sample.labels)
                found.append(
                    Tile(name, text, colour or config["color"]["fixedColor"], sample.labels)
                )
        if found:
            return found
        nothing = panel["fieldConfig"]["defaults"]
        return [Tile("", nothing["noValue"], nothing["color"]["fixedColor"], {})]

    def table(self, number: int, **chosen: str) -> Table:
        """The table of a panel: merged, sorted and with the columns that are shown."""
        panel = self.panel(number)
        merge, sort, organize = panel["transformations"]
        assert [each["id"] for each in (merge, sort, organize)] == ["merge", "sortBy", "organize"]
        rows = _merged({t["refId"]: self.ask(t["expr"], **chosen) for t in panel["targets"]})
        (by,) = sort["options"]["sort"]
        rows.sort(key=lambda row: (row.get(by["field"]) is None, row.get(by["field"])))
        places = organize["options"]["indexByName"]
        fields = sorted({name for row in rows for name in row}, key=lambda n: places.get(n, 99))
        shown = []
        for name in fields:
            config = _config(panel, "byName", name)
            hidden = organize["options"]["excludeByName"].get(name) or config.get("custom.hidden")
            if not hidden:
                shown.append((name, config))
        return Table(
            tuple(config.get("displayName", name) for name, config in shown),
            tuple(c.get("custom.width", c.get("custom.minWidth")) for _, c in shown),
            tuple(tuple(_cell(row.get(n), config) for n, config in shown) for row in rows),
        )


def _merged(answers: Mapping[str, Sequence[Sample]]) -> list[dict[str, Any]]:
    """Rows of the same labels become one, as Grafana's transformation ``merge`` makes them."""
    rows: dict[tuple[tuple[str, str], ...], dict[str, Any]] = {}
    loose: list[tuple[str, Sample]] = []
    labels = {name: {k for s in found for k in s.labels} for name, found in answers.items()}
    answers = {  # a column of labels is empty where a series has no such label
        name: [Sample({k: s.labels.get(k, "") for k in labels[name]}, s.value) for s in found]
        for name, found in answers.items()
    }
    widest = max(labels.values(), key=len, default=set())
    for name, found in answers.items():
        for sample in found:
            if set(sample.labels) == widest:
                key = tuple(sorted(sample.labels.items()))
                rows.setdefault(key, dict(sample.labels))[f"Value #{name}"] = sample.value
            else:
                loose.append((name, sample))
    for name, sample in loose:  # fewer labels, or others: joined to the rows that agree
        fitting = [
            row
            for row in rows.values()
            if all(row.get(k, v) == v for k, v in sample.labels.items())
            and any(k in row for k in sample.labels)
        ]
        for row in fitting:
            row.update(sample.labels)
            row[f"Value #{name}"] = sample.value
        if not fitting:
            key = (("", name), *sorted(sample.labels.items()))
            rows[key] = {**sample.labels, f"Value #{name}": sample.value}
    return list(rows.values())


def _config(panel: Any, matcher: str, name: str) -> dict[str, Any]:
    """What is set for a field: the defaults, and what overrides say."""
    config = dict(panel["fieldConfig"]["defaults"])
    for override in panel["fieldConfig"]["overrides"]:
        if override["matcher"] == {"id": matcher, "options": name}:
            config |= {each["id"]: each.get("value") for each in override["properties"]}
    return config


def _legend(pattern: str, labels: Mapping[str, str]) -> str:
    return re.sub(r"\{\{\s*(\w+)\s*\}\}", lambda found: labels.get(found[1], ""), pattern)


def _cell(value: Any, config: Mapping[str, Any]) -> Cell:
    if value is None:
        return Cell(config["noValue"], None)
    text, colour = (value, None) if isinstance(value, str) else displayed(value, config)
    if isinstance(value, str) and config.get("mappings"):
        text, colour = _mapped(value, config["mappings"]) or (value, None)
    return Cell(text, colour if "custom.cellOptions" in config else None)


def displayed(value: float, config: Mapping[str, Any]) -> tuple[str, str | None]:
    """Text of a number, and its colour if a mapping sets one."""
    text = formatted(value, config["unit"], config.get("decimals"))
    mapped, colour = _mapped(value, config.get("mappings") or []) or (None, None)
    return text if mapped is None else mapped, colour


def _mapped(value: Any, mappings: Sequence[Any]) -> tuple[str | None, str | None] | None:
    """The text and the colour of the first mapping that fits; None if none does."""
    for each in mappings:
        options = each["options"]
        if each["type"] == "value":
            result = options.get(f"{value:.0f}" if isinstance(value, float) else value)
            if isinstance(value, float) and value != int(value):
                result = None
        else:
            low, high = options.get("from"), options.get("to")
            fits = isinstance(value, float) and (low is None or value >= low)
            result = options["result"] if fits and (high is None or value <= high) else None
        if result is not None:
            return result.get("text"), result.get("color")
    return None


def formatted(value: float, unit: str, decimals: int | None) -> str:
    """A number in one of the units that our boards use. Raises KeyError for another."""
    prefix, _, rest = unit.partition(":")
    if prefix == "suffix":
        return f"{_plain(value, decimals)} {rest}"
    if prefix == "time":
        words = {"YYYY": "%Y", "MM": "%m", "DD": "%d", "HH": "%H", "mm": "%M"}
        pattern = re.sub("YYYY|MM|DD|HH|mm", lambda found: words[found[0]], rest)
        return datetime.fromtimestamp(value / 1000, ZONE).strftime(pattern)
    if unit == "dtdhms":
        seconds = round(value)
        days, left = divmod(abs(seconds), 86_400)
        clock = f"{left // 3600:02}:{left // 60 % 60:02}:{left % 60:02}"
        return ("-" if seconds < 0 else "") + (f"{days} d {clock}" if days else clock)
    return {
        "none": lambda: _plain(value, decimals),
        "percentunit": lambda: f"{_plain(100 * value, decimals)}%",
        "s": lambda: f"{_plain(value, decimals)} s",
        "string": lambda: f"{value:g}",
    }[unit]()


def _plain(value: float, decimals: int | None) -> str:
    if decimals is not None:
        return f"{value:.{decimals}f}"
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"


# Geometry


def size(panel: Any) -> tuple[float, float]:
    """The width and height in pixels that a panel has for its content on a wall display; a
    repeated one shares the width with those beside it."""
    place = panel["gridPos"]
    columns = _COLUMNS // panel["maxPerRow"] if panel.get("repeat") else place["w"]
    column = (WIDTH - 2 * _EDGE - _GAP * (_COLUMNS - 1)) / _COLUMNS
    width = columns * column + (columns - 1) * _GAP
    height = place["h"] * _ROW + (place["h"] - 1) * _GAP
    return width - 2 * _PADDING, height - _HEADER - 2 * _PADDING


def text_width(text: str, pixels: float) -> float:
    """How wide a text is at most in Grafana's letters (Inter) of that height."""
    return pixels * sum(_letter(each) for each in text)


def _letter(each: str) -> float:
    if each in "iljI.,:;'|! ":
        return 0.3
    if each in "mwMW%@✗✓▲◷—":
        return 0.93
    if each in "frt-()·":
        return 0.42
    return 0.7 if each.isupper() else 0.63


def clipped(panel: Any, tiles: Sequence[Tile]) -> list[str]:
    """The names and texts of a panel of numbers that have no room, each with what it needs."""
    width, height = size(panel)
    name_size = panel["options"]["text"]["titleSize"]
    value_size = panel["options"]["text"]["valueSize"]
    below = panel["options"]["orientation"] == "horizontal"
    n = len(tiles)
    own_width = width if below else (width - _GAP * (n - 1)) / n
    own_height = (height - _GAP * (n - 1)) / n if below else height
    room = own_width - 2 * _CELL
    found = []
    for tile in tiles:
        name, text = text_width(tile.name, name_size), text_width(tile.text, value_size)
        if (
            panel["options"]["wideLayout"] and own_width / own_height > _WIDE
        ):  # the name on the left, the number on the right
            needs, tall = name + text + _GAP, 1.2 * max(name_size, value_size)
        else:
            needs, tall = max(name, text), 1.2 * (name_size + value_size)
        if needs > room or tall > own_height:
            found.append(f"{tile.name} | {tile.text}: {needs:.0f} x {tall:.0f}, not in {room:.0f}")
    return found


def contrast(colour: str) -> float:
    """Of the text that Grafana writes on a colour, against it (WCAG 2)."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    bright = (299 * red + 587 * green + 114 * blue) / 1000 > 180
    light, dark = sorted((_luminance(colour), _luminance(INKS[bright])), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
