"""Implements ``purge``: says which records of past months go, and deletes them."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from collector.cli.options import WrongInput, find_configuration
from collector.config.loading.load import load_settings
from collector.io.clock import now as present
from collector.io.progress import progress
from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.purging import PurgeReport, last_date, planned, purge
from collector.measuring.engine.questions import open_measuring
from collector.text.numbers import number

_STAYS = (
    "Every figure of these months stays what it is. What is not possible without their records:\n"
    "  to list them (explain, the pages' lists), or to say what if;\n"
    "  to measure these months by another definition: they are then not measured;\n"
    "  to freeze or amend a period whose months, or the twelve before it, are among them;\n"
    "  to see them as they were known at an earlier instant, as back-tests do."
)


def purge_records(before: str | None, config: Path | None, *, delete: bool) -> None:
    """Print what a purge deletes and what it makes impossible; with ``delete`` do it.

    Raises WrongInput for a wrong month or without any, PurgeRefused, and StoreError.
    """
    settings = load_settings(find_configuration(config))
    months = settings.retention.records
    if before is None and months is None:
        raise WrongInput(
            "say from before which month, as --before 2024-01, or set retention.records"
        )
    now = present()
    with open_measuring(settings) as measuring:
        if before is not None:
            first = _month(before)
        else:
            assert months is not None
            first = last_date(measuring, months, now)
        if delete:
            with progress("purging") as report:
                _print(measuring, purge(measuring, first, now, report), "were purged")
            return
        with progress("looking for records"):
            found = planned(measuring, first, now)
        _print(measuring, found, "would be purged")
        print(_STAYS)
        print("Nothing was deleted: --yes does it. Only a backup brings them back.")


def _month(text: str) -> date:
    if not re.fullmatch(r"\d{4}-\d{2}", text):
        raise WrongInput(f"--before {text}: is not a month such as 2024-01")
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise WrongInput(f"--before {text}: is not a month such as 2024-01") from None


def _print(measuring: Measuring, report: PurgeReport, what: str) -> None:
    print(f"{number(report.number, 'en')} records from before {report.before:%Y-%m} {what}")
    for (source, kind), each in sorted(report.records.items()):
        span = f"{measuring.today(each.oldest)} to {measuring.today(each.newest)}"
        print(f"  {source:<16}{number(each.number, 'en'):>10} {kind:<8}{span}")
    if report.stay:
        n, verb = number(report.stay, "en"), "stays" if report.stay == 1 else "stay"
        print(f"  {n} from before it {verb}: open, or a later month needs them")
    if report.lost:
        print(f"not measured in some purged months, by their definition: {', '.join(report.lost)}")
