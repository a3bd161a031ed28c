"""What people enter by hand: forecasts of what is measured, and figures that no system has."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BeforeValidator, Field, FiniteFloat, model_validator

from collector.model.fields import Day, Strict
from collector.model.quantities import LARGEST, YES_NO, Amount, two_readings


class _Given(Strict):
    """What a person says on a date, of one organization or the whole desk."""

    date: Day
    organization: str | None = None
    comment: str | None = None
    set_by: str | None = None


class GivenForecast(_Given):
    """A person's forecast for the fiscal year of ``date``, in the place of the computed one."""

    forecast: Amount


def _one_reading(number: object) -> object:
    """A number, or 1 and 0 for yes and no. Raises ValueError for what has two readings."""
    if is_word(number):
        return YES_NO[str(number).strip().lower()]
    if isinstance(number, str) and (problem := two_readings(number.strip())):
        raise ValueError(problem)
    return number


def is_word(value: object) -> bool:
    return isinstance(value, str) and value.strip().lower() in YES_NO


Number = Annotated[
    FiniteFloat,
    Field(gt=-LARGEST, lt=LARGEST),
    BeforeValidator(_one_reading, json_schema_input_type=float | bool | str),
]
"""A number given by hand, in the unit of its indicator."""


class ManualValue(_Given):
    """A figure that a person gives, and when it was true; with a forecast for its fiscal year.

    Yes is 1 and no is 0.
    """

    value: Number | None = None
    forecast: Number | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.value is None and self.forecast is None:
            raise ValueError("has neither a value nor a forecast")
        return self
