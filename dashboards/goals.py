"""The board *Goals and forecast*: the committee's table, live."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from collector.model.codes import WORST_FIRST
from collector.model.quantities import YES_NO_UNIT
from collector.text.vocabulary import state_text
from collector.text.words.tables import word
from dashboards import look, queries, shared
from dashboards.board import Board, Part
from dashboards.graphs import GraphLine, lines
from dashboards.panels import (
    NumberCard,
    PanelFrame,
    TableColumn,
    behind,
    figure_link,
    numbers,
    rows,
)
from dashboards.sdk import model
from dashboards.texts import Words

_YEAR = "year_to_date"
_ALL = f'period="{_YEAR}"'
_UNIT = 110
"""Pixels of the column of units."""

_JUST_OVER, _JUST_UNDER = 1.0000001, -0.0000001


def _panels(words: Words) -> Sequence[Part]:
    return [
        shared.freshness(words, 8, 3),
        _states(words),
        _table(words, 3, "goals.shares", queries.SHARES, 10),
        _table(words, 4, "goals.durations", queries.DURATIONS, 4),
        _table(words, 5, "goals.values", queries.VALUES, 7),
        behind(23, words.heading("forecasts"), _forecast(words)),
    ]


def _states(words: Words) -> model.Panel:
    cells = []
    for state in filter(None, WORST_FIRST):
        one = queries.by_labels("indicator_state", "indicator", f'state="{state}", {_ALL}')
        name = state_text(state, words.language)
        marks = look.none_or_fill(state)
        cells.append(
            NumberCard(state, f"sum({one})", name, decimals=0, mappings=marks, colour=None)
        )
    frame = PanelFrame(2, "goals.states", 16, 3, link="")
    return numbers(frame, words, cells, sizes=shared.SMALL)


def _table(words: Words, number: int, key: str, kinds: str, height: int) -> model.Panel:
    language = words.language
    unit = [f"unit_{language}"] if kinds == queries.VALUES else []
    by_hand = queries.by_labels("indicator_forecast_by_hand", "indicator", _ALL)
    made = look.texts_by_value({"1": (words("by_hand"), None), "0": (words("computed"), None)})
    yes_no = look.texts_by_value({YES_NO_UNIT: (words("yes_or_no"), None)})
    state, now, n = shared.figure_columns(words, kinds, _ALL)

    def forecast(bound: str, title: str) -> TableColumn:
        where = f'{_ALL}, bound="{bound}"'
        name = "forecast" if bound == "expected" else f"forecast_{bound}"
        column = shared.amount(words, kinds, "indicator_forecast_", where, name)
        return replace(column, title=title)

    columns = [
        *shared.title_column(words, _YEAR),
        TableColumn("base", "", queries.title_rows(kinds, language, _ALL, *unit, goals=True)),
        state,
        now,
        n,
        *(TableColumn(each, "unit", mappings=[yes_no], width=_UNIT) for each in unit),
        *shared.target_columns(words, kinds),
        forecast("expected", "forecast"),
        *_rest(words, kinds),
        forecast("low", "low"),
        forecast("high", "high"),
        TableColumn("by_hand", "made", queries.of_kind(by_hand, kinds), mappings=[made]),
        TableColumn(f"goal_{language}", "goal"),
    ]
    return rows(PanelFrame(number, key, 24, height), words, columns)


def _rest(words: Words, kinds: str) -> list[TableColumn]:
    """The misses that the target still allows, and what the rest of the year must achieve."""
    if kinds == queries.VALUES:
        return []
    safe = look.range_text(None, 0, word("safe", words.language), None, 0)
    over = look.range_text(_JUST_OVER, None, f"✗ {word('unreachable', words.language)}", None, 1)
    marks = [safe, over]
    if kinds == queries.DURATIONS:  # no mean can be below 0
        marks = [
            look.range_text(None, _JUST_UNDER, f"✗ {word('unreachable', words.language)}", None)
        ]
    required = shared.amount(words, kinds, "indicator_required_", _ALL, "required", marks)
    if kinds == queries.DURATIONS:
        return [replace(required, title="required_mean")]
    return [required, *shared.misses_columns(words, kinds, _ALL)]


def _forecast(words: Words) -> model.Panel:
    where = f'{_ALL}, indicator=~"$share"'

    def bound(name: str) -> str:
        chosen = f'{where}, bound="{name}"'
        return queries.by_labels("indicator_forecast_ratio", "indicator", chosen)

    low = GraphLine("forecast_low", bound("low"), words("forecast_low"), look.SECOND, "low")
    high = GraphLine("forecast_high", bound("high"), words("forecast_high"), look.SECOND, "high")
    expected = GraphLine("forecast", bound("expected"), words("forecast"), look.SECOND)
    drawn = [low, high, expected, *shared.trend(words, where)]
    frame = PanelFrame(6, "goals.forecast", 12, 9, repeat="share")
    link = figure_link(words, _YEAR, "__field.labels")
    return lines(frame, words, drawn, unit=look.SHARE, link=link, last="30d")


BOARD = Board("goals", _panels, [shared.shares(where=_ALL)], since="now/y", refresh="5m")
