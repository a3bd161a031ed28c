"""Implements ``init``: asks what it was not told, looks at the system, and writes the starter."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

import typer
from babel.core import get_global
from tzlocal import get_localzone_name

from collector.cli.init.desks import DESKS, draft_of_desk, variables
from collector.cli.init.draft import Draft, Place
from collector.cli.init.files import draft_of_calls, draft_of_tickets
from collector.cli.init.starter import starter_text
from collector.cli.init.systems import QUEUE_LOGS, draft_of_queue_log, draft_of_request_tracker
from collector.cli.init.times import DateOrder
from collector.cli.init.web_systems import draft_of_jira, draft_of_zammad
from collector.cli.options import WrongInput
from collector.config.calendars import public_holidays
from collector.config.loading.load import settings_of
from collector.io.errors import SourceError
from collector.io.yaml import parse_yaml
from collector.model.bilingual import Language
from collector.service.poll import build_source
from collector.sources import SOURCES

_QUESTIONS = {
    "csv_calls": "File of calls (CSV)",
    "csv_tickets": "File of tickets (CSV)",
    "request_tracker": "Address of Request Tracker (its token is read from RT_TOKEN)",
    "zammad": "Address of Zammad (its token is read from ZAMMAD_TOKEN)",
    "jira_service_management": "Address of Jira (JIRA_TOKEN and, in the cloud, JIRA_USER are read)",
    "asterisk_queue_log": "Queue log",
    "asterisk_realtime": "Address of the database (its password is read from DATABASE_PASSWORD)",
    "asterisk_export": "Export of the table queue_log (CSV or JSON)",
    **{
        kind: f"Address of {name} (the login is read from {variables(kind)})"
        for kind, name in DESKS.items()
    },
}
_USUAL = {"asterisk_queue_log": "/var/log/asterisk/queue_log"}


def write_starter(
    *,
    system: str | None,
    location: str | None,
    out: Path,
    timezone: str | None,
    language: Language | None,
    country: str | None,
    dates: DateOrder | None,
    columns: Sequence[str],
) -> None:
    """Write a configuration for a system to ``out``, and print what of it was guessed.

    What is None is asked for at a terminal. Raises WrongInput if ``out`` exists, if something
    cannot be guessed and nobody can be asked, or if the system cannot be understood.
    """
    location = location or None
    _refuse_existing(out)
    _require_folder(out)
    ask = sys.stdin.isatty() and (system is None or location is None)
    if system is None or location is None:
        if not ask:
            raise WrongInput(
                "name the system and where it is, as in init csv_tickets FILE; "
                f"systems: {', '.join(_QUESTIONS)}"
            )
        system = system or _choice("What system", tuple(_QUESTIONS))
        location = location or typer.prompt(_QUESTIONS[system], default=_USUAL.get(system))
    if system not in SOURCES:
        raise WrongInput(f"there is no system {system!r}; there are: {', '.join(SOURCES)}")
    if system not in _QUESTIONS:
        raise WrongInput(
            f"init cannot read {system} yet; begin with the example config/examples/{system}.yaml"
        )
    if ask:
        timezone = timezone or typer.prompt("Time zone of the desk", default=_local_zone())
        language = language or cast("Language", _choice("Language", ("en", "sv")))
    place = _place(timezone, language, country)
    order = partial(_order, dates, ask=ask)
    draft = _draft(system, location, columns, order, place.timezone)
    _settle(draft, place, out, location)
    text = starter_text(draft, place)
    found = _tried(draft, text, out)
    _write(out, text)
    _report(draft, place, out, found, guessed_zone=timezone is None)


def _draft(
    system: str,
    location: str,
    columns: Sequence[str],
    order: Callable[[str, str], DateOrder],
    timezone: str,
) -> Draft:
    chosen = _chosen(columns)
    if system == "csv_tickets":
        return draft_of_tickets(location, chosen, order)
    if system == "csv_calls":
        return draft_of_calls(location, chosen, order)
    if chosen:
        raise WrongInput(f"--column is for CSV files; {system} has none")
    if system in DESKS:
        return draft_of_desk(system, location, timezone)
    if system in QUEUE_LOGS:
        return draft_of_queue_log(system, location)
    return {
        "request_tracker": draft_of_request_tracker,
        "zammad": draft_of_zammad,
        "jira_service_management": draft_of_jira,
    }[system](location)


def _settle(draft: Draft, place: Place, out: Path, location: str) -> None:
    """Set the source's path as seen from the configuration, and its zone."""
    if "path" in draft.options:
        absolute = Path(os.path.abspath(location))  # noqa: PTH100 a pattern is no file to resolve
        folder = Path(os.path.abspath(out)).parent  # noqa: PTH100
        inside = absolute.is_relative_to(folder)
        draft.options["path"] = str(absolute.relative_to(folder) if inside else absolute)
    if draft.options.get("timezone") == "":
        draft.options["timezone"] = place.timezone
        draft.remarks["timezone"] = "of times that do not contain a zone"


