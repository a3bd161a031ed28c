"""Targets and amounts as people write them: ``>= 90%``, ``<= 10 business_days``, ``yes``."""

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
_EXAMPLES = 'write one such as ">= 90%", "<= 10 business_days", "> baseline 71.13" or "yes"'

TIME_UNITS = {
    "s": 1, "seconds": 1, "min": 60, "minutes": 60, "h": 3600, "hours": 3600, "d": 86400,
    "days": 86400,
}  # fmt: skip
"""Seconds in each unit of time that the target of a duration may use."""
BUSINESS_DAYS = frozenset({"business_day", "business_days"})
"""The remaining units for such a target; a business day's length depends on the calendar."""

YES_NO = {"yes": 1, "ja": 1, "no": 0, "nej": 0}
YES_NO_UNIT = "yes/no"
"""The unit of a yes-or-no value."""

LARGEST = 10**15
"""Every number must be smaller than this; up to here floats are exact to a tenth."""

_AMOUNT = re.compile(rf"{_NUMBER}\s*{_UNIT}")
_GAP = re.compile(r"(?<=[0-9])[ \u00a0\u202f](?=[0-9]{3}(?![0-9]))")
_THOUSANDS_OR_DECIMALS = re.compile(r"([-−]?[1-9][0-9]{0,2})[.,]([0-9]{3})")


def ambiguity(number: str) -> str | None:
    """Return an error message if a number is ambiguous, as 1,579 is; otherwise None."""
    if not (match := _THOUSANDS_OR_DECIMALS.fullmatch(number)):
        return None
    whole, decimals = match.groups()
    return (
        f"{number!r} may be {whole}{decimals} or {whole}.{decimals}: write {whole}{decimals}, or "
        f"{whole}.{decimals}0 with one more decimal"
    )


def _number(text: str) -> Decimal:
    """Parse digits. Raises ValueError if the number is not smaller than LARGEST."""
    number = Decimal(text.replace("−", "-").replace(",", "."))
    if abs(number) >= LARGEST:
        raise ValueError(
            f"{text[:20]!r}… has too many digits: at most 15 may stand before the decimals"
        )
    return number


class NotAnAmount(ValueError):
    """A text is not a number with a unit; the message shows how to write one."""


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with its unit, as written: ``85 %``, ``9,5 hours``, ``1 579 tkr`` or ``ja``."""

    number: Decimal
    unit: str | None
    text: str

    @classmethod
    def parse(cls, text: object) -> Amount:
        """Parse an amount.

        Raises NotAnAmount if it is not one, and ValueError if the number is ambiguous or too large.
        Both messages show how to write it.
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
        if problem := ambiguity(match["number"]):
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
    """The target of a figure.

    ``comparison`` is one of >=, <=, >, < or ``is``; ``number`` is as written, in ``unit`` (``%``,
    a time unit, or any other word such as tkr). The target ``yes`` is ``is 1``. ``baseline`` means
    that the number is a starting point from which the figure should improve.
    """

    comparison: str
    number: Decimal
    unit: str | None
    baseline: bool
    text: str

    @property
    def higher_is_better(self) -> bool:
        """Whether larger figures are better."""
        return self.comparison in {">=", ">", "is"}

    def reached(self, value: float, threshold: float) -> bool:
        """Return whether ``value`` meets the target; ``threshold`` is the number in its unit."""
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
        """Parse a target. Raises ValueError, with a message that shows how to write one."""
        if text is True or (isinstance(text, str) and text.strip().lower() == "yes"):
            return cls("is", Decimal(1), None, baseline=False, text="yes")
        if text is False or (isinstance(text, str) and text.strip().lower() == "no"):
            return cls("is", Decimal(0), None, baseline=False, text="no")
        match = _TARGET.fullmatch(text.strip()) if isinstance(text, str) else None
        if not isinstance(text, str) or not match:
            raise ValueError(f"{text!r} is not a target: {_EXAMPLES}")
        if match["unit"] != "%" and (problem := ambiguity(match["number"])):
            raise ValueError(problem)  # nobody means thousands of per cent
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
