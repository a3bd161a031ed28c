"""Climate savings: the tonnes and the conversion factors are the office's, never our own."""

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
from collector.report.office.model import Climate, ClimateComparison, OfficeWarning

_NEAR = Decimal("0.005")
"""Numbers agree if they differ by no more than this share of the larger one."""


def _exact(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return value
    return parse_amount(str(value))


Positive = Annotated[Decimal, BeforeValidator(_exact), Field(gt=0)]


class _Comparison(Strict):
    """An entry of ``comparisons``: ``kg`` CO2-eq per unit with its source, or the office's own
    ``value``. ``km`` is the length of one unit."""

    unit: Title
    value: Positive | None = None
    kg: Positive | None = None
    km: Positive | None = None
    source: Title | None = None

    @model_validator(mode="after")
    def _explained(self) -> Self:
        if self.kg is None and self.value is None:
            raise ValueError("needs a value, or kg (kg CO2-eq per unit) with its source")
        if self.kg is not None and self.source is None:
            raise ValueError("has kg without source; state where the factor comes from")
        return self


class _Climate(Strict):
    tonnes: Positive
    by: Title
    source: Title | None = None
    comparisons: list[_Comparison] = []


def read_climate(file: Path) -> tuple[Climate, list[OfficeWarning]]:
    """The savings in a YAML file, and warnings about them.

    Raises FaultyFile when the file cannot be read or breaks the schema.
    """
    read = read_yaml(file)
    if not isinstance(read.data, dict):
        raise FaultyFile(file, [Fault("must have the keys tonnes, by, source and comparisons")])
    try:
        entered = _Climate.model_validate(read.data)
    except ValidationError as error:
        raise FaultyFile(file, faults_of(error, read)) from None
    comparisons = tuple(_comparison(each, entered.tonnes) for each in entered.comparisons)
    climate = Climate(str(file), entered.tonnes, entered.by, entered.source, comparisons)
    lines = [read.line_of(("comparisons", n)) for n in range(len(comparisons))]
    return climate, [*_contradictions(entered, climate, lines), *_unsourced(climate)]


def _comparison(entry: _Comparison, tonnes: Decimal) -> ClimateComparison:
    kilograms = 1000 * tonnes
    value = kilograms / entry.kg if entry.kg else entry.value
    assert value is not None
    grams_per_km = None if entry.kg or entry.km is None else 1000 * kilograms / (value * entry.km)
    computed = entry.kg is not None
    return ClimateComparison(
        entry.unit, value, computed, entry.kg, entry.km, grams_per_km, entry.source
    )


def _contradictions(
    entered: _Climate, climate: Climate, lines: list[int | None]
) -> Iterator[OfficeWarning]:
    """Warnings of values that differ from what their factor gives, and of differing distances."""
    first = next((each for each in climate.comparisons if each.km), None)
    for written, each, line in zip(entered.comparisons, climate.comparisons, lines, strict=True):
        if written.kg and written.value and _apart(written.value, each.value):
            yield OfficeWarning(
                "figures",
                climate.file,
                line,
                Text(sv="{unit}: skrivet {written}, men faktorn ger {right}.",
                     en="{unit}: the file says {written}, but the factor gives {right}."),
                Text(sv="Dokumentet visar det uträknade; rätta talet eller faktorn.",
                     en="The document shows the computed value; correct the number or the factor."),
                {"unit": each.unit, "written": written.value, "right": _short(each.value)},
            )  # fmt: skip
        if first is None or each.km is None or first.km is None:
            continue
        distance, other = each.value * each.km, first.value * first.km
        if _apart(distance, other):
            yield OfficeWarning(
                "figures",
                climate.file,
                line,
                Text(sv="{unit} är {one} km, men {first} är {two} km.",
                     en="{unit} is {one} km, but {first} is {two} km."),
                Text(sv="Samma besparing är samma sträcka; rätta ett av talen.",
                     en="The same saving means the same distance; correct one of the numbers."),
                {"unit": each.unit, "first": first.unit,
                 "one": _short(distance), "two": _short(other)},
            )  # fmt: skip


def _unsourced(climate: Climate) -> Iterator[OfficeWarning]:
    if climate.source is None:
        yield OfficeWarning(
            "file",
            climate.file,
            None,
            Text(sv="Ingen källa anges för ton CO2-ekv.", en="No source is given for the tonnes."),
            Text(sv="Skriv source: varifrån talet kommer.",
                 en="Add source: where the number comes from."),
        )  # fmt: skip


def _apart(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) > _NEAR * max(one, other)


def _short(value: Decimal) -> Decimal:
    """A number rounded for messages: to whole numbers from 100, otherwise to two decimals."""
    return value.quantize(Decimal(1) if value >= 100 else Decimal("0.01"))
