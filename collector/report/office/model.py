"""The office's material for one report: tables, texts, and warnings about them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal, Protocol, TypeVar, get_args

from collector.model.bilingual import Language, Text

Part = Literal["decisions", "economy", "investments", "climate"]
"""A part of the report with its own table, which a text may introduce."""

UNIT = "tkr"
"""Thousands of kronor, the unit of every amount in a ledger."""


@dataclass(frozen=True, slots=True)
class OfficeWarning:
    """Something that can be read but is probably a mistake; the report is still made.

    ``what`` (the problem) and ``fix`` (the remedy) are format templates for ``values``. ``kind``:
    ``figures`` (contradictory sums and numbers) and ``left_out`` (parts of a text) make the
    document a draft, and the former concern its readers; ``file`` (a name, a column) only concerns
    the office.
    """

    kind: Literal["figures", "left_out", "file"]
    file: str
    line: int | None
    what: Text
    fix: Text
    values: Mapping[str, str | Text | Decimal] = field(default_factory=dict)

    @property
    def shown(self) -> bool:
        """Whether it makes the document a draft."""
        return self.kind != "file"

    @property
    def where(self) -> str:
        """The file, with the line if it is known."""
        return f"{self.file}:{self.line}" if self.line else self.file

    def text(
        self,
        language: Language,
        number: Callable[[Decimal, Language], str],
        *,
        remedy: bool = True,
    ) -> str:
        """The problem and its remedy, without the file; ``number`` formats amounts."""
        shown: dict[str, str] = {}
        for name, value in self.values.items():
            if isinstance(value, Decimal):
                shown[name] = number(value, language)
            else:
                shown[name] = value[language] if isinstance(value, Text) else value
        parts = (self.what, self.fix) if remedy else (self.what,)
        return " ".join(each[language].format(**shown) for each in parts)


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision and its status; ``comment`` may be empty."""

    decision: str
    status: str
    comment: str


@dataclass(frozen=True, slots=True)
class LedgerAmounts:
    """Exact amounts in tkr; income is negative, costs are positive."""

    budget: Decimal
    outcome: Decimal
    forecast: Decimal

    @property
    def deviation(self) -> Decimal:
        """Budget minus forecast in tkr; above 0 it is a surplus at the end of the year."""
        return self.budget - self.forecast

    def __add__(self, other: LedgerAmounts) -> LedgerAmounts:
        return LedgerAmounts(
            self.budget + other.budget,
            self.outcome + other.outcome,
            self.forecast + other.forecast,
        )


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """A named row of a ledger."""

    name: str
    amounts: LedgerAmounts


@dataclass(frozen=True, slots=True)
class Ledger:
    """The economy or investment table. ``as_of``: the outcome's last date, if the file has one."""

    file: str
    rows: tuple[LedgerRow, ...]
    as_of: date | None

    @property
    def total(self) -> LedgerAmounts:
        """The sums of the rows."""
        zero = LedgerAmounts(Decimal(0), Decimal(0), Decimal(0))
        return sum((row.amounts for row in self.rows), zero)

    def numbers(self) -> set[Decimal]:
        """The absolute values of all amounts in the table, sums included, in tkr."""
        all_amounts = [row.amounts for row in self.rows] + [self.total]
        return {abs(n) for a in all_amounts for n in (a.budget, a.outcome, a.forecast, a.deviation)}


@dataclass(frozen=True, slots=True)
class ClimateComparison:
    """What a saving is equivalent to: ``value`` times ``unit``.

    ``computed``: the value follows from the office's factor ``kg`` (kg CO2-eq per unit); otherwise
    the office wrote it. ``km`` is the length of one unit in km. ``grams_per_km`` is what a written
    value implies (g CO2-eq per km), None if there is a factor.
    """

    unit: Text
    value: Decimal
    computed: bool
    kg: Decimal | None
    km: Decimal | None
    grams_per_km: Decimal | None
    source: Text | None


@dataclass(frozen=True, slots=True)
class Climate:
    """Climate savings: tonnes of CO2-eq., how they were saved, the source, and comparisons."""

    file: str
    tonnes: Decimal
    by: Text
    source: Text | None
    comparisons: tuple[ClimateComparison, ...]


@dataclass(frozen=True, slots=True)
class Meeting:
    """What the head of the document says of the meeting that it is written for.

    ``title`` and ``board``: None for those of the configuration. ``reference``: the number in the
    diary (diarienummer). ``proposal``: the points of the proposed decision. What is not given is
    empty.
    """

    file: str
    title: Text | None = None
    board: Text | None = None
    reference: str = ""
    held: date | None = None
    author: Text | None = None
    proposal: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A text in Markdown.

    ``part`` is the part whose table it introduces, None for a chapter of its own. ``name`` is the
    file's name without language and suffix; ``line`` is the line on which ``text`` begins.
    """

    name: str
    part: Part | None
    language: Language | None
    title: str
    text: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Commentary:
    """Commentary on a figure, in Markdown. ``period`` is the name of its folder's period."""

    indicator: str
    period: str
    language: Language | None
    text: str
    file: str


class _InLanguage(Protocol):
    @property
    def language(self) -> Language | None: ...


T = TypeVar("T", bound=_InLanguage)


def best_variant(variants: Iterable[T], language: Language) -> T | None:
    """The variant in a language, or else the one without a language; never another language's."""
    by_language = {each.language: each for each in variants}
    return by_language.get(language) or by_language.get(None)


@dataclass(frozen=True, slots=True)
class Office:
    """The office's material for a report; missing parts are None or empty.

    ``files``: name and SHA-256 of every file that was read, in order of their names, so that it can
    be checked later whether a document was made from them.
    """

    decisions: tuple[Decision, ...] | None = None
    economy: Ledger | None = None
    investments: Ledger | None = None
    climate: Climate | None = None
    meeting: Meeting | None = None
    sections: tuple[Section, ...] = ()
    commentary: tuple[Commentary, ...] = ()
    warnings: tuple[OfficeWarning, ...] = ()
    files: tuple[tuple[str, str], ...] = ()

    def chapters(self, language: Language) -> tuple[Section, ...]:
        """The texts that are chapters of their own, in order, in one language."""
        names = dict.fromkeys(each.name for each in self.sections if each.part is None)
        variants = (
            best_variant([s for s in self.sections if s.name == name], language) for name in names
        )
        return tuple(each for each in variants if each is not None)

    def files_in(self, language: Language) -> frozenset[str]:
        """The files whose content stands in the document of a language."""
        tables = (self.economy, self.investments, self.climate, self.meeting)
        indicators = {each.indicator for each in self.commentary}
        parts: tuple[Part, ...] = get_args(Part)
        texts = (
            *self.chapters(language),
            *(self.text_before(part, language) for part in parts),
            *(self.commentary_on(name, language) for name in indicators),
        )
        return frozenset(each.file for each in (*tables, *texts) if each is not None)

    def text_before(self, part: Part, language: Language) -> Section | None:
        """The text that introduces a part's table, or None."""
        return best_variant([each for each in self.sections if each.part == part], language)

    def commentary_on(self, indicator: str, language: Language) -> Commentary | None:
        """The commentary on an indicator's figure, or None."""
        return best_variant(
            [each for each in self.commentary if each.indicator == indicator], language
        )
