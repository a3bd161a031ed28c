"""Guards past figures: a configuration that would change them is refused or, with --restate,
logged.

Whoever polls or measures registers its configuration first. The store remembers how each indicator
was defined, and every value entered by hand. Definitions may change freely until something rests on
them: they are committed, or a period is frozen. From then on only those for records that count from
today on may; of a calendar's single days, today's has begun and belongs to the past.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from collector.business_time.zone import LocalDays
from collector.config.checks.versions import DECIDES_THE_DATE
from collector.config.definition_changes import Difference, differences, sources_to_read_again
from collector.config.definitions import as_text, definitions, from_text
from collector.config.settings import Settings
from collector.io.errors import UserFacingError
from collector.measuring.engine.manual_history import key_of, manual_entries_in
from collector.store import LedgerChanges, RecordedDefinition, RecordedValue, Store

log = logging.getLogger(__name__)

_MOST_LINES = 20
_NOTHING = (date.min, date.min)
"""A past without any day."""
_COMMITTED = (
    "committed: a definition that would change past figures is refused from now on, unless "
    "--restate asks for it"
)
_UNDO_OR_RESTATE = "undo them, or measure the past again with --restate, which is logged."
_WITH_VERSIONS = (
    "Put the new values under versions with a date of their own, as in versions: "
    "[{{valid_from: {}, …}}], or " + _UNDO_OR_RESTATE
)
_WITHOUT = "These settings cannot have versions: " + _UNDO_OR_RESTATE
_SOME = (
    "Targets, limits, filters, rules and hours can have versions, the other settings cannot: "
    + _UNDO_OR_RESTATE
)


class PastEdited(UserFacingError):
    """The configuration would change past figures; the message says how, and what to do."""

    permanent = True


def register(
    settings: Settings, store: Store, now: int, *, restate: bool = False, commit: bool = False
) -> None:
    """Record how the indicators are defined, before anything is measured by them.

    1. Compare each indicator's definitions with the recorded ones for the dates from the first
       record in the store up to, not including, today. While nothing rests on them (see
       ``Ledger.is_held``) this is left out, unless ``restate`` asks for the log.
    2. Where they differ raise PastEdited, or with ``restate`` record and log the difference.
    3. Record definitions that are new or differ only from today on, and values entered by hand; log
       values that correct an earlier one of the same date.
    4. Have sources whose settings now yield other records read again from the beginning; until then
       their figures are stale.
    5. With ``commit`` hold them against the past from now on, and log that.

    ``now``: epoch seconds. Raises PastEdited as in step 2, and StoreError if the store fails.
    """
    span = _past(settings, store, now)
    corrections: list[str] = []
    ledger, committed = store.ledger, store.ledger.committed_at()
    to_commit = now if commit and committed is None else None

    def decide(
        known: Mapping[str, RecordedDefinition], given: Sequence[RecordedValue], held: bool
    ) -> LedgerChanges:
        fresh = list(_fresh(settings, known, span if held or restate else _NOTHING, now))
        if not restate:
            _refuse(fresh, span[1])
        values = list(_values(settings, given, now))
        corrections[:] = _corrections(given, values)
        return LedgerChanges(fresh, values, _read_otherwise(known, fresh), to_commit)

    if commit and committed is not None:
        log.warning("the definitions were committed before; they still are")
    if not any(decide(ledger.definitions(), ledger.values_given(), ledger.is_held())):
        return
    recorded, values, again, _ = ledger.record(decide)
    for each in recorded:
        for changed in each.restated:
            log.warning("restated %s: %s", each.indicator, restatement_line(changed))
    if values:
        log.debug("recorded %d new or changed values entered by hand", len(values))
    for line in corrections:
        log.warning("%s", line)
    for name in again:
        log.warning(
            "%s: its settings now yield other records; the next poll reads it from the beginning",
            name,
        )
    if to_commit is not None:
        log.warning("%s", _COMMITTED)


def _read_otherwise(
    known: Mapping[str, RecordedDefinition], fresh: Sequence[RecordedDefinition]
) -> list[str]:
    """The sources that must be read again from the beginning, in the order of their names."""
    found: set[str] = set()
    for each in fresh:
        if (before := known.get(each.indicator)) is not None:
            found |= sources_to_read_again(from_text(before.content), from_text(each.content))
    return sorted(found)


def check_definitions(settings: Settings, store: Store, now: int, *, always: bool = False) -> None:
    """Raise PastEdited or StoreError where ``register`` would, but record nothing.

    ``always``: also while nothing rests on the definitions.
    """
    if not (always or store.ledger.is_held()):
        return
    span = _past(settings, store, now)
    _refuse(list(_fresh(settings, store.ledger.definitions(), span, now)), span[1])


def _past(settings: Settings, store: Store, now: int) -> tuple[date, date]:
    """The local date of the first record, and today: the dates ``[first, today)`` are the past."""
    local = LocalDays(settings.timezone)
    today = date.fromordinal(int(local.dates(now)))
    span = store.records.span()
    return (today if span is None else date.fromordinal(int(local.dates(span[0]))), today)


def _fresh(
    settings: Settings, known: Mapping[str, RecordedDefinition], past: tuple[date, date], now: int
) -> Iterator[RecordedDefinition]:
    """The definitions that differ from the recorded ones, with what they change for the past."""
    for name in settings.indicators:
        course = definitions(settings, name)
        content = as_text(course)
        before = known.get(name)
        if before is None:
            yield RecordedDefinition(name, now, content)
        elif before.content != content:
            changed: list[Difference] = []
            if past[0] < past[1]:
                changed = differences(from_text(before.content), course, *past)
            yield RecordedDefinition(name, now, content, tuple(_written(each) for each in changed))


def _written(difference: Difference) -> dict[str, str]:
    return {
        "path": difference.path,
        "since": difference.since.isoformat(),
        "before": difference.before,
        "after": difference.after,
    }


def restatement_line(changed: Mapping[str, str]) -> str:
    """Return one changed setting in a line: path, old and new value, and from which date."""
    before, after = changed["before"] or "nothing", changed["after"] or "nothing"
    return f"{changed['path']}: {before} → {after}, for records from {changed['since']} on"


def _refuse(fresh: Sequence[RecordedDefinition], today: date) -> None:
    """Raise PastEdited if the past would change, with one line per path, not per indicator."""
    changes = [changed for each in fresh for changed in each.restated]
    lines = list(dict.fromkeys(map(restatement_line, changes)))
    if not lines:
        return
    can_have_versions = [
        _may_have_versions(each, c["path"]) for each in fresh for c in each.restated
    ]
    more = len(lines) - _MOST_LINES
    shown = [*lines[:_MOST_LINES], *([f"… and {more} more"] if more > 0 else [])]
    raise PastEdited(
        "the configuration would change past figures:\n"
        + "".join(f"  {line}\n" for line in shown)
        + (
            _WITH_VERSIONS.format(today)
            if all(can_have_versions)
            else _SOME
            if any(can_have_versions)
            else _WITHOUT
        )
    )


def _may_have_versions(each: RecordedDefinition, path: str) -> bool:
    """Whether the new value of a setting could have a date of its own; see
    ``config.checks.versions``."""
    counted_by = from_text(each.content)[0].says.get("rules.counted_by", "")
    fixed = [f"rules.{key}" for key in DECIDES_THE_DATE.get(counted_by, ())]
    return path not in fixed and Difference(path, date.min, "", "").may_have_versions


def _values(
    settings: Settings, given: Sequence[RecordedValue], now: int
) -> Iterator[RecordedValue]:
    """The values entered by hand that are new, changed or taken back."""
    latest = {key_of(each): each.content for each in given}
    present = manual_entries_in(settings)
    for key, content in present.items():
        if latest.get(key) != content:
            yield RecordedValue(*key, recorded_at=now, content=content)
    for key, seen in latest.items():
        if seen is not None and key not in present and key[0] in settings.indicators:
            yield RecordedValue(*key, recorded_at=now, content=None)


def _corrections(given: Sequence[RecordedValue], fresh: Sequence[RecordedValue]) -> Iterator[str]:
    """A line for each fresh value that replaces one of the same date; without names of people."""
    known = {key_of(each): each.content for each in given}
    for each in fresh:
        before = known.get(key_of(each))
        if before is not None and _amounts(before) != _amounts(each.content):
            where = f" of {each.organization}" if each.organization else ""
            yield (
                f"corrected {each.indicator}{where}, {each.date}: "
                f"{_amounts(before)} → {_amounts(each.content)}"
            )


def _amounts(content: Mapping[str, object] | None) -> str:
    """The value and the forecast of an entry: unlike its comment they decide figures."""
    given = {key: (content or {}).get(key) for key in ("value", "forecast")}
    return " and ".join(f"{k} {v}" for k, v in given.items() if v is not None) or "taken back"
