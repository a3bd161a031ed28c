"""The board *Collector*: whether figures can be trusted: sources, clocks, rejected rows, drift."""

from __future__ import annotations

from collections.abc import Sequence

from dashboards import look, queries, shared
from dashboards.board import Board, Part, period
from dashboards.panels import MANY, Cell, Column, Frame, Line, heading, lines, numbers, rows
from dashboards.sdk import model
from dashboards.texts import Words

_PERIOD = "${period}"
_ALL = 'period="$period"'


def _panels(words: Words) -> Sequence[Part]:
    return [
        shared.freshness(words, 6, 5),
        _process(words),
        _calendars(words),
        heading(20, words.heading("sources")),
        _sources(words),
        _age(words),
        _skew(words),
        heading(21, words.heading("rejected")),
        _rejected(words),
        _rejected_by_hour(words),
        heading(22, words.heading("verdicts")),
        _verdicts(words),
        heading(23, words.heading("scheduler")),
        _scheduler(words),
        _grafana(words),
    ]


def _process(words: Words) -> model.Panel:
    leads = look.named(
        {
            "1": (words("leads"), look.FILLS["met"]),
            "0": (words("follows"), look.FILLS["no_data"]),
        }
    )
    measured = f"time() - {queries.one('measured_timestamp_seconds')}"
    version = queries.one("build_info", "version")
    frozen = f"time() - {queries.one('snapshot_last_month_timestamp_seconds')}"
    cells = [
        Cell("measured", measured, words("measured"), look.WALL_CLOCK, 0),
        Cell("leader", queries.one("leader"), words("leader"), mappings=[leads], colour=None),
        Cell("version", version, words("version") + " {{version}}"),
        Cell("frozen", frozen, words("frozen"), look.WALL_CLOCK, 0),
    ]
    return numbers(Frame(2, "collector.process", 12, 5, link="readyz"), words, cells)


def _calendars(words: Words) -> model.Panel:
    is_open = look.named({"1": (words("is_open"), None), "0": (words("is_closed"), None)})
    expr = queries.one("calendar_open", "calendar")
    cell = Cell("calendars", expr, "{{calendar}}", mappings=[is_open])
    return numbers(Frame(3, "collector.calendars", 6, 5, link=""), words, [cell])


def _sources(words: Words) -> model.Panel:
    state = look.named(
        {
            "0": (words("fresh"), look.FILLS["met"]),
            "1": (words.state("stale"), look.FILLS["stale"]),
            "2": (words("never_read"), look.FILLS["stale"]),
        }
    )
    up = look.named(
        {"1": (words("up"), look.FILLS["met"]), "0": (words("down"), look.FILLS["missed"])}
    )
    newest = queries.age("newest_record")
    rejected = f"sum by (source) ({queries.one('source_rejected_total', 'source, reason')})"
    wall = look.WALL_CLOCK

    def gauge(name: str, unit: str = look.NUMBER, decimals: int | None = 0) -> Column:
        return Column(name, name, queries.one(f"source_{name}", "source"), unit, decimals)

    columns = [
        Column("source", "source"),
        Column("up", "last_poll", queries.one("source_up", "source"), mappings=[up], width=130),
        Column("state", "data", queries.freshness(), mappings=[state], width=150),
        Column("age", "age", queries.age(), wall, 0),
        Column("limit", "stale_after", queries.stale_after(), wall, 0),
        gauge("poll_interval_seconds", wall),
        gauge("poll_duration_seconds", look.SECONDS, 2),
        gauge("records"),
        Column("rejected", "rejected", rejected, decimals=0),
        gauge("clock_skew_seconds", look.SECONDS, 1),
        Column("newest", "newest_record", newest, wall, 0),
    ]
    frame = Frame(4, "collector.sources", 24, 7, link="readyz")
    return rows(frame, words, columns, sort="source")


