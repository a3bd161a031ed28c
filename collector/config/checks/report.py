"""Checks that what the report refers to exists: logo, templates, organizations and indicators."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from collector.config.checks.logos import LOGOS, logo_fault
from collector.config.settings import Settings
from collector.io.yaml import Finding

TEMPLATES = ("report.html.j2", "style.css", "report.typ")
"""The template files that a municipality may replace by its own."""

NO_ARCHIVE = (
    "an archive package names who created the records: set report.archive, as in archive: "
    "{creator: {name: IT-nämnden}}"
)


def report_findings(settings: Settings) -> Iterator[Finding]:
    """The faults of the report's settings: missing or damaged files, and unknown names."""
    report = settings.report
    if report.logo is not None:
        logo = Path(report.logo)
        if fault := _logo_file_fault(logo):
            yield ("report", "logo"), fault
        if not report.logo_alt.strip():
            yield (
                ("report", "logo"),
                "needs logo_alt: a text that describes the logo to those who cannot see it",
            )
    if report.templates is not None:
        yield from _templates(Path(report.templates))
    for key, formats in (("report", report.formats), ("delivery", settings.delivery.formats)):
        if "fgs" in formats and report.archive is None:
            yield (key, "formats"), f"fgs: {NO_ARCHIVE}"
    for name in report.municipality_codes:
        if name not in settings.organizations:
            yield ("report", "municipality_codes", name), "is not listed under organizations"
    for name in report.kolada_ids:
        if name not in settings.indicators:
            yield ("report", "kolada_ids", name), "is not the id of an indicator"


def _logo_file_fault(logo: Path) -> str | None:
    """What is wrong with the file itself or, see :func:`logo_fault`, with its content."""
    if logo.suffix.lower() not in LOGOS:
        return "must be an SVG or PNG file"
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
        yield ("report", "templates"), f"{folder} contains none of {', '.join(TEMPLATES)}"
