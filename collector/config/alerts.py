"""The settings of alerts, and of the Grafana server that shows the boards."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Discriminator, Field, Tag, field_validator, model_validator

from collector.io.secrets import Secret
from collector.model.bilingual import LANGUAGES, Language
from collector.model.fields import Duration, Interval, Strict

_ADDRESS = re.compile(r"https?://[^\s/?#@]+(/[^\s?#]*)?")
_REFERENCE = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}|file:.+")
_UID = re.compile(r"[A-Za-z0-9_-]{1,40}")

WARNING_TIMES = (600, 1800, 3600)
"""Seconds before a deadline at which a warning is raised: for the strictest priority, the next, and
the one after."""


def _address(text: str) -> str:
    if not _ADDRESS.fullmatch(text):
        raise ValueError(
            "is not a web address: write it as in https://kpi.example.org/, without user, "
            "password or query"
        )
    return text.rstrip("/") + "/"


def _uid(text: str) -> str:
    if not _UID.fullmatch(text):
        raise ValueError("is not a valid uid: use at most 40 letters, digits, - and _")
    return text


Address = Annotated[str, AfterValidator(_address)]
"""A base URL over HTTP or HTTPS; always ends in a slash."""

Uid = Annotated[str, AfterValidator(_uid)]


class AlertSettings(Strict):
    """What triggers an alert, and how urgent it is.

    ``page``: the priorities for which a missed first response pages somebody; others only warn.
    None: the strictest one. ``due_soon``: by priority, how long before a deadline a warning is
    raised; a priority without an entry gets no such warning. None: ``WARNING_TIMES`` for the
    strictest ones. ``Settings.paging`` and ``Settings.due_soon`` are what is in force.
    ``calendar``: the hours in which calls and the day's shares may alert; tickets follow the
    calendars of their own indicators.
    ``caller_waits``: how long a caller may wait before an alert is raised.
    ``stale_after``: after this many poll intervals without a complete poll a source is stale, in
    figures and boards too, but never before 15 minutes have passed.
    ``silent_after``: after this much open time without a new record a source is reported as
    silent, unless it is listed in ``quiet``.
    ``backup_older_than``: an alert is raised when the last backup of the store is older, or
    there is none. None: nobody is told.
    ``runbooks``: the base URL of the runbook pages; by default the collector serves them.
    Durations are seconds once they are loaded.
    """

    deploy: Literal["prometheus", "grafana"] = "prometheus"
    page: list[str] | None = None
    due_soon: dict[str, Duration] | None = None
    calendar: str | None = None
    caller_waits: Duration = 120
    stale_after: Annotated[int, Field(ge=2, le=100)] = 3
    silent_after: Duration = 9 * 3600
    quiet: list[str] = []
    backup_older_than: Interval | None = None
    runbooks: Address | None = None

    @field_validator("page", "due_soon", mode="before")
    @classmethod
    def _not_left_empty(cls, value: object) -> object:
        if value is None:
            raise ValueError("is empty: write [] or {} for none, or remove the key for the default")
        return value

    @property
    def caller_lost(self) -> int:
        """Seconds after which a call that still waits is considered lost: the queue log has no
        end for it."""
        return self.caller_waits + 7200


class FolderSettings(Strict):
    """The Grafana folder that holds the boards and alert rules."""

    uid: Uid = "servicedesk-kpi"
    title: Annotated[str, Field(min_length=1, max_length=200)] = "Servicedesk KPI"


class DataSourceSettings(Strict):
    """The Prometheus data source in Grafana. Without ``url`` an existing one is used and never
    changed."""

    uid: Uid = "servicedesk-prometheus"
    url: Address | None = None


def _setting_tag(value: object) -> str:
    """``secret`` for a reference to a secret, else ``plain``: the tag of the union below."""
    if isinstance(value, str):
        return "secret" if _REFERENCE.fullmatch(value) else "plain"
    return "secret" if isinstance(value, Secret) else "plain"


Setting = Annotated[
    Annotated[Secret, Tag("secret")] | Annotated[str | bool | int | list[str], Tag("plain")],
    Discriminator(_setting_tag),
]
"""A setting of a contact point: a plain value, or a reference to a secret."""


class ContactPoint(Strict):
    """A Grafana contact point. ``type`` and ``settings`` are those of Grafana; secrets are written
    as ``${NAME}`` or ``file:PATH``, as everywhere in the configuration."""

    name: Annotated[str, Field(min_length=1, max_length=40)]
    type: Annotated[str, Field(min_length=1)]
    settings: dict[str, Setting] = {}


class GrafanaSettings(Strict):
    """The Grafana server that ``provision`` sets up.

    Log in with the ``token`` of a service account, or with ``user`` and ``password``.
    ``timeout``: how long a request may take, in seconds once it is loaded.
    ``receivers``: severity → the contact point that our rules notify. The notification policies of
    the organization are left alone, unless ``policies: route`` adds one route for our rules.
    ``mute_timings``: name → time intervals in Grafana's own format.
    """

    url: Address
    token: Secret | None = None
    user: Annotated[str, Field(min_length=1)] | None = None
    password: Secret | None = None
    timeout: Duration = 10
    languages: Annotated[list[Language], Field(min_length=1)] = list(LANGUAGES)
    folder: FolderSettings = FolderSettings()
    datasource: DataSourceSettings = DataSourceSettings()
    contact_points: list[ContactPoint] = []
    mute_timings: dict[str, list[dict[str, Any]]] = {}
    receivers: dict[Literal["page", "warn", "info"], str] = {}
    policies: Literal["leave", "route"] = "leave"

    @model_validator(mode="after")
    def _has_one_login(self) -> Self:
        by_name = self.user is not None and self.password is not None
        if (self.token is not None) == by_name or (self.user is None) != (self.password is None):
            raise ValueError("needs either a token, or a user and a password")
        return self

    @property
    def secret(self) -> Secret:
        """The token, or the password where there is no token."""
        secret = self.token or self.password
        assert secret is not None
        return secret
