"""The board *Collector*: whether figures can be trusted: sources, clocks, rejected rows, drift."""

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
from dashboards.sdk import model
from dashboards.texts import Words

_PERIOD = "${period}"
_ALL = 'period="$period"'


def _panels(words: Words) -> Sequence[Part]:
    return [
        shared.freshness(words, 8, 3),
        _process(words),
        _sources(words),
        _verdicts(words),
        behind(21, words.heading("rejected"), _rejected(words), _rejected_by_hour(words)),
        behind(20, words.heading("ages"), _age(words), _skew(words)),
        behind(
            23, words.heading("scheduler"), _calendars(words), _scheduler(words), _grafana(words)
        ),
    ]


def _process(words: Words) -> model.Panel:
    leads = look.texts_by_value(
        {
            "1": (words("leads"), look.CARD),
            "0": (words("follows"), look.FILLS["no_data"]),
        }
    )
    measured = f"abs(time() - {queries.by_labels('measured_timestamp_seconds')})"
    version = queries.by_labels("build_info", "version")
    frozen = f"1000 * {queries.by_labels('snapshot_last_month_timestamp_seconds')}"
    running = look.texts_by_value({"1": (words("running"), None)})
    cells = [
        NumberCard("measured", measured, words("measured"), look.WALL_CLOCK, 0),
        NumberCard(
            "leader", queries.by_labels("leader"), words("leader"), mappings=[leads], colour=None
        ),
        NumberCard("version", version, words("version") + " {{version}}", mappings=[running]),
        NumberCard("frozen", frozen, words("frozen"), look.MOMENT),
    ]
    return numbers(PanelFrame(2, "collector.process", 16, 3, link="readyz"), words, cells)


def _calendars(words: Words) -> model.Panel:
    is_open = look.texts_by_value({"1": (words("is_open"), None), "0": (words("is_closed"), None)})
    expr = queries.by_labels("calendar_open", "calendar")
    cell = NumberCard("calendars", expr, "{{calendar}}", mappings=[is_open])
    return numbers(PanelFrame(3, "collector.calendars", 6, 5, link=""), words, [cell])


def _sources(words: Words) -> model.Panel:
    state = look.texts_by_value(
        {
            "0": (words("fresh"), "transparent"),
            "1": (words.state("stale"), look.FILLS["stale"]),
            "2": (words("never_read"), look.FILLS["stale"]),
        }
    )
    up = look.texts_by_value(
        {"1": (words("up"), "transparent"), "0": (words("down"), look.FILLS["missed"])}
    )
    newest = queries.age("newest_record")
    rejected = f"sum by (source) ({queries.by_labels('source_rejected_total', 'source, reason')})"
    wall = look.WALL_CLOCK

    def gauge(name: str, unit: str = look.NUMBER, decimals: int | None = 0) -> TableColumn:
        return TableColumn(
            name, name, queries.by_labels(f"source_{name}", "source"), unit, decimals
        )

    columns = [
        TableColumn("base", "", queries.source_rows()),
        TableColumn("source", "source"),
        TableColumn("up", "last_poll", queries.by_labels("source_up", "source"), mappings=[up]),
        TableColumn("state", "data", queries.freshness(), mappings=[state]),
        TableColumn("age", "age", queries.age(), wall, 0),
        TableColumn("limit", "stale_after", queries.stale_after(), wall, 0),
        gauge("poll_interval_seconds", wall),
        gauge("poll_duration_seconds", look.SECONDS, 2),
        gauge("records"),
        TableColumn("rejected", "rejected", rejected, decimals=0),
        gauge("clock_skew_seconds", look.SECONDS, 1),
        TableColumn("newest", "newest_record", newest, wall, 0),
    ]
    frame = PanelFrame(4, "collector.sources", 24, 7, link=page("sources", words))
    return rows(frame, words, columns)


