"""Keeps the past as it was measured: a definition that would change it is refused, or logged.

Whoever measures registers its configuration first. The store remembers how each indicator was
defined; what counts from today on may be defined anew at will.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from collector.definitions import Difference, as_text, definitions, differences, from_text
from collector.kinds import Manual
from collector.local_time import LocalDays
from collector.settings import Settings
from collector.store import GivenValue, Recorded, Store

log = logging.getLogger(__name__)

_MOST_LINES = 20


class PastEdited(Exception):
    """The configuration would change figures that were measured; the text says which and how."""


def register(settings: Settings, store: Store, now: int, *, restate: bool = False) -> None:
    """Record how the indicators are defined, before anything is measured by them.

    1. Compare each indicator's definitions with those in force, for the dates from the first
       record in the store up to today, which is not measured yet.
    2. Where they differ raise PastEdited, or with ``restate`` record and log it as such.
    3. Record definitions that are new or differ only from today on, and values given by hand.

    ``now`` in epoch seconds. Raises StoreError.
    """
    span = _past(settings, store, now)

    def decide(
        known: Mapping[str, Recorded], given: Sequence[GivenValue]
    ) -> tuple[list[Recorded], list[GivenValue]]:
        fresh = list(_fresh(settings, known, span, now))
        if not restate:
            _refuse(fresh, span[1])
        return fresh, list(_values(settings, given, now))

    if not any(decide(store.definitions(), store.values_given())):
        return
    recorded, values = store.record(decide)
    for each in recorded:
        for changed in each.restated:
            log.warning("restated %s: %s", each.indicator, line_of(changed))
    if values:
        log.debug("%d values given by hand are new or changed", len(values))


def check_definitions(settings: Settings, store: Store, now: int) -> None:
    """Raise what ``register`` would raise, and record nothing."""
    span = _past(settings, store, now)
    _refuse(list(_fresh(settings, store.definitions(), span, now)), span[1])


def _past(settings: Settings, store: Store, now: int) -> tuple[date, date]:
    """The local date of the first record, and today: what lies between is measured."""
    local = LocalDays(settings.timezone)
    today = date.fromordinal(int(local.dates(now)))
    span = store.span()
    return (today if span is None else date.fromordinal(int(local.dates(span[0]))), today)


def _fresh(
    settings: Settings, known: Mapping[str, Recorded], past: tuple[date, date], now: int
) -> Iterator[Recorded]:
    """The definitions that are not those in force, with what they change for the past."""
    for name in settings.indicators:
        course = definitions(settings, name)
        content = as_text(course)
        before = known.get(name)
        if before is None:
            yield Recorded(name, now, content)
        elif before.content != content:
            changed: list[Difference] = []
            if past[0] < past[1]:
                changed = differences(from_text(before.content), course, *past)
            yield Recorded(name, now, content, tuple(_written(each) for each in changed))


def _written(difference: Difference) -> dict[str, str]:
    return {
        "path": difference.path,
        "since": difference.since.isoformat(),
        "before": difference.before,
        "after": difference.after,
    }


def line_of(changed: Mapping[str, str]) -> str:
    """A change of the past in a line."""
    before, after = changed["before"] or "nothing", changed["after"] or "nothing"
    return f"{changed['path']}: {before} → {after}, for what counts from {changed['since']} on"


def _refuse(fresh: Sequence[Recorded], today: date) -> None:
    """Raises PastEdited if anything was edited, a line for each path and not for each indicator."""
    lines = list(dict.fromkeys(line_of(changed) for each in fresh for changed in each.restated))
    if not lines:
        return
    more = len(lines) - _MOST_LINES
    shown = [*lines[:_MOST_LINES], *([f"… and {more} more"] if more > 0 else [])]
    raise PastEdited(
        "the configuration defines anew what was measured already:\n"
        + "".join(f"  {line}\n" for line in shown)
        + "Put the new values under versions with a date of their own, as in "
        f"versions: [{{valid_from: {today}, …}}]; or undo them; or measure the past anew with "
        "--restate, which is logged."
    )


def _values(settings: Settings, given: Sequence[GivenValue], now: int) -> Iterator[GivenValue]:
    """The values given by hand that were not seen yet, are other ones, or were taken back."""
    latest = {(each.indicator, each.organization, each.date): each.content for each in given}
    present = dict(_present(settings))
    for key, content in present.items():
        if latest.get(key) != content:
            yield GivenValue(*key, recorded_at=now, content=content)
    for key, seen in latest.items():
        if seen is not None and key not in present and key[0] in settings.indicators:
            yield GivenValue(*key, recorded_at=now, content=None)


def _present(
    settings: Settings,
) -> Iterator[tuple[tuple[str, str | None, str], Mapping[str, object]]]:
    for name, indicator in settings.indicators.items():
        values = indicator.values if isinstance(indicator, Manual) else indicator.forecasts
        for value in values:
            content = value.model_dump(mode="json", exclude_none=True)
            content.pop("organization", None)
            yield (name, value.organization, content.pop("date")), content
