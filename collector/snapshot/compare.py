"""Compare a snapshot with what is known now: figures, definitions and individual records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from collector.config.settings import Settings
from collector.model.codes import ChangeReason
from collector.snapshot.capture import Capture
from collector.snapshot.chain import FrozenSnapshot
from collector.snapshot.change_reasons import Lookup, why_changed
from collector.snapshot.erased import without_renamed
from collector.snapshot.evidence import VerdictLine, VerdictLines, read_line
from collector.store import Store

_OF_FIGURE = (
    "good", "eligible", "pending", "excluded", "value", "state", "target", "median", "p90",
)  # fmt: skip
_OF_FORECAST = ("value", "low", "high")
_OF_MONTH = ("good", "eligible", "pending", "value", "state", "threshold")
_MOST_EXPLAINED = 5000
"""Above so many changed records, those of a restated indicator are put down to its definition
instead of looking up each ticket."""


@dataclass(frozen=True, slots=True)
class FigureChange:
    """A figure that differs. ``span``: period, year_to_date, or a month such as 2020-07; ``then``
    and ``now`` hold the differing fields, or None where the figure does not exist."""

    indicator: str
    organization: str | None
    span: str
    then: dict[str, Any] | None
    now: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class RecordChange:
    """A record whose verdict differs. ``then`` and ``now``: verdict, reason, organization, seconds
    on its clock and the instant it counts by (ISO 8601); None where it did not count."""

    indicator: str
    source: str
    id: str
    then: dict[str, Any] | None
    now: dict[str, Any] | None
    why: ChangeReason


@dataclass(frozen=True, slots=True)
class DefinitionChange:
    """A setting behind a figure that differs.

    ``path``: its configuration path; ``indicator``: empty for a date of a calendar.
    """

    indicator: str
    path: str
    then: Any
    now: Any


@dataclass(frozen=True, slots=True)
class SnapshotComparison:
    """Everything that differs between a snapshot and the present.

    ``versions``: holiday and time zone data, then and now; a new version alone is not a change.
    ``earlier``: indicators whose forecast changed although none of their verdicts did. Forecasts
    also rest on records from before ``since`` (ISO date), whose verdicts a snapshot does not keep.
    """

    figures: tuple[FigureChange, ...]
    records: tuple[RecordChange, ...]
    definitions: tuple[DefinitionChange, ...]
    versions: dict[str, tuple[str, str]]
    since: str
    earlier: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether any figure, record or definition differs from what was frozen."""
        return bool(self.figures or self.records or self.definitions)


def compare_with_present(
    before: FrozenSnapshot, now: Capture, store: Store, settings: Settings
) -> SnapshotComparison:
    """Return how a period as measured now differs from what was frozen. Raises StoreError."""
    then = before.content
    definitions = tuple(_definitions(then, now.content))
    restated = {each.indicator for each in definitions}
    versions = then["data_versions"], now.content["data_versions"]
    figures = tuple(_figures(then, now.content))
    records = tuple(_records(before, now, restated, store, settings))
    explained = restated | {each.indicator for each in records}
    forecast = [each.indicator for each in figures if each.then and "forecast" in each.then]
    return SnapshotComparison(
        figures=figures,
        records=records,
        since=then["verdicts_since"],
        earlier=tuple(dict.fromkeys(name for name in forecast if name not in explained)),
        definitions=definitions,
        versions={
            name: (versions[0].get(name, ""), versions[1].get(name, ""))
            for name in sorted(versions[0].keys() | versions[1].keys())
            if versions[0].get(name) != versions[1].get(name)
        },
    )


# -- figures ----------------------------------------------------------------------------------


def _figures(then: dict[str, Any], now: dict[str, Any]) -> Iterator[FigureChange]:
    was, is_now = dict(_every(then)), dict(_every(now))
    for key in dict.fromkeys((*was, *is_now)):
        old, new = was.get(key), is_now.get(key)
        if old is None or new is None:
            yield FigureChange(*key, old, new)
            continue
        other = [name for name in old if _said(name, old) != _said(name, new)]
        if _of_nothing(old, new):
            other = [name for name in other if name not in {"value", "state"}]
        if other:
            yield FigureChange(
                *key, {name: old[name] for name in other}, {name: new.get(name) for name in other}
            )


def _said(name: str, figure: Mapping[str, Any]) -> Any:
    """What a figure says. Of a forecast that is its value: the width of its interval depends on the
    release of the program as well."""
    said = figure.get(name)
    return said["value"] if name == "forecast" and said else said


