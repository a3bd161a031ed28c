"""Colours, units and value mappings: the vocabulary of states in Grafana's terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from collector.model.bilingual import Language
from collector.model.codes import STATES
from collector.text.vocabulary import NO, YES, state_text
from dashboards.sdk import model

FILLS = {
    "met": "#6FE0B0",
    "at_risk": "#F5B83D",
    "missed": "#C24E00",
    "no_data": "#374151",
    "too_few": "#5B6472",
    "stale": "#F0B8E8",
}
"""A state's colour; it is always shown together with the state's word. They are those of
``text.vocabulary``, so bright or so dark that the text Grafana writes on them can be read: it is
white up to a brightness of 180 of 255, otherwise almost black. What is not measured recedes."""

CARD = "#1F2937"
"""The background of a number that is neither good nor bad, and of a zero."""

FIGURE, SECOND, COUNT, TARGET = "#0072B2", "#D55E00", "#56B4E9", "#6B7280"
"""Lines: the figure itself, another beside it, the number of records, the target."""

CALM = {**FILLS, "met": CARD}
"""The same where only what hurts is to be seen: what is on target recedes."""

SERIES = ("#0072B2", "#E69F00", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#999999")
"""Queues, sources and other lines of the same kind, by their place in the configuration: those of
Okabe and Ito without black, and without green, which is told from vermillion only by most."""

PALETTE = {*FILLS.values(), CARD, FIGURE, SECOND, COUNT, TARGET, *SERIES}

CODES = {state: code for code, state in enumerate(STATES, 1)}
"""A state's number in the results of queries."""

SHARE, NUMBER, WALL_CLOCK, SECONDS = "percentunit", "none", "dtdhms", "s"
"""Grafana's units. Wall-clock durations may be shown in days; business time may not."""

AS_GIVEN = "locale"
"""The unit of a number with up to three decimals, where others would show 71.13 as 71.1; the only
one of Grafana's with the decimal mark of the language, that of the browser."""

MOMENT = "time:YYYY-MM-DD HH:mm"
"""The unit of an instant in milliseconds: date and time of day."""

NONE_RUNS = 1e11
"""A number of seconds that means that no deadline is running."""


YES_OR_NO = 10**12
"""Added to a 0 or 1 that means no or yes."""


def yes_or_no(language: Language) -> Sequence[model.ValueMapping]:
    """The words for what :data:`YES_OR_NO` was added to."""
    no, yes = NO[language], YES[language]
    return [texts_by_value({str(YES_OR_NO): (no, None), str(YES_OR_NO + 1): (yes, None)})]


def hours(words: str) -> str:
    """The unit of business hours. Grafana's own time units would turn 24 of them into a day, but
    for a desk that is open nine hours they are almost three."""
    return f"suffix:{words}"


def widest(unit: str) -> str:
    """A number as wide as they come in a unit."""
    examples = {SHARE: "100.0%", WALL_CLOCK: "88 d 23:59:59", SECONDS: "8888 s"}
    _, _, suffix = unit.partition("suffix:")
    return f"8888.8 {suffix}" if suffix else examples.get(unit, "88888")


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


def states(language: Language, fills: Mapping[str, str] = FILLS) -> Sequence[model.ValueMapping]:
    """The code of a state → its symbol, word and colour."""
    return [
        texts_by_value(
            {str(CODES[state]): (state_text(state, language), fills[state]) for state in STATES}
        )
    ]


def fixed(colour: str) -> model.FieldColor:
    """One colour for all values."""
    return model.FieldColor(mode=model.FieldColorModeId.FIXED, fixed_color=colour)


def nothing_or_alarm(alarm: str) -> Sequence[model.ValueMapping]:
    """A muted 0, and any other number on the colour of a state."""
    return [texts_by_value({"0": ("✓ 0", CARD)}), range_text(1, None, None, FILLS[alarm])]


def none_or_fill(state: str) -> Sequence[model.ValueMapping]:
    """A muted 0, and any other number on the colour of a state, whether that is good or bad."""
    return [texts_by_value({"0": (None, CARD)}), range_text(1, None, None, FILLS[state])]


def none_or_alarm(alarm: str) -> Sequence[model.ValueMapping]:
    """The same for a cell of a table, which has no colour where there is nothing."""
    return [texts_by_value({"0": ("✓ 0", "transparent")}), range_text(1, None, None, FILLS[alarm])]


def no_thresholds() -> model.ThresholdsConfig:
    """No colour by value alone. Without this Grafana uses green, and red from 80."""
    return model.ThresholdsConfig(steps=[model.Threshold(None, "transparent")])
