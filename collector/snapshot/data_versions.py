"""Versions of the holiday and time zone data that figures are computed with."""

from __future__ import annotations

import re
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from zoneinfo import TZPATH

_VERSION = re.compile(r"# version (\S+)")
_UNKNOWN = "unknown"


def data_versions(timezone: str) -> dict[str, str]:
    """Return the versions of ``holidays`` and of the time zone data that a zone is read from."""
    return {"holidays": _package("holidays"), "tzdata": _tzdata(timezone)}


def _package(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return _UNKNOWN


def _tzdata(timezone: str) -> str:
    """The system's data take precedence over the package's, as in ``zoneinfo``."""
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
