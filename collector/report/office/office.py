"""Everything that the office keeps for one report: found, read, compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path
from typing import Any

from collector.config.settings import Settings, fiscal_year
from collector.io.yaml import Fault, FaultyFile
from collector.model.periods import Period
from collector.report.office.climate import read_climate
from collector.report.office.commentary import read_commentary, unread
from collector.report.office.decisions import decisions
from collector.report.office.files import placed, read_sheet, read_text
from collector.report.office.folders import entries, folder_of, period_folders
from collector.report.office.ledgers import ledger
from collector.report.office.model import Doubt, Ledger, Office, Part, Section
from collector.report.office.surplus import unknown_surpluses
from collector.report.office.texts import PARTS, name_and_language, order, section

_YAML = (".yaml", ".yml")
_SUFFIXES: dict[Part, tuple[str, ...]] = {
    "decisions": (".csv", *_YAML),
    "economy": (".csv", *_YAML),
    "investments": (".csv", *_YAML),
    "climate": _YAML,
}


@dataclass(slots=True)
class _Reading:
    """What was read so far of the folder of one report."""

    settings: Settings
    period: Period
    parts: dict[Part, Path] = field(default_factory=dict)
    texts: list[Path] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)


def read_office(settings: Settings, period: Period) -> Office:
    """What the office keeps for a period: all of it optional.

    Raises FaultyFile with every fault of every file.
    """
    root = Path(settings.committee.folder)
    folders, _ = period_folders(root, fiscal_year(settings))
    folder = folder_of(folders, period)
    reading = _Reading(settings, period)
    read: dict[str, Any] = {}
    if folder is not None:
        _sort(reading, entries(folder.path))
        read = _parts(reading)
        read["sections"] = _sections(reading)
    try:
        read["commentary"], doubtful = read_commentary(settings, period)
        reading.doubts += doubtful
    except FaultyFile as faulty:
        reading.faults += placed(faulty)
    if reading.faults:
        raise FaultyFile(root, reading.faults)
    read["files"] = _digests(reading, [Path(each.file) for each in read["commentary"]])
    office = Office(**read)
    ledgers = [each for each in (office.economy, office.investments) if each is not None]
    said = unknown_surpluses(office.sections, ledgers, period.last.year)
    return Office(**read, warnings=(*reading.doubts, *said))


def _digests(reading: _Reading, comments: list[Path]) -> tuple[tuple[str, str], ...]:
    """The last two folders and the name, and SHA-256, of every file that was read."""
    paths = sorted([*reading.parts.values(), *reading.texts, *comments])
    return tuple(
        ("/".join(each.parts[-3:]), sha256(each.read_bytes()).hexdigest()) for each in paths
    )


def examine_offices(
    settings: Settings,
) -> tuple[list[tuple[Period, Office]], list[Fault], list[Doubt]]:
    """Every report's files that can be read, every fault, and what lies where nobody looks."""
    fiscal = fiscal_year(settings)
    offices, faults, doubts = [], [], []
    try:
        folders, strays = period_folders(Path(settings.committee.folder), fiscal)
        comments, more = period_folders(Path(settings.committee.commentary), fiscal)
    except FaultyFile as faulty:
        return [], placed(faulty), []
    for path in (*strays, *more):
        why = "it is no folder called as a period, such as 2020-07 or 2020-01..2020-07"
        sv = "det är ingen mapp som heter som en period, till exempel 2020-07"
        doubts.append(unread(path, why, sv=sv))
    for path, key in _missing(settings):
        why = f"the configuration names it under committee.{key}, and it is no folder"
        sv = f"inställningarna anger den under committee.{key}, och den är ingen mapp"
        doubts.append(unread(path, why, sv=sv))
    dates = {(f.period.first, f.period.after): f.period for f in (*comments, *folders)}
    for period in dates.values():
        try:
            offices.append((period, read_office(settings, period)))
        except FaultyFile as faulty:
            faults += placed(faulty)
    for _, office in offices:
        doubts += office.warnings
    return offices, list(dict.fromkeys(faults)), _once(doubts)


def _missing(settings: Settings) -> Iterator[tuple[Path, str]]:
    """Folders that the configuration names and that are not there."""
    for key in settings.committee.model_fields_set:
        path = Path(getattr(settings.committee, key))
        if not path.is_dir():
            yield path, key


def _once(doubts: list[Doubt]) -> list[Doubt]:
    """Each doubt once; commentary of a month is read with every report that ends in it."""
    return list({(d.file, d.line, d.what.en, str(d.values)): d for d in doubts}.values())


def _sort(reading: _Reading, paths: list[Path]) -> None:
    """Which file is which part, which are texts, and which nobody reads."""
    for path in paths:
        part = PARTS.get(path.stem.lower())
        if path.is_dir():
            reading.doubts.append(unread(path, "it is a folder", sv="det är en mapp"))
        elif name_and_language(path.name):
            reading.texts.append(path)
        elif part is None:
            near = get_close_matches(path.stem.lower(), PARTS, n=1)
            hint = f"; did you mean {near[0]}" if near else ""
            hint_sv = f"; menas {near[0]}" if near else ""
            why = f"no part of the report is called so{hint}"
            sv = f"ingen del av rapporten heter så{hint_sv}"
            reading.doubts.append(unread(path, why, sv=sv))
        elif path.suffix.lower() not in _SUFFIXES[part]:
            forms = " or ".join(_SUFFIXES[part])
            sv = f"spara den som {forms.replace(' or ', ' eller ')}"
            reading.doubts.append(unread(path, f"save it as {forms}", sv=sv))
        elif part in reading.parts:
            problem = f"is there as {reading.parts[part].name}, too; keep one of them"
            reading.faults.append(Fault(problem, file=str(path)))
        else:
            reading.parts[part] = path


def _parts(reading: _Reading) -> dict[str, Any]:
    """The parts with tables, by their names; the faults and doubts go to the reading."""
    readers: dict[Part, Callable[[_Reading, Path], Any]] = {
        "decisions": _decisions,
        "economy": _ledger,
        "investments": _ledger,
        "climate": _climate,
    }
    found: dict[str, Any] = {}
    for part, path in reading.parts.items():
        try:
            found[part] = readers[part](reading, path)
        except FaultyFile as faulty:
            reading.faults += placed(faulty)
    return found


def _ledger(reading: _Reading, path: Path) -> Ledger | None:
    organizations = reading.settings.organizations
    found, faults, doubts = ledger(read_sheet(path), reading.period.last, organizations)
    reading.faults += faults
    reading.doubts += doubts
    return found


def _decisions(reading: _Reading, path: Path) -> Any:
    found, faults, doubts = decisions(read_sheet(path))
    reading.faults += faults
    reading.doubts += doubts
    return found


def _climate(reading: _Reading, path: Path) -> Any:
    found, doubts = read_climate(path)
    reading.doubts += doubts
    return found


def _sections(reading: _Reading) -> tuple[Section, ...]:
    found: list[Section] = []
    for path in reading.texts:
        try:
            found.append(section(str(path), read_text(path)))
        except FaultyFile as faulty:
            reading.faults += placed(faulty)
            continue
        new = found[-1]
        for other in found[:-1]:
            if (other.part or other.name, other.language) == (new.part or new.name, new.language):
                problem = f"is there as {Path(other.file).name}, too; keep one of them"
                reading.faults.append(Fault(problem, file=new.file))
    return tuple(sorted(found, key=lambda each: (order(each.name), each.file)))
