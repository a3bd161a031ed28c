"""The configuration of a Jira Service Management source."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from collector.sources import kit
from collector.sources.kit import Text

ProjectKey = Annotated[str, Field(pattern=r"^[A-Za-z0-9_]+$")]


class JiraFields(kit.Strict):
    """The field of an issue, by name or id, from which each of our fields is taken; null: none."""

    kind: str | None = "issuetype"
    priority: str | None = "priority"
    team: str | None = None
    organization: str | None = None
    category: str | None = None


class JiraSla(kit.Strict):
    """The SLAs that are kept beside our figures, by name or id of their fields; null: none."""

    response: str | None = "Time to first response"
    resolution: str | None = "Time to resolution"


class JiraOptions(kit.WebOptions):
    """The keys of a ``jira_service_management`` source.

    Cloud: ``user`` and an API ``token``, or ``client_id`` and ``client_secret`` of a service
    account, then with ``site`` for links; Data Center: a personal access ``token``, or
    ``client_id``, ``client_secret``, ``token_url`` and ``scope``. ``projects``: keys of the service
    projects. ``robots``: account ids (Data Center: keys of users) that are machines.
    """

    implementation = "collector.sources.jira_service_management.source:Jira"
    title = Text(sv="Jira Service Management", en="Jira Service Management")
    ACCESS = frozenset(
        {"user", "token", "client_id", "client_secret", "token_url", "scope", "site", "sla"}
    )
    settings_in_words: ClassVar = {
        "deployment": Text(sv="Driftform", en="Deployment"),
        "projects": Text(sv="Projekt", en="Projects"),
        "robots": Text(sv="Maskinkonton", en="Machine accounts"),
    }
    HOOK: ClassVar = kit.HookFormat("X-Hub-Signature", ticket="issue.id")
    WORDS: ClassVar = {
        "status": {
            **{"new": "new", "indeterminate": "open", "done": "resolved", "Closed": "closed"},
            **{"Waiting for customer": "on_hold", "Pending": "on_hold"},
        },
        "priority": {
            **{"Highest": "urgent", "High": "high", "Medium": "normal"},
            **{"Low": "low", "Lowest": "low"},
        },
    }
    REMEDIES: ClassVar = kit.told_by(JiraFields)

    type: Literal["jira_service_management"]
    deployment: Literal["cloud", "data_center"] = "cloud"
    projects: Annotated[tuple[ProjectKey, ...], Field(min_length=1)]
    user: str | None = None
    token: kit.Secret | None = None
    client_id: str | None = None
    client_secret: kit.Secret | None = None
    token_url: kit.HttpUrl = "https://auth.atlassian.com/oauth/token"  # noqa: S105 an address
    scope: str = ""
    site: kit.HttpUrl | None = None
    fields: JiraFields = JiraFields()
    sla: JiraSla = JiraSla()
    robots: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _one_way_to_log_in(self) -> Self:
        by_client = self.client_id is not None and self.client_secret is not None
        half = (self.client_id is None) != (self.client_secret is None)
        if half or by_client != (self.token is None) or (by_client and self.user is not None):
            raise ValueError("give either token (Cloud: with user), or client_id and client_secret")
        return self

    def doubts(self) -> Iterator[tuple[tuple[str, ...], str]]:
        if self.is_cloud and self.token and not self.user and self.site is None:
            yield ("token",), "an API token of Jira Cloud goes with a user; set user"

    def login(self) -> kit.Login:
        if self.client_id is not None and self.client_secret is not None:
            return kit.ClientCredentials(
                self.token_url, self.client_id, self.client_secret, self.scope
            )
        assert self.token is not None
        return kit.bearer(self.token) if self.user is None else kit.basic(self.user, self.token)

    @property
    def is_cloud(self) -> bool:
        """Whether this is Cloud, and not a Data Center."""
        return self.deployment == "cloud"
