"""Colours, units, and what numbers are called: the vocabulary of DESIGN §9 in Grafana's terms."""

from __future__ import annotations

from collections.abc import Sequence

from collector.model.bilingual import Language
from collector.model.codes import STATES
from collector.text.vocabulary import STATE_LOOKS, state_text
from dashboards.sdk import model

FILLS = {state: STATE_LOOKS[state].fill for state in STATES}
"""A state's colour; its word always stands beside it."""

CARD = "#1F2937"
"""Behind a number that is neither good nor bad."""

FIGURE, SECOND, COUNT, TARGET = "#0072B2", "#D55E00", "#56B4E9", "#6B7280"
"""Lines: the figure itself, another beside it, the number of records, the target."""

PALETTE = {*FILLS.values(), CARD, FIGURE, SECOND, COUNT, TARGET}

CODES = {state: code for code, state in enumerate(STATES, 1)}
"""A state as the number that a query gives for it."""

SHARE, NUMBER, WALL_CLOCK, SECONDS = "percentunit", "none", "dtdhms", "s"
"""Units of Grafana. Wall-clock durations may be told in days; business time may not."""

NONE_RUNS = 1e11
"""Seconds that stand for: no deadline is running."""


def hours(words: str) -> str:
    """Business hours. Grafana's own units of time would turn 24 of them into a day, of which a desk
    that is open for nine hours has almost three."""
    return f"suffix:{words}"


def named(values: dict[str, tuple[str | None, str | None]]) -> model.ValueMap:
    """Exact values → text (None: the number stays) and colour."""
    return model.ValueMap(
        {
            value: model.ValueMappingResult(text, colour, index=index)
            for index, (value, (text, colour)) in enumerate(values.items())
        }
    )


def between(
    low: float | None, high: float | None, text: str | None, colour: str | None, index: int = 9
) -> model.RangeMap:
    """Values from ``low`` up to ``high`` → text (None: the number stays) and colour."""
    result = model.ValueMappingResult(text, colour, index=index)
    return model.RangeMap(model.DashboardRangeMapOptions(low, high, result))


def states(language: Language) -> Sequence[model.ValueMapping]:
    """The code of a state → its symbol, word and colour."""
    return [
        named({str(CODES[state]): (state_text(state, language), FILLS[state]) for state in STATES})
    ]


def fixed(colour: str) -> model.FieldColor:
    """One colour whatever the value."""
    return model.FieldColor(mode=model.FieldColorModeId.FIXED, fixed_color=colour)


def shades(colour: str) -> model.FieldColor:
    """So many shades of one colour as there are lines: Grafana's palette has red beside green."""
    return model.FieldColor(mode=model.FieldColorModeId.SHADES, fixed_color=colour)


def no_thresholds() -> model.ThresholdsConfig:
    """Nothing is coloured by its number alone. Left out, Grafana takes green, and red from 80."""
    return model.ThresholdsConfig(steps=[model.Threshold(None, "transparent")])
