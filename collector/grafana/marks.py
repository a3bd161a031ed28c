"""What tells our objects in a Grafana from those of others.

One installation an organization: two would take each other's objects for their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from hashlib import sha256
from typing import Any

MARK = "servicedesk-kpi"
"""The tag of our boards, and the value of the label ``managed_by`` of our rules."""

MANAGED_BY = "managed_by"

PREFIX = "servicedesk-"
"""How the uids of our boards and rules begin. Copies that people make have our tag, not our uid."""

_CONTACT_POINT = "servicedesk-kpi-"
_LINK = "managedBy"


class Kind(StrEnum):
    """The kinds of objects, in the order in which they are written; taken away in the reverse."""

    CONTACT_POINT = "contact point"
    MUTE_TIMING = "mute timing"
    FOLDER = "folder"
    DATA_SOURCE = "data source"
    BOARD = "board"
    RULE = "rule"
    GROUP = "rule group"
    POLICY = "policy route"


def contact_point_uid(name: str) -> str:
    """The uid of our contact point of that name; the same each time."""
    return _CONTACT_POINT + sha256(name.encode()).hexdigest()[:16]


def is_our_contact_point(point: Mapping[str, Any]) -> bool:
    return str(point.get("uid", "")).startswith(_CONTACT_POINT)


def is_our_board(board: Mapping[str, Any]) -> bool:
    return str(board.get("uid", "")).startswith(PREFIX) and MARK in (board.get("tags") or [])


def is_our_rule(rule: Mapping[str, Any]) -> bool:
    labels = rule.get("labels") or {}
    return str(rule.get("uid", "")).startswith(PREFIX) and labels.get(MANAGED_BY) == MARK


def data_source_link() -> dict[str, str]:
    """The mark in a data source's ``jsonData``: it has neither tags nor labels."""
    return {_LINK: MARK}


def is_our_data_source(source: Mapping[str, Any]) -> bool:
    return (source.get("jsonData") or {}).get(_LINK) == MARK


def is_our_route(route: Mapping[str, Any]) -> bool:
    return [MANAGED_BY, "=", MARK] in (route.get("object_matchers") or [])
