"""Implements ``check``: prints warnings, then all errors at once, then what does not respond."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from collector.cli.options import find_configuration
from collector.config.calendars import Calendars
from collector.config.loading.load import load_and_check
from collector.config.settings import Settings
from collector.io.yaml import Fault, FaultyFile
from collector.measuring.engine.doubts import lacking_facts
from collector.measuring.verdicts.timeline import timelines
from collector.report.content.office_tables import check_office_material
from collector.service.poll import check_online


def check_configuration(*, offline: bool, config: Path | None) -> None:
    """Check a configuration file and, unless ``offline``, that the store and sources respond.

    What the configuration asks of the sources in vain is a warning: it may still come. Raises
    FaultyFile for a faulty configuration, and typer.Exit(2) when the store or a source does not
    respond.
    """
    file = find_configuration(config)
    settings, faults, warnings = load_and_check(file)
    for warning in warnings:
        print(f"warning: {warning.text(file)}", file=sys.stderr)
    if settings is not None:
        faults += _check_office(settings)
    if faults or settings is None:
        raise FaultyFile(file, faults)
    asked_in_vain: list[str] = []
    if offline:
        course = timelines(settings, Calendars())
        asked_in_vain += [each.line() for each in lacking_facts(settings, course, {})]
    else:
        problems = check_online(settings, print, asked_in_vain.append)
        for problem in problems:
            print(f"{file}: {problem}", file=sys.stderr)
        if problems:
            raise typer.Exit(2)
    for line in asked_in_vain:
        print(f"warning: {file}: {line}", file=sys.stderr)
    counted = f"{len(settings.indicators)} indicators, {len(settings.sources)} sources"
    verdict = "usable, but see the warnings" if asked_in_vain else "all is well"
    print(f"{file}: {verdict} ({counted}, {len(settings.organizations)} organizations)")


def _check_office(settings: Settings) -> list[Fault]:
    """Print warnings about the files that the office edits; return the errors in them."""
    doubts, faults = check_office_material(settings)
    for doubt in doubts:
        print(f"warning: {doubt}", file=sys.stderr)
    return faults
