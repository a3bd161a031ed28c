"""Drafts from ticket systems over HTTP, by what their own source makes of some tickets."""

from __future__ import annotations

import os
import time
from collections import Counter
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from collector.cli.init.draft import Draft
from collector.cli.init.systems import LEVELS, valid
from collector.cli.init.words import strictest_first
from collector.cli.options import WrongInput
from collector.io.errors import SourceError
from collector.model.records import Ticket, Unrecorded
from collector.sources import SOURCES, make_source
from collector.sources.kit.contract import Source

DESKS = {
    "django_helpdesk": "django-helpdesk",
    "glpi": "GLPI",
    "itop": "iTop",
    "topdesk": "TOPdesk",
    "znuny": "Znuny, OTRS or OTOBO",
}
"""The systems that are read, with their names for the question."""

_PAGES = 10
_RECENT = 90 * 86400.0
"""Seconds. Tickets that have changed since then are looked at first."""
_MOST_NAMES = 8
_EVENTS = {"first_response": Unrecorded.FIRST_RESPONSE, "resolved": Unrecorded.RESOLUTION}


def variables(kind: str) -> str:
    """Return which environment variables log in to a system, in words."""
    prefix = kind.upper()
    token = f"{prefix}_TOKEN, or " if "token" in SOURCES[kind].model_fields else ""
    return f"{token}{prefix}_USER and {prefix}_PASSWORD"


def draft_of_desk(kind: str, url: str, timezone: str) -> Draft:
    """Return a draft for a ticket system; logs in with what :func:`variables` names.

    Its times are read in the zone that its source suggests, or else in ``timezone``. Raises
    WrongInput without a login and without a ticket, SourceError if the system cannot be read.
    """
    keys: dict[str, Any] = {"type": kind, "url": url, **_login(kind)}
    source, keys = _in_a_zone(kind, keys, url, timezone)
    tickets, reasons = _some(source)
    if not tickets and not reasons:
        raise WrongInput(f"{url}: no ticket is visible to this user")
    draft = Draft("desk", url, keys)
    if "timezone" in keys:
        draft.remarks["timezone"] = "of the times that it shows"
    unrecorded = source.look().unrecorded
    draft.facts = frozenset(event for event, fact in _EVENTS.items() if fact not in unrecorded)
    levels = {each.priority for each in tickets if each.priority}
    draft.priorities = LEVELS
    if not levels <= set(LEVELS):
        draft.priorities, how = strictest_first(levels)
        draft.guesses.append(f"priorities, strictest first: {', '.join(draft.priorities)} ({how})")
    for name in ("team", "kind", "organization"):
        counted = Counter(getattr(each, name) or "none" for each in tickets)
        most = sorted(counted.items(), key=lambda each: (-each[1], each[0]))[:_MOST_NAMES]
        listed = ", ".join(f"{value} {n}" for value, n in most)
        draft.guesses.append(f"{len(tickets)} tickets by {name}: {listed}")
    draft.guesses += [f"not usable as it is, {n} tickets: {text}" for text, n in reasons.items()]
    draft.newest = datetime.now(UTC).date()
    return draft


def _login(kind: str) -> dict[str, str]:
    prefix = kind.upper()
    user = os.environ.get(f"{prefix}_USER")
    given: dict[str, str] = {
        name: f"${{{prefix}_{name.upper()}}}"
        for name in ("token", "password", "app_token")
        if name in SOURCES[kind].model_fields and f"{prefix}_{name.upper()}" in os.environ
    }
    if "token" in given:
        given.pop("password", None)
        return given
    if user and "password" in given:
        return {"user": user, **given}
    raise WrongInput(f"to log in, set the environment variables {variables(kind)}")


def _in_a_zone(
    kind: str, keys: dict[str, Any], url: str, timezone: str
) -> tuple[Source, dict[str, Any]]:
    """Return the source and its keys with the first zone that it does not refuse, if it has one."""
    field = SOURCES[kind].model_fields.get("timezone")
    zones = [timezone] if field is None or field.is_required() else [str(field.default), timezone]
    for zone in dict.fromkeys(zones):
        zoned = keys if field is None else {**keys, "timezone": zone}
        source = make_source("desk", valid(SOURCES[kind], zoned, url), [])
        try:
            source.check()
        except SourceError as error:
            if "correct timezone" not in str(error) or zone == zones[-1]:
                raise
        else:
            return source, zoned
    raise AssertionError


def _some(source: Source) -> tuple[list[Ticket], Counter[str]]:
    """Return tickets, recent ones if there are any, and why others cannot be used."""
    for since in (int(time.time() - _RECENT), None):
        tickets: dict[str, Ticket] = {}
        reasons: Counter[str] = Counter()
        for page in islice(source.pages(None, since), _PAGES):
            tickets |= {each.id: each for each in page.records if isinstance(each, Ticket)}
            reasons.update(each.message for each in page.rejected)
        if tickets or reasons:
            break
    return list(tickets.values()), reasons
