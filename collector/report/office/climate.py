"""Climate savings: tonnes as the office gives them, comparisons only by factors that it gives."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from collector.config.loading.load import faults_of
from collector.io.yaml import Fault, FaultyFile, read_yaml
from collector.model.bilingual import Text, Title
from collector.model.fields import Strict
from collector.report.office.ledgers import parse_amount
from collector.report.office.model import Climate, Comparison, Doubt

_NEAR = Decimal("0.005")
"""Comparisons of one saving agree where they differ less than this share."""


def _exact(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return value
    return parse_amount(str(value))


Positive = Annotated[Decimal, BeforeValidator(_exact), Field(gt=0)]


class _Comparison(Strict):
    """``kg``: kg CO2-eq of one unit, with its source; else the office's own ``value``."""

    unit: Title
    value: Positive | None = None
    kg: Positive | None = None
    km: Positive | None = None
    source: Title | None = None

    @model_validator(mode="after")
    def _explained(self) -> Self:
        if self.kg is None and self.value is None:
            raise ValueError("needs a value, or kg (kg CO2-eq of one) with the factor's source")
        if self.kg is not None and self.source is None:
            raise ValueError("has a factor without a source; say where kg comes from")
        return self


class _Climate(Strict):
    tonnes: Positive
    by: Title
    source: Title | None = None
    comparisons: list[_Comparison] = []


def read_climate(file: Path) -> tuple[Climate, list[Doubt]]:
    """The savings of a YAML file and what is doubtful of them. Raises FaultyFile."""
    read = read_yaml(file)
    if not isinstance(read.data, dict):
        raise FaultyFile(file, [Fault("must be keys: tonnes, by, source, comparisons")])
    try:
        given = _Climate.model_validate(read.data)
    except ValidationError as error:
        raise FaultyFile(file, faults_of(error, read)) from None
    comparisons = tuple(_comparison(each, given.tonnes) for each in given.comparisons)
    found = Climate(str(file), given.tonnes, given.by, given.source, comparisons)
    lines = [read.line_of(("comparisons", n)) for n in range(len(comparisons))]
    return found, [*_contradictions(given, found, lines), *_unsourced(found)]


def _comparison(given: _Comparison, tonnes: Decimal) -> Comparison:
    kilograms = 1000 * tonnes
    value = kilograms / given.kg if given.kg else given.value
    assert value is not None
    says = None if given.kg or given.km is None else 1000 * kilograms / (value * given.km)
    computed = given.kg is not None
    return Comparison(given.unit, value, computed, given.kg, given.km, says, given.source)


def _contradictions(given: _Climate, found: Climate, lines: list[int | None]) -> Iterator[Doubt]:
    """Values that differ from what their factor gives, and distances that differ."""
    first = next((each for each in found.comparisons if each.km), None)
    for written, each, line in zip(given.comparisons, found.comparisons, lines, strict=True):
        if written.kg and written.value and _apart(written.value, each.value):
            yield Doubt(
                "figures",
                found.file,
                line,
                Text(sv="{unit}: skrivet {written}, men faktorn ger {right}.",
                     en="{unit}: written {written}, but the factor gives {right}."),
                Text(sv="Dokumentet visar det uträknade; rätta talet eller faktorn.",
                     en="The document shows what was computed; correct the number or the factor."),
                {"unit": each.unit, "written": written.value, "right": _short(each.value)},
            )  # fmt: skip
        if first is None or each.km is None or first.km is None:
            continue
        distance, other = each.value * each.km, first.value * first.km
        if _apart(distance, other):
            yield Doubt(
                "figures",
                found.file,
                line,
                Text(sv="{unit} är {one} km, men {first} är {two} km.",
                     en="{unit} is {one} km, but {first} is {two} km."),
                Text(sv="Samma besparing är samma sträcka; rätta ett av talen.",
                     en="The same saving is the same distance; correct one of the numbers."),
                {"unit": each.unit, "first": first.unit,
                 "one": _short(distance), "two": _short(other)},
            )  # fmt: skip


def _unsourced(found: Climate) -> Iterator[Doubt]:
    if found.source is None:
        yield Doubt(
            "file",
            found.file,
            None,
            Text(sv="Ingen källa anges för ton CO2-ekv.", en="No source is given of the tonnes."),
            Text(sv="Skriv source: varifrån talet kommer.",
                 en="Write source: where the number comes from."),
        )  # fmt: skip


def _apart(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) > _NEAR * max(one, other)


def _short(value: Decimal) -> Decimal:
    """A number as messages show it: whole, or small with two decimals."""
    return value.quantize(Decimal(1) if value >= 100 else Decimal("0.01"))
