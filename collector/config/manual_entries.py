"""Entries made by hand: forecasts for measured indicators, and figures that no system has."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BeforeValidator, Field, FiniteFloat, model_validator

from collector.model.fields import Day, Strict
from collector.model.quantities import LARGEST, YES_NO, Amount, ambiguity


class _Entry(Strict):
    """An entry by a person for a date, for one organization or the whole desk."""

    date: Day
    organization: str | None = None
    comment: str | None = None
    set_by: str | None = None


class ManualForecast(_Entry):
    """A person's forecast for the fiscal year of ``date``; it replaces the computed one."""

    forecast: Amount


def _unambiguous(number: object) -> object:
    """Turns yes and no into 1 and 0. Raises ValueError for a number that can be read in two
    ways."""
    if is_yes_or_no(number):
        return YES_NO[str(number).strip().lower()]
    if isinstance(number, str) and (problem := ambiguity(number.strip())):
        raise ValueError(problem)
    return number


def is_yes_or_no(value: object) -> bool:
    """Whether a value is yes or no, in English or Swedish."""
    return isinstance(value, str) and value.strip().lower() in YES_NO


Number = Annotated[
    FiniteFloat,
    Field(gt=-LARGEST, lt=LARGEST),
    BeforeValidator(_unambiguous, json_schema_input_type=float | bool | str),
]
"""A number entered by hand, in the unit of its indicator."""


class ManualValue(_Entry):
    """A figure for ``date``, a forecast for the fiscal year of that date, or both.

    Yes is 1 and no is 0.
    """

    value: Number | None = None
    forecast: Number | None = None

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if self.value is None and self.forecast is None:
            raise ValueError("needs a value or a forecast")
        return self
