"""Colours, units and value mappings: the vocabulary of states in Grafana's terms."""

from __future__ import annotations

from collections.abc import Sequence

from collector.model.bilingual import Language
from collector.model.codes import STATES
from collector.text.vocabulary import STATE_LOOKS, state_text
from dashboards.sdk import model

FILLS = {state: STATE_LOOKS[state].fill for state in STATES}
"""A state's colour; it is always shown together with the state's word."""

CARD = "#1F2937"
"""The background of a number that is neither good nor bad."""

FIGURE, SECOND, COUNT, TARGET = "#0072B2", "#D55E00", "#56B4E9", "#6B7280"
"""Lines: the figure itself, another beside it, the number of records, the target."""

PALETTE = {*FILLS.values(), CARD, FIGURE, SECOND, COUNT, TARGET}

CODES = {state: code for code, state in enumerate(STATES, 1)}
"""A state's number in the results of queries."""

SHARE, NUMBER, WALL_CLOCK, SECONDS = "percentunit", "none", "dtdhms", "s"
"""Grafana's units. Wall-clock durations may be shown in days; business time may not."""

NONE_RUNS = 1e11
"""A number of seconds that means that no deadline is running."""


def hours(words: str) -> str:
    """The unit of business hours. Grafana's own time units would turn 24 of them into a day, but
    for a desk that is open nine hours they are almost three."""
    return f"suffix:{words}"


def texts_by_value(values: dict[str, tuple[str | None, str | None]]) -> model.ValueMap:
    """Exact values → text (None: the number stays) and colour."""
    return model.ValueMap(
        {
            value: model.ValueMappingResult(text, colour, index=index)
            for index, (value, (text, colour)) in enumerate(values.items())
        }
    )


def range_text(
    low: float | None, high: float | None, text: str | None, colour: str | None, index: int = 9
) -> model.RangeMap:
    """Values from ``low`` up to ``high`` → text (None: the number stays) and colour."""
    result = model.ValueMappingResult(text, colour, index=index)
    return model.RangeMap(model.DashboardRangeMapOptions(low, high, result))


def states(language: Language) -> Sequence[model.ValueMapping]:
    """The code of a state → its symbol, word and colour."""
    return [
        texts_by_value(
            {str(CODES[state]): (state_text(state, language), FILLS[state]) for state in STATES}
        )
    ]


def fixed(colour: str) -> model.FieldColor:
    """One colour for all values."""
    return model.FieldColor(mode=model.FieldColorModeId.FIXED, fixed_color=colour)


def shades(colour: str) -> model.FieldColor:
    """A shade of one colour for each line, because Grafana's palette has red next to green."""
    return model.FieldColor(mode=model.FieldColorModeId.SHADES, fixed_color=colour)


def no_thresholds() -> model.ThresholdsConfig:
    """No colour by value alone. Without this Grafana uses green, and red from 80."""
    return model.ThresholdsConfig(steps=[model.Threshold(None, "transparent")])
