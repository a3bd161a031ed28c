"""The board *Organizations*: the same figures for each organization, side by side."""

from __future__ import annotations

from collections.abc import Sequence

from collector.monitoring.promql import series
from dashboards import look, queries, shared
from dashboards.board import Board, Part, period_variable
from dashboards.graphs import GraphLine, lines, strip
from dashboards.panels import (
    PanelFrame,
    TableColumn,
    behind,
    figure_link,
    open_tickets,
    rows,
)
from dashboards.sdk import model
from dashboards.texts import Words

_PERIOD = "${period}"
_BY = "indicator, organization"
_WHERE = 'period="$period", organization=~"$organization"'


def _panels(words: Words) -> Sequence[Part]:
    return [
        shared.freshness(words, 8, 7),
        _desk(words),
        _shares(words),
        behind(21, words.heading("trend"), _trend(words)),
        behind(
            22,
            words.heading("others"),
            _others(words, 5, "organizations.durations", queries.DURATIONS),
            _others(words, 6, "organizations.values", queries.VALUES),
        ),
    ]


def _desk(words: Words) -> model.Panel:
    where = 'organization=~"$organization"'
    shown = f"({_most_failing_first(where)}) and on (organization) {series('tickets_open')}"
    columns = [
        TableColumn("base", "", shown),
        TableColumn("organization", "organization"),
        *(_in_state(words, state) for state in queries.VERDICTS),
    ]
    for name in ("overdue", "unanswered_overdue", "open"):
        each = queries.by_labels(f"tickets_{name}", "priority, organization", where)
        added = f"sum by (organization) ({each})"
        marks = () if name == "open" else look.none_or_alarm("missed")
        columns.append(TableColumn(name, name, added, decimals=0, mappings=marks))
    columns.append(shared.data_column(words, added, "tickets"))
    frame = PanelFrame(2, "organizations.desk", 16, 7, link=open_tickets(words))
    return rows(frame, words, columns)


def _most_failing_first(where: str) -> str:
    """A row for each organization: those with the most indicators off target first, then with the
    most at risk, and those alike as configured."""
    rank = queries.by_labels("organization_rank", "organization", where)
    failing = " + on (organization) ".join(
        f"{weight} * ({queries.in_state(state, _WHERE)})"
        for state, weight in (("missed", 1_000_000), ("at_risk", 1000))
    )
    return f"{rank} - on (organization) ({failing}) or {rank}"


def _in_state(words: Words, state: str) -> TableColumn:
    """How many of an organization's indicators are in a state."""
    marks = () if state == "met" else look.none_or_alarm(state)
    found = queries.in_state(state, _WHERE)
    return TableColumn(state, state, found, decimals=0, mappings=marks)


def _shares(words: Words) -> model.Panel:
    kinds = queries.SHARES
    columns = [
        *shared.title_column(words, _PERIOD, organization=True),
        TableColumn("organization", "organization"),
        TableColumn("base", "", queries.organizations(_WHERE, kinds, words.language)),
        *shared.figure_columns(words, kinds, _WHERE, by=_BY, prefix="organization"),
        *shared.target_columns(words, kinds, _WHERE),
    ]
    return rows(PanelFrame(3, "organizations.shares", 24, 11), words, columns)


def _others(words: Words, number: int, key: str, kinds: str) -> model.Panel:
    columns = [
        *shared.title_column(words, _PERIOD, organization=True),
        TableColumn("organization", "organization"),
        TableColumn("base", "", queries.organizations(_WHERE, kinds, words.language)),
        *shared.figure_columns(words, kinds, _WHERE, by=_BY, prefix="organization"),
    ]
    return rows(PanelFrame(number, key, 12, 9), words, columns)


def _trend(words: Words) -> model.Panel:
    where = f'{_WHERE}, indicator="$share"'
    target = queries.by_labels("indicator_target_ratio", "indicator", 'indicator="$share"')
    share = queries.by_labels("organization_ratio", _BY, where)
    drawn = [
        *strip(words, queries.by_labels("organization_eligible", _BY, where)),
        GraphLine("target", target, words("target"), look.TARGET, "target"),
        GraphLine("now", share, words("share"), look.FIGURE, "main"),
    ]
    frame = PanelFrame(4, "organizations.trend", 6, 9, repeat="organization", across=4)
    link = figure_link(words, _PERIOD, "__field.labels", organization="organization")
    return lines(frame, words, drawn, unit=look.SHARE, link=link, share=True)


BOARD = Board(
    "organizations",
    _panels,
    [period_variable("month"), shared.ORGANIZATIONS, shared.shares(several=False)],
    since="now-30d",
)
