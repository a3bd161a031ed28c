"""The economy and investment tables: amounts by row, with sums computed and checked. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from collector.io.yaml import Fault
from collector.model.bilingual import Text
from collector.model.quantities import Amount, NotAnAmount
from collector.report.office.files import Sheet
from collector.report.office.model import UNIT, Ledger, LedgerAmounts, LedgerRow, OfficeWarning

_DATE = r"(?P<date>\d{6}|\d{8}|\d{4}-\d{2}-\d{2})"
_YEAR = r"(?P<year>\d{4})"
_COLUMNS = {
    "budget": re.compile(rf"(års)?budget( {_YEAR})?"),
    "outcome": re.compile(rf"(utfall|outcome|actual)( (t\.?o\.?m\.?|to))?( {_DATE})?"),
    "forecast": re.compile(rf"((hel)?(års)?prognos|forecast)( \d)?( {_YEAR})?"),
    "deviation": re.compile(r"avvikelse( mot budget)?|deviation|variance"),
}
_NEEDED = ("budget", "outcome", "forecast")
_WORDS = {"budget": "Budget", "outcome": "Utfall", "forecast": "Prognos", "deviation": "Avvikelse"}
_ORGANIZATION = {"kommun", "organisation", "organization", "municipality"}
_JOINT = {"gemensamt", "gemensam", "joint"}
_SUM = {"summa", "sum", "totalt", "total", "summa totalt"}
_SUBTOTAL = re.compile(r"(del)?summa\b|subtotal\b|totalt?\b|sum\b")
_MINUS = re.compile(r"^[-−–‒]\s*(?=\d)")


@dataclass(slots=True)
class _Parser:
    """The state of parsing one sheet; ``columns``: our column names and their headings."""

    sheet: Sheet
    columns: dict[str, str]
    rows: list[LedgerRow] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    warnings: list[OfficeWarning] = field(default_factory=list)

    def warn(self, line: int, what: Text, todo: Text, **values: str | Decimal) -> None:
        """Warn that numbers contradict each other."""
        self.warnings.append(
            OfficeWarning("figures", str(self.sheet.file), line, what, todo, values)
        )


def parse_ledger(
    sheet: Sheet, last: date, organizations: Sequence[str]
) -> tuple[Ledger | None, list[Fault], list[OfficeWarning]]:
    """Parse a sheet whose first column names the rows: (ledger or None, faults, warnings).

    ``last`` is the last date of the report, with which the date of the outcome is compared.
    Amounts are exact, in tkr. Deviations and sums are computed; those in the file are only
    compared with them.
    """
    parser = _Parser(sheet, {})
    as_of = _take_headings(parser, last)
    for name in _NEEDED:
        if name not in parser.columns:
            there = ", ".join(sheet.headings[1:]) or "none"
            problem = f"has no column {_WORDS[name]}; there are: {there}"
            parser.faults.append(sheet.fault(1, "", problem))
    if not parser.faults:
        _take_rows(parser)
        parser.warnings += _unknown_organizations(sheet, organizations)
    if not parser.rows and not parser.faults:
        parser.faults.append(sheet.fault(None, "", "has no rows; add one, or remove the file"))
    if as_of is not None and as_of != last:
        parser.warn(
            1,
            Text(sv="Utfallet gäller till {as_of}, rapporten till {last}.",
                 en="The outcome is as of {as_of}, but the report ends on {last}."),
            Text(sv="Hämta utfallet för rapportens sista dag.",
                 en="Use the outcome as of the report's last day."),
            as_of=as_of.isoformat(),
            last=last.isoformat(),
        )  # fmt: skip
    if parser.faults:
        return None, parser.faults, parser.warnings
    return Ledger(str(sheet.file), tuple(parser.rows), as_of), [], parser.warnings


def _take_headings(parser: _Parser, last: date) -> date | None:
    """Map the headings to our columns; returns the date in the outcome's heading, if any."""
    as_of = None
    for heading in parser.sheet.headings[1:]:
        plain = re.sub(r"\s*\(tkr\)|,? tkr$", "", " ".join(heading.lower().split()))
        matches = [(name, m) for name, form in _COLUMNS.items() if (m := form.fullmatch(plain))]
        name, match = matches[0] if matches else ("", None)
        facts = match.groupdict() if match else {}
        if not name or facts.get("year") not in {None, str(last.year)}:
            parser.warnings.append(unused_column_warning(parser.sheet, heading))
        elif name in parser.columns:
            problem = f"is a second {_WORDS[name]} column; remove one"
            parser.faults.append(parser.sheet.fault(1, heading, problem))
        else:
            parser.columns[name] = heading
            as_of = _date(facts["date"]) if facts.get("date") else as_of
    return as_of


def unused_column_warning(sheet: Sheet, heading: str) -> OfficeWarning:
    """The warning that a column is not used."""
    return OfficeWarning(
        "file",
        str(sheet.file),
        1,
        Text(sv="Kolumnen ”{name}” används inte.", en="The column “{name}” is not used."),
        Text(sv="Rätta dess namn eller ta bort den.", en="Correct its name or remove it."),
        {"name": heading},
    )


def _date(text: str) -> date | None:
    digits = text.replace("-", "")
    try:
        return date.fromisoformat(digits if len(digits) == 8 else f"20{digits}")
    except ValueError:
        return None


