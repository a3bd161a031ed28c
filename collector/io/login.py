"""Ways to log in over HTTP: what is sent with every request, and how it is renewed."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias
from urllib.parse import urlsplit

from collector.io.errors import SourceError
from collector.io.responses import Answer
from collector.io.secrets import Secret

Client: TypeAlias = Any
"""An HttpClient, whose module imports this one."""

_EARLY = 60.0
"""Seconds before a token expires in which it is renewed already."""
_SHORT_LIVED = 300.0
"""Seconds for which a token is used that does not say when it expires."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What is added to each request. Parameters stand in the server's log: prefer headers."""

    headers: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)


class Login(Protocol):
    """A way to log in. It outlives the clients that use it, so that a session lasts over polls."""

    def credentials(self, client: Client) -> Credentials:
        """Return what logs in, after logging in if needed.

        Requests for it are made with ``anonymous=True``. Raises HttpError if it is refused, and
        SecretUnavailable if a secret cannot be read.
        """
        ...

    def expired(self, answer: Answer) -> bool:
        """Return whether an accepted answer says that the session has ended."""
        ...

    def renew(self) -> bool:
        """Forget the session; return whether there was one, so that a new login may help."""
        ...


class StaticLogin:
    """Headers that are made of secrets at every request, as by :func:`bearer` and :func:`basic`."""

    def __init__(self, headers: Callable[[], Mapping[str, str]]) -> None:
        self._headers = headers

    def credentials(self, client: Client) -> Credentials:
        """See :class:`Login`."""
        return Credentials(self._headers())

    def expired(self, answer: Answer) -> bool:
        """See :class:`Login`."""
        return False

    def renew(self) -> bool:
        """See :class:`Login`: there is no session."""
        return False


def bearer(token: Secret, scheme: str = "Bearer", header: str = "Authorization") -> StaticLogin:
    """A token in a header, as in ``Authorization: Bearer …``; without a scheme the token alone."""
    return StaticLogin(lambda: {header: f"{scheme} {token.reveal()}".strip()})


def basic(user: str | Secret, password: Secret | str) -> StaticLogin:
    """HTTP Basic authentication; either part may be a secret (an API key as the user)."""
    return StaticLogin(lambda: basic_header(_plain(user), _plain(password)))


def basic_header(user: str, password: str) -> dict[str, str]:
    """Return the header of HTTP Basic authentication."""
    pair = f"{user}:{password}".encode()
    return {"Authorization": "Basic " + base64.b64encode(pair).decode()}


class SessionLogin:
    """A session that is opened by a request of its own and lasts until the server ends it.

    ``start`` opens it and returns what is sent from then on. ``expired``: whether an accepted
    answer means that it has ended, for systems that say so in a 200; a 401 always does.
    """

    def __init__(
        self,
        start: Callable[[Client], Credentials],
        expired: Callable[[Answer], bool] = lambda answer: answer.status == 401,
    ) -> None:
        self._start = start
        self._expired = expired
        self._session: Credentials | None = None

    def credentials(self, client: Client) -> Credentials:
        """See :class:`Login`."""
        if self._session is None:
            self._session = self._start(client)
        return self._session

    def expired(self, answer: Answer) -> bool:
        """See :class:`Login`."""
        return self._expired(answer)

    def renew(self) -> bool:
        """See :class:`Login`."""
        had, self._session = self._session is not None, None
        return had


class ClientCredentials:
    """OAuth 2 with the grant ``client_credentials``: a token that is fetched anew in good time.

    ``token_url``: the full address, often on another host. ``scope``: may be empty.
    """

    def __init__(
        self,
        token_url: str,
        client_id: str,
        client_secret: Secret,
        scope: str = "",
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = token_url
        self._id = client_id
        self._secret = client_secret
        self._scope = {"scope": scope} if scope else {}
        self._monotonic = monotonic
        self._token: str | None = None
        self._until = 0.0

    def credentials(self, client: Client) -> Credentials:
        """See :class:`Login`."""
        if self._token is None or self._monotonic() >= self._until:
            self._fetch(client)
        return Credentials({"Authorization": f"Bearer {self._token}"})

    def expired(self, answer: Answer) -> bool:
        """See :class:`Login`."""
        return answer.status == 401

    def renew(self) -> bool:
        """See :class:`Login`."""
        had, self._token = self._token is not None, None
        return had

    def _fetch(self, client: Client) -> None:
        parts = urlsplit(self._url)
        form = {
            "grant_type": "client_credentials",
            "client_id": self._id,
            "client_secret": self._secret.reveal(),
            **self._scope,
        }
        with client.elsewhere(f"{parts.scheme}://{parts.netloc}") as other:
            body = other.post(parts.path, form=form).body
        token, lasts = body.get("access_token"), body.get("expires_in")
        if not isinstance(token, str) or not token:
            raise SourceError("the token address returned no access_token", permanent=True)
        known = isinstance(lasts, int | float) and not isinstance(lasts, bool)
        self._until = self._monotonic() + (float(lasts) if known else _SHORT_LIVED) - _EARLY
        self._token = token


def _plain(value: str | Secret) -> str:
    return value.reveal() if isinstance(value, Secret) else value
