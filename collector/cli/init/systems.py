"""Drafts from systems that are read through their source: a queue log, and Request Tracker."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import islice
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from collector.cli.init.draft import Draft
from collector.cli.init.words import strictest_first
from collector.cli.options import WrongInput
from collector.model.records import Call
from collector.sources import SOURCES, make_source
from collector.sources.request_tracker.api import Api, Item
from collector.sources.request_tracker.options import RequestTrackerOptions
from collector.sources.request_tracker.rows import identity

OptionsT = TypeVar("OptionsT", bound=BaseModel)

TOKEN = "${RT_TOKEN}"  # noqa: S105 a reference
"""Where the token of Request Tracker is read from."""

_PAGES = 200
_TICKETS = 500
"""How many of the newest tickets are looked at."""
LEVELS = ("urgent", "high", "normal", "low")


def valid(model: type[OptionsT], keys: dict[str, Any], location: str) -> OptionsT:
    """The options of a source. Raises WrongInput with what is wrong about its location."""
    try:
        return model.model_validate(keys)
    except ValidationError as error:
        first = error.errors()[0]
        what = first.get("ctx", {}).get("error", first["msg"])
        raise WrongInput(f"{location}: {what}") from None


QUEUE_LOGS = ("asterisk_queue_log", "asterisk_realtime", "asterisk_export")
_DATABASE_PASSWORD = "DATABASE_PASSWORD"  # noqa: S105 a name


def draft_of_queue_log(system: str, location: str) -> Draft:
    """Return a draft for Asterisk's queue log, in its file, its table or an export of that.

    The password of a database is read from ``DATABASE_PASSWORD`` if that is set. Raises SourceError
    if the log cannot be read, and WrongInput if it holds no calls.
    """
    model, path = SOURCES[system], location
    keys: dict[str, Any] = {"type": system, "url" if "url" in model.model_fields else "path": path}
    if "url" in keys and os.environ.get(_DATABASE_PASSWORD):
        keys["password"] = f"${{{_DATABASE_PASSWORD}}}"
    if "timezone" in model.model_fields:
        utc = {**keys, "timezone": "UTC"}
        doubts = make_source("phone", valid(model, utc, path), []).look().doubts
        keys["timezone"] = "" if doubts else "UTC"
    read_as = {name: value for name, value in keys.items() if value}
    source = make_source("phone", valid(model, read_as, path), [])
    queues: Counter[str] = Counter()
    seen: set[str] = set()
    newest = 0
    for page in islice(source.pages(None), _PAGES):
        for call in page.records:
            if isinstance(call, Call) and call.id not in seen:
                seen.add(call.id)
                queues[call.queue] += 1
                newest = max(newest, call.entered_at)
    if not seen:
        raise WrongInput(f"{path}: no call has entered a queue yet; give the log of a busy day")
    draft = Draft("phone", path, dict(keys), calls=True, queues=dict(queues.most_common()))
    draft.newest = datetime.fromtimestamp(newest, UTC).date()
    draft.guesses.append(f"{len(seen)} calls in {len(queues)} queues")
    return draft


def draft_of_request_tracker(url: str) -> Draft:
    """Return a draft for a Request Tracker, by its newest tickets; logs in with ``RT_TOKEN``.

    Raises WrongInput if no ticket is visible, SourceError or SecretUnavailable if it cannot be
    read.
    """
    fields: dict[str, str | None] = {"kind": None, "organization": None}
    keys = {"type": "request_tracker", "url": url, "token": TOKEN, "fields": fields}
    options = valid(RequestTrackerOptions, keys, url)
    with options.client() as http:
        api = Api(http, options)
        newest = api.newest_ticket()
        if newest is None:
            raise WrongInput(
                f"{url}: no ticket is visible to this user; it needs the rights ShowTicket and "
                "SeeQueue on its queues"
            )
        rows = list(_newest_rows(api, newest))
    draft = Draft("desk", url, keys, facts=frozenset({"first_response", "resolved"}))
    queues = Counter(_name(row.get("Queue")) for row in rows)
    listed = ", ".join(f"{name} {count}" for name, count in queues.most_common())
    draft.guesses.append(f"{len(rows)} of the newest tickets, by queue: {listed}")
    _map_priorities(draft, {str(row.get("Priority") or "") for row in rows} - {""})
    customs = {_name(each) for row in rows for each in row.get("CustomFields") or ()}
    if customs:
        shown = ", ".join(f"CF.{name}" for name in sorted(customs))
        draft.guesses.append(f"custom fields that kind or organization could be read from: {shown}")
        draft.remarks["fields"] = f"or one of {shown}"
    draft.newest = datetime.now(UTC).date()
    return draft


def _newest_rows(api: Api, newest: int) -> Iterable[Item]:
    last = max(0, newest - _TICKETS)
    while rows := api.tickets_after(last, newest):
        yield from rows
        last = max(identity(row) or 0 for row in rows)


def _name(item: object) -> str:
    named = item.get("Name") or item.get("name") if isinstance(item, dict) else None
    return str(named) if named else "unknown"


def _map_priorities(draft: Draft, found: set[str]) -> None:
    """Numbers become our four levels, the highest the strictest; names stay as they are."""
    if not found:
        return
    if not all(each.isdigit() for each in found):
        draft.priorities, how = strictest_first(found)
        draft.guesses.append(f"priorities, strictest first: {', '.join(draft.priorities)} ({how})")
        return
    table: dict[str, str] = {}
    for value in sorted(found, key=int, reverse=True):
        bounds = (90, 70, 30)
        level = next((i for i, bound in enumerate(bounds) if int(value) >= bound), len(bounds))
        table[value] = LEVELS[level]
        draft.guesses.append(f"priority {value}: {LEVELS[level]}")
    draft.options["map"] = {"priority": {**table, "default": "normal"}}
    draft.remarks["map.priority.default"] = "a priority that is not listed, and none at all"
    draft.priorities = [level for level in LEVELS if level in {*table.values(), "normal"}]
