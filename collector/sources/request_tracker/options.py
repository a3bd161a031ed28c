"""The configuration of a Request Tracker source."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import ClassVar, Literal, Self

from pydantic import model_validator

from collector.io.files import ConfigPath
from collector.io.http import HttpUrl
from collector.io.secrets import Secret
from collector.model.bilingual import Text
from collector.model.records import Status, Unrecorded
from collector.sources.kit.contract import SourceOptions
from collector.sources.kit.mapping import DEFAULT
from collector.sources.request_tracker.rows import Fields

_FACTS = {
    "kind": Unrecorded.KIND,
    "priority": Unrecorded.PRIORITY,
    "team": Unrecorded.TEAM,
    "organization": Unrecorded.ORGANIZATION,
    "category": Unrecorded.CATEGORY,
}


class RequestTrackerOptions(SourceOptions):
    """The keys of a ``request_tracker`` source.

    ``comments``: whether to read internal notes; the user then needs the right ShowTicketComments.
    ``sla``: whether to read the deadlines set by the tracker. ``robots``: accounts that are
    machines.
    """

    ACCESS = SourceOptions.ACCESS | {"url", "token", "user", "password", "ca_file", "sla"}

    implementation = "collector.sources.request_tracker.source:RequestTracker"
    delivers = "tickets"
    title = Text(sv="Request Tracker", en="Request Tracker")
    settings_in_words = {"comments": Text(sv="Kommentarer läses", en="Comments are read")}
    REMEDIES: ClassVar = {
        Unrecorded.NOTE: "comments",
        Unrecorded.CLOSING: "map.status",
        **{fact: f"fields.{field}" for field, fact in _FACTS.items()},
    }
    type: Literal["request_tracker"]
    url: HttpUrl
    token: Secret | None = None
    user: str | None = None
    password: Secret | None = None
    fields: Fields = Fields()
    queues: tuple[str, ...] = ()
    comments: bool = False
    sla: bool = True
    robots: tuple[str, ...] = ()
    ca_file: ConfigPath | None = None

    @property
    def unrecorded(self) -> frozenset[Unrecorded]:
        """See :class:`SourceOptions`: fields that are not read, unless the map gives a default; and
        closing, unless a status means closed."""
        silent = {
            fact
            for field, fact in _FACTS.items()
            if getattr(self.fields, field) is None and DEFAULT not in self.map.get(field, {})
        }
        if Unrecorded.TEAM in silent:
            silent.add(Unrecorded.TEAMS)
        if Status.CLOSED not in self.map.get("status", {}).values():
            silent.add(Unrecorded.CLOSING)
        return frozenset(silent if self.comments else {*silent, Unrecorded.NOTE})

    @model_validator(mode="after")
    def _one_way_to_log_in(self) -> Self:
        by_password = self.user is not None and self.password is not None
        if (self.token is None) != by_password or (self.user is None) != (self.password is None):
            raise ValueError("give either token, or user and password")
        return self

    def headers(self) -> Mapping[str, str]:
        """Return the header that logs in. Raises SecretUnavailable if the secret cannot be read."""
        if self.token is not None:
            return {"Authorization": f"token {self.token.reveal()}"}
        assert self.user is not None and self.password is not None
        pair = f"{self.user}:{self.password.reveal()}".encode()
        return {"Authorization": "Basic " + base64.b64encode(pair).decode()}
