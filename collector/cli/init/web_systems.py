"""Drafts from Zammad and Jira Service Management, by their newest tickets."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from collector.cli.init.draft import Draft
from collector.cli.init.systems import LEVELS, valid
from collector.cli.init.words import status_of, strictest_first
from collector.cli.options import WrongInput
from collector.io.http import HttpClient
from collector.model.page import RejectedRow
from collector.model.records import Status
from collector.sources.jira_service_management.options import JiraOptions
from collector.sources.jira_service_management.source import Jira
from collector.sources.kit.options import TicketOptions
from collector.sources.kit.values import Row, nested, objects, required, text
from collector.sources.zammad import Zammad, ZammadOptions, search

ZAMMAD_TOKEN, JIRA_TOKEN = "${ZAMMAD_TOKEN}", "${JIRA_TOKEN}"
"""Where their tokens are read from; the user of Jira Cloud stands in JIRA_USER."""
_TICKETS = 100
_FACTS = frozenset({"first_response", "resolved"})


def draft_of_zammad(url: str) -> Draft:
    """Return a draft for a Zammad; logs in with ``ZAMMAD_TOKEN``.

    Raises WrongInput if no ticket is visible, SourceError or SecretUnavailable if it cannot be
    read.
    """
    keys: dict[str, Any] = {"type": "zammad", "url": url, "token": ZAMMAD_TOKEN}
    options = valid(ZammadOptions, keys, url)
    with Zammad(options).connect() as connection:
        newest = search(connection, sort_by="id", order_by="desc", per_page=_TICKETS)
    if not newest:
        raise WrongInput(f"{url}: no ticket is visible to this user; it needs groups to read")
    draft = Draft("desk", url, keys, facts=_FACTS)
    _guess(draft, newest, "group", options, [_text(row, "priority") for row in newest])
    _map_statuses(draft, [_text(row, "state") for row in newest], options)
    if not any(row.get("type") for row in newest):
        draft.options["fields"] = {"kind": None}
        draft.remarks["fields.kind"] = "or an attribute of tickets that tells their kind"
    return draft


def draft_of_jira(url: str) -> Draft:
    """Return a draft for a Jira Service Management; logs in with ``JIRA_TOKEN`` and, in Cloud, as
    ``JIRA_USER``.

    Raises WrongInput if no project or no issue is visible, SourceError or SecretUnavailable if it
    cannot be read.
    """
    user = os.environ.get("JIRA_USER")
    keys: dict[str, Any] = {"type": "jira_service_management", "url": url}
    keys |= {"user": user} if user else {"deployment": "data_center"}
    keys |= {"token": JIRA_TOKEN, "projects": ["X"]}
    with Jira(valid(JiraOptions, keys, url)).connect() as connection:
        keys["projects"] = _service_projects(connection, url)
        options = valid(JiraOptions, keys, url)
        fields = ["project", "priority", "status"]
        quoted = ", ".join(f'"{key}"' for key in keys["projects"])
        jql = f"project in ({quoted}) ORDER BY created DESC"
        issues = Jira(options).search(connection, jql, _TICKETS, fields)
        newest = [nested(row, "fields") for row in islice(issues, _TICKETS)]
    if not newest:
        raise WrongInput(f"{url}: no issue is visible to this user; it needs Browse projects")
    draft = Draft("desk", url, keys, facts=_FACTS)
    _guess(draft, newest, "project", options, [_text(row, "priority") for row in newest])
    _map_statuses(draft, [_text(row, "status") for row in newest], options)
    return draft


def _service_projects(connection: HttpClient, url: str) -> list[str]:
    """Return the keys of the service projects; the list of Data Center has all projects."""
    projects = objects(connection.get("project", kind=list).body)
    found = [
        required(each, "key") for each in projects if text(each, "projectTypeKey") == "service_desk"
    ]
    if not found:
        raise WrongInput(f"{url}: no service project is visible to this user")
    return sorted(found)


def _guess(
    draft: Draft, newest: Sequence[Row], by: str, options: TicketOptions, priorities: Iterable[str]
) -> None:
    """Note what was seen, and give priorities our levels where their names say which."""
    counted = Counter(_text(row, by) for row in newest)
    listed = ", ".join(f"{name} {count}" for name, count in counted.most_common())
    draft.guesses.append(f"{len(newest)} of the newest tickets, by {by}: {listed}")
    draft.newest = datetime.now(UTC).date()
    known = options.words()["priority"]
    unknown = sorted(set(priorities) - set(known) - {""})
    own = {each: _level(each) for each in unknown}
    if own:
        _map(draft, "priority", own)
    values = {*known.values(), *own.values()}
    rest, _ = strictest_first(values - set(LEVELS))
    draft.priorities = [level for level in LEVELS if level in values] + rest
    draft.guesses += [f"priority {name}: {value}" for name, value in own.items()]


def _level(name: str) -> str:
    """Return the level that a name contains, or the name itself."""
    return next((level for level in LEVELS if level in name.lower()), name)


def _map_statuses(draft: Draft, names: Iterable[str], options: TicketOptions) -> None:
    """Statuses that are on hold by their words, which their type or category does not tell."""
    unknown = sorted(set(names) - set(options.words()["status"]))
    held = {name: "on_hold" for name in unknown if status_of(name) == Status.ON_HOLD}
    if held:
        _map(draft, "status", held)
    draft.guesses += [f"status {name}: on hold" for name in held]


def _map(draft: Draft, name: str, table: Mapping[str, str]) -> None:
    draft.options.setdefault("map", {})[name] = dict(table)


def _text(row: Row, name: str) -> str:
    """Return a value, or the name of an object; empty without one."""
    value = row.get(name)
    try:
        return text(value, "name") or "" if isinstance(value, dict) else text(row, name) or ""
    except RejectedRow:
        return ""