def _take_rows(parser: _Parser) -> None:
    name_of = parser.sheet.headings[0]
    count = len(parser.sheet.rows)
    for n, (line, cells) in enumerate(parser.sheet.rows, start=1):
        name = cells[name_of]
        is_sum = name.lower() in _SUM or (not name and n == count)
        if is_sum and n == count:
            _check_sum(parser, line, cells)
        elif not name:
            parser.faults.append(parser.sheet.fault(line, "", "has no name; add one"))
        elif _SUBTOTAL.match(name.lower()):
            problem = f"{name!r} is a subtotal; remove it, since sums are computed"
            parser.faults.append(parser.sheet.fault(line, "", problem))
        else:
            _take_row(parser, line, name, cells)


def _take_row(parser: _Parser, line: int, name: str, cells: Mapping[str, str]) -> None:
    entered = {key: _amount(parser, line, key, cells) for key in parser.columns}
    if any(entered.get(key) is None for key in _NEEDED):
        return
    budget, outcome, forecast = (entered[key] or Decimal(0) for key in _NEEDED)
    amounts = LedgerAmounts(budget, outcome, forecast)
    if any(name == row.name for row in parser.rows):
        file = str(parser.sheet.file)
        parser.warnings.append(OfficeWarning("file", file, line, _TWICE, _KEEP_ONE, {"name": name}))
    parser.rows.append(LedgerRow(name, amounts))
    written = entered.get("deviation")
    if written is not None and written != amounts.deviation:
        parser.warn(
            line,
            Text(
                sv="{row}: avvikelsen skrivs som {written}, men budget minus prognos är {right}.",
                en="{row}: the deviation is given as {written}, but budget minus forecast is "
                "{right}.",
            ),
            _CORRECT,
            row=name,
            written=written,
            right=amounts.deviation,
        )


_TWICE = Text(sv="”{name}” finns två gånger.", en="“{name}” appears twice.")
_KEEP_ONE = Text(
    sv="Båda räknas; ta bort den ena om de är samma.",
    en="Both count; remove one if they are the same.",
)
_CORRECT = Text(
    sv="Dokumentet visar det uträknade; rätta talet i filen.",
    en="The document shows the computed value; correct the number in the file.",
)


def _check_sum(parser: _Parser, line: int, cells: Mapping[str, str]) -> None:
    """Compare the file's row of sums, whose cells may be empty, with the computed sums."""
    total = Ledger("", tuple(parser.rows), None).total
    if parser.faults:
        return  # the sum cannot be right without all rows
    for key in (*_NEEDED, "deviation"):
        if not cells.get(parser.columns.get(key, ""), ""):
            continue
        written, right = _amount(parser, line, key, cells), getattr(total, key)
        if written is not None and written != right:
            parser.warn(
                line,
                Text(
                    sv="Summan under {column} skrivs som {written}, men raderna ger {right}.",
                    en="The sum under {column} is given as {written}, but the rows give {right}.",
                ),
                _CORRECT,
                column=parser.columns[key],
                written=written,
                right=right,
            )


def _amount(parser: _Parser, line: int, key: str, cells: Mapping[str, str]) -> Decimal | None:
    """A cell's amount in tkr. None if it cannot be read (a fault) or is an empty deviation."""
    heading = parser.columns[key]
    text = cells[heading]
    if not text:
        if key != "deviation":
            problem = "is empty; write 0 for no amount"
            parser.faults.append(parser.sheet.fault(line, heading, problem))
        return None
    try:
        return parse_amount(text)
    except ValueError as error:
        parser.faults.append(parser.sheet.fault(line, heading, str(error)))
        return None


def parse_amount(text: str) -> Decimal:
    """An amount in tkr as people and Excel write it: ``-34 559``, ``– 34 559,5``, ``1 579 tkr``.

    Raises ValueError when the text is not an amount or is in another unit.
    """
    number = _MINUS.sub("-", text.strip())
    try:
        amount = Amount.parse(number)
    except NotAnAmount:
        raise _no_amount(text) from None  # whose examples are written for targets
    if amount.unit not in {None, UNIT} or amount.text in {"ja", "nej", "yes", "no"}:
        raise _no_amount(text)
    return amount.number


def _no_amount(text: str) -> ValueError:
    return ValueError(f"{text!r} is not an amount in {UNIT}: write it like 1579 or -34559")


def _unknown_organizations(sheet: Sheet, organizations: Iterable[str]) -> Iterator[OfficeWarning]:
    """Warnings of row names that are not organizations, if the first column is one of those."""
    name_of = sheet.headings[0]
    if name_of.lower() not in _ORGANIZATION:
        return
    known = {each.lower() for each in organizations} | _JOINT | _SUM | {""}
    for line, cells in sheet.rows:
        if cells[name_of].lower() not in known:
            yield OfficeWarning(
                "file",
                str(sheet.file),
                line,
                Text(sv="”{name}” är ingen av organisationerna i inställningarna.",
                     en="“{name}” is not one of the configured organizations."),
                Text(sv="Rätta namnet, eller lägg till den under organizations.",
                     en="Correct the name, or add it under organizations."),
                {"name": cells[name_of]},
            )  # fmt: skip
