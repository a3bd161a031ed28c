"""What a configuration says of alerts and of the Grafana that shows boards."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator

from collector.io.secrets import Secret
from collector.model.bilingual import LANGUAGES, Language
from collector.model.fields import Duration, Strict

_ADDRESS = re.compile(r"https?://[^\s/?#@]+(/[^\s?#]*)?")
_REFERENCE = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}|file:.+")
_UID = re.compile(r"[A-Za-z0-9_-]{1,40}")


def _address(text: str) -> str:
    if not _ADDRESS.fullmatch(text):
        raise ValueError("write an address as in https://kpi.example.org/, without a password")
    return text.rstrip("/") + "/"


def _uid(text: str) -> str:
    if not _UID.fullmatch(text):
        raise ValueError("a uid is up to 40 letters, digits, - and _")
    return text


Address = Annotated[str, AfterValidator(_address)]
"""A base address over HTTP; it ends in a slash."""

Uid = Annotated[str, AfterValidator(_uid)]


class AlertSettings(Strict):
    """Who is woken by what.

    ``page``: the priorities whose missed first response wakes somebody; others warn.
    ``due_soon``: by priority, how long before a deadline it is told; no entry, no such alert.
    ``calendar``: when calls and shares of the day may alert; tickets go by the calendars of their
    own indicators. ``caller_waits``: how long a caller may wait. ``stale_after``: so many poll
    intervals without a whole reading are stale, for figures and boards too, but never under 15
    minutes. ``silent_after``: so much open time without a new record is told of a source, unless
    it is one of ``quiet``. ``runbooks``: where the pages lie; by default the
    collector serves them.
    """

    deploy: Literal["prometheus", "grafana"] = "prometheus"
    page: list[str] = ["urgent"]
    due_soon: dict[str, Duration] = {"urgent": 600, "high": 1800, "normal": 3600}
    calendar: str | None = None
    caller_waits: Duration = 120
    stale_after: Annotated[int, Field(ge=2, le=100)] = 3
    silent_after: Duration = 9 * 3600
    quiet: list[str] = []
    runbooks: Address | None = None

    @property
    def caller_lost(self) -> int:
        """Seconds after which a caller cannot still be waiting: the log lost the end of the
        call."""
        return self.caller_waits + 7200


class FolderSettings(Strict):
    """The folder of the boards and rules."""

    uid: Uid = "servicedesk-kpi"
    title: Annotated[str, Field(min_length=1, max_length=200)] = "Servicedesk KPI"


class DataSourceSettings(Strict):
    """The Prometheus that Grafana asks. Without ``url`` it is an existing one, never changed."""

    uid: Uid = "servicedesk-prometheus"
    url: Address | None = None


def _form(value: object) -> str:
    """Whether a setting is a reference to a secret."""
    if isinstance(value, str):
        return "secret" if _REFERENCE.fullmatch(value) else "plain"
    return "secret" if isinstance(value, Secret) else "plain"


Setting = Annotated[
    Annotated[Secret, Tag("secret")] | Annotated[str | bool | int | list[str], Tag("plain")],
    Discriminator(_form),
]
"""A setting of a contact point: plain, or a secret by its reference."""


class ContactPoint(Strict):
    """Where alerts go. ``type`` and ``settings`` as Grafana has them; secrets as everywhere."""

    name: Annotated[str, Field(min_length=1, max_length=40)]
    type: Annotated[str, Field(min_length=1)]
    settings: dict[str, Setting] = {}


class GrafanaSettings(Strict):
    """The Grafana that ``provision`` fills.

    By the ``token`` of a service account, or by a ``user`` with ``password``.
    ``receivers``: severity → the contact point that our own rules notify; the organization's policy
    tree stays as it is unless ``policies: route`` adds one route of ours. ``mute_timings``: name →
    time intervals as Grafana has them.
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
    def _one_way_in(self) -> Self:
        by_name = self.user is not None and self.password is not None
        if (self.token is not None) == by_name or (self.user is None) != (self.password is None):
            raise ValueError("needs a token, or else a user and a password")
        return self

    @property
    def secret(self) -> Secret:
        """The token or the password."""
        found = self.token or self.password
        assert found is not None
        return found
