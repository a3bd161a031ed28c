"""How a REST interface is reached that has no source of its own: the login, and ``:since``."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import field_validator, model_validator

from collector.io.errors import SourceError
from collector.io.http import HttpClient, HttpUrl
from collector.io.login import (
    ClientCredentials,
    Credentials,
    Login,
    SessionLogin,
    StaticLogin,
    basic,
    bearer,
)
from collector.io.secrets import Secret
from collector.model.fields import Interval, Strict, TimeZoneName
from collector.sources.csv.options import TimeFormat
from collector.sources.json.requests import Listing, Value
from collector.sources.kit.web import HttpOptions
from collector.sources.mapped.expressions import Expression

_SECRET = re.compile(r"authorization|cookie|token|secret|password|api-?key", re.IGNORECASE)
"""Names of headers whose values are no business of a configuration."""


class Since(Strict):
    """How ``:since`` is written, and how long before the last change it begins.

    ``format``: iso (``2026-11-22T04:00:00Z`` in UTC), epoch, epoch_ms or a strftime format in
    ``timezone``. ``overlap``: for what is committed late; over an hour where times are local.
    """

    format: TimeFormat = "iso"
    timezone: TimeZoneName = "UTC"
    overlap: Interval = 120

    def text(self, at: int) -> Value:
        """Return an instant (epoch seconds) as ``:since``."""
        match self.format:
            case "epoch":
                return at
            case "epoch_ms":
                return at * 1000
            case "iso":
                return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            case form:
                return datetime.fromtimestamp(at, ZoneInfo(self.timezone)).strftime(form)


class OAuth(Strict):
    """OAuth 2 client credentials. ``token_url``: the full address."""

    token_url: HttpUrl
    client_id: str
    client_secret: Secret
    scope: str = ""


class Session(Strict):
    """A login that gives a token for a session, asked by POST.

    ``body``: sent as JSON, or ``form`` as a form; in it ``:user`` and ``:password`` stand for these
    keys. ``token``: where the token stands in the answer. ``header`` and ``scheme``: how it is sent
    from then on.
    """

    path: str
    body: dict[str, Any] | None = None
    form: dict[str, str] | None = None
    token: Expression
    header: str = "Authorization"
    scheme: str = "Bearer"


class JsonAccess(HttpOptions):
    """The keys by which sources of JSON reach their system, and how they list what they read.

    ``order``: changed, if what is listed is in the order of its time of change, the earliest first;
    then it is read page by page. Otherwise a poll reads the whole answer before it uses it.
    ``token`` is sent in ``token_header`` after the word ``token_scheme``, or as the parameter
    ``token_param``; ``headers`` with every request. ``LISTING``: the key of the request that lists.
    """

    ACCESS: ClassVar[frozenset[str]] = HttpOptions.ACCESS | {
        *("token", "token_header", "token_scheme", "token_param", "user", "password", "session"),
        *("oauth", "headers", "order"),
    }
    LISTING: ClassVar[str]

    token: Secret | None = None
    token_header: str = "Authorization"  # noqa: S105 no secret
    token_scheme: str = "Bearer"  # noqa: S105 no secret
    token_param: str | None = None
    user: str | None = None
    password: Secret | None = None
    session: Session | None = None
    oauth: OAuth | None = None
    headers: dict[str, str] = {}
    order: Literal["any", "changed"] = "any"
    since: Since = Since()

    @field_validator("headers")
    @classmethod
    def _no_secrets(cls, headers: dict[str, str]) -> dict[str, str]:
        for name in headers:
            if _SECRET.search(name):
                raise ValueError(f"{name} holds a secret: set token, and token_header: {name}")
        return headers

    @model_validator(mode="after")
    def _one_way_to_log_in(self) -> Self:
        if (self.user is None) != (self.password is None):
            raise ValueError("give both user and password, or neither")
        ways = [name for name in ("token", "user", "oauth") if getattr(self, name) is not None]
        if len(ways) > 1:
            raise ValueError(f"has two ways to log in, {ways[0]} and {ways[1]}: keep one")
        if self.session is not None and self.user is None:
            raise ValueError("session needs user and password")
        return self

    @property
    def listing(self) -> Listing:
        """The request that lists what is read."""
        request: Listing = getattr(self, self.LISTING)
        return request

    def login(self) -> Login:
        """See :class:`WebOptions`."""
        if self.oauth is not None:
            oauth = self.oauth
            return ClientCredentials(
                oauth.token_url, oauth.client_id, oauth.client_secret, oauth.scope
            )
        if self.session is not None:
            return SessionLogin(self._open_session)
        if self.token is not None and self.token_param is not None:
            name, token = self.token_param, self.token
            return SessionLogin(lambda _: Credentials(params={name: token.reveal()}))
        if self.token is not None:
            return bearer(self.token, self.token_scheme, self.token_header)
        if self.user is not None and self.password is not None:
            return basic(self.user, self.password)
        return StaticLogin(dict)

    def _open_session(self, client: HttpClient) -> Credentials:
        session, password = self.session, self.password
        assert session is not None and self.user is not None and password is not None
        values = {":user": self.user, ":password": password.reveal()}

        def filled(given: dict[str, Any] | None) -> dict[str, Any] | None:
            if given is None:
                return None
            return {k: values.get(v, v) if isinstance(v, str) else v for k, v in given.items()}

        answer = client.post(
            session.path, json=filled(session.body), form=filled(session.form), anonymous=True
        )
        token = session.token.of(answer.body, "session.token")
        if not isinstance(token, str) or not token:
            raise SourceError("session.token finds no token in the answer", permanent=True)
        return Credentials({session.header: f"{session.scheme} {token}".strip()})
