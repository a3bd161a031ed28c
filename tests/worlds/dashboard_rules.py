"""The rules of Grafana's dashboard-linter, as far as they concern boards of Prometheus."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from collector.monitoring.grafana.layout import every_panel

Board = dict[str, Any]

UNITS = {"none", "percentunit", "s", "dtdhms", "locale"}
"""Of Grafana's units those that are used here."""

_TITLED = {"stat", "timeseries", "gauge", "table", "state-timeline"}
_COUNTER = re.compile(r"\b(\w+_total)\b")


def panels(board: Board) -> list[dict[str, Any]]:
    """All but the headings of rows, also what is behind these."""
    return list(every_panel(board))


def variables(board: Board) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in board["templating"]["list"]}


def _targets(board: Board) -> Iterator[tuple[str, dict[str, Any]]]:
    for panel in panels(board):
        for target in panel["targets"]:
            yield f"panel {panel['id']} {target['refId']}", target


def template_datasource(board: Board) -> Iterator[str]:
    found = [each for each in variables(board).values() if each["type"] == "datasource"]
    if [each["name"] for each in found] != ["datasource"]:
        yield "one data source variable, named datasource"
    elif found[0]["label"] != "Data source":
        yield "label"


def _matching(name: str) -> Callable[[Board], Iterator[str]]:
    def template(board: Board) -> Iterator[str]:
        if name not in variables(board):
            yield f"a variable {name}"

    return template


def _matched(name: str) -> Callable[[Board], Iterator[str]]:
    def target(board: Board) -> Iterator[str]:
        for where, each in _targets(board):
            if f'{name}=~"${name}"' not in each["expr"]:
                yield where

    return target


def template_label_promql(board: Board) -> Iterator[str]:
    known = r"label_values\(\w+, \w+\)|query_result\(.+\)"
    for name, each in variables(board).items():
        if each["type"] == "query" and not re.fullmatch(known, each["query"]):
            yield name


def template_on_time_change_reload(board: Board) -> Iterator[str]:
    for name, each in variables(board).items():
        if each["type"] == "query" and each["refresh"] != 2:
            yield name


def panel_datasource(board: Board) -> Iterator[str]:
    for where, each in [*_targets(board), *((f"panel {p['id']}", p) for p in panels(board))]:
        if each["datasource"] != {"type": "prometheus", "uid": "${datasource}"}:
            yield where


def panel_title_description(board: Board) -> Iterator[str]:
    for panel in panels(board):
        assert panel["type"] in _TITLED
        if not panel["title"].strip() or not panel["description"].strip():
            yield f"panel {panel['id']}"


def panel_units(board: Board) -> Iterator[str]:
    for panel in panels(board):
        unit = panel["fieldConfig"]["defaults"].get("unit")
        if unit not in UNITS:
            yield f"panel {panel['id']} {unit}"
        for override in panel["fieldConfig"]["overrides"]:
            for each in override["properties"]:
                if each["id"] == "unit" and each["value"] not in UNITS:
                    yield f"panel {panel['id']} {override['matcher']['options']} {each['value']}"


def panel_no_targets(board: Board) -> Iterator[str]:
    for panel in panels(board):
        if not panel.get("targets"):
            yield f"panel {panel['id']}"


def target_rate_interval(board: Board) -> Iterator[str]:
    for where, each in _targets(board):
        counted = re.search(r"\b(rate|irate|increase)\(", each["expr"])
        if counted and "$__rate_interval" not in each["expr"]:
            yield where


def target_counter_agg(board: Board) -> Iterator[str]:
    for where, each in _targets(board):
        if (found := _COUNTER.search(each["expr"])) and "rate(" not in each["expr"]:
            yield f"{where} {found[1]}"


def uneditable_dashboard(board: Board) -> Iterator[str]:
    if board["editable"] is not False:
        yield "editable"


RULES: dict[str, Callable[[Board], Iterator[str]]] = {
    "template-datasource": template_datasource,
    "template-job": _matching("job"),
    "template-instance": _matching("instance"),
    "template-label-promql": template_label_promql,
    "template-on-time-change-reload-rule": template_on_time_change_reload,
    "panel-datasource": panel_datasource,
    "panel-title-description": panel_title_description,
    "panel-units": panel_units,
    "panel-no-targets": panel_no_targets,
    "target-rate-interval": target_rate_interval,
    "target-job": _matched("job"),
    "target-instance": _matched("instance"),
    "target-counter-agg": target_counter_agg,
    "uneditable-dashboard": uneditable_dashboard,
}
"""target-promql is what a real Prometheus decides (test_boards_prometheus); there is no Loki."""

_ONE = "a figure is that of the desk, whichever process tells it: max by drops both labels"
EXCLUDED: dict[str, tuple[str, str]] = {
    "template-datasource": (r"label", "on Swedish boards the label is Swedish"),
    "template-job": (r".*", _ONE),
    "template-instance": (r".*", _ONE),
    "target-job": (r".*", _ONE),
    "target-instance": (r".*", _ONE),
    "panel-units": (
        r".* (suffix|time):.*",
        "Grafana's units of time turn 24 hours into a day, which is false of business time; its "
        "dates are American unless a form is given",
    ),
    "target-counter-agg": (
        r".* servicedesk_(source_rejected|scheduler_events|grafana_sync_failures)_total",
        "increase() estimates (4 events read as 4.1); these few events are shown exactly",
    ),
}
"""Rule → which of its findings are let pass, and why."""


def broken(board: Board, rule: str) -> list[str]:
    """What a rule finds that is not excluded."""
    pattern, _ = EXCLUDED.get(rule, ("(?!)", ""))
    return [found for found in RULES[rule](board) if not re.fullmatch(pattern, found)]
