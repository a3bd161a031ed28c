"""The board *Service desk today*, for a screen on the wall."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from collector.text.characters import DASH
from collector.text.words.tables import word
from dashboards import card_queries, look, queries, shared
from dashboards.board import Board, Part, indicator_variable, period_variable
from dashboards.panels import (
    NumberCard,
    PanelFrame,
    figure_link,
    numbers,
    open_tickets,
    page,
    tickets_link,
)
from dashboards.sdk import model
from dashboards.texts import Words

_SIZES = 24, 44
"""Pixels of names and numbers, readable from three metres."""

_DUE = 28, 44
_CALLERS = 24, 40
_DATA = 22, 40


def _panels(words: Words) -> Sequence[Part]:
    return [
        _overdue(words),
        _due_next(words),
        shared.callers(
            PanelFrame(4, "callers", 5, 9, link=page("calls", words)), words, _CALLERS, rows=True
        ),
        shared.freshness(words, 6, 9, _DATA, rows=True),
        _indicators(words),
    ]


def _overdue(words: Words) -> model.Panel:
    marks = look.nothing_or_alarm("missed")
    expr = queries.by_priority("tickets_overdue")
    cell = NumberCard("overdue", expr, "{{priority}}", look.NUMBER, 0, marks, colour=None)
    return _by_priority(PanelFrame(2, "today.overdue", 6, 9, link=open_tickets(words)), words, cell)


def _due_next(words: Words) -> model.Panel:
    passed = look.range_text(None, 0, words("passed"), look.FILLS["missed"], 0)
    nothing = look.range_text(look.NONE_RUNS / 10, None, words("nothing_due"), None, 1)
    cell = NumberCard(
        "due", queries.due_in(), "{{priority}}", look.WALL_CLOCK, 0, [passed, nothing]
    )
    return _by_priority(PanelFrame(3, "today.due", 7, 9, link=open_tickets(words)), words, cell)


def _by_priority(frame: PanelFrame, words: Words, cell: NumberCard) -> model.Panel:
    cells = [
        replace(each, expr=queries.without_priority(each.expr))
        for each in shared.fresh_or_stale(words, "tickets", cell)
    ]
    return numbers(frame, words, cells, rows=True, sizes=_DUE, link=tickets_link(words))


def _indicators(words: Words) -> model.Panel:
    """A card for each indicator: the figure below the short title, and below it the state in words
    with n and the target. Each indicator has a value in only one of the three units."""
    language, of = words.language, words("of")
    title, n = f"{{{{short_{language}}}}}", "{{n}}"
    nothing = look.texts_by_value({"0": (DASH, None)})
    cells = [
        NumberCard("ratio", card_queries.figure("ratio", language), title, look.SHARE, 1),
        NumberCard(
            "seconds",
            card_queries.figure("seconds", language),
            title,
            look.hours(words("h")),
            1,
        ),
        NumberCard("value", card_queries.figure("value", language), title),
        NumberCard("nothing", card_queries.without_figure(language), title, mappings=[nothing]),
        NumberCard(
            "no_target",
            card_queries.without_target(of),
            n + word("no_target", language),
            mappings=[nothing],
        ),
        NumberCard(
            "state",
            card_queries.state(language, of),
            f"{n}{{{{target_{language}}}}}",
            mappings=look.states(language, look.CALM),
            colour=None,
        ),
    ]
    link = figure_link(words, "${period}", "__field.labels")
    frame = PanelFrame(5, "today.indicator", 6, 9, repeat="indicator", across=4)
    return numbers(frame, words, cells, rows=True, sizes=_SIZES, link=link, wide=False)


BOARD = Board(
    "today",
    _panels,
    [
        period_variable("today"),
        indicator_variable("indicator", queries.MEASURED, 'period="$period"', title="short"),
        shared.QUEUES,
    ],
    since="now-1h",
    refresh="30s",
)
