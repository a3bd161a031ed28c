"""Columns and panels that several boards share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from collector.model.bilingual import Language
from collector.monitoring.grafana.layout import column_width
from dashboards import look, queries
from dashboards.board import (
    Variable,
    indicator_variable,
    label_variable,
    organization_variable,
)
from dashboards.graphs import GraphLine, lines, reach, strip
from dashboards.panels import (
    NumberCard,
    PanelFrame,
    TableColumn,
    figure_link,
    numbers,
    page,
)
from dashboards.sdk import model
from dashboards.texts import Words

ORGANIZATIONS: Variable = organization_variable("organization_eligible")
TICKET_ORGANIZATIONS: Variable = organization_variable("tickets_open", whole=".*")
"""Also the group of organizations that are not configured, which have no figures of their own."""
QUEUES: Variable = label_variable("queue", "calls_today")

PERIOD = 'period="$period"'
QUEUE = 'queue=~"$queue"'
OWN = f'{PERIOD}, indicator=~"$indicator"'

SMALL = 14, 24
"""Pixels of names and numbers that have room in three lines of the grid, also on a laptop."""

_LONG_TARGET = {"sv": "högst 88 arbetsdagar", "en": "at most 88 business days"}


def shares(kinds: str = queries.SHARES, where: str = PERIOD, *, several: bool = True) -> Variable:
    """A variable for the shares to show."""
    return indicator_variable("share", kinds, where, several=several)


def freshness(
    words: Words, width: int, height: int, sizes: tuple[int, int] = SMALL, *, rows: bool = False
) -> model.Panel:
    """A panel, on every board: whether the figures are up to date, and the oldest source's age; or
    that the collector is gone, and since when. ``rows``: one below the other."""
    named = look.texts_by_value(
        {
            "0": (words("fresh"), look.CARD),
            "1": (words.state("stale"), look.FILLS["stale"]),
            "2": (words("never_read"), look.FILLS["stale"]),
        }
    )
    state, age = (
        queries.unless_gone(f"max({each})") for each in (queries.freshness(), queries.age())
    )
    cells = [
        NumberCard("state", state, words("data"), mappings=[named], colour=None),
        NumberCard("age", age, words("oldest_source"), look.WALL_CLOCK, 0),
        NumberCard(
            "gone",
            queries.gone_since(),
            words("gone_since"),
            look.MOMENT,
            colour=look.FILLS["missed"],
        ),
    ]
    frame = PanelFrame(1, "freshness", width, height, link=page("sources", words))
    never = words("gone"), look.FILLS["missed"]
    return numbers(frame, words, cells, rows=rows, sizes=sizes, nothing=never, wide=False)


def fresh_or_stale(words: Words, records: str, *cells: NumberCard) -> list[NumberCard]:
    """Cells about the present, each in two variants: one while the sources of ``tickets`` or
    ``calls`` are fresh and one while they are stale. Only one of the two has a value at any time,
    and neither before the first read."""
    return [each for cell in cells for each in _fresh_and_stale(words, records, cell)]


def _fresh_and_stale(words: Words, records: str, cell: NumberCard) -> tuple[NumberCard, NumberCard]:
    """Stale counts are shown, marked as such. Stale waits and times left are replaced by the word,
    because they would go on counting although nobody knows."""
    old = replace(
        cell,
        name=f"{cell.name}_stale",
        expr=queries.while_stale(cell.expr, records),
        legend=f"{words.state('stale')}: {cell.legend}",
        mappings=[],
        colour=look.FILLS["stale"],
    )
    if cell.unit == look.WALL_CLOCK:
        word = look.range_text(None, None, words.state("stale"), look.FILLS["stale"])
        old = replace(old, legend=cell.legend, mappings=[word])
    return replace(cell, expr=queries.while_fresh(cell.expr, records)), old


def data_column(words: Words, base: str, records: str) -> TableColumn:
    """A column that says whether a row about the present is up to date."""
    named = look.texts_by_value(
        {
            "0": (words("fresh"), "transparent"),
            "1": (words.state("stale"), look.FILLS["stale"]),
        }
    )
    expr = queries.staleness(base, records)
    return TableColumn("stale", "data", expr, mappings=[named])


def title_column(
    words: Words, period: str = "${period}", *, organization: bool = False
) -> list[TableColumn]:
    """The column of the indicator's title, with a link to its figure, and the hidden column of its
    id, which the link needs."""
    whose = "__data.fields.organization" if organization else ""
    link = figure_link(words, period, "__data.fields", whose)
    return [
        TableColumn(f"title_{words.language}", "indicator", link=link),
        TableColumn("indicator", ""),
    ]


def state_column(expr: str, language: Language) -> TableColumn:
    """The column of the state: its symbol and word on its colour."""
    return TableColumn("state", "state", expr, mappings=look.states(language))


def count_column(expr: str) -> TableColumn:
    """The column of a figure's n."""
    return TableColumn("n", "n", expr, decimals=0, empty="–")


