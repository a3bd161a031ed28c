"""Figures and forecasts given by hand: what settings hold, and what was known at an instant. Pure.

The store keeps each as it was ever seen, by indicator, organization and date.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from collector.config.indicators import Indicator
from collector.config.manual_entries import GivenForecast, ManualValue
from collector.config.settings import Settings
from collector.store import GivenValue

Key = tuple[str, str | None, str]
Content = Mapping[str, Any]


def key_of(seen: GivenValue) -> Key:
    """What a value is about: of the same indicator, organization and date only one holds."""
    return seen.indicator, seen.organization, seen.date


def given_in(settings: Settings) -> dict[Key, Content]:
    """The figures and forecasts that the settings hold."""
    found: dict[Key, Content] = {}
    for name, indicator in settings.indicators.items():
        for value in indicator.given:
            content = value.model_dump(mode="json", exclude_none=True)
            content.pop("organization", None)
            found[name, value.organization, content.pop("date")] = content
    return found


def as_given(settings: Settings, seen: Sequence[GivenValue], known_at: int) -> Settings:
    """The settings with the figures and forecasts that were known at ``known_at`` (epoch seconds).

    ``seen``: all that the store ever saw, in that order. Of each the last one holds that was seen
    by then, or the first one ever, since a store may be younger than its values; one that has been
    taken back since is there again. What the settings hold otherwise than it was last seen is an
    assumption, as of a what-if, and stays.
    """
    present, last = given_in(settings), {key_of(each): each.content for each in seen}
    then: dict[Key, Content | None] = {}
    for each in seen:
        key = key_of(each)
        if key not in then or each.recorded_at <= known_at:
            then[key] = each.content
    was = {k: said for k, said in then.items() if last[k] == present.get(k) != said}
    indicators = dict(settings.indicators)
    for name in {key[0] for key in was} & indicators.keys():
        about = {key: said for key, said in (present | was).items() if key[0] == name and said}
        indicators[name] = _with(indicators[name], about)
    return settings.model_copy(update={"indicators": indicators})


def _with(indicator: Indicator, given: Mapping[Key, Content]) -> Indicator:
    """The indicator with these figures or forecasts in the place of its own."""
    return indicator.with_given(filter(indicator.fits, _read(indicator.GIVEN_ENTRY, given)))


def _read(
    model: type[GivenForecast | ManualValue], given: Mapping[Key, Content]
) -> Iterator[GivenForecast | ManualValue]:
    for (_, organization, day), content in given.items():
        try:
            yield model.model_validate({**content, "organization": organization, "date": day})
        except ValidationError:
            continue  # given when the indicator was of another kind
