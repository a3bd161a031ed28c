"""Reads files written in offices: text in Windows encodings, CSV as a Swedish Excel saves it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from unicodedata import normalize

from collector.io.yaml import SIZE_LIMIT, Fault, FaultyFile, read_yaml

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_SEPARATOR = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table from a file: headings, and (line, {heading: cell}) for each row, cells trimmed."""

    file: Path
    headings: tuple[str, ...]
    rows: tuple[tuple[int, Mapping[str, str]], ...]

    def fault(self, line: int | None, column: str, text: str) -> Fault:
        """A fault in this file, at a line and column where they are known."""
        return Fault(text, column, line, str(self.file))


def read_text(file: Path) -> str:
    """The text of a file in UTF-8, Windows-1252 (if it is not valid UTF-8), or UTF-16 with a BOM.

    Letters are composed (NFC: Å is one character) and line ends are ``\\n``. Raises FaultyFile when
    the file cannot be read or decoded, is larger than SIZE_LIMIT or has a control character.
    """
    try:
        with file.open("rb") as stream:
            content = stream.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise FaultyFile(file, [Fault(f"cannot be read: {error.strerror}")]) from None
    if len(content) > SIZE_LIMIT:
        raise FaultyFile(file, [Fault(f"is larger than {SIZE_LIMIT // 1024} KiB")])
    text = normalize("NFC", _decoded(file, content)).replace("\r\n", "\n").replace("\r", "\n")
    if found := _CONTROL.search(text):
        line = text.count("\n", 0, found.start()) + 1
        problem = f"contains a control character ({ord(found[0]):#04x}); remove it"
        raise FaultyFile(file, [Fault(problem, line=line)])
    return text


def _decoded(file: Path, content: bytes) -> str:
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FaultyFile(file, [Fault("is not readable text; save it as UTF-8")])


def read_sheet(file: Path) -> Sheet:
    """A table from CSV (semicolon, comma or tab) or YAML (a list of mappings).

    Raises FaultyFile when the file cannot be read, has no headings or repeats one, or has a row
    that does not fit them.
    """
    try:
        return _yaml_sheet(file) if file.suffix in {".yaml", ".yml"} else _csv_sheet(file)
    except FaultyFile as faulty:
        raise FaultyFile(file, faults_with_file(faulty)) from None


def faults_with_file(faulty: FaultyFile) -> list[Fault]:
    """The faults of a file, each with the file's name."""
    return [Fault(f.message, f.path, f.line, f.file or str(faulty.file)) for f in faulty.faults]


def _csv_sheet(file: Path) -> Sheet:
    text = read_text(file)
    skipped = _SEPARATOR.match(text)
    begin = skipped.end() if skipped else 0
    header = text[begin:].partition("\n")[0]
    delimiter = skipped[1] if skipped else max(";\t,", key=header.count)
    reader = csv.reader(io.StringIO(text[begin:], newline=""), delimiter=delimiter, strict=True)
    try:
        headings = [trimmed(name) for name in next(reader, [])]
        cells = list(_cells(reader, bool(skipped)))
    except csv.Error as error:
        problem = f"is not valid CSV: {error}"
        raise FaultyFile(file, [Fault(problem, line=reader.line_num + bool(skipped))]) from None
    while (
        headings and not headings[-1] and not any(any(row[len(headings) - 1 :]) for _, row in cells)
    ):
        headings.pop()
    _check_headings(file, headings, 1 + bool(skipped))
    faults, rows = [], []
    for line, row in cells:
        if len(row) < len(headings) or any(row[len(headings) :]):
            advice = f"quote cells that contain {delimiter!r} and leave no cell out"
            problem = f"has {len(row)} cells under {len(headings)} headings; {advice}"
            faults.append(Fault(problem, line=line))
        rows.append((line, dict(zip(headings, row, strict=False))))
    if faults:
        raise FaultyFile(file, faults)
    return Sheet(file, tuple(headings), tuple(rows))


def _cells(reader: Iterator[list[str]], skipped: bool) -> Iterator[tuple[int, list[str]]]:
    """(first line, cells) of each non-empty row; ``skipped``: a ``sep=`` line came before them."""
    begin = reader.line_num  # type: ignore[attr-defined]
    for row in reader:
        cells = [trimmed(cell) for cell in row]
        if any(cells):
            yield begin + 1 + skipped, cells
        begin = reader.line_num  # type: ignore[attr-defined]


def _check_headings(file: Path, headings: list[str], line: int) -> None:
    if not headings:
        raise FaultyFile(file, [Fault("is empty; write headings in its first row")])
    lower = [each.lower() for each in headings]
    twice = sorted({name for name in lower if lower.count(name) > 1})
    faults = [Fault(f"has the heading {name!r} twice; remove one", line=line) for name in twice]
    if faults:
        raise FaultyFile(file, faults)


def _yaml_sheet(file: Path) -> Sheet:
    read = read_yaml(file)
    if not isinstance(read.data, list) or not read.data:
        raise FaultyFile(
            file, [Fault("must be a list of rows, each a mapping of column names to values")]
        )
    headings: dict[str, None] = {}
    faults: list[Fault] = []
    rows = []
    for index, entry in enumerate(read.data):
        line = read.line_of((index,)) or 1
        if not isinstance(entry, dict):
            faults.append(Fault("must be a mapping of column names to values", line=line))
            continue
        cells: dict[str, str] = {}
        for key, value in entry.items():
            if isinstance(value, bool | list | dict):
                at = read.line_of((index, str(key)))
                faults.append(Fault("must be a number or text in quotes", str(key), at))
                continue
            cells[trimmed(str(key))] = _scalar(value)
        headings |= dict.fromkeys(cells)
        rows.append((line, cells))
    if faults:
        raise FaultyFile(file, faults)
    whole = [(line, {name: cells.get(name, "") for name in headings}) for line, cells in rows]
    return Sheet(file, tuple(headings), tuple(whole))


def _scalar(value: object) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else trimmed(str(value))


def trimmed(text: str) -> str:
    """The text without surrounding spaces, line breaks as one space, letters composed (NFC)."""
    return " ".join(line.strip() for line in normalize("NFC", text).split("\n") if line.strip())
