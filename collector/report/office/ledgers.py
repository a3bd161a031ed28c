"""The economy and the investments: amounts per row, the sum computed and checked. Pure."""

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
from collector.report.office.model import UNIT, Amounts, Doubt, Ledger, LedgerRow

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
class _Reading:
    """What was read so far of one sheet."""

    sheet: Sheet
    columns: dict[str, str]
    rows: list[LedgerRow] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)

    def doubt(self, line: int, what: Text, todo: Text, **values: str | Decimal) -> None:
        """Note that numbers contradict each other."""
        self.doubts.append(Doubt("figures", str(self.sheet.file), line, what, todo, values))


def ledger(
    sheet: Sheet, last: date, organizations: Sequence[str]
) -> tuple[Ledger | None, list[Fault], list[Doubt]]:
    """The ledger of a sheet whose first column names the rows; its faults, its doubts.

    ``last``: the last date of the report, with which the outcome's date is compared. Amounts are
    exact. A row's deviation and the row of the sum are computed; what is written is compared.
    """
    reading = _Reading(sheet, {})
    as_of = _take_headings(reading, last)
    for name in _NEEDED:
        if name not in reading.columns:
            there = ", ".join(sheet.headings[1:]) or "none"
            problem = f"has no column {_WORDS[name]}; there are: {there}"
            reading.faults.append(sheet.fault(1, "", problem))
    if not reading.faults:
        _take_rows(reading)
        reading.doubts += _unknown_organizations(sheet, organizations)
    if not reading.rows and not reading.faults:
        reading.faults.append(sheet.fault(None, "", "has no rows; add one, or remove the file"))
    if as_of is not None and as_of != last:
        reading.doubt(
            1,
            Text(sv="Utfallet gäller till {as_of}, rapporten till {last}.",
                 en="The outcome is as of {as_of}, the report ends {last}."),
            Text(sv="Hämta utfallet för rapportens sista dag.",
                 en="Take the outcome of the report's last day."),
            as_of=as_of.isoformat(),
            last=last.isoformat(),
        )  # fmt: skip
    if reading.faults:
        return None, reading.faults, reading.doubts
    return Ledger(str(sheet.file), tuple(reading.rows), as_of), [], reading.doubts


def _take_headings(reading: _Reading, last: date) -> date | None:
    """Find our columns among the headings; the date in the outcome's heading."""
    as_of = None
    for heading in reading.sheet.headings[1:]:
        plain = re.sub(r"\s*\(tkr\)|,? tkr$", "", " ".join(heading.lower().split()))
        found = [(name, m) for name, form in _COLUMNS.items() if (m := form.fullmatch(plain))]
        name, match = found[0] if found else ("", None)
        facts = match.groupdict() if match else {}
        if not name or facts.get("year") not in {None, str(last.year)}:
            reading.doubts.append(unread_column(reading.sheet, heading))
        elif name in reading.columns:
            problem = f"is a second column of {_WORDS[name]}; remove one"
            reading.faults.append(reading.sheet.fault(1, heading, problem))
        else:
            reading.columns[name] = heading
            as_of = _date(facts["date"]) if facts.get("date") else as_of
    return as_of