def _age(words: Words) -> model.Panel:
    limit = f"{{{{source}}}}: {words('stale_after')}"
    drawn = [
        GraphLine("age", queries.age(), "{{source}}", ""),
        GraphLine("limit", queries.stale_after(), limit, "", "target"),
    ]
    drawn = [of_one for line in drawn for of_one in by_place(line, "source")]
    frame = PanelFrame(5, "collector.age", 12, 8, link=page("sources", words))
    return lines(frame, words, drawn, unit=look.SECONDS)


def _skew(words: Words) -> model.Panel:
    expr = queries.by_labels("source_clock_skew_seconds", "source")
    line = GraphLine("skew", expr, "{{source}}", "")
    frame = PanelFrame(6, "collector.skew", 12, 8, link=page("sources", words))
    return lines(frame, words, by_place(line, "source"), unit=look.SECONDS)


def _rejected(words: Words) -> model.Panel:
    total = queries.by_labels("source_rejected_total", "source, reason")
    lately = queries.counted_hourly("source_rejected_total", "source, reason")
    columns = [
        TableColumn("source", "source"),
        TableColumn("reason", "reason", width=NAMED_BY_OTHERS),
        TableColumn("rejected", "rejected", total, decimals=0),
        TableColumn("hour", "last_hour", lately, decimals=0),
    ]
    frame = PanelFrame(7, "collector.rejected", 12, 8, link=page("sources", words))
    return rows(frame, words, columns, sort="source")


def _rejected_by_hour(words: Words) -> model.Panel:
    each = queries.counted_hourly("source_rejected_total", "source, reason")
    line = GraphLine("hour", f"sum by (source) ({each})", "{{source}}", "", "steps")
    frame = PanelFrame(8, "collector.rejected_by_hour", 12, 8, link=page("sources", words))
    return lines(frame, words, by_place(line, "source"), unit=look.NUMBER, hourly=True)


def _verdicts(words: Words) -> model.Panel:
    def one(name: str) -> str:
        return queries.by_labels(f"indicator_{name}", "indicator", _ALL)

    both = f"{one('checked')} or {one('compared')}"
    base = queries.with_titles(f"({both})", queries.SHARES, words.language)
    share, now = look.SHARE, f"{one('ratio')} and {one('checked')}"
    columns = [
        *shared.title_column(words, _PERIOD),
        TableColumn("base", "", queries.placed(f"0 * {base}", _ALL)),
        TableColumn("now", "now", now, share, 1, empty=words.state("no_data")),
        shared.count_column(one("eligible") + " and " + one("checked")),
        TableColumn("differ", "differ", one("response_disagreement_ratio"), share, 1),
        TableColumn("compared", "compared", one("compared"), decimals=0),
        # last what most sources tell: a column without any value is not shown, nor takes the rest
        TableColumn("own", "own_ratio", one("source_ratio"), share, 1),
        TableColumn("checked", "checked", one("checked"), decimals=0),
        TableColumn("disagree", "disagree", one("disagreement_ratio"), share, 1),
    ]
    return rows(PanelFrame(9, "collector.verdicts", 24, 8), words, columns)


def _scheduler(words: Words) -> model.Panel:
    marks = look.nothing_or_alarm("at_risk")
    expr = queries.by_labels("scheduler_events_total", "event")
    cell = NumberCard("events", expr, "{{event}}", look.NUMBER, 0, marks, colour=None)
    return numbers(PanelFrame(10, "collector.scheduler", 9, 5, link="readyz"), words, [cell])


def _grafana(words: Words) -> model.Panel:
    marks = look.nothing_or_alarm("at_risk")
    synced = f"time() - {queries.by_labels('grafana_last_sync_timestamp_seconds')}"
    drift, failed = (
        queries.by_labels("grafana_drift_objects"),
        queries.by_labels("grafana_sync_failures_total"),
    )
    cells = [
        NumberCard("drift", drift, words("drift"), look.NUMBER, 0, marks, colour=None),
        NumberCard("synced", synced, words("synced"), look.WALL_CLOCK, 0),
        NumberCard("failed", failed, words("failed"), look.NUMBER, 0, marks, colour=None),
    ]
    return numbers(PanelFrame(11, "collector.grafana", 9, 5, link=""), words, cells)


BOARD = Board("collector", _panels, [period_variable("month")], since="now-24h")
