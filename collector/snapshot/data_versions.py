"""Which data about holidays and time zones the figures were computed with."""

from __future__ import annotations

import re
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from zoneinfo import TZPATH

_VERSION = re.compile(r"# version (\S+)")
_UNKNOWN = "unknown"


def data_versions(timezone: str) -> dict[str, str]:
    """The versions of ``holidays`` and of the time zone data that a zone is read from."""
    return {"holidays": _package("holidays"), "tzdata": _tzdata(timezone)}


def _package(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return _UNKNOWN


def _tzdata(timezone: str) -> str:
    """The system's data come before those of the package, as ``zoneinfo`` has it."""
    for folder in map(Path, TZPATH):
        if (folder / timezone).is_file():
            return _of_system(folder)
    try:
        return str(import_module("tzdata").IANA_VERSION)
    except ModuleNotFoundError:
        return _UNKNOWN


def _of_system(folder: Path) -> str:
    for name in ("tzdata.zi", "+VERSION"):
        try:
            with (folder / name).open(encoding="ascii") as file:
                line = file.readline().strip()
        except (OSError, UnicodeDecodeError):
            continue
        match = _VERSION.match(line)
        return match[1] if match else line or _UNKNOWN
    return _UNKNOWN