def _tried(draft: Draft, text: str, out: Path) -> str:
    """Return what the source finds when it is read with the new configuration.

    Raises WrongInput if that does not work: nothing is written then.
    """
    settings, faults = settings_of(out, parse_yaml(text))
    if settings is None or faults:
        raise WrongInput("; ".join(fault.text(out) for fault in faults))
    try:
        return build_source(settings, draft.name).check()
    except SourceError as error:
        hint = "; name columns with --column FIELD=NAME" if "columns" in draft.options else ""
        raise WrongInput(f"nothing was written: {error}{hint}") from None


def _write(out: Path, text: str) -> None:
    try:
        with out.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        _refuse_existing(out)
    except OSError as error:
        raise WrongInput(
            f"{out} cannot be written: {error.strerror}; choose another --out"
        ) from None


def _refuse_existing(out: Path) -> None:
    if os.path.lexists(out):
        raise WrongInput(f"{out} exists already and is never overwritten; choose another --out")


def _require_folder(out: Path) -> None:
    if not out.absolute().parent.is_dir():
        raise WrongInput(
            f"{out}: there is no folder {out.parent}; create it or choose another --out"
        )


def _report(draft: Draft, place: Place, out: Path, found: str, *, guessed_zone: bool) -> None:
    """Print what was found, what was guessed, and the commands that come next."""
    print(f"{draft.origin}: {found}")
    zone = f"time zone: {place.timezone}"
    if guessed_zone:
        zone += ", that of this machine; another with --timezone"
    for line in (zone, *_of_calendar(draft, place), *draft.guesses):
        print(f"  {line}")
    if draft.queues:
        listed = ", ".join(f"{name} {count}" for name, count in draft.queues.items())
        print(f"  calls by queue: {listed}")
    option = "" if out == Path("servicedesk.yaml") else f" --config {out}"
    period = f"{draft.newest:%Y-%m}" if draft.newest else "last_month"
    print(f"written: {out}; correct what was guessed wrong, then:")
    print(f"  servicedesk-kpi check{option}")
    print(f"  servicedesk-kpi poll{option}")
    print(f"  servicedesk-kpi measure --period {period}{option}")


def _of_calendar(draft: Draft, place: Place) -> Sequence[str]:
    if draft.calls:
        return ()
    holidays = f"closed on the public holidays of {place.country}" if place.country else (
        "no holidays; name a country with --country"
    )  # fmt: skip
    return (f"opening hours: Monday to Friday 08:00 to 17:00, {holidays}",)


def _choice(question: str, options: Sequence[str]) -> str:
    for number, option in enumerate(options, 1):
        typer.echo(f"  {number}  {option}")
    while True:
        said = str(typer.prompt(question, default="1")).strip()
        if said in options:
            return said
        if said.isdigit() and 0 < int(said) <= len(options):
            return options[int(said) - 1]
        typer.echo(f"a number from 1 to {len(options)}, please")


def _order(dates: DateOrder | None, column: str, value: str, *, ask: bool) -> DateOrder:
    """Return the order of day and month, which the values do not show."""
    if dates is not None:
        return dates
    if not ask:
        raise WrongInput(
            f"column {column!r}: {value!r} can be read with the day or the month first, and no "
            "value shows which: add --dates day-first or --dates month-first (compare a ticket "
            "whose date you know)"
        )
    typer.echo(f"{column}: {value!r} can be read in two ways.")
    return cast("DateOrder", _choice("What comes first", ("day-first", "month-first")))


def _chosen(columns: Sequence[str]) -> dict[str, str]:
    pairs = {}
    for each in columns:
        field, sign, name = each.partition("=")
        if not sign or not name.strip():
            raise WrongInput(f"--column {each}: write it as FIELD=NAME, as in opened_at='Created'")
        pairs[field.strip()] = name.strip()
    return pairs


def _place(timezone: str | None, language: Language | None, country: str | None) -> Place:
    zone = timezone or _local_zone()
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, KeyError):
        raise WrongInput(
            f"--timezone: {zone!r} is no time zone; write one such as Europe/London"
        ) from None
    territory = country or get_global("zone_territories").get(zone)
    if country and not _has_holidays(country):
        raise WrongInput(
            f"--country: no holidays are known for {country!r}; write a code such as GB"
        )
    known = territory if territory and _has_holidays(territory) else None
    return Place(zone, known, language or "en")


def _has_holidays(country: str) -> bool:
    try:
        return bool(public_holidays(country, None, ("public",)))
    except (ValueError, NotImplementedError):
        return False


def _local_zone() -> str:
    try:
        name = get_localzone_name()
    except (LookupError, ValueError, OSError):
        return "UTC"
    return "UTC" if name in {None, "Etc/UTC", "local"} else str(name)
