"""Implements ``check``: prints warnings, then all errors at once, then what does not respond."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import typer

from collector.cli.options import find_configuration
from collector.config.loading.load import load_and_check
from collector.config.settings import Settings
from collector.io.clock import now
from collector.io.yaml import FaultyFile
from collector.monitoring.alerts.summary import alert_summary
from collector.report.content.office_tables import check_office_material
from collector.report.content.unfinished import missing_in_store
from collector.service.poll import check_systems
from collector.store import Store
from collector.text.counts import counted
from collector.web.web_file import WebFileInForce


def check_configuration(*, offline: bool, config: Path | None) -> None:
    """Check a configuration file, and that the store and sources respond.

    ``offline``: only the file, and what it names on this machine; files that cannot be used are
    warnings then. What the configuration asks of the sources in vain is a warning: it may still
    come. Then who is woken by what, and last the verdict. Raises FaultyFile for a faulty
    configuration, CannotServe for a certificate that cannot be used, and typer.Exit(2) when the
    store or a source does not respond.
    """
    file = find_configuration(config)
    settings, faults, findings = load_and_check(file)
    if settings is None:
        raise FaultyFile(file, faults)
    doubts, office_faults = check_office_material(settings)
    if faults or office_faults:
        _warn([*(each.text(file) for each in findings), *map(str, doubts)])
        raise FaultyFile(file, faults + office_faults)
    if settings.server.web_config is not None:
        WebFileInForce(Path(settings.server.web_config))
    asked_in_vain: list[str] = []
    problems, seen = check_systems(settings, print, asked_in_vain.append, offline=offline)
    # A source that fails for want of a secret says so itself
    known = [each for each in findings if not any(each.message in text for text in problems)]
    warnings = [each.text(file) for each in known] + [str(doubt) for doubt in doubts]
    warnings += [f"{file}: {line}" for line in asked_in_vain + (problems if offline else [])]
    if not offline and not any(each.startswith("store:") for each in problems):
        warnings += _missing_comments(settings)
    _warn(warnings)
    if problems and not offline:
        for problem in problems:
            print(f"{file}: {problem}", file=sys.stderr)
        raise typer.Exit(2)
    today = datetime.fromtimestamp(now(), ZoneInfo(settings.timezone)).date()
    for line in alert_summary(settings, today, seen):
        print(line)
    verdict = f"usable, with {counted(len(warnings), 'warning')}" if warnings else "all is well"
    parts = {
        "indicator": len(settings.indicators),
        "source": len(settings.sources),
        "organization": len(settings.organizations),
    }
    holds = ", ".join(counted(number, noun) for noun, number in parts.items())
    print(f"{file}: {verdict} ({holds})")


def _missing_comments(settings: Settings) -> list[str]:
    with Store.open(settings.store, settings.store_password) as store:
        return list(dict.fromkeys(missing_in_store(settings, store)))


def _warn(warnings: list[str]) -> None:
    for each in warnings:
        print(f"warning: {each}", file=sys.stderr)
