"""What the office keeps for one report, as it was read: tables, texts, and what is doubtful."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal, Protocol, TypeVar

from collector.model.bilingual import Language, Text

Part = Literal["decisions", "economy", "investments", "climate"]
"""A part of the report with a table of its own, which a text may stand before."""

UNIT = "tkr"
"""Thousands of kronor, in which every amount of a ledger is written."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that can be read but is hardly meant; the report is made all the same.

    ``what`` and ``todo`` hold names in braces for ``values``. ``kind``: ``figures`` (sums and
    numbers that contradict each other) and ``left_out`` (of a text) concern the reader of the
    document, too; ``file`` (a name, a column) only the office.
    """

    kind: Literal["figures", "left_out", "file"]
    file: str
    line: int | None
    what: Text
    todo: Text
    values: Mapping[str, str | Text | Decimal] = field(default_factory=dict)

    @property
    def shown(self) -> bool:
        """Whether the document shows it as a notice."""
        return self.kind != "file"

    @property
    def where(self) -> str:
        """File and line."""
        return f"{self.file}:{self.line}" if self.line else self.file

    def text(self, language: Language, number: Callable[[Decimal, Language], str]) -> str:
        """What and what to do, without the file; ``number`` writes amounts."""
        shown: dict[str, str] = {}
        for name, value in self.values.items():
            if isinstance(value, Decimal):
                shown[name] = number(value, language)
            else:
                shown[name] = value[language] if isinstance(value, Text) else value
        return f"{self.what[language].format(**shown)} {self.todo[language].format(**shown)}"


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision and what became of it; ``comment`` may be empty."""

    decision: str
    status: str
    comment: str


@dataclass(frozen=True, slots=True)
class Amounts:
    """Amounts in tkr: exact, income negative, costs positive."""

    budget: Decimal
    outcome: Decimal
    forecast: Decimal

    @property
    def deviation(self) -> Decimal:
        """What is left of the budget at the year's end: above 0 it is a surplus."""
        return self.budget - self.forecast

    def __add__(self, other: Amounts) -> Amounts:
        return Amounts(
            self.budget + other.budget,
            self.outcome + other.outcome,
            self.forecast + other.forecast,
        )


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """A row of a ledger."""

    name: str
    amounts: Amounts


@dataclass(frozen=True, slots=True)
class Ledger:
    """The economy or the investments. ``as_of``: the outcome's last date, where it was written."""

    file: str
    rows: tuple[LedgerRow, ...]
    as_of: date | None

    @property
    def total(self) -> Amounts:
        """The sum, computed."""
        zero = Amounts(Decimal(0), Decimal(0), Decimal(0))
        return sum((row.amounts for row in self.rows), zero)

    def numbers(self) -> set[Decimal]:
        """Every amount of the table and of its sum, without its sign."""
        all_of = [row.amounts for row in self.rows] + [self.total]
        return {abs(n) for a in all_of for n in (a.budget, a.outcome, a.forecast, a.deviation)}


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a saving is like. ``value``: how many of ``unit``; ``computed``: by a factor that the
    office gave (``kg`` CO2-eq of one), else as the office wrote it. ``km``: length of one;
    ``grams_per_km``: what the value says of a kilometre, where the office gave no factor."""

    unit: Text
    value: Decimal
    computed: bool
    kg: Decimal | None
    km: Decimal | None
    grams_per_km: Decimal | None
    source: Text | None


@dataclass(frozen=True, slots=True)
class Climate:
    """Climate savings: tonnes CO2-eq, by what, from which source, and what they are like."""

    file: str
    tonnes: Decimal
    by: Text
    source: Text | None
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A text in Markdown. ``part``: the part whose table it stands before, None for a chapter of
    its own. ``name`` is that of the file without language; ``line``: on which ``text`` begins."""

    name: str
    part: Part | None
    language: Language | None
    title: str
    text: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Commentary:
    """What people say of a figure, in Markdown. ``period``: the name of the folder it lies in."""

    indicator: str
    period: str
    language: Language | None
    text: str
    file: str


class _InLanguage(Protocol):
    @property
    def language(self) -> Language | None: ...


T = TypeVar("T", bound=_InLanguage)


def best(found: Iterable[T], language: Language) -> T | None:
    """The variant in a language, or else the one for any; never one in another language."""
    by_language = {each.language: each for each in found}
    return by_language.get(language) or by_language.get(None)


@dataclass(frozen=True, slots=True)
class Office:
    """What the office keeps for a report; what is not there is None or empty.

    ``files``: name and SHA-256 of every file that was read, in order of their names, so that it can
    be told later whether a document was made of them.
    """

    decisions: tuple[Decision, ...] | None = None
    economy: Ledger | None = None
    investments: Ledger | None = None
    climate: Climate | None = None
    sections: tuple[Section, ...] = ()
    commentary: tuple[Commentary, ...] = ()
    warnings: tuple[Doubt, ...] = ()
    files: tuple[tuple[str, str], ...] = ()

    def chapters(self, language: Language) -> tuple[Section, ...]:
        """The texts that are chapters of their own, in order, in a language."""
        names = dict.fromkeys(each.name for each in self.sections if each.part is None)
        found = (best([s for s in self.sections if s.name == name], language) for name in names)
        return tuple(each for each in found if each is not None)

    def text_before(self, part: Part, language: Language) -> Section | None:
        """The text that stands before a part's table."""
        return best([each for each in self.sections if each.part == part], language)

    def commentary_on(self, indicator: str, language: Language) -> Commentary | None:
        """What people say of a figure."""
        return best([each for each in self.commentary if each.indicator == indicator], language)
