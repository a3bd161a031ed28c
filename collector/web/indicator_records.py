"""The records behind a figure: the list, one record's clock, and all of them as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from collector.measuring.engine.arithmetic import arithmetic
from collector.measuring.engine.course import course
from collector.measuring.engine.explain import Explanation
from collector.measuring.engine.explanation_rows import EXPLANATION_COLUMNS, explanation_row
from collector.measuring.engine.record_list import (
    Order,
    Wanted,
    every_record,
    one_record,
    record_list,
)
from collector.measuring.engine.splitting import Value, can_be_split
from collector.measuring.verdicts.timeline import Timeline
from collector.model.bilingual import Language
from collector.model.columns import ABSENT
from collector.model.periods import Period
from collector.report.render.csv import harmless
from collector.text.csv_lines import csv_lines
from collector.text.dates import LocalTimes
from collector.text.durations import duration
from collector.text.iso_times import iso_instants
from collector.text.words.definitions import exclusion_reason
from collector.text.words.reasons import day_words
from collector.text.words.records import PAUSE_WORDS, VERDICT_WORDS, fact_in_words
from collector.web.desk import Desk
from collector.web.paging import Paging
from collector.web.parameters import Question, Unknown

PAGE_SIZE = 50
VALUES = ("team", "category", "priority", "queue", "weekday", "hour")
"""The fields by whose values records can be chosen."""
NUMBERS = {"weekday": range(1, 8), "hour": range(24)}
"""Those of them that are numbers, and which."""


@dataclass(frozen=True, slots=True)
class Record:
    """A record behind the figure: its verdict and the reason, when it counts, the time it took and
    the limit (in seconds, and in words as in ``explain``), and the arithmetic line by line."""

    source: str
    id: str
    url: str | None
    organization: str
    verdict: str
    verdict_text: str
    reason: str
    facts: str
    counted_at: datetime | None
    counted: str
    elapsed_seconds: int | None
    elapsed: str
    limit_seconds: int | None
    limit: str
    due: str
    arithmetic: list[str]


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """A half-open span of time, and what it is."""

    start: datetime
    end: datetime
    name: str


@dataclass(frozen=True, slots=True)
class Course:
    """One record's clock, from its ``start`` to ``stop``, the later of its deadline and of where it
    was read. ``end``: what ended it; None while it runs. ``until``: its end, or now. ``due``: its
    deadline. ``open``: business hours; ``paused``: what was taken off; ``special``: dates with
    other hours than usual, and why."""

    start: datetime
    end: datetime | None
    until: datetime
    due: datetime | None
    stop: datetime
    open: list[TimeSpan]
    paused: list[TimeSpan]
    special: list[TimeSpan]


@dataclass(frozen=True, slots=True)
class RecordTold:
    """One record and the course of its clock; None where there is nothing to draw."""

    record: Record
    course: Course | None


def wanted_of(asked: Question, timeline: Timeline) -> Wanted:
    """Which of an indicator's records are asked for. Raises ValueError for a field they do not
    have, as calls have no team."""
    values: dict[str, Value] = {}
    for name in VALUES:
        if (text := asked.get(name)) is not None:
            if not can_be_split(timeline, name):
                raise ValueError(f"{name}: the records of {timeline.id} have none")
            values[name] = None if text == "-" else int(text) if name in NUMBERS else text
    return Wanted(asked.get("organization"), asked.get("verdict"), values)


def listed(desk: Desk, asked: Question, period: Period) -> tuple[list[Record], Paging]:
    """The records on the page of the list that is asked for. It reads those of the period. Raises
    StoreError."""
    timeline = desk.measuring.timeline(asked.path)
    if not timeline.clock:
        return [], Paging(1, PAGE_SIZE, more=False, total=0)
    sort = asked.get("sort") or "-counted"
    order = cast(Order, sort.removeprefix("-"))
    found = record_list(
        desk.measuring,
        timeline,
        period,
        desk.now,
        wanted_of(asked, timeline),
        order,
        falling=sort.startswith("-"),
    )
    start, total = (asked.page - 1) * PAGE_SIZE, len(found.places)
    when = desk.times(asked.language)
    shown = [
        record_of(desk, each, when, asked.language) for each in found.part(start, start + PAGE_SIZE)
    ]
    return shown, Paging(asked.page, PAGE_SIZE, start + PAGE_SIZE < total, total)


def told(desk: Desk, asked: Question) -> RecordTold | None:
    """The one record that is asked for, as SOURCE/ID; None if none is. Raises Unknown,
    StoreError."""
    if (text := asked.get("record")) is None:
        return None
    source, _, own = text.partition("/")
    timeline = desk.measuring.timeline(asked.path)
    found = one_record(desk.measuring, timeline, source, own, desk.now)
    if found is None:
        raise Unknown(f"{asked.path} does not measure a record {text[:60]!r}")
    record = record_of(desk, found, desk.times(asked.language), asked.language)
    return RecordTold(record, _course(desk, found, asked))


def record_of(desk: Desk, each: Explanation, when: LocalTimes, language: Language) -> Record:
    """A record in words."""
    clock, counts = each.clock, each.counted_at != ABSENT
    verdict = each.verdict if each.verdict in VERDICT_WORDS else "pending"
    return Record(
        source=each.source,
        id=each.id,
        url=each.url if (each.url or "").startswith(("https://", "http://")) else None,
        organization=each.organization or "",
        verdict=verdict,
        verdict_text=VERDICT_WORDS[verdict][language],
        reason=each.reason and exclusion_reason(each.reason, language, 1),
        facts=", ".join(fact_in_words(*fact, language) for fact in each.facts.items()),
        counted_at=desk.moment(each.counted_at) if counts else None,
        counted=when(each.counted_at) if counts else "",
        elapsed_seconds=clock.elapsed,
        elapsed="" if clock.elapsed is None else duration(clock.elapsed),
        limit_seconds=clock.limit,
        limit="" if clock.limit is None else duration(clock.limit),
        due="" if clock.due is None else when(clock.due),
        arithmetic=[] if clock.start is None else list(arithmetic(each, when, language)),
    )


def _course(desk: Desk, each: Explanation, asked: Question) -> Course | None:
    timeline, language = desk.measuring.timeline(asked.path), asked.language
    found = course(desk.measuring, timeline, each, desk.now)
    if found is None:
        return None

    def at(instant: int) -> datetime:
        return desk.moment(instant)

    midnight = desk.measuring.local.midnight
    return Course(
        start=at(found.start),
        end=None if found.end is None else at(found.end),
        until=at(found.until),
        due=None if found.due is None else at(found.due),
        stop=at(found.stop),
        open=[TimeSpan(at(a), at(b), "") for a, b in found.open],
        paused=[
            TimeSpan(at(each.start), at(each.end), PAUSE_WORDS[each.why][language])
            for each in found.paused
        ],
        special=[
            TimeSpan(
                at(midnight(day)),
                at(midnight(day.fromordinal(day.toordinal() + 1))),
                day_words(special, language),
            )
            for day, special in found.closed
        ],
    )


def csv_of(desk: Desk, asked: Question, period: Period) -> Iterator[str]:
    """The chosen records of a period of any length as lines of CSV, those of ``explain --format
    csv``, in constant memory; text that a spreadsheet would take for a formula, which somebody
    outside may have written into a ticket, gets a leading apostrophe as in reports. Raises
    StoreError, also in the midst of it."""
    timeline = desk.measuring.timeline(asked.path)
    found = (
        every_record(desk.measuring, timeline, period, desk.now, wanted_of(asked, timeline))
        if timeline.clock
        else iter(())
    )
    instant = iso_instants(desk.settings.timezone)
    rows = (explanation_row(each, instant) for each in found)
    return csv_lines(map(_harmless_row, rows), EXPLANATION_COLUMNS)


def _harmless_row(row: dict[str, Any]) -> dict[str, Any]:
    return {key: harmless(each) if isinstance(each, str) else each for key, each in row.items()}
