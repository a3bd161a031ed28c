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
from functools import cache
from typing import Any, NamedTuple

from collector.config.settings import Settings
from collector.monitoring.grafana.fitting import fit
from collector.monitoring.grafana.layout import every_panel
from tests.worlds import boards_desk
from tests.worlds.grafana_units import displayed, mapped
from tests.worlds.paths import BOARDS
from tests.worlds.real_prometheus import RealPrometheus, Sample


class Tile(NamedTuple):
    """A number of a panel: its name, its text, the colour behind both, and the labels."""

    name: str
    text: str
    colour: str
    labels: Mapping[str, str]


class Cell(NamedTuple):
    """A cell of a table. ``left``: whether it begins on the left, as texts do by themselves."""

    text: str
    colour: str | None
    left: bool


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
    return fitted(name, language, boards_desk.settings())


def fitted(name: str, language: str, settings: Settings) -> Any:
    """A board with the room that a configuration gives its panels."""
    found = json.loads((BOARDS / language / f"{name}.json").read_text())
    fit(found, settings)
    return found


class View:
    """A board in one language, as it is seen at an instant (epoch seconds) with a period.
    ``fitting``: the board for another desk than that of ``boards_desk``."""

    def __init__(
        self,
        prometheus: RealPrometheus,
        name: str,
        language: str,
        at: float,
        period: str,
        fitting: Any = None,
    ) -> None:
        self.prometheus, self.at, self.period = prometheus, at, period
        self.board = fitting or board(name, language)
        self.options = {
            each["name"]: self._options(each)
            for each in self.board["templating"]["list"]
            if each["type"] == "query"
        }

    def period_text(self) -> str:
        """The name of the period, on boards where it can be chosen."""
        for each in self.board["templating"]["list"]:
            if each["name"] == "period":
                return next(o["text"] for o in each["options"] if o["value"] == self.period)
        return ""

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
        return self.prometheus.query(self.filled(expr, chosen), self.at)

    def ask_range(
        self, expr: str, start: float, end: float, step: float, **chosen: str
    ) -> list[tuple[dict[str, str], dict[float, float]]]:
        """The answer to a query through time, at whole multiples of ``step`` seconds."""
        chosen |= {"__range": f"{end - start:.0f}s", "__interval": f"{step:.0f}s"}
        since = start // step * step
        return self.prometheus.query_range(self.filled(expr, chosen), since, end, step)

    def filled(self, expr: str, chosen: Mapping[str, str]) -> str:
        """A query with the values of the variables, of which all that there are are chosen."""
        values = {name: "|".join(map(_escaped, found)) for name, found in self.options.items()}
        for variable in self.board["templating"]["list"]:  # of which one is chosen
            if variable["type"] == "query" and not variable["multi"]:
                values[variable["name"]] = next(iter(self.options[variable["name"]]), "")
        for name, value in {**values, "period": self.period, **chosen}.items():
            expr = re.sub(rf"\${name}\b", lambda _, value=value: value, expr)  # type: ignore[misc]
        return expr

    def tiles(self, number: int, **chosen: str) -> list[Tile]:
        """The numbers of a panel, in their order."""
        panel = self.panel(number)
        assert panel["options"]["reduceOptions"]["calcs"] == ["lastNotNull"]
        found = []
        for target in panel["targets"]:
            config = config_of(panel, "byFrameRefID", target["refId"])
            for sample in self.ask(target["expr"], **chosen):
                text, colour = displayed(sample.value, config)
                name = _named(target["legendFormat"], sample.labels)
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
            config = config_of(panel, "byName", name)
            hidden = organize["options"]["excludeByName"].get(name) or config.get("custom.hidden")
            if not hidden:
                shown.append((name, config))
        return Table(
            tuple(config.get("displayName", name) for name, config in shown),
            tuple(c.get("custom.width", c.get("custom.minWidth")) for _, c in shown),
            tuple(tuple(_cell(row.get(n), config) for n, config in shown) for row in rows),
        )


def _escaped(value: str) -> str:
    """A value within a pattern within a string of PromQL."""
    return re.sub(r"[\\^$.*+?()\[\]{}|]", r"\\\\\g<0>", value)


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


def config_of(panel: Any, matcher: str, name: str) -> dict[str, Any]:
    """What is set for a field: the defaults, and what overrides say."""
    config = dict(panel["fieldConfig"]["defaults"])
    config |= {f"custom.{key}": value for key, value in (config.pop("custom", None) or {}).items()}
    for override in panel["fieldConfig"]["overrides"]:
        if override["matcher"] == {"id": matcher, "options": name}:
            config |= {each["id"]: each.get("value") for each in override["properties"]}
    return config


def legend_text(panel: Any, ref: str, labels: Mapping[str, str]) -> str:
    """The name of a series of one of a panel's queries."""
    (pattern,) = (each["legendFormat"] for each in panel["targets"] if each["refId"] == ref)
    return _named(pattern, labels)


def _named(pattern: str, labels: Mapping[str, str]) -> str:
    return re.sub(r"\{\{\s*(\w+)\s*\}\}", lambda found: labels.get(found[1], ""), pattern)


def _cell(value: Any, config: Mapping[str, Any]) -> Cell:
    if value is None:
        return Cell(config["noValue"], None, config.get("custom.align") == "left")
    text, colour = (value, None) if isinstance(value, str) else displayed(value, config)
    if isinstance(value, str) and config.get("mappings"):
        text, colour = mapped(value, config["mappings"]) or (value, None)
    left = isinstance(value, str) or config.get("custom.align") == "left"
    return Cell(text, colour if "custom.cellOptions" in config else None, left)
