"""Distinguishes our objects in a Grafana from those of others.

There may be only one installation per Grafana organization: two would take each other's objects
for their own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from hashlib import sha256
from typing import Any

from collector.monitoring.alerts.grafana import uid_of_title

MARK = "servicedesk-kpi"
"""The tag of our boards, and the value of the label ``managed_by`` of our rules."""

MANAGED_BY = "managed_by"

PREFIX = "servicedesk-"
"""The prefix of our boards' and rules' uids. Copies that users make have our tag, not our uid."""

FOLDER = "servicedesk-kpi"
"""The uid of the folder that is ours even without a record; any other may be somebody else's."""

TRIAL = "servicedesk-kpi-trial"
"""The uid of the data source by which a new address is tried; no other is ever ours by its uid."""

_CONTACT_POINT = "servicedesk-kpi-"
_OWN_POINT = re.compile(rf"{_CONTACT_POINT}[0-9a-f]{{16}}")
_LINK = "managedBy"


class Kind(StrEnum):
    """The kinds of objects, in the order in which they are written; removals are in reverse."""

    CONTACT_POINT = "contact point"
    MUTE_TIMING = "mute timing"
    FOLDER = "folder"
    DATA_SOURCE = "data source"
    BOARD = "board"
    RULE = "rule"
    GROUP = "rule group"
    POLICY = "policy route"


def contact_point_uid(name: str) -> str:
    """The uid of our contact point with that name; it follows from the name alone."""
    return _CONTACT_POINT + sha256(name.encode()).hexdigest()[:16]


def is_our_contact_point(point: Mapping[str, Any]) -> bool:
    """Whether a contact point has a uid of ours."""
    return _OWN_POINT.fullmatch(str(point.get("uid", ""))) is not None


def is_provably_ours(kind: Kind, found: Mapping[str, Any]) -> bool:
    """Whether only this program can have made an object: its uid follows from its name, and it
    carries our mark.

    Such an object may be removed without a record of it. No other may.
    """
    if kind is Kind.CONTACT_POINT:
        return found.get("uid") == contact_point_uid(str(found.get("name", "")))
    if kind is Kind.RULE:
        return is_our_rule(found) and found["uid"] == uid_of_title(str(found.get("title", "")))
    if kind is Kind.DATA_SOURCE:
        return is_our_data_source(found) and found.get("uid") == TRIAL
    return False


def is_our_board(board: Mapping[str, Any]) -> bool:
    """Whether a board has a uid of ours and our tag."""
    return str(board.get("uid", "")).startswith(PREFIX) and MARK in (board.get("tags") or [])


def is_our_rule(rule: Mapping[str, Any]) -> bool:
    """Whether a rule has a uid of ours and our label."""
    labels = rule.get("labels") or {}
    return str(rule.get("uid", "")).startswith(PREFIX) and labels.get(MANAGED_BY) == MARK


def data_source_link() -> dict[str, str]:
    """Our mark for a data source's ``jsonData``, since data sources have no tags or labels."""
    return {_LINK: MARK}


def is_our_data_source(source: Mapping[str, Any]) -> bool:
    """Whether a data source carries our mark."""
    return (source.get("jsonData") or {}).get(_LINK) == MARK


def is_our_route(route: Mapping[str, Any]) -> bool:
    """Whether a notification policy matches our label."""
    return [MANAGED_BY, "=", MARK] in (route.get("object_matchers") or [])
