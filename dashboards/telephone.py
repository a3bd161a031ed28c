"""The board *Telephone*: callers, how many were answered, and how soon."""

from __future__ import annotations

from collections.abc import Sequence

from collector.monitoring.grafana.fitting import NAMED_BY_OTHERS
from dashboards import look, queries, shared
from dashboards.board import Board, Part, period_variable
from dashboards.graphs import GraphLine, by_place, lines
from dashboards.panels import (
    NumberCard,
    PanelFrame,
    TableColumn,
    behind,
    numbers,
    page,
    rows,
)
from dashboards.response import quantiles
from dashboards.sdk import model
from dashboards.texts import Words

OUTCOMES = {
    "offered": ".+",
    "answered": "answered",
    "lost": "abandoned|timeout|empty|withdrawn|unanswered",
    "apart": "key_exit|callback|unknown",
}
"""Groups of outcomes. The last three and the calls still open add up to ``offered``."""

_COLOURS = {"offered": look.COUNT, "answered": look.FIGURE, "lost": look.SECOND}
_PERIOD = "${period}"
_ALL = 'period="$period"'


def _panels(words: Words) -> Sequence[Part]:
    return [
        shared.freshness(words, 8, 3),
        shared.callers(PanelFrame(4, "callers", 16, 3, link=page("calls", words)), words),
        _today(words),
        _queues(words),
        _levels(words),
        _by_hour(words),
        behind(
            21,
            words.heading("waits"),
            _waits(words),
            _queue_by_hour(words, 7, "offered"),
            _queue_by_hour(words, 8, "lost"),
        ),
        behind(
            23,
            words.heading("trend"),
            shared.share_trend(
                PanelFrame(10, "telephone.trend", 12, 9, repeat="share"),
                words,
                'period="$period", indicator=~"$share"',
                _PERIOD,
            ),
        ),
    ]


def _today(words: Words) -> model.Panel:
    cells = [
        NumberCard(n, queries.calls(found), words(n), decimals=0) for n, found in OUTCOMES.items()
    ]
    cells = shared.fresh_or_stale(words, "calls", *cells)
    frame = PanelFrame(2, "telephone.today", 24, 3, link=page("calls", words))
    return numbers(frame, words, cells, sizes=shared.SMALL)


def _levels(words: Words) -> model.Panel:
    kinds = queries.CALLS
    pending = queries.of_kind(queries.by_labels("indicator_pending", "indicator", _ALL), kinds)
    columns = [
        *shared.title_column(words, _PERIOD),
        TableColumn("base", "", queries.title_rows(kinds, words.language, _ALL)),
        *shared.figure_columns(words, kinds, _ALL),
        *shared.target_columns(words, kinds),
        TableColumn("pending", "pending", pending, decimals=0),
    ]
    return rows(PanelFrame(3, "telephone.levels", 24, 5), words, columns)


def _waits(words: Words) -> model.Panel:
    answered = queries.of_kind(
        queries.by_labels("indicator_eligible", "indicator", _ALL), queries.CALLS
    )
    columns = [
        *shared.title_column(words, _PERIOD),
        TableColumn("base", "", queries.title_rows(queries.CALLS, words.language, _ALL)),
        shared.count_column(answered),
        *quantiles(words, queries.CALLS, _ALL, seconds=True),
    ]
    return rows(PanelFrame(5, "telephone.waits", 24, 5), words, columns)


def _by_hour(words: Words) -> model.Panel:
    drawn = [
        GraphLine(name, queries.hourly(OUTCOMES[name]), words(name), colour, style)
        for (name, colour), style in zip(_COLOURS.items(), ("steps", "bars", "bars"), strict=True)
    ]
    frame = PanelFrame(6, "telephone.by_hour", 24, 9, link=page("calls", words))
    return lines(frame, words, drawn, unit=look.NUMBER, hourly=True)


def _queue_by_hour(words: Words, number: int, name: str) -> model.Panel:
    line = GraphLine(name, queries.hourly(OUTCOMES[name], "queue"), "{{queue}}", "", "steps")
    frame = PanelFrame(number, f"telephone.{name}_by_queue", 12, 8, link=page("calls", words))
    return lines(frame, words, by_place(line, "queue"), unit=look.NUMBER, hourly=True)


def _queues(words: Words) -> model.Panel:
    nobody = look.texts_by_value({"0": (words("nobody_waits"), None)})
    chosen = 'queue=~"$queue"'
    counts = {name: queries.calls(found, "queue") for name, found in OUTCOMES.items()}
    lost_share = f"{counts['lost']} / on (queue) ({counts['offered']} > 0)"
    columns = [
        TableColumn("base", "", queries.queue_rows(chosen)),
        TableColumn("queue", "queue", width=NAMED_BY_OTHERS),
        *(TableColumn(name, name, counts[name], decimals=0) for name in ("offered", "answered")),
        TableColumn("lost", "lost", counts["lost"], decimals=0),
        TableColumn("lost_share", "lost_share", lost_share, look.SHARE, 0),
        TableColumn("apart", "apart", counts["apart"], decimals=0),
        TableColumn(
            "waiting", "waiting", queries.by_labels("calls_waiting", "queue", chosen), decimals=0
        ),
        TableColumn(
            "longest", "longest_wait", queries.waiting_for("queue"), look.WALL_CLOCK, 0, [nobody]
        ),
        shared.data_column(words, queries.by_labels("calls_waiting", "queue", chosen), "calls"),
    ]
    return rows(
        PanelFrame(9, "telephone.queues", 24, 7, link=page("calls", words)),
        words,
        columns,
    )


BOARD = Board(
    "telephone",
    _panels,
    [period_variable("today"), shared.QUEUES, shared.shares(queries.CALLS)],
    since="now/d",
)
