"""Reads the values file: figures and forecasts that people enter beside the configuration.

It is CSV (comma or semicolon) or YAML (a list of entries), with the columns or keys indicator,
organization, date, value, forecast, comment and set_by. All faults are reported at once, each with
its line; a file with faults changes nothing.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from collector.config.indicators import Indicator
from collector.config.settings import Settings
from collector.io.yaml import SIZE_LIMIT, Fault, FaultyFile, read_yaml
from collector.model.fields import parse_day
from collector.model.quantities import Amount

COLUMNS = ("indicator", "organization", "date", "value", "forecast", "comment", "set_by")
_REQUIRED = frozenset({"indicator", "date"})

Key = tuple[str, str | None, date]


@dataclass(slots=True)
class _Reading:
    """The state while the file is read: the indicators with the entries so far, and the faults."""

    settings: Settings
    file: Path
    indicators: dict[str, Indicator]
    first_line: dict[Key, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, line: int, column: str, text: str) -> None:
        """Adds a fault."""
        self.faults.append(Fault(text, column, line, str(self.file)))


def with_values_file(settings: Settings) -> tuple[Settings, list[Fault]]:
    """The settings with the entries of their values file, and the faults of that file.

    Where there are faults, the settings have only the entries without any.
    """
    if settings.values_file is None:
        return settings, []
    file = Path(settings.values_file)
    try:
        rows = list(_yaml_rows(file) if file.suffix in {".yaml", ".yml"} else _csv_rows(file))
    except FaultyFile as faulty:
        return settings, [
            Fault(each.message, each.path, each.line, str(file)) for each in faulty.faults
        ]
    reading = _Reading(settings, file, dict(settings.indicators))
    for name, indicator in settings.indicators.items():
        reading.first_line |= {(name, each.organization, each.date): 0 for each in indicator.given}
    for line, row in rows:
        _add(reading, line, row)
    return settings.model_copy(update={"indicators": reading.indicators}), reading.faults


def same_except_values(one: Settings, other: Settings) -> bool:
    """Whether two configurations differ only in the figures and forecasts that people entered."""
    return _without_values(one) == _without_values(other)


def _without_values(settings: Settings) -> Settings:
    indicators = {name: each.with_given([]) for name, each in settings.indicators.items()}
    return settings.model_copy(update={"indicators": indicators})


def _csv_rows(file: Path) -> list[tuple[int, Mapping[str, Any]]]:
    """(line, row) pairs of a CSV file, without empty cells and rows.

    Raises FaultyFile if the file cannot be read, or if its header or any row is wrong.
    """
    try:
        with file.open("rb") as stream:
            content = stream.read(SIZE_LIMIT + 1)
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise FaultyFile(file, [Fault(f"cannot be read: {error.strerror}")]) from None
    except UnicodeDecodeError:
        raise FaultyFile(file, [Fault("is not UTF-8 text; save it as CSV UTF-8")]) from None
    if len(content) > SIZE_LIMIT:
        raise FaultyFile(file, [Fault(f"is larger than {SIZE_LIMIT // 1024} KiB")])
    header = text.partition("\n")[0]
    delimiter = ";" if header.count(";") > header.count(",") else ","
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[tuple[int, Mapping[str, Any]]] = []
    faults: list[Fault] = []
    try:
        names = [name.strip().lower().replace(" ", "_") for name in next(lines, [])]
        _check_names(file, names)
        for cells in lines:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(names):
                too_many = len(cells) > len(names)
                remedy = f"quote cells that contain {delimiter}" if too_many else "keep empty cells"
                problem = f"has {len(cells)} cells, but there are {len(names)} columns; {remedy}"
                faults.append(Fault(problem, line=lines.line_num))
                continue
            named = zip(names, cells, strict=True)
            rows.append((lines.line_num, {n: cell.strip() for n, cell in named if cell.strip()}))
    except csv.Error as error:
        faults.append(Fault(f"is not valid CSV: {error}", line=lines.line_num))
    if faults:
        raise FaultyFile(file, faults)
    return rows


def _check_names(file: Path, names: list[str]) -> None:
    unknown = [name for name in names if name not in COLUMNS]
    missing = sorted(_REQUIRED - set(names))
    faults = [Fault(f"has an unknown column {name!r}", line=1) for name in unknown]
    faults += [Fault(f"has no column {name}", line=1) for name in missing]
    if faults:
        known = f"; known columns: {', '.join(COLUMNS)}"
        faults = [Fault(each.message + known, line=1) for each in faults]
    twice = sorted({name for name in names if names.count(name) > 1} & set(COLUMNS))
    faults += [Fault(f"has the column {name} twice; remove one", line=1) for name in twice]
    if faults:
        raise FaultyFile(file, faults)


def _yaml_rows(file: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """(line, entry) pairs of a YAML file.

    Raises FaultyFile if the file cannot be read or is not a list of entries with known keys.
    """
    read = read_yaml(file)
    if not isinstance(read.data, list):
        raise FaultyFile(file, [Fault("must be a list of entries, each with indicator and date")])
    for index, entry in enumerate(read.data):
        line = read.line_of((index,)) or 1
        if not isinstance(entry, dict):
            problem = "an entry must have keys with values, such as indicator, date and value"
            raise FaultyFile(file, [Fault(problem, line=line)])
        if unknown := sorted(set(map(str, entry)) - set(COLUMNS)):
            problem = f"{unknown[0]!r} is not a known key; known: {', '.join(COLUMNS)}"
            raise FaultyFile(file, [Fault(problem, line=line)])
        yield line, {str(key): value for key, value in entry.items() if value is not None}


def _add(reading: _Reading, line: int, row: Mapping[str, Any]) -> None:
    """Adds one entry to its indicator, or its faults to the list."""
    before = len(reading.faults)
    name, organization = row.get("indicator"), row.get("organization")
    indicator = reading.indicators.get(str(name))
    if indicator is None:
        problem = "is empty" if name is None else f"there is no indicator {name!r}"
        reading.fault(line, "indicator", problem)
    if organization is not None and organization not in reading.settings.organizations:
        problem = f"{organization!r} is not listed under organizations in the configuration"
        reading.fault(line, "organization", problem)
    day = _date(reading, line, row.get("date"))
    amounts = {key: _amount(reading, line, key, row.get(key)) for key in ("value", "forecast")}
    if indicator is None or day is None or len(reading.faults) > before:
        return
    key = (str(name), organization, day)
    if key in reading.first_line:
        first = reading.first_line[key]
        where = f"on line {first}" if first else "in the configuration"
        problem = f"{day} already has an entry for the same indicator and organization ({where})"
        reading.fault(line, "date", problem)
        return
    reading.first_line[key] = line
    for column, amount in amounts.items():
        if amount is not None and (mismatch := indicator.amount_problem(column, amount)):
            reading.fault(line, column, mismatch)
    if len(reading.faults) == before and not any(amounts.values()):
        reading.fault(line, "value", "is empty, and so is forecast: enter at least one")
    if len(reading.faults) > before:
        return
    keys: dict[str, Any] = {"date": day, "organization": organization}
    keys |= {key: str(row[key]) for key in ("comment", "set_by") if key in row}
    entry = indicator.entry(keys, amounts)
    reading.indicators[str(name)] = indicator.with_given([*indicator.given, entry])


def _date(reading: _Reading, line: int, value: Any) -> date | None:
    try:
        return parse_day(value)
    except ValueError:
        problem = f"{str(value)!r} is not a date: write it as in 2020-07-31"
        reading.fault(line, "date", "is empty" if value is None else problem)
        return None


def _amount(reading: _Reading, line: int, key: str, value: Any) -> Amount | None:
    if value is None:
        return None
    try:
        return Amount.parse(value)
    except ValueError as error:
        reading.fault(line, key, str(error))
        return None
