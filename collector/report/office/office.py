"""Finds, reads and cross-checks the office's material for a report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal
from unicodedata import normalize

from collector.config.settings import Settings, fiscal_year
from collector.io.yaml import Fault, FaultyFile
from collector.model.bilingual import Text
from collector.model.periods import Period
from collector.report.office.climate import read_climate
from collector.report.office.commentary import read_commentary, unread_warning
from collector.report.office.decisions import parse_decisions
from collector.report.office.files import faults_with_file, read_sheet, read_text
from collector.report.office.folders import entries, folder_of, period_folders
from collector.report.office.ledgers import parse_ledger
from collector.report.office.meeting import read_meeting
from collector.report.office.model import Ledger, Meeting, Office, OfficeWarning, Part, Section
from collector.report.office.surplus import unknown_surpluses
from collector.report.office.texts import (
    PARTS,
    bare_name,
    name_and_language,
    parse_section,
    sort_key,
)

_YAML = (".yaml", ".yml")
FilePart = Part | Literal["meeting"]
_FILES: dict[str, FilePart] = {
    **PARTS,
    **dict.fromkeys(("meeting", "sammanträde", "sammantrade"), "meeting"),
}
_SUFFIXES: dict[FilePart, tuple[str, ...]] = {
    "decisions": (".csv", *_YAML),
    "economy": (".csv", *_YAML),
    "investments": (".csv", *_YAML),
    "climate": _YAML,
    "meeting": _YAML,
}


@dataclass(slots=True)
class _Reader:
    """The state of reading one report's folder."""

    settings: Settings
    period: Period
    parts: dict[FilePart, Path] = field(default_factory=dict)
    texts: list[Path] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    warnings: list[OfficeWarning] = field(default_factory=list)


def read_office(settings: Settings, period: Period) -> Office:
    """The office's material for a period; all of it is optional.

    Raises FaultyFile, with the faults of all files, when any file cannot be used.
    """
    root = Path(settings.committee.folder)
    folders, _ = period_folders(root, fiscal_year(settings))
    folder = folder_of(folders, period)
    reader = _Reader(settings, period)
    contents: dict[str, Any] = {}
    if folder is not None:
        _sort(reader, entries(folder.path))
        contents = _parts(reader)
        contents["sections"] = _sections(reader)
        reader.warnings += _homeless_climate(reader, contents)
    try:
        contents["commentary"], more = read_commentary(settings, period)
        reader.warnings += more
    except FaultyFile as faulty:
        reader.faults += faults_with_file(faulty)
    if reader.faults:
        raise FaultyFile(root, reader.faults)
    contents["files"] = _digests(reader, [Path(each.file) for each in contents["commentary"]])
    office = Office(**contents)
    ledgers = [each for each in (office.economy, office.investments) if each is not None]
    contradictions = unknown_surpluses(office.sections, ledgers, period.last.year)
    return Office(**contents, warnings=(*reader.warnings, *contradictions))


def _homeless_climate(reader: _Reader, contents: dict[str, Any]) -> Iterator[OfficeWarning]:
    """A warning if the chapter for the climate savings is not there."""
    wanted, file = reader.settings.report.climate_in, reader.parts.get("climate")
    names = {bare_name(each.name) for each in contents["sections"] if each.part is None}
    if file is not None and wanted and bare_name(wanted) not in names:
        yield OfficeWarning(
            "file",
            str(file),
            None,
            Text(sv="Kapitlet {wanted}, där klimatet ska stå (report.climate_in), finns inte.",
                 en="There is no chapter {wanted}, in which the climate is to stand "
                    "(report.climate_in)."),
            Text(sv="Klimatet får ett eget kapitel.", en="The climate gets a chapter of its own."),
            {"wanted": wanted},
        )  # fmt: skip


def _digests(reader: _Reader, comments: list[Path]) -> tuple[tuple[str, str], ...]:
    """Every file that was read as (last two folders and name, hexadecimal SHA-256)."""
    paths = sorted([*reader.parts.values(), *reader.texts, *comments])
    return tuple(
        ("/".join(each.parts[-3:]), sha256(each.read_bytes()).hexdigest()) for each in paths
    )


