"""The board *Response and resolution*: how soon tickets are answered and solved."""

from __future__ import annotations

from collections.abc import Sequence

from dashboards import look, queries, shared
from dashboards.board import Board, Part, indicator, period
from dashboards.panels import (
    Cell,
    Column,
    Frame,
    Line,
    figure_link,
    heading,
    lines,
    numbers,
    open_tickets,
    rows,
)
from dashboards.panels import states as through_time
from dashboards.sdk import model
from dashboards.texts import Words

_PERIOD = "${period}"
_ALL = 'period="$period"'


def _panels(words: Words) -> Sequence[Part]:
    return [
        shared.freshness(words, 6, 4),
        _count(words, 2, "open"),
        _count(words, 3, "overdue", look.FILLS["missed"]),
        _count(words, 4, "unanswered_overdue", look.FILLS["missed"]),
        heading(20, words.heading("targets")),
        _shares(words),
        _durations(words),
        heading(21, words.heading("desk")),
        _desk(words),
        heading(22, words.heading("distribution")),
        _distribution(words),
        heading(23, words.heading("organizations")),
        _organizations(words),
        heading(24, words.heading("trend")),
        _states(words),
        shared.share_trend(
            Frame(11, "response.share_trend", 12, 9, repeat="share"),
            words,
            'period="$period", indicator=~"$share"',
            _PERIOD,
        ),
        heading(25, words.heading("durations")),
        _duration_trend(words),
    ]


def _count(words: Words, number: int, name: str, alarming: str = look.CARD) -> model.Panel:
    none = [look.named({"0": ("✓ 0", look.FILLS["met"])})] if alarming != look.CARD else []
    expr = f"sum({queries.one(f'tickets_{name}', 'priority, organization')})"
    cell = Cell(name, expr, words(name), look.NUMBER, 0, none, alarming)
    cells = shared.of_desk(words, "tickets", cell)
    frame = Frame(number, f"response.{name}", 6, 4, link=open_tickets(words))
    return numbers(frame, words, cells)


def _shares(words: Words) -> model.Panel:
    kinds = queries.TICKET_SHARES
    pending = queries.of_kind(queries.one("indicator_pending", "indicator", _ALL), kinds)
    left = queries.of_kind(queries.one("indicator_misses_left", "indicator", _ALL), kinds)
    columns = [
        *shared.title_column(words, _PERIOD),
        Column("base", "", queries.titled(kinds, words.language)),
        *shared.figure_columns(words, kinds, _ALL),
        shared.target_column(words, kinds),
        Column("pending", "pending", pending, decimals=0),
        Column("left", "misses_left", left, decimals=0),
    ]
    return rows(Frame(5, "response.shares", 24, 9), words, columns, sort="indicator")


def _durations(words: Words) -> model.Panel:
    kinds = queries.DURATIONS
    columns = [
        *shared.title_column(words, _PERIOD),
        Column("base", "", queries.titled(kinds, words.language)),
        *shared.figure_columns(words, kinds, _ALL),
        shared.target_column(words, kinds),
    ]
    return rows(Frame(6, "response.durations", 24, 5), words, columns, sort="indicator")


def _desk(words: Words) -> model.Panel:
    by = "priority, organization"
    where = 'organization=~"$organization"'
    due = f"min by ({by}) (servicedesk_ticket_next_deadline_timestamp_seconds{{{where}}}) - time()"
    some = look.between(1, None, None, look.FILLS["missed"])
    none = look.named({"0": ("✓ 0", look.FILLS["met"])})
    passed = look.between(None, 0, words("passed"), look.FILLS["missed"], 0)

    def count(name: str, *mappings: model.ValueMapping) -> Column:
        expr = queries.one(f"tickets_{name}", by, where)
        return Column(name, name, expr, decimals=0, mappings=mappings)

    columns = [
        Column("priority", "priority"),
        Column("organization", "organization"),
        count("open"),
        count("overdue", none, some),
        count("unanswered_overdue", none, some),
        Column("due", "due_in", due, look.WALL_CLOCK, 0, [passed]),
        shared.data_column(words, queries.one("tickets_open", by, where), "tickets"),
    ]
    frame = Frame(7, "response.desk", 24, 9, link=open_tickets(words))
    return rows(frame, words, columns, sort="priority")


