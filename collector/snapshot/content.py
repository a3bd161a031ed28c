"""Build the content of a snapshot: figures, their basis and their definitions. Pure.

The same figures give the same canonical bytes: nothing depends on the clock, on the order of a set
or on digits that machines compute differently.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from collector import __version__
from collector.config.definition_changes import changes_within
from collector.config.definitions import (
    calendar_content,
    definition_content,
    definitions,
    parsed_value,
)
from collector.config.settings import Settings
from collector.measuring.engine.manual_history import key_of
from collector.measuring.figures.figure import Figure, definition_date, known_span
from collector.model.codes import SpecialDay
from collector.model.periods import FiscalYear, Period
from collector.snapshot.completeness import Gap
from collector.snapshot.evidence import digests
from collector.snapshot.format import (
    FORMAT,
    calibration_of,
    definition_change_of,
    figure_of,
    gap_of,
    month_of,
    target_of,
)
from collector.snapshot.gather import Material, year_so_far
from collector.snapshot.sentences import When, special_day_sentence
from collector.store import PollState, RecordedDefinition, RecordedValue
from collector.text.iso_times import IsoInstant

_DAY = timedelta(days=1)
Bounds = Callable[[Period], tuple[str, str]]


@dataclass(frozen=True, slots=True)
class SnapshotContext:
    """Everything but the figures that goes into a snapshot.

    ``records``: how many records of each source lie in the year so far and the period; ``since``:
    the first record of each (epoch seconds). ``versions``: of holiday and time zone data.
    ``closed``: by calendar, the dates that differ from its weekly hours. ``restated``: by
    indicator, its restatements. ``given``: values entered by hand, the oldest first. ``instant``:
    epoch seconds → ISO 8601; ``span``: a period → its first instant and the one after its end, ISO
    8601; ``when``: epoch seconds → the wording of a snapshot's sentences.
    """

    settings: Settings
    fiscal: FiscalYear
    instant: IsoInstant
    span: Bounds
    when: When
    states: Mapping[str, PollState]
    gaps: Sequence[Gap]
    notes: Sequence[Gap]
    records: Mapping[str, int]
    since: Mapping[str, int]
    versions: Mapping[str, str]
    closed: Mapping[str, list[tuple[date, SpecialDay]]]
    restated: Mapping[str, Sequence[RecordedDefinition]]
    given: Sequence[RecordedValue]


def content(material: Material, around: SnapshotContext) -> dict[str, Any]:
    """Build the content of a snapshot; docs/snapshots.md explains every key."""
    settings, period = around.settings, material.period
    languages = settings.languages
    year = year_so_far(period, around.fiscal)
    return {
        "format": FORMAT,
        "program": __version__,
        "timezone": settings.timezone,
        "period": {"name": period.name, **_dates(period)},
        "year": {
            "first": year.first.isoformat(),
            "last": (year.ends - _DAY).isoformat(),
            "to": year.last.isoformat(),
        },
        "known_at": around.instant(material.known_at),
        "incomplete": [gap_of(each, around.when, languages) for each in around.gaps],
        "notes": [gap_of(each, around.when, languages) for each in around.notes],
        "organizations": list(settings.organizations),
        "goals": list(_goals(settings)),
        "data_versions": dict(around.versions),
        "verdicts_since": material.lines_from.isoformat(),
        "records_since": around.instant(min(around.since.values(), default=None)),
        "sources": list(_sources(material, around)),
        "calibration": calibration_of(material.calibration),
        "calendars": {name: _calendar(around, name, period) for name in settings.calendars},
        "indicators": [_indicator(material, around, name) for name in settings.indicators],
    }


def _dates(period: Period) -> dict[str, str]:
    return {"first": period.first.isoformat(), "last": period.last.isoformat()}


def _goals(settings: Settings) -> Iterator[dict[str, Any]]:
    for name, goal in settings.goals.items():
        yield {
            "id": name,
            "level": goal.level,
            "title": goal.title.in_languages(settings.languages),
            "under": goal.under,
        }


def _sources(material: Material, around: SnapshotContext) -> Iterator[dict[str, Any]]:
    behind = {each.source for each in around.gaps}
    for name, options in around.settings.sources.items():
        state = around.states.get(name)
        read = None if state is None else state.last_success
        known = None if state is None else state.as_of
        newest = None if state is None else state.newest_record_at
        yield {
            "name": name,
            "type": options.type,
            "complete": name not in behind,
            "last_success": around.instant(read),
            "as_of": around.instant(known),
            "age_seconds": _age(material.known_at, known),
            "records_since": around.instant(around.since.get(name)),
            "newest_record": around.instant(newest),
            "newest_record_age_seconds": _age(material.known_at, newest),
            "records": around.records.get(name, 0),
            "rejected": {} if state is None else dict(state.rejected),
        }


def _age(known_at: int, then: int | None) -> int | None:
    return None if then is None else max(0, known_at - then)


def _calendar(around: SnapshotContext, name: str, period: Period) -> dict[str, Any]:
    said = calendar_content(around.settings, name, period.last)
    return {
        "definition": {path: parsed_value(value) for path, value in said.items()},
        "closed": [
            [day.isoformat(), special_day_sentence(special)] for day, special in around.closed[name]
        ],
    }


def _indicator(material: Material, around: SnapshotContext, name: str) -> dict[str, Any]:
    settings, period = around.settings, material.period
    year = [each for each in material.year if each.indicator == name]
    whole, day = year[0], period.last
    indicator, label = settings.indicator(name, day), whole.unit_label
    spanned = Period(
        period.name,
        min(period.first, whole.period.first),
        period.after,
        period.after,
    )
    return {
        "id": name,
        "title": whole.title.in_languages(settings.languages),
        "kind": whole.kind,
        "goal": settings.indicators[name].goal,
        "unit": whole.unit,
        "unit_label": label and label.in_languages(settings.languages),
        "shown_in": None if whole.shown_in is None else list(whole.shown_in),
        "target": target_of(whole.target, whole.threshold),
        "min_n": settings.rules_of(name, day).min_n,
        "calendar": getattr(indicator, "calendar", None),
        **_definition(settings, name, spanned, day),
        "restatements": list(_restatements(around, name)),
        "corrections": list(_corrections(around, name)),
        "period": _figures((f for f in material.own if f.indicator == name), around),
        "year_to_date": _figures(year, around),
        "months": [month_of(each) for each in material.months if each.indicator == name],
        "records": digests(material.lines)[name],
    }


def _definition(settings: Settings, name: str, period: Period, day: date) -> dict[str, Any]:
    """The settings behind a figure on a date (path → value), and their changes within a period."""
    changes = changes_within(definitions(settings, name), *known_span(period, day))
    said = definition_content(settings, name, definition_date(period, day))
    return {
        "definition": {path: parsed_value(value) for path, value in said.items()},
        "definition_changes": [definition_change_of(each) for each in changes],
    }


def _figures(figures: Iterable[Figure], around: SnapshotContext) -> list[dict[str, Any]]:
    languages = around.settings.languages
    return [figure_of(each, *around.span(each.period), languages) for each in figures]


def _restatements(around: SnapshotContext, name: str) -> Iterator[dict[str, Any]]:
    for each in around.restated.get(name, ()):
        changes = [dict(changed) for changed in each.restated]
        yield {"recorded_at": around.instant(each.recorded_at), "changes": changes}


def _corrections(around: SnapshotContext, name: str) -> Iterator[dict[str, Any]]:
    """Changes of values entered by hand; the names of those who made them are left out."""
    own = [each for each in around.given if each.indicator == name]
    for key in dict.fromkeys(key_of(each) for each in own):
        for before, after in pairwise(each for each in own if key_of(each) == key):
            yield {
                "organization": before.organization,
                "date": before.date,
                "before": _amounts(before),
                "after": _amounts(after),
                "recorded_at": around.instant(after.recorded_at),
            }


def _amounts(value: RecordedValue) -> dict[str, Any] | None:
    """The value and the forecast; None if they were withdrawn."""
    if value.content is None:
        return None
    return {key: value.content[key] for key in ("value", "forecast") if key in value.content}
