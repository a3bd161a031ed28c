"""What the document says of the year so far: how it stands, and by how much a closed year went.

The state is that of the snapshot. While the year runs, the forecast speaks as well, by one rule
whoever made it: a target that is not reached now, and that the forecast does not expect to be
reached, is "unlikely". A forecast set by a person expects what it says; a computed one expects the
target if its chance is at least ``LEAST_CHANCE``.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor
from typing import Literal

from collector.model.codes import State
from collector.model.quantities import YES_NO_UNIT
from collector.report.content.frozen import Indicator, Json, state_of
from collector.report.content.report import Report
from collector.text.characters import NBSP
from collector.text.vocabulary import STATE_LOOKS

LEAST_CHANCE = 0.1
Assessment = State | Literal["unlikely"]

ASSESSMENTS: tuple[Assessment, ...] = (
    "met", "at_risk", "unlikely", "missed", "no_data", "too_few", "stale",
)  # fmt: skip
"""In the order in which the summary counts them."""


def assessment(report: Report, indicator: Indicator) -> Assessment | None:
    """How the year so far stands; None without a target."""
    state = report.shown_state(indicator, "year_to_date")
    open_ended = state == "at_risk" or (state == "missed" and not indicator.measured)
    if open_ended and expected_to_miss(report, indicator):
        return "unlikely"
    return state


def expected_to_miss(report: Report, indicator: Indicator) -> bool:
    """Whether the forecast for a year that still runs does not expect the target to be reached."""
    forecast: Json | None = indicator.figure("year_to_date")["forecast"]
    if report.content.year_is_over or forecast is None or forecast["value"] is None:
        return False
    if report.masks.figure(indicator, "year_to_date", None) is not None:
        return False
    if not forecast["given"]:
        return forecast["chance"] is not None and forecast["chance"] < LEAST_CHANCE
    if indicator.target is None or indicator.threshold is None:
        return False
    return not indicator.target.reached(forecast["value"], indicator.threshold)


def in_words(report: Report, found: Assessment | None) -> tuple[str, State | None]:
    """An assessment's symbol and words, and the state whose colour it has."""
    if found == "unlikely":
        return f"▼{NBSP}{report.words('state_unlikely')}", "missed"
    if report.content.year_is_over and found in {"met", "missed"}:
        return f"{STATE_LOOKS[found].symbol}{NBSP}{report.words(f'state_was_{found}')}", found
    return report.state(found), found


def margin(report: Report, indicator: Indicator) -> str:
    """``klarade målet med 13 ärenden``: by how much a closed year reached its target or not; empty
    if there is nothing to say."""
    figure = indicator.figure("year_to_date")
    if state_of(figure) not in {"met", "missed"} or indicator.threshold is None:
        return ""
    words, amounts, value = report.words, report.amounts(indicator), figure["value"]
    if value is None or indicator.unit == YES_NO_UNIT:
        return ""
    if indicator.is_share and figure["eligible"]:
        n = abs(_spare(indicator, figure))
        by = report.records(indicator, n) if n else ""
    else:
        difference = abs(value - indicator.threshold)
        by = amounts.threshold(difference) if difference else ""
        if indicator.unit == "%" and by:
            by = words("percentage_points", n=by.removesuffix("%").strip())
    if not by:
        return words("margin_none") if state_of(figure) == "met" else ""
    return words(f"margin_{state_of(figure)}", margin=by)


def _spare(indicator: Indicator, figure: Json) -> int:
    """How many more records could have missed, or if negative, how many too many did."""
    assert indicator.target is not None
    n, good, target = figure["eligible"], figure["good"], indicator.target
    wanted = Fraction(target.number) / 100 * n
    if target.higher_is_better:
        return int(good - (floor(wanted) + 1 if target.comparison == ">" else ceil(wanted)))
    return int((ceil(wanted) - 1 if target.comparison == "<" else floor(wanted)) - good)