def figure_columns(
    words: Words, kinds: str, where: str, *, by: str = "indicator", prefix: str = "indicator"
) -> list[TableColumn]:
    """Columns of the state, the value now and n of indicators with the same unit."""
    language = words.language

    def of(name: str) -> str:
        return queries.of_kind(queries.by_labels(f"{prefix}_{name}", by, where), kinds)

    return [
        state_column(queries.of_kind(queries.state(by, where, prefix), kinds), language),
        _value(words, kinds, f"{prefix}_", by, where, "now"),
        count_column(of("eligible")),
    ]


def misses_columns(words: Words, kinds: str, where: str) -> list[TableColumn]:
    """The column of the misses that the target still allows, or how many are too many, in words;
    and the hidden one of the series that has them."""
    label = f"left_{words.language}"
    left = queries.of_kind(queries.by_labels("indicator_misses_left", "indicator", where), kinds)
    return [
        TableColumn("left", "", queries.misses_in_words(left, label, words("too_many"))),
        TableColumn(label, "misses_left", width=column_width(f"✗ 8888 {words('too_many')}")),
    ]


def target_columns(words: Words, kinds: str, where: str = "") -> list[TableColumn]:
    """The column of the target in words, and the hidden one of the series that has them; with
    ``where`` one for each figure of an organization."""
    found = queries.of_kind(queries.targets(words.language), kinds)
    if where:
        found = queries.for_organizations(found, f"target_{words.language}", where)
    width = column_width(_LONG_TARGET[words.language])
    return [
        TableColumn("targets", "", found),
        TableColumn(f"target_{words.language}", "target", width=width),
    ]


def amount(
    words: Words,
    kinds: str,
    metric: str,
    where: str,
    title: str,
    mappings: Sequence[model.ValueMapping] = (),
) -> TableColumn:
    """A column of another number in the unit of the figure, under its own title."""
    column = _value(words, kinds, metric, "indicator", where, title)
    return replace(column, mappings=mappings or column.mappings)


def _value(words: Words, kinds: str, metric: str, by: str, where: str, title: str) -> TableColumn:
    empty = words.state("no_data") if title == "now" else "–"
    if kinds == queries.DURATIONS:
        expr = queries.in_hours(queries.by_labels(f"{metric}seconds", by, where))
        return TableColumn(title, title, expr, look.hours(words("h")), 1, empty=empty)
    if kinds == queries.VALUES:
        expr = queries.by_labels(f"{metric}value", by, where)
        asked = queries.yes_or_no(expr, words.language)
        said = look.yes_or_no(words.language)
        return TableColumn(title, title, asked, look.AS_GIVEN, mappings=said, empty=empty)
    expr = queries.of_kind(queries.by_labels(f"{metric}ratio", by, where), kinds)
    return TableColumn(title, title, expr, look.SHARE, 1, empty=empty)


def share_trend(frame: PanelFrame, words: Words, where: str, period: str) -> model.Panel:
    """A graph of a share over time, with its target and its n."""
    drawn = trend(words, where)
    link = figure_link(words, period, "__field.labels")
    return lines(frame, words, drawn, unit=look.SHARE, link=link)


def trend(words: Words, where: str) -> Sequence[GraphLine]:
    """The lines of a share's graph: n, its target, and above them the share."""
    chosen = 'indicator=~"$share"'
    one = queries.by_labels
    share = one("indicator_ratio", "indicator", where)
    target = one("indicator_target_ratio", "indicator", chosen)
    return [
        *strip(words, one("indicator_eligible", "indicator", where)),
        *reach(words, share, target),
        GraphLine("target", target, words("target"), look.TARGET, "target"),
        GraphLine("now", share, words("share"), look.FIGURE, "main"),
    ]


def callers(
    frame: PanelFrame, words: Words, sizes: tuple[int, int] = SMALL, *, rows: bool = False
) -> model.Panel:
    """A panel of the callers waiting now, and how long the first of them has waited."""
    nobody = look.texts_by_value({"0": (words("nobody_waits"), None)})
    cells = [
        NumberCard("waiting", queries.waiting(), words("waiting"), decimals=0),
        NumberCard(
            "longest",
            queries.waiting_for(),
            words("longest_wait"),
            look.WALL_CLOCK,
            0,
            [nobody],
        ),
    ]
    cells = fresh_or_stale(words, "calls", *cells)
    return numbers(frame, words, cells, rows=rows, sizes=sizes, wide=False)