def unread_column(sheet: Sheet, heading: str) -> Doubt:
    """A column that no table shows."""
    return Doubt(
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


def _take_rows(reading: _Reading) -> None:
    name_of = reading.sheet.headings[0]
    count = len(reading.sheet.rows)
    for n, (line, cells) in enumerate(reading.sheet.rows, start=1):
        name = cells[name_of]
        is_sum = name.lower() in _SUM or (not name and n == count)
        if is_sum and n == count:
            _check_sum(reading, line, cells)
        elif not name:
            reading.faults.append(reading.sheet.fault(line, "", "has no name; write one"))
        elif _SUBTOTAL.match(name.lower()):
            problem = f"{name!r} is a sum among the rows; remove it: sums are computed"
            reading.faults.append(reading.sheet.fault(line, "", problem))
        else:
            _take_row(reading, line, name, cells)


def _take_row(reading: _Reading, line: int, name: str, cells: Mapping[str, str]) -> None:
    given = {key: _amount(reading, line, key, cells) for key in reading.columns}
    if any(given.get(key) is None for key in _NEEDED):
        return
    budget, outcome, forecast = (given[key] or Decimal(0) for key in _NEEDED)
    amounts = Amounts(budget, outcome, forecast)
    if any(name == row.name for row in reading.rows):
        file = str(reading.sheet.file)
        reading.doubts.append(Doubt("file", file, line, _TWICE, _KEEP_ONE, {"name": name}))
    reading.rows.append(LedgerRow(name, amounts))
    written = given.get("deviation")
    if written is not None and written != amounts.deviation:
        reading.doubt(
            line,
            Text(
                sv="{row}: avvikelsen skrivs som {written}, men budget minus prognos är {right}.",
                en="{row}: the deviation is written as {written}, but budget less forecast is "
                "{right}.",
            ),
            _CORRECT,
            row=name,
            written=written,
            right=amounts.deviation,
        )


_TWICE = Text(sv="”{name}” finns två gånger.", en="“{name}” is there twice.")
_KEEP_ONE = Text(
    sv="Båda räknas; ta bort den ena om de är samma.",
    en="Both count; remove one if they are the same.",
)
_CORRECT = Text(
    sv="Dokumentet visar det uträknade; rätta talet i filen.",
    en="The document shows what was computed; correct the number in the file.",
)


def _check_sum(reading: _Reading, line: int, cells: Mapping[str, str]) -> None:
    """Compare a written row of the sum, whose cells may be empty, with the sum."""
    total = Ledger("", tuple(reading.rows), None).total
    if reading.faults:
        return  # without all rows no sum can be right
    for key in (*_NEEDED, "deviation"):
        if not cells.get(reading.columns.get(key, ""), ""):
            continue
        written, right = _amount(reading, line, key, cells), getattr(total, key)
        if written is not None and written != right:
            reading.doubt(
                line,
                Text(
                    sv="Summan under {column} skrivs som {written}, men raderna ger {right}.",
                    en="The sum under {column} is written as {written}, but the rows give {right}.",
                ),
                _CORRECT,
                column=reading.columns[key],
                written=written,
                right=right,
            )


def _amount(reading: _Reading, line: int, key: str, cells: Mapping[str, str]) -> Decimal | None:
    """A cell's amount; None with a fault where it cannot be read, or (a deviation) is not given."""
    heading = reading.columns[key]
    text = cells[heading]
    if not text:
        if key != "deviation":
            problem = "is empty; write 0 where it is nothing"
            reading.faults.append(reading.sheet.fault(line, heading, problem))
        return None
    try:
        return parse_amount(text)
    except ValueError as error:
        reading.faults.append(reading.sheet.fault(line, heading, str(error)))
        return None


def parse_amount(text: str) -> Decimal:
    """An amount in tkr as people and Excel write it: ``-34 559``, ``– 34 559,5``, ``1 579 tkr``.

    Raises ValueError that says why it cannot be read.
    """
    number = _MINUS.sub("-", text.strip())
    try:
        amount = Amount.parse(number)
    except NotAnAmount:
        raise _no_amount(text) from None  # its examples are those of targets
    if amount.unit not in {None, UNIT} or amount.text in {"ja", "nej", "yes", "no"}:
        raise _no_amount(text)
    return amount.number


def _no_amount(text: str) -> ValueError:
    return ValueError(f"{text!r} is not an amount in {UNIT}: write it as in 1579 or -34559")


def _unknown_organizations(sheet: Sheet, organizations: Iterable[str]) -> Iterator[Doubt]:
    """Names of rows that are no organizations, where the first column says that they are."""
    name_of = sheet.headings[0]
    if name_of.lower() not in _ORGANIZATION:
        return
    known = {each.lower() for each in organizations} | _JOINT | _SUM | {""}
    for line, cells in sheet.rows:
        if cells[name_of].lower() not in known:
            yield Doubt(
                "file",
                str(sheet.file),
                line,
                Text(sv="”{name}” är ingen av organisationerna i inställningarna.",
                     en="“{name}” is not one of organizations."),
                Text(sv="Rätta namnet, eller lägg till den under organizations.",
                     en="Correct the name, or add it under organizations."),
                {"name": cells[name_of]},
            )  # fmt: skip