def read_all_offices(
    settings: Settings,
) -> tuple[list[tuple[Period, Office]], list[Fault], list[OfficeWarning]]:
    """Read the material of all periods: (period and material, faults, warnings).

    A period with a fault is left out. Warnings include files and folders that are not read.
    """
    fiscal = fiscal_year(settings)
    offices, faults, warnings = [], [], []
    try:
        folders, strays = period_folders(Path(settings.committee.folder), fiscal)
        comments, more = period_folders(Path(settings.committee.commentary), fiscal)
    except FaultyFile as faulty:
        return [], faults_with_file(faulty), []
    for path in (*strays, *more):
        why = "it is not a folder named after a period, such as 2020-07 or 2020-01..2020-07"
        sv = "det är ingen mapp som heter som en period, till exempel 2020-07"
        warnings.append(unread_warning(path, why, sv=sv))
    for path, key in _missing(settings):
        why = f"committee.{key} in the configuration names it, but it is not a folder"
        sv = f"inställningarna anger den under committee.{key}, och den är ingen mapp"
        warnings.append(unread_warning(path, why, sv=sv))
    dates = {(f.period.first, f.period.after): f.period for f in (*comments, *folders)}
    for period in dates.values():
        try:
            offices.append((period, read_office(settings, period)))
        except FaultyFile as faulty:
            faults += faults_with_file(faulty)
    for _, office in offices:
        warnings += office.warnings
    return offices, list(dict.fromkeys(faults)), _once(warnings)


def _missing(settings: Settings) -> Iterator[tuple[Path, str]]:
    """Folders that the configuration names but that do not exist."""
    for key in settings.committee.model_fields_set:
        path = Path(getattr(settings.committee, key))
        if not path.is_dir():
            yield path, key


def _once(warnings: list[OfficeWarning]) -> list[OfficeWarning]:
    """Each warning once: a month's commentary is read with every report that ends in it."""
    return list({(d.file, d.line, d.what.en, str(d.values)): d for d in warnings}.values())


def _sort(reader: _Reader, paths: list[Path]) -> None:
    """Sort files into parts, texts, and those that are not read."""
    for path in paths:
        name = normalize("NFC", path.stem.lower())
        part = _FILES.get(name)
        if path.is_dir():
            reader.warnings.append(unread_warning(path, "it is a folder", sv="det är en mapp"))
        elif name_and_language(path.name):
            reader.texts.append(path)
        elif part is None:
            near = get_close_matches(name, _FILES, n=1)
            hint = f"; did you mean {near[0]}" if near else ""
            hint_sv = f"; menas {near[0]}" if near else ""
            why = f"no part of the report has that name{hint}"
            sv = f"ingen del av rapporten heter så{hint_sv}"
            reader.warnings.append(unread_warning(path, why, sv=sv))
        elif path.suffix.lower() not in _SUFFIXES[part]:
            forms = " or ".join(_SUFFIXES[part])
            sv = f"spara den som {forms.replace(' or ', ' eller ')}"
            reader.warnings.append(unread_warning(path, f"save it as {forms}", sv=sv))
        elif part in reader.parts:
            problem = f"also exists as {reader.parts[part].name}; keep one of them"
            reader.faults.append(Fault(problem, file=str(path)))
        else:
            reader.parts[part] = path


def _parts(reader: _Reader) -> dict[str, Any]:
    """The parts with tables, by name; faults and warnings are added to the reader."""
    readers: dict[FilePart, Callable[[_Reader, Path], Any]] = {
        "decisions": _decisions,
        "economy": _ledger,
        "investments": _ledger,
        "climate": _climate,
        "meeting": _meeting,
    }
    parts: dict[str, Any] = {}
    for part, path in reader.parts.items():
        try:
            parts[part] = readers[part](reader, path)
        except FaultyFile as faulty:
            reader.faults += faults_with_file(faulty)
    return parts


def _ledger(reader: _Reader, path: Path) -> Ledger | None:
    organizations = reader.settings.organizations
    table, faults, warnings = parse_ledger(read_sheet(path), reader.period.last, organizations)
    reader.faults += faults
    reader.warnings += warnings
    return table


def _decisions(reader: _Reader, path: Path) -> Any:
    entries, faults, warnings = parse_decisions(read_sheet(path))
    reader.faults += faults
    reader.warnings += warnings
    return entries


def _climate(reader: _Reader, path: Path) -> Any:
    savings, warnings = read_climate(path)
    reader.warnings += warnings
    return savings


def _meeting(reader: _Reader, path: Path) -> Meeting:
    return read_meeting(path)


def _sections(reader: _Reader) -> tuple[Section, ...]:
    sections: list[Section] = []
    for path in reader.texts:
        try:
            sections.append(parse_section(str(path), read_text(path)))
        except FaultyFile as faulty:
            reader.faults += faults_with_file(faulty)
            continue
        new = sections[-1]
        for other in sections[:-1]:
            if (other.part or other.name, other.language) == (new.part or new.name, new.language):
                problem = f"also exists as {Path(other.file).name}; keep one of them"
                reader.faults.append(Fault(problem, file=new.file))
    return tuple(sorted(sections, key=lambda each: (sort_key(each.name), each.file)))