def quantiles(words: Words, kinds: str, where: str, *, seconds: bool) -> list[Column]:
    """Columns of the median and 90th percentile, each with the bounds of its bucket."""
    found = []
    for name in ("median", "p90"):
        for bound in ("low", "about", "high"):
            expr = queries.one(
                f"indicator_{name}_seconds", "indicator", f'{where}, bound="{bound}"'
            )
            expr = queries.of_kind(expr, kinds)
            unit, places = (look.SECONDS, None) if seconds else (look.hours(words("h")), 2)
            shown = f"({expr}) / 3600" if not seconds else expr
            key = f"{name}_{bound}"
            found.append(Column(key, key, shown, unit, places))
    return found


def _distribution(words: Words) -> model.Panel:
    n = queries.of_kind(queries.one("indicator_eligible", "indicator", _ALL), queries.TICKET_CLOCKS)
    columns = [
        *shared.title_column(words, _PERIOD),
        Column("base", "", queries.titled(queries.TICKET_CLOCKS, words.language)),
        shared.count_column(n),
        *quantiles(words, queries.TICKET_CLOCKS, _ALL, seconds=False),
    ]
    return rows(Frame(8, "response.distribution", 24, 9), words, columns, sort="indicator")


def _organizations(words: Words) -> model.Panel:
    kinds, by = queries.TICKET_SHARES, "indicator, organization"
    where = 'period="$period", indicator=~"$share", organization=~"$organization"'
    columns = [
        *shared.title_column(words, _PERIOD, organization=True),
        Column("base", "", queries.organizations(where, kinds, words.language)),
        Column("organization", "organization"),
        *shared.figure_columns(words, kinds, where, by=by, prefix="organization"),
    ]
    frame = Frame(9, "response.organizations", 24, 12)
    return rows(frame, words, columns, sort="indicator")


def _states(words: Words) -> model.Panel:
    kinds = f"{queries.TICKET_SHARES}|{queries.DURATIONS}"
    expr = queries.entitled(f"({queries.state('indicator', _ALL)})", kinds, words.language)
    link = figure_link(words, _PERIOD, "__field.labels")
    return through_time(Frame(10, "response.states", 24, 8), words, expr, link)


def _duration_trend(words: Words) -> model.Panel:
    where = 'period="$period", indicator=~"$duration"'

    def hours(name: str, more: str = "") -> str:
        return queries.in_hours(queries.one(f"indicator_{name}", "indicator", where + more))

    target = queries.one("indicator_target_seconds", "indicator", 'indicator=~"$duration"')
    drawn = [
        Line(
            "n",
            queries.one("indicator_eligible", "indicator", where),
            words("n"),
            look.COUNT,
            "count",
        ),
        Line(
            "median_low",
            hours("median_seconds", ', bound="low"'),
            words("median_low"),
            look.SECOND,
            "low",
        ),
        Line(
            "median_high",
            hours("median_seconds", ', bound="high"'),
            words("median_high"),
            look.SECOND,
            "high",
        ),
        Line("now", hours("seconds"), words("mean"), look.FIGURE),
        Line("target", queries.in_hours(target), words("target"), look.TARGET, "target"),
    ]
    frame = Frame(12, "response.duration_trend", 12, 9, repeat="duration")
    link = figure_link(words, _PERIOD, "__field.labels")
    return lines(frame, words, drawn, unit=look.hours(words("h")), link=link)


BOARD = Board(
    "response",
    _panels,
    [
        period("month"),
        indicator("share", queries.TICKET_SHARES),
        indicator("duration", queries.DURATIONS),
        shared.ORGANIZATIONS,
    ],
    since="now-30d",
)
