"""Whether what the report names is there: its logo, its templates, organizations, indicators."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from collector.config.checks.logos import LOGOS, logo_fault
from collector.config.settings import Settings
from collector.io.yaml import Finding

TEMPLATES = ("report.html.j2", "style.css", "report.typ")
"""The files that a municipality may put in the place of ours."""


def reporting(settings: Settings) -> Iterator[Finding]:
    """Files that are missing, and names that nothing has."""
    report = settings.report
    if report.logo is not None:
        logo = Path(report.logo)
        if fault := _logo_fault(logo):
            yield ("report", "logo"), fault
        if not report.logo_alt.strip():
            yield (
                ("report", "logo"),
                "needs logo_alt beside it: what the logo says to those who do not see it",
            )
    if report.templates is not None:
        yield from _templates(Path(report.templates))
    for name in report.municipality_codes:
        if name not in settings.organizations:
            yield ("report", "municipality_codes", name), "is not one of organizations"
    for name in report.kolada_ids:
        if name not in settings.indicators:
            yield ("report", "kolada_ids", name), "there is no such indicator"


def _logo_fault(logo: Path) -> str | None:
    if logo.suffix.lower() not in LOGOS:
        return "is an SVG or a PNG"
    if not logo.is_file():
        return f"there is no file {logo}"
    try:
        fault = logo_fault(logo.suffix, logo.read_bytes())
    except OSError as error:
        return f"{logo} cannot be read: {error.strerror}"
    return fault and f"{logo}: {fault}"


def _templates(folder: Path) -> Iterator[Finding]:
    if not folder.is_dir():
        yield ("report", "templates"), f"there is no folder {folder}"
    elif not any((folder / name).is_file() for name in TEMPLATES):
        yield ("report", "templates"), f"{folder} holds none of {', '.join(TEMPLATES)}"
