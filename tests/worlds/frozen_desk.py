"""A desk of one CSV file with November 2019 frozen, of which records then go."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.worlds.commands import run_here

TODAY = datetime.now(ZoneInfo("Europe/Stockholm")).date()
CONFIGURATION = """\
timezone: Europe/Stockholm
organizations: [Laxå]
sources:
  desk: {type: csv_tickets, path: tickets.csv}
snapshot: {automatic: false}
indicators:
  tickets: {kind: count, of: tickets, target: "<= 100"}
"""
ASKED = ("measure", "--period", "2019-11", "--by", "organization", "--format", "json")


def write_tickets(folder: Path, rows: Iterable[str]) -> None:
    """Write the export."""
    lines = ["id,opened_at,resolved_at,status,organization", *rows]
    (folder / "tickets.csv").write_text("\n".join(lines), encoding="utf-8")


def write_frozen_desk(folder: Path, rows: Iterable[str]) -> None:
    """Write configuration and export into the working directory, poll, and freeze the month."""
    (folder / "servicedesk.yaml").write_text(CONFIGURATION, encoding="utf-8")
    write_tickets(folder, rows)
    assert run_here("poll").code == 0
    assert run_here("snapshot", "freeze", "2019-11").code == 0
