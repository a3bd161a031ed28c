"""Values and forecasts entered by hand: what settings hold, and what was known at an instant. Pure.

The store keeps every version of each that it has ever seen, by indicator, organization and date.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from collector.config.indicators import Indicator
from collector.config.manual_entries import ManualForecast, ManualValue
from collector.config.settings import Settings
from collector.store import RecordedValue

Key = tuple[str, str | None, str]
Content = Mapping[str, Any]


def key_of(seen: RecordedValue) -> Key:
    """Return the key of a value: for each key only one value is in force."""
    return seen.indicator, seen.organization, seen.date


def manual_entries_in(settings: Settings) -> dict[Key, Content]:
    """Return the values and forecasts in the settings, by key."""
    found: dict[Key, Content] = {}
    for name, indicator in settings.indicators.items():
        for value in indicator.given:
            content = value.model_dump(mode="json", exclude_none=True)
            content.pop("organization", None)
            found[name, value.organization, content.pop("date")] = content
    return found


def settings_as_known(settings: Settings, seen: Sequence[RecordedValue], known_at: int) -> Settings:
    """Return the settings with the values and forecasts that were known at ``known_at`` (epoch
    seconds).

    ``seen``: all that the store ever recorded, in that order. For each key the last one recorded by
    then applies, or the very first one, since a store may be younger than its values; one that has
    been taken back since applies again. A value in the settings that differs from the last recorded
    one is an assumption, as in a what-if, and stays.
    """
    current, last = manual_entries_in(settings), {key_of(each): each.content for each in seen}
    as_known: dict[Key, Content | None] = {}
    for each in seen:
        key = key_of(each)
        if key not in as_known or each.recorded_at <= known_at:
            as_known[key] = each.content
    changed = {k: said for k, said in as_known.items() if last[k] == current.get(k) != said}
    indicators = dict(settings.indicators)
    for name in {key[0] for key in changed} & indicators.keys():
        contents = {
            key: said for key, said in (current | changed).items() if key[0] == name and said
        }
        indicators[name] = _with(indicators[name], contents)
    return settings.model_copy(update={"indicators": indicators})


def _with(indicator: Indicator, given: Mapping[Key, Content]) -> Indicator:
    """The indicator with these values or forecasts instead of its own."""
    return indicator.with_given(filter(indicator.fits, _read(indicator.GIVEN_ENTRY, given)))


def _read(
    model: type[ManualForecast | ManualValue], given: Mapping[Key, Content]
) -> Iterator[ManualForecast | ManualValue]:
    for (_, organization, day), content in given.items():
        try:
            yield model.model_validate({**content, "organization": organization, "date": day})
        except ValidationError:
            continue  # given when the indicator was of another kind
