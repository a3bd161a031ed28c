"""Drafts from ticket systems over the kit, by the tickets that their sources read."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from pydantic import ValidationError

from collector.cli.init.draft import Draft
from collector.cli.init.files import MOST_ORGANIZATIONS
from collector.cli.init.words import strictest_first
from collector.cli.options import WrongInput
from collector.model.records import Ticket, Unrecorded
from collector.sources import SOURCES, make_source

LOGINS = {
    "django_helpdesk": ("HELPDESK_USER", "HELPDESK_PASSWORD"),
    "topdesk": ("TOPDESK_USER", "TOPDESK_PASSWORD"),
}
"""The systems, and the variables of the environment that hold a user and its password."""

_TICKETS = 200
_LATELY = timedelta(days=30)


def draft_of_desk(system: str, url: str) -> Draft:
    """Return a draft for a system, by some tickets of the last month, or the first ones.

    Raises WrongInput if its user is not in the environment or no ticket can be used, SourceError
    or SecretUnavailable if it cannot be read.
    """
    user, password = LOGINS[system]
    if not (name := os.environ.get(user)):
        raise WrongInput(f"the environment variable {user} is not set: it names the user")
    keys: dict[str, Any] = {
        "type": system,
        "url": url,
        "user": name,
        "password": f"${{{password}}}",
    }
    try:
        source = make_source("desk", SOURCES[system].model_validate(keys), ())
    except ValidationError as error:
        first = error.errors()[0]
        raise WrongInput(f"{url}: {first.get('ctx', {}).get('error', first['msg'])}") from None
    begin = int((datetime.now(UTC) - _LATELY).timestamp())
    tickets = _some(source, begin) or _some(source, None)
    if not tickets:
        raise WrongInput(f"{url}: no ticket is visible to this user that can be used")
    unrecorded = source.look().unrecorded
    told = {"first_response": Unrecorded.FIRST_RESPONSE, "resolved": Unrecorded.RESOLUTION}
    facts = frozenset(event for event, fact in told.items() if fact not in unrecorded)
    draft = Draft("desk", url, keys, facts=facts)
    draft.guesses.append(f"{len(tickets)} tickets were looked at")
    for field in ("kind", "team", "category"):
        if counts := _counts(tickets, field):
            listed = ", ".join(f"{name} {n}" for name, n in counts.most_common(10))
            draft.guesses.append(f"by {field}: {listed}")
    if priorities := _counts(tickets, "priority"):
        draft.priorities, how = strictest_first(priorities)
        draft.guesses.append(f"priorities, strictest first: {', '.join(draft.priorities)} ({how})")
    organizations = sorted(_counts(tickets, "organization"))
    if 1 < len(organizations) <= MOST_ORGANIZATIONS:
        draft.organizations = organizations
        draft.guesses.append(f"organizations: {', '.join(organizations)}")
    elif organizations:
        n = len(organizations)
        draft.guesses.append(f"organizations: {n} different ones: left out")
    draft.newest = datetime.fromtimestamp(max(each.opened_at for each in tickets), UTC).date()
    return draft


def _some(source: Any, since: int | None) -> list[Ticket]:
    """Return some tickets that changed since an instant (epoch seconds)."""

    def found() -> Iterator[Ticket]:
        for page in source.pages(None, since):
            yield from (each for each in page.records if isinstance(each, Ticket))

    return list(islice(found(), _TICKETS))


def _counts(tickets: list[Ticket], field: str) -> Counter[str]:
    return Counter(value for each in tickets if (value := getattr(each, field)))
