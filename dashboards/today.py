"""The board *Service desk today*, for a screen on the wall."""

from __future__ import annotations

from collections.abc import Sequence

from dashboards import look, queries, shared
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

_NAMES = 20
"""Pixels: the name of a number should be readable from three metres as well."""


def _panels(words: Words) -> Sequence[Part]:
    return [
        _overdue(words),
        _due_next(words),
        shared.callers(PanelFrame(4, "callers", 4, 6, link=page("calls", words)), words),
        shared.freshness(words, 4, 6),
        _indicators(words),
    ]


def _overdue(words: Words) -> model.Panel:
    none = look.texts_by_value({"0": ("✓ 0", look.FILLS["met"])})
    some = look.range_text(1, None, None, look.FILLS["missed"])
    expr = queries.by_priority("tickets_overdue")
    cell = NumberCard("overdue", expr, "{{priority}}", look.NUMBER, 0, [none, some], colour=None)
    return _by_priority(PanelFrame(2, "today.overdue", 8, 6, link=open_tickets(words)), words, cell)


def _due_next(words: Words) -> model.Panel:
    passed = look.range_text(None, 0, words("passed"), look.FILLS["missed"], 0)
    nothing = look.range_text(look.NONE_RUNS / 10, None, words("nothing_due"), None, 1)
    cell = NumberCard(
        "due", queries.due_in(), "{{priority}}", look.WALL_CLOCK, 0, [passed, nothing]
    )
    return _by_priority(PanelFrame(3, "today.due", 8, 6, link=open_tickets(words)), words, cell)


def _by_priority(frame: PanelFrame, words: Words, cell: NumberCard) -> model.Panel:
    cells = shared.fresh_or_stale(words, "tickets", cell)
    return numbers(frame, words, cells, name_size=_NAMES, link=tickets_link(words))


def _indicators(words: Words) -> model.Panel:
    """A card for each indicator: the figure with its n and target, and its state in words. Each
    indicator has a value in only one of the three units."""
    where = shared.OWN
    cells = [
        NumberCard(
            "ratio",
            queries.tile("ratio", where, words.language),
            f"{words('of')} {{{{n}}}}{{{{target}}}}",
            look.SHARE,
            1,
        ),
        NumberCard(
            "seconds",
            queries.tile("seconds", where, words.language),
            f"{words('of')} {{{{n}}}}{{{{target}}}}",
            look.hours(words("h")),
            1,
        ),
        NumberCard(
            "value",
            queries.tile("value", where, words.language),
            f"{words('number')}{{{{target}}}}",
        ),
        NumberCard(
            "state",
            queries.state("indicator", where),
            words("state"),
            mappings=look.states(words.language),
            colour=None,
        ),
    ]
    link = figure_link(words, "${period}", "__field.labels")
    frame = PanelFrame(5, "today.indicator", 6, 5, repeat="indicator", across=4)
    return numbers(frame, words, cells, rows=True, name_size=_NAMES, link=link)


BOARD = Board(
    "today",
    _panels,
    [period_variable("today"), indicator_variable("indicator", queries.MEASURED), shared.QUEUES],
    since="now-1h",
    refresh="30s",
)
