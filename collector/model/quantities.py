"""Targets as people write them: ``>= 90%``, ``<= 10 business_days``, ``yes``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

_NUMBER = r"(?P<number>[-−]?[0-9]+(?:[.,][0-9]+)?)"
_UNIT = r"(?P<unit>%|[^\W\d]\w*(?:/\w+)?)?"
_TARGET = re.compile(rf"(?P<comparison>>=|<=|>|<)\s*(?P<baseline>baseline\s+)?{_NUMBER}\s*{_UNIT}")
_EXAMPLES = 'write one as in ">= 90%", "<= 10 business_days", "> baseline 71.13" or "yes"'

TIME_UNITS = {
    "s": 1, "seconds": 1, "min": 60, "minutes": 60, "h": 3600, "hours": 3600, "d": 86400,
    "days": 86400,
}  # fmt: skip
BUSINESS_DAYS = frozenset({"business_day", "business_days"})
"""Units of time that a target of a duration may be written in."""

YES_NO = {"yes": 1, "ja": 1, "no": 0, "nej": 0}
YES_NO_UNIT = "yes/no"
"""The unit of what is either so or not."""

LARGEST = 10**15
"""No number is as large as this; up to it floats are exact to a tenth."""

_AMOUNT = re.compile(rf"{_NUMBER}\s*{_UNIT}")
_GAP = re.compile(r"(?<=[0-9])[ \u00a0\u202f](?=[0-9]{3}(?![0-9]))")
_THOUSANDS_OR_DECIMALS = re.compile(r"([-−]?[1-9][0-9]{0,2})[.,]([0-9]{3})")


def two_readings(number: str) -> str | None:
    """Why a number has two readings, as 1,579 does; None where it has one."""
    if not (match := _THOUSANDS_OR_DECIMALS.fullmatch(number)):
        return None
    whole, decimals = match.groups()
    return (
        f"{number!r} may be {whole}{decimals} or {whole}.{decimals}: write {whole}{decimals}, or "
        f"{whole}.{decimals}0 with a decimal more"
    )


def _number(text: str) -> Decimal:
    """A number by its digits. Raises ValueError for those that are too large."""
    number = Decimal(text.replace("−", "-").replace(",", "."))
    if abs(number) >= LARGEST:
        raise ValueError(f"{text[:20]!r}… has too many digits: fewer than 16 before its decimals")
    return number


class NotAnAmount(ValueError):
    """A text is no number with a unit; the message shows how one is written."""


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with its unit, as written: ``85 %``, ``9,5 hours``, ``1 579 tkr`` or ``ja``."""

    number: Decimal
    unit: str | None
    text: str

    @classmethod
    def parse(cls, text: object) -> Amount:
        """Read an amount.

        Raises NotAnAmount, and ValueError where a number can be read in two ways; both show how one
        is written.
        """
        if isinstance(text, cls):
            return text
        if isinstance(text, bool):
            return cls(Decimal(text), None, "yes" if text else "no")
        if isinstance(text, int | float) and abs(text) < LARGEST:
            return cls(Decimal(str(text)), None, str(text))
        word = text.strip().lower() if isinstance(text, str) else ""
        if word in YES_NO:
            return cls(Decimal(YES_NO[word]), None, word)
        match = _AMOUNT.fullmatch(_GAP.sub("", text.strip())) if isinstance(text, str) else None
        if not isinstance(text, str) or not match:
            raise NotAnAmount(f"{text!r} is not an amount: write 85 %, 9.5 business_days or 1579")
        if problem := two_readings(match["number"]):
            raise ValueError(problem)
        return cls(_number(match["number"]), match["unit"], text.strip())

    @classmethod
    def __get_pydantic_core_schema__(cls, _: Any, __: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls.parse,
            serialization=core_schema.plain_serializer_function_ser_schema(lambda a: a.text),
            json_schema_input_schema=core_schema.union_schema(
                [core_schema.str_schema(), core_schema.float_schema()]
            ),
        )


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure is held against.

    ``comparison`` is one of >=, <=, >, < or ``is``; ``number`` is as written, in ``unit`` (``%``,
    a time unit, or a word of the desk's own such as tkr). ``yes`` is ``is 1``. With ``baseline``
    the number is a starting point that the figure shall leave behind.
    """

    comparison: str
    number: Decimal
    unit: str | None
    baseline: bool
    text: str

    @property
    def higher_is_better(self) -> bool:
        """Whether a larger figure is nearer the target."""
        return self.comparison in {">=", ">", "is"}

    def reached(self, value: float, threshold: float) -> bool:
        """Whether ``value`` reaches the target, ``threshold`` being its number in value's unit."""
        match self.comparison:
            case ">=":
                return value >= threshold
            case "<=":
                return value <= threshold
            case ">":
                return value > threshold
            case "<":
                return value < threshold
            case _:
                return value == threshold

    @classmethod
    def parse(cls, text: object) -> Target:
        """Read a target. Raises ValueError that shows how one is written."""
        if text is True or (isinstance(text, str) and text.strip().lower() == "yes"):
            return cls("is", Decimal(1), None, baseline=False, text="yes")
        if text is False or (isinstance(text, str) and text.strip().lower() == "no"):
            return cls("is", Decimal(0), None, baseline=False, text="no")
        match = _TARGET.fullmatch(text.strip()) if isinstance(text, str) else None
        if not isinstance(text, str) or not match:
            raise ValueError(f"{text!r} is not a target: {_EXAMPLES}")
        if match["unit"] != "%" and (problem := two_readings(match["number"])):
            raise ValueError(problem)  # thousands of per cent are no second reading
        return cls(
            comparison=match["comparison"],
            number=_number(match["number"]),
            unit=match["unit"],
            baseline=match["baseline"] is not None,
            text=text.strip(),
        )

    @classmethod
    def __get_pydantic_core_schema__(cls, _: Any, __: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls.parse,
            serialization=core_schema.plain_serializer_function_ser_schema(lambda t: t.text),
            json_schema_input_schema=core_schema.union_schema(
                [core_schema.str_schema(), core_schema.bool_schema()]
            ),
        )