def _of_nothing(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether both are counts of no records: these were once frozen without a value, now as 0."""
    no_records = not old["eligible"] and not new["eligible"]
    return no_records and old["value"] is None and new["value"] == 0


Key = tuple[str, str | None, str]


def _every(content: dict[str, Any]) -> Iterator[tuple[Key, dict[str, Any]]]:
    for each in content["indicators"]:
        for span in ("period", "year_to_date"):
            for figure in each[span]:
                shown = {name: figure[name] for name in _OF_FIGURE}
                shown["forecast"] = _forecast(figure["forecast"])
                yield (each["id"], figure["organization"], span), shown
        for month in each["months"]:
            if month["month"] == content["period"]["name"]:
                continue  # already compared as the period
            shown = {name: month[name] for name in _OF_MONTH}
            yield (each["id"], month["organization"], month["month"]), shown


def _forecast(forecast: dict[str, Any] | None) -> dict[str, Any] | None:
    return None if forecast is None else {name: forecast[name] for name in _OF_FORECAST}


# -- definitions ------------------------------------------------------------------------------


def _definitions(then: dict[str, Any], now: dict[str, Any]) -> Iterator[DefinitionChange]:
    was, is_now = _by_id(then), _by_id(now)
    for name in dict.fromkeys((*was, *is_now)):
        old, new = (side.get(name, {}) for side in (was, is_now))
        yield from _differing(name, old.get("definition", {}), new.get("definition", {}))
        changes = old.get("definition_changes", []), new.get("definition_changes", [])
        if changes[0] != changes[1]:
            yield DefinitionChange(name, "versions", *changes)
    for name in dict.fromkeys((*then["calendars"], *now["calendars"])):
        was_closed, is_closed = (
            dict(side["calendars"].get(name, {}).get("closed", [])) for side in (then, now)
        )
        yield from _differing("", was_closed, is_closed, f"calendars.{name}.closed.")


def _differing(
    indicator: str, old: Mapping[str, Any], new: Mapping[str, Any], prefix: str = ""
) -> Iterator[DefinitionChange]:
    for path in dict.fromkeys((*old, *new)):
        if old.get(path) != new.get(path):
            yield DefinitionChange(indicator, prefix + path, old.get(path), new.get(path))


def _by_id(content: dict[str, Any]) -> dict[str, Any]:
    return {each["id"]: each for each in content["indicators"]}


# -- records ----------------------------------------------------------------------------------


def _records(
    before: FrozenSnapshot, now: Capture, restated: set[str], store: Store, settings: Settings
) -> Iterator[RecordChange]:
    pairs = without_renamed(_pairs(before.lines, now.lines), store)
    explain_each = len(pairs) <= _MOST_EXPLAINED
    lookup = Lookup(store, settings, _epoch(before.content["known_at"]), now.period.last)
    iso = now.instant
    for old, new in pairs:
        line = new or old
        assert line is not None
        by_definition = line.indicator in restated
        if by_definition and not explain_each:
            why = ChangeReason.RESTATED_DEFINITION
        else:
            why = why_changed(old, new, lookup, restated=by_definition)
        was, is_now = (each and _shown(each, iso(each.counted_at)) for each in (old, new))
        yield RecordChange(line.indicator, line.source, line.id, was, is_now, why)


def _pairs(
    then: VerdictLines, now: VerdictLines
) -> Iterator[tuple[VerdictLine | None, VerdictLine | None]]:
    """Pair the old and new lines of each record whose line differs."""
    for name in dict.fromkeys((*then, *now)):
        was, is_now = set(then.get(name, ())), set(now.get(name, ()))
        old, new = _by_key(was - is_now), _by_key(is_now - was)
        for key in sorted(old.keys() | new.keys()):
            yield old.get(key), new.get(key)


def _by_key(lines: Iterable[str]) -> dict[tuple[str, str, str], VerdictLine]:
    return {line.key: line for line in map(read_line, lines)}


def _shown(line: VerdictLine, counted_at: str | None) -> dict[str, Any]:
    return {
        "verdict": line.verdict,
        "reason": line.reason or None,
        "organization": line.organization,
        "seconds": line.seconds,
        "counted_at": counted_at,
    }


def _epoch(iso: str) -> int:
    return int(datetime.fromisoformat(iso).timestamp())
