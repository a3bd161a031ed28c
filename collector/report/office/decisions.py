"""The board's decisions and their status. Pure."""

from __future__ import annotations

from collector.io.yaml import Fault
from collector.model.bilingual import Text
from collector.report.office.files import Sheet
from collector.report.office.ledgers import unused_column_warning
from collector.report.office.model import Decision, OfficeWarning

_NAMES = {
    "beslut": "decision", "decision": "decision", "status": "status", "läge": "status",
    "kommentar": "comment", "comment": "comment",
}  # fmt: skip


def parse_decisions(sheet: Sheet) -> tuple[tuple[Decision, ...], list[Fault], list[OfficeWarning]]:
    """Parse a sheet (Beslut, Status, Kommentar): (decisions, faults, warnings).

    There are no decisions if a column is missing or present twice.
    """
    columns: dict[str, str] = {}
    faults: list[Fault] = []
    warnings: list[OfficeWarning] = []
    for heading in sheet.headings:
        name = _NAMES.get(heading.lower())
        if name is None:
            warnings.append(unused_column_warning(sheet, heading))
        elif name in columns:
            problem = f"has the same meaning as the column {columns[name]}; remove one"
            faults.append(sheet.fault(1, heading, problem))
        else:
            columns[name] = heading
    for name, word in (("decision", "Beslut"), ("status", "Status")):
        if name not in columns:
            problem = f"has no column {word}; there are: {', '.join(sheet.headings)}"
            faults.append(sheet.fault(1, "", problem))
    if faults:
        return (), faults, warnings
    entries = []
    for line, cells in sheet.rows:
        decision = Decision(*(cells.get(columns.get(key, ""), "") for key in _KEYS))
        if not decision.decision:
            faults.append(sheet.fault(line, columns["decision"], "is empty; write the decision"))
        if not decision.status:
            warnings.append(OfficeWarning("file", str(sheet.file), line, _NO_STATUS, _WRITE_STATUS))
        entries.append(decision)
    return tuple(entries), faults, warnings


_KEYS = ("decision", "status", "comment")
_NO_STATUS = Text(sv="Beslutet har ingen status.", en="The decision has no status.")
_WRITE_STATUS = Text(sv="Skriv den, till exempel Pågår.", en="Add one, such as Pågår.")