def _age(words: Words) -> model.Panel:
    drawn = [
        Line("age", queries.age(), "{{source}}", MANY),
        Line(
            "limit",
            queries.stale_after(),
            f"{{{{source}}}}: {words('stale_after')}",
            look.TARGET,
            "target",
        ),
    ]
    frame = Frame(5, "collector.age", 12, 8, link="readyz")
    return lines(frame, words, drawn, unit=look.SECONDS)


def _skew(words: Words) -> model.Panel:
    expr = queries.one("source_clock_skew_seconds", "source")
    line = Line("skew", expr, "{{source}}", MANY)
    frame = Frame(6, "collector.skew", 12, 8, link="readyz")
    return lines(frame, words, [line], unit=look.SECONDS)


def _rejected(words: Words) -> model.Panel:
    total = queries.one("source_rejected_total", "source, reason")
    lately = queries.counted_hourly("source_rejected_total", "source, reason")
    columns = [
        Column("source", "source"),
        Column("reason", "reason"),
        Column("rejected", "rejected", total, decimals=0),
        Column("hour", "last_hour", lately, decimals=0),
    ]
    frame = Frame(7, "collector.rejected", 12, 8, link="")
    return rows(frame, words, columns, sort="source")


def _rejected_by_hour(words: Words) -> model.Panel:
    expr = queries.counted_hourly("source_rejected_total", "source, reason")
    line = Line("hour", expr, "{{source}}: {{reason}}", MANY, "steps")
    frame = Frame(8, "collector.rejected_by_hour", 12, 8, link="")
    return lines(frame, words, [line], unit=look.NUMBER, hourly=True)


def _verdicts(words: Words) -> model.Panel:
    def one(name: str) -> str:
        return queries.one(f"indicator_{name}", "indicator", _ALL)

    both = f"{one('checked')} or {one('compared')}"
    base = queries.entitled(f"({both})", queries.SHARES, words.language)
    share, now = look.SHARE, f"{one('ratio')} and {one('checked')}"
    columns = [
        *shared.title_column(words, _PERIOD),
        Column("base", "", f"0 * {base}"),
        Column("now", "now", now, share, 1, empty=words.state("no_data")),
        shared.count_column(one("eligible") + " and " + one("checked")),
        Column("own", "own_ratio", one("source_ratio"), share, 1),
        Column("checked", "checked", one("checked"), decimals=0),
        Column("disagree", "disagree", one("disagreement_ratio"), share, 1),
        Column("differ", "differ", one("response_disagreement_ratio"), share, 1),
        Column("compared", "compared", one("compared"), decimals=0),
    ]
    return rows(Frame(9, "collector.verdicts", 24, 8), words, columns, sort="indicator")


def _scheduler(words: Words) -> model.Panel:
    none = look.named({"0": ("✓ 0", look.FILLS["met"])})
    some = look.between(1, None, None, look.FILLS["at_risk"])
    expr = queries.one("scheduler_events_total", "event")
    cell = Cell("events", expr, "{{event}}", look.NUMBER, 0, [none, some], colour=None)
    return numbers(Frame(10, "collector.scheduler", 12, 5, link="readyz"), words, [cell])


def _grafana(words: Words) -> model.Panel:
    none = look.named({"0": ("✓ 0", look.FILLS["met"])})
    some = look.between(1, None, None, look.FILLS["at_risk"])
    synced = f"time() - {queries.one('grafana_last_sync_timestamp_seconds')}"
    drift, failed = queries.one("grafana_drift_objects"), queries.one("grafana_sync_failures_total")
    cells = [
        Cell("drift", drift, words("drift"), look.NUMBER, 0, [none, some], colour=None),
        Cell("synced", synced, words("synced"), look.WALL_CLOCK, 0),
        Cell("failed", failed, words("failed"), look.NUMBER, 0, [none, some], colour=None),
    ]
    return numbers(Frame(11, "collector.grafana", 12, 5, link=""), words, cells)


BOARD = Board("collector", _panels, [period("month")], since="now-24h")
