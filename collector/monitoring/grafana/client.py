"""The client of Grafana's HTTP API: requests by path parts, and errors with readable messages.

The only module that uses grafana_client, which is optional and imported on first use.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

from collector.io.errors import UserFacingError
from collector.io.retry import Retry
from collector.io.secrets import Secret
from collector.monitoring.grafana.refusals import (
    Login,
    failure_of_query,
    message_in,
    reason_of,
    refusal_text,
)

TRIES = 3
"""How often an idempotent request is sent in total."""

PATIENCE = 75
"""Seconds to wait in total for permissions: Grafana caches those of an account for 60 s."""

_LONGEST_PAUSE = 15
_TRANSIENT = {429, 500, 502, 503, 504}
_REPEATABLE = {"GET", "PUT"}
_VERSION = re.compile(r"\D*(\d+)\.(\d+)(?:\.(\d+))?")

Version = tuple[int, int, int]
T = TypeVar("T")


class GrafanaError(UserFacingError):
    """A request to Grafana failed; the message is one line for people and holds no secret."""


class Unreachable(GrafanaError):
    """No answer, or one that is not Grafana's: further requests would fail as well."""


class TimedOut(Unreachable):
    """No answer in time: from Grafana, or from what Grafana had to ask itself."""


class Refused(GrafanaError):
    """Grafana answered with an error: ``status`` is the HTTP status code, ``said`` its message."""

    def __init__(self, text: str, status: int, said: str = "") -> None:
        super().__init__(text, permanent=status not in _TRANSIENT)
        self.status = status
        self.said = said


class PackageMissing(UserFacingError):
    """The optional package is not installed."""

    permanent = True


def parse_version(text: str) -> Version | None:
    """(major, minor, patch) of a version such as ``13.0.0-90210.patch2``; None without numbers."""
    match = _VERSION.match(text)
    return None if match is None else (int(match[1]), int(match[2]), int(match[3] or 0))


