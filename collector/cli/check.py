"""Implements ``check``: prints warnings, then all errors at once, then what does not respond."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from collector.cli.options import find_configuration
from collector.config.loading.load import load_and_check
from collector.config.settings import Settings
from collector.io.yaml import Fault, FaultyFile
from collector.report.content.office_tables import check_office_material
from collector.service.poll import check_online


def check_configuration(*, offline: bool, config: Path | None) -> None:
    """Check a configuration file and, unless ``offline``, that the store and sources respond.

    Raises FaultyFile for a faulty configuration, and typer.Exit(2) when the store or a source does
    not respond.
    """
    file = find_configuration(config)
    settings, faults, warnings = load_and_check(file)
    for warning in warnings:
        print(f"warning: {warning.text(file)}", file=sys.stderr)
    if settings is not None:
        faults += _check_office(settings)
    if faults or settings is None:
        raise FaultyFile(file, faults)
    if not offline:
        problems = check_online(settings, print)
        for problem in problems:
            print(f"{file}: {problem}", file=sys.stderr)
        if problems:
            raise typer.Exit(2)
    counted = f"{len(settings.indicators)} indicators, {len(settings.sources)} sources"
    print(f"{file}: all is well ({counted}, {len(settings.organizations)} organizations)")


def _check_office(settings: Settings) -> list[Fault]:
    """Print warnings about the files that the office edits; return the errors in them."""
    doubts, faults = check_office_material(settings)
    for doubt in doubts:
        print(f"warning: {doubt}", file=sys.stderr)
    return faults
