"""The board *Service desk today*, for a screen on the wall."""

from __future__ import annotations

from collections.abc import Sequence

from collector.text.numbers import with_unit
from dashboards import look, queries, shared
from dashboards.board import Board, Part, indicator, period
from dashboards.panels import Cell, Frame, figure_link, numbers, open_tickets, tickets_link
from dashboards.sdk import model
from dashboards.texts import Words

_NAMES = 20
"""Pixels: the name of a number should be readable from three metres as well."""


def _panels(words: Words) -> Sequence[Part]:
    return [
        _overdue(words),
        _due_next(words),
        shared.callers(Frame(4, "callers", 4, 6, link=""), words),
        shared.freshness(words, 4, 6),
        _indicators(words),
    ]


def _overdue(words: Words) -> model.Panel:
    none = look.named({"0": ("✓ 0", look.FILLS["met"])})
    some = look.between(1, None, None, look.FILLS["missed"])
    expr = queries.by_priority("tickets_overdue")
    cell = Cell("overdue", expr, "{{priority}}", look.NUMBER, 0, [none, some], colour=None)
    return _by_priority(Frame(2, "today.overdue", 8, 6, link=open_tickets(words)), words, cell)


def _due_next(words: Words) -> model.Panel:
    passed = look.between(None, 0, words("passed"), look.FILLS["missed"], 0)
    nothing = look.between(look.NONE_RUNS / 10, None, words("nothing_due"), None, 1)
    cell = Cell("due", queries.due_in(), "{{priority}}", look.WALL_CLOCK, 0, [passed, nothing])
    return _by_priority(Frame(3, "today.due", 8, 6, link=open_tickets(words)), words, cell)


def _by_priority(frame: Frame, words: Words, cell: Cell) -> model.Panel:
    cells = shared.of_desk(words, "tickets", cell)
    return numbers(frame, words, cells, name_size=_NAMES, link=tickets_link(words))


def _indicators(words: Words) -> model.Panel:
    """A card for each indicator: the figure with its n and target, and its state in words. Each
    indicator has a value in only one of the three units."""
    target, h = words("target_word"), words("h")
    where = shared.OWN
    cells = [
        Cell(
            "ratio",
            queries.tile("ratio", with_unit("", "%", words.language), where, target, "* 100"),
            f"{words('of')} {{{{n}}}}{{{{target}}}}",
            look.SHARE,
            1,
        ),
        Cell(
            "seconds",
            queries.tile("seconds", with_unit("", h, words.language), where, target, "/ 3600"),
            f"{words('of')} {{{{n}}}}{{{{target}}}}",
            look.hours(h),
            1,
        ),
        Cell(
            "value",
            queries.tile("value", "", where, target, "* 1"),
            f"{words('number')}{{{{target}}}}",
        ),
        Cell(
            "state",
            queries.state("indicator", where),
            words("state"),
            mappings=look.states(words.language),
            colour=None,
        ),
    ]
    link = figure_link(words, "${period}", "__field.labels")
    frame = Frame(5, "today.indicator", 6, 5, repeat="indicator", across=4)
    return numbers(frame, words, cells, rows=True, name_size=_NAMES, link=link)


BOARD = Board(
    "today",
    _panels,
    [period("today"), indicator("indicator", queries.MEASURED), shared.QUEUES],
    since="now-1h",
    refresh="30s",
)
