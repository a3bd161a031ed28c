"""Targets as people write them: ``>= 90%``, ``<= 10 business_days``, ``yes``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

_TARGET = re.compile(
    r"(?P<comparison>>=|<=|>|<)\s*(?P<baseline>baseline\s+)?"
    r"(?P<number>-?\d+(?:[.,]\d+)?)\s*(?P<unit>%|[^\W\d]\w*)?"
)
_EXAMPLES = 'write one as in ">= 90%", "<= 10 business_days", "> baseline 71.13" or "yes"'


TIME_UNITS = {
    "s": 1, "seconds": 1, "min": 60, "minutes": 60, "h": 3600, "hours": 3600, "d": 86400,
    "days": 86400,
}  # fmt: skip
YES_NO = {"yes": 1, "ja": 1, "no": 0, "nej": 0}
BUSINESS_DAYS = frozenset({"business_day", "business_days"})
"""Units of time that a target of a duration may be written in."""


_AMOUNT = re.compile(r"(?P<number>[-−]?\d+(?:[.,]\d+)?)\s*(?P<unit>%|[^\W\d]\w*(?:/\w+)?)?")
_GAP = re.compile(r"(?<=\d)[ \u00a0\u202f](?=\d{3})")


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with its unit, as written: ``85 %``, ``9,5 hours``, ``1 579 tkr`` or ``ja``."""

    number: Decimal
    unit: str | None
    text: str

    @classmethod
    def parse(cls, text: object) -> Amount:
        """Read an amount. Raises ValueError that shows how one is written."""
        if isinstance(text, bool):
            return cls(Decimal(text), None, "yes" if text else "no")
        if isinstance(text, int | float) and isfinite(text):
            return cls(Decimal(str(text)), None, str(text))
        word = text.strip().lower() if isinstance(text, str) else ""
        if word in YES_NO:
            return cls(Decimal(YES_NO[word]), None, word)
        match = _AMOUNT.fullmatch(_GAP.sub("", text.strip())) if isinstance(text, str) else None
        if not isinstance(text, str) or not match:
            raise ValueError(f"{text!r} is not an amount: write 85 %, 9.5 business_days or 1579")
        number = Decimal(match["number"].replace("−", "-").replace(",", "."))
        return cls(number, match["unit"], text.strip())

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
        return cls(
            comparison=match["comparison"],
            number=Decimal(match["number"].replace(",", ".")),
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
