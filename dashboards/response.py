"""The board *Response and resolution*: how soon tickets are answered and solved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from collector.monitoring.promql import series
from dashboards import look, queries, shared
from dashboards.board import Board, Part, indicator_variable, period_variable
from dashboards.graphs import GraphLine, lines, strip
from dashboards.graphs import states as through_time
from dashboards.panels import (
    NumberCard,
    PanelFrame,
    TableColumn,
    behind,
    figure_link,
    numbers,
    open_tickets,
    rows,
)
from dashboards.sdk import model
from dashboards.texts import Words

_PERIOD = "${period}"
_ALL = 'period="$period"'


def _panels(words: Words) -> Sequence[Part]:
    return [
        shared.freshness(words, 8, 3),
        _open(words),
        _shares(words),
        _organizations(words),
        _durations(words),
        behind(21, words.heading("desk"), _desk(words)),
        behind(22, words.heading("distribution"), _distribution(words)),
        behind(
            24,
            words.heading("trend"),
            _states(words),
            shared.share_trend(
                PanelFrame(11, "response.share_trend", 12, 9, repeat="share"),
                words,
                'period="$period", indicator=~"$share"',
                _PERIOD,
            ),
            _duration_trend(words),
        ),
    ]


def _open(words: Words) -> model.Panel:
    none = look.texts_by_value({"0": ("✓ 0", look.CARD)})
    colours = {
        "open": look.CARD,
        "overdue": look.FILLS["missed"],
        "unanswered_overdue": look.FILLS["missed"],
    }
    cells = [
        NumberCard(
            name,
            f"sum({queries.by_labels(f'tickets_{name}', 'priority, organization')})",
            words(name),
            look.NUMBER,
            0,
            [none],
            colour,
        )
        for name, colour in colours.items()
    ]
    frame = PanelFrame(2, "response.open", 16, 3, link=open_tickets(words))
    return numbers(
        frame, words, shared.fresh_or_stale(words, "tickets", *cells), sizes=shared.SMALL
    )


def _shares(words: Words) -> model.Panel:
    kinds = queries.TICKET_SHARES
    pending = queries.of_kind(queries.by_labels("indicator_pending", "indicator", _ALL), kinds)
    columns = [
        *shared.title_column(words, _PERIOD),
        TableColumn("base", "", queries.title_rows(kinds, words.language, _ALL)),
        *shared.figure_columns(words, kinds, _ALL),
        *shared.target_columns(words, kinds),
        TableColumn("pending", "pending", pending, decimals=0),
        *shared.misses_columns(words, kinds, _ALL),
    ]
    return rows(PanelFrame(5, "response.shares", 24, 8), words, columns)


def _durations(words: Words) -> model.Panel:
    kinds = queries.DURATIONS
    columns = [
        *shared.title_column(words, _PERIOD),
        TableColumn("base", "", queries.title_rows(kinds, words.language, _ALL)),
        *shared.figure_columns(words, kinds, _ALL),
        *shared.target_columns(words, kinds),
    ]
    return rows(PanelFrame(6, "response.durations", 24, 4), words, columns)


def _desk(words: Words) -> model.Panel:
    by = "priority, organization"
    where = 'organization=~"$organization"'
    deadline = series("ticket_next_deadline_timestamp_seconds", where)
    due = f"min by ({by}) ({deadline}) - time()"
    marks = look.none_or_alarm("missed")
    passed = look.range_text(None, 0, words("passed"), look.FILLS["missed"], 0)

    def count(name: str, *mappings: model.ValueMapping) -> TableColumn:
        expr = queries.by_labels(f"tickets_{name}", by, where)
        return TableColumn(name, name, expr, decimals=0, mappings=mappings)

    columns = [
        TableColumn("base", "", queries.desk_rows(where)),
        TableColumn("priority", "priority"),
        TableColumn("organization", "organization"),
        count("open"),
        count("overdue", *marks),
        count("unanswered_overdue", *marks),
        TableColumn("due", "due_in", due, look.WALL_CLOCK, 0, [passed]),
        shared.data_column(words, queries.by_labels("tickets_open", by, where), "tickets"),
    ]
    columns = [
        replace(each, expr=queries.without_priority(each.expr)) if each.expr else each
        for each in columns
    ]
    frame = PanelFrame(7, "response.desk", 24, 9, link=open_tickets(words))
    return rows(frame, words, columns)


def quantiles(words: Words, kinds: str, where: str, *, seconds: bool) -> list[TableColumn]:
    """Columns of the median and 90th percentile, each with the bounds of its bucket."""
    found = []
    for name in ("median", "p90"):
        for bound in ("low", "about", "high"):
            expr = queries.by_labels(
                f"indicator_{name}_seconds", "indicator", f'{where}, bound="{bound}"'
            )
            expr = queries.of_kind(expr, kinds)
            unit, places = (look.SECONDS, None) if seconds else (look.hours(words("h")), 2)
            shown = f"({expr}) / 3600" if not seconds else expr
            key = f"{name}_{bound}"
            found.append(TableColumn(key, key, shown, unit, places))
    return found


def _distribution(words: Words) -> model.Panel:
    n = queries.of_kind(
        queries.by_labels("indicator_eligible", "indicator", _ALL), queries.TICKET_CLOCKS
    )
    columns = [
        *shared.title_column(words, _PERIOD),
        TableColumn("base", "", queries.title_rows(queries.TICKET_CLOCKS, words.language, _ALL)),
        shared.count_column(n),
        *quantiles(words, queries.TICKET_CLOCKS, _ALL, seconds=False),
    ]
    return rows(PanelFrame(8, "response.distribution", 24, 9), words, columns)


def _organizations(words: Words) -> model.Panel:
    kinds, by = queries.TICKET_SHARES, "indicator, organization"
    where = 'period="$period", indicator=~"$share", organization=~"$organization"'
    columns = [
        *shared.title_column(words, _PERIOD, organization=True),
        TableColumn("base", "", queries.organizations(where, kinds, words.language)),
        TableColumn("organization", "organization"),
        *shared.figure_columns(words, kinds, where, by=by, prefix="organization"),
        *shared.target_columns(words, kinds, where),
    ]
    frame = PanelFrame(9, "response.organizations", 24, 12)
    return rows(frame, words, columns)


def _states(words: Words) -> model.Panel:
    kinds = f"{queries.TICKET_SHARES}|{queries.DURATIONS}"
    expr = queries.with_titles(f"({queries.state('indicator', _ALL)})", kinds, words.language)
    link = figure_link(words, _PERIOD, "__field.labels")
    return through_time(PanelFrame(10, "response.states", 24, 8), words, expr, link)


def _duration_trend(words: Words) -> model.Panel:
    where = 'period="$period", indicator=~"$duration"'

    def hours(name: str, more: str = "") -> str:
        return queries.in_hours(queries.by_labels(f"indicator_{name}", "indicator", where + more))

    target = queries.by_labels("indicator_target_seconds", "indicator", 'indicator=~"$duration"')
    drawn = [
        *strip(words, queries.by_labels("indicator_eligible", "indicator", where)),
        GraphLine(
            "median_low",
            hours("median_seconds", ', bound="low"'),
            words("median_low"),
            look.SECOND,
            "low",
        ),
        GraphLine(
            "median_high",
            hours("median_seconds", ', bound="high"'),
            words("median_high"),
            look.SECOND,
            "high",
        ),
        GraphLine("target", queries.in_hours(target), words("target"), look.TARGET, "target"),
        GraphLine("now", hours("seconds"), words("mean"), look.FIGURE, "main"),
    ]
    frame = PanelFrame(12, "response.duration_trend", 12, 9, repeat="duration")
    link = figure_link(words, _PERIOD, "__field.labels")
    return lines(frame, words, drawn, unit=look.hours(words("h")), link=link)


BOARD = Board(
    "response",
    _panels,
    [
        period_variable("month"),
        shared.shares(queries.TICKET_SHARES),
        indicator_variable("duration", queries.DURATIONS, _ALL),
        shared.TICKET_ORGANIZATIONS,
    ],
    since="now-30d",
)