class Grafana:
    """A Grafana, accessed with a service account's token or as a user.

    Paths are given as parts, relative to ``/api``, and quoted here. GET and PUT are retried after a
    transient failure; a caller that repeats a POST must check first whether it took effect. Every
    method that sends a request raises Unreachable or Refused.
    """

    def __init__(
        self,
        url: str,
        secret: Secret,
        timeout: float,
        wait: Callable[[float], object] = time.sleep,
        *,
        user: str | None = None,
    ) -> None:
        """``url`` ends in a slash; ``timeout`` is in seconds for each request; ``secret`` is a
        token, or the password of ``user``; ``wait`` sleeps between retries.

        Raises PackageMissing without grafana_client, SecretUnavailable when the secret cannot be
        read, and GrafanaError when it cannot be a token.
        """
        self.url = url
        self._wait = wait
        self._timeout = timeout
        revealed = secret.reveal()
        if user is None and not (
            revealed.isascii() and revealed.isprintable() and " " not in revealed
        ):
            # checked here, because the libraries would repeat the token in their own message
            raise GrafanaError(f"the token in {secret.reference} has characters that no token has")
        self._secrets = {revealed}
        self._login = Login(secret.reference, user)
        self._patience = float(PATIENCE)
        self._client = _raw_client(url, revealed if user is None else (user, revealed), timeout)

    def close(self) -> None:
        """Close the connections."""
        self._client.s.close()

    def __enter__(self) -> Grafana:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def hide(self, secret: str) -> None:
        """Mask this text in all messages, whatever Grafana answers."""
        self._secrets.add(secret)

    def identify(self) -> None:
        """Ask whose credential this is, so that later refusals can name the account.

        Where anonymous viewing is on, Grafana takes a token that it does not know for an anonymous
        viewer and answers almost everything; of the signed-in user alone it tells nothing. Raises
        Refused then.
        """
        try:
            account = self.get("user")
        except Refused as refused:
            if refused.status == 401:
                raise
            return  # it is known: some releases only have no such profile of service accounts
        if str(account.get("uid") or "").startswith("anonymous"):
            raise Refused(refusal_text("GET", "/user", 401, "anonymous", self._login), 401)
        self._login = replace(self._login, name=str(account.get("name") or ""))

    def version(self) -> str:
        """Grafana's version, such as ``12.1.0``, or ``unknown``.

        Without a token the health endpoint may omit it; the frontend settings then have it.
        """
        health = self.get("health")
        version = health.get("version") if isinstance(health, dict) else None
        if not version:
            version = self.get("frontend", "settings").get("buildInfo", {}).get("version")
        return str(version or "unknown")

    def get(self, *path: str, **query: Any) -> Any:
        """GET a path; the decoded JSON."""
        return self._send("GET", path, query=query)

    def find(self, *path: str, hidden: bool = False) -> Any:
        """GET a path; None on 404, and with ``hidden`` on 403 as well, which some paths answer
        where there is nothing."""
        try:
            return self.get(*path)
        except Refused as refused:
            if refused.status == 404 or (hidden and refused.status == 403):
                return None
            raise

    def put(self, *path: str, body: Mapping[str, Any], unlocked: bool = False) -> Any:
        """PUT ``body`` in the place of what is there.

        ``unlocked``: users may still edit it in Grafana's pages.
        """
        # Grafana looks only at the header's presence, whatever its value
        headers = {"X-Disable-Provenance": "true"} if unlocked else {}
        return self._send("PUT", path, body=body, headers=headers)

    def post(self, *path: str, body: Mapping[str, Any]) -> Any:
        """POST ``body``, to add something. It is never retried."""
        return self._send("POST", path, body=body)

    def query(self, uid: str, expr: str) -> list[Any]:
        """The frames of an instant query in PromQL to a data source, as rules are evaluated."""
        query = {
            "refId": "A",
            "datasource": {"uid": uid},
            "expr": expr,
            "instant": True,
            "range": False,
            "intervalMs": 1000,
            "maxDataPoints": 100,
        }
        body = {"queries": [query], "from": "now-1m", "to": "now"}
        answer = self.post("ds", "query", body=body)
        if failure := failure_of_query(answer):
            said = self._hidden(failure)
            raise Refused(f"POST /api/ds/query: {said}", 400, said)
        result: dict[str, Any] = (answer.get("results") or {}).get("A") or {}
        return list(result.get("frames") or [])

    def when_allowed(self, act: Callable[[], T]) -> T:
        """Do what Grafana may refuse with 403 for some seconds, as everything in a folder that was
        just created. All such waits together take at most PATIENCE seconds."""

        def attempt() -> T:
            try:
                return act()
            except Refused as refused:
                refused.permanent = refused.permanent and refused.status != 403
                raise

        def pause(failures: int, _: UserFacingError) -> float | None:
            wait = min(2.0 ** (failures - 1), _LONGEST_PAUSE)
            if wait > self._patience:
                return None
            self._patience -= wait
            return wait

        return Retry(PATIENCE, pause, self._wait).run(attempt)

    def delete(self, *path: str) -> None:
        """DELETE a path; 404 counts as done."""
        try:
            self._send("DELETE", path)
        except Refused as refused:
            if refused.status != 404:
                raise

    def _send(
        self,
        verb: str,
        path: tuple[str, ...],
        *,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        retry = Retry(TRIES if verb in _REPEATABLE else 1, _pause, self._wait)
        return retry.run(lambda: self._send_once(verb, path, body, query, headers))

    def _send_once(
        self,
        verb: str,
        path: tuple[str, ...],
        body: Mapping[str, Any] | None,
        query: Mapping[str, Any] | None,
        headers: Mapping[str, str] | None,
    ) -> Any:
        from grafana_client.client import (  # noqa: PLC0415 - optional
            GrafanaException,
            GrafanaTimeoutError,
        )
        from niquests.exceptions import RequestException  # noqa: PLC0415

        where = "".join("/" + quote(part, safe="") for part in path)
        request = getattr(self._client, verb)
        try:
            answer = request(
                where,
                json=body,
                params=query or None,
                headers=headers or None,
                accept_empty_json=True,
            )
        except GrafanaTimeoutError:
            raise TimedOut(f"{self.url} did not answer within {self._timeout:g} s") from None
        except GrafanaException as error:
            said = message_in(error.response, self._hidden)
            text = refusal_text(verb, where, error.status_code, said, self._login)
            raise Refused(text, error.status_code, said) from None
        except (RequestException, OSError) as error:  # their messages may contain secrets
            raise Unreachable(self._hidden(f"{self.url} {reason_of(error)}")) from None
        if isinstance(answer, str) and answer:
            raise Unreachable(f"{self.url} answers with a web page: is it Grafana's base address?")
        return answer

    def _hidden(self, text: str) -> str:
        """Mask our secrets in a text, in every form that an answer could contain. To be called
        before a text is shortened or its whitespace changed, or a part of a secret would stay."""
        for secret in self._secrets:
            for form in (secret, json.dumps(secret)[1:-1], quote(secret, safe="")):
                text = text.replace(form, "***")
        return text


def _pause(failures: int, _: UserFacingError) -> float:
    """Seconds to wait before a request is retried."""
    return 2.0 ** (failures - 1)


def _raw_client(url: str, credential: str | tuple[str, str], timeout: float) -> Any:
    try:
        from grafana_client.api import GrafanaApi  # noqa: PLC0415 - optional
    except ImportError:
        raise PackageMissing(
            "provisioning needs an optional package: pip install 'servicedesk-kpi[grafana]'"
        ) from None
    parts = urlsplit(url)
    host = parts.hostname or ""
    api = GrafanaApi(
        auth=credential,
        protocol=parts.scheme,
        host=f"[{host}]" if ":" in host else host,
        port=parts.port,
        # without the trailing slash the client would glue it to "api"
        url_path_prefix=parts.path.strip("/") + "/" if parts.path.strip("/") else "",
        timeout=timeout,
        user_agent="servicedesk-kpi",
    )
    api.client.s.max_redirects = 0  # a redirected POST would arrive as a GET
    return api.client
