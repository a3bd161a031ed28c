"""The client of Grafana's HTTP API: requests by path parts, and errors with readable messages.

The only module that uses grafana_client, which is optional and imported on first use.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from socket import gaierror
from typing import Any
from urllib.parse import quote, urlsplit

from collector.io.errors import UserFacingError
from collector.io.retry import Retry
from collector.io.secrets import Secret

TRIES = 3
"""How often an idempotent request is sent in total."""

_TRANSIENT = {429, 500, 502, 503, 504}
_REPEATABLE = {"GET", "PUT"}
_MAX_ANSWER = 200
_VERSION = re.compile(r"\D*(\d+)\.(\d+)(?:\.(\d+))?")

Version = tuple[int, int, int]


class GrafanaError(UserFacingError):
    """A request to Grafana failed; the message is one line for people and holds no secret."""


class Unreachable(GrafanaError):
    """No answer, or one that is not Grafana's: further requests would fail as well."""


class Refused(GrafanaError):
    """Grafana answered with an error; ``status`` is the HTTP status code."""

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text, permanent=status not in _TRANSIENT)
        self.status = status


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

    def find(self, *path: str) -> Any:
        """GET a path; None on 404."""
        try:
            return self.get(*path)
        except Refused as refused:
            if refused.status == 404:
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
            raise Unreachable(f"{self.url} did not answer within {self._timeout:g} s") from None
        except GrafanaException as error:
            what = f"{verb} /api{where}"
            refusal = _refusal(what, error.status_code, error.response, self._hidden)
            raise Refused(refusal, error.status_code) from None
        except (RequestException, OSError) as error:  # their messages may contain secrets
            raise Unreachable(self._hidden(f"{self.url} {_reason(error)}")) from None
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


def _refusal(what: str, status: int, answer: object, hidden: Callable[[str], str]) -> str:
    message = answer.get("message") if isinstance(answer, dict) else answer
    shown = " ".join(hidden(str(message or "")).split())[:_MAX_ANSWER]
    hint = {
        401: "is the token that of a service account of this organization, and not expired?",
        403: "give the token's service account the role Admin",
    }.get(status)
    return f"{what}: {status}" + (f", {shown}" if shown else "") + (f"; {hint}" if hint else "")


def _reason(error: BaseException) -> str:
    """Why no usable answer came, as the predicate of a sentence about the address."""
    from niquests.exceptions import (  # noqa: PLC0415 - optional
        JSONDecodeError,
        SSLError,
        TooManyRedirects,
    )

    if isinstance(error, TooManyRedirects):
        return "redirects to another address: set that one as grafana.url"
    if isinstance(error, JSONDecodeError):
        return "does not answer with JSON: is it the base address of Grafana?"
    if isinstance(error, SSLError):
        return "has a certificate that is not trusted here: set REQUESTS_CA_BUNDLE to its authority"
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, gaierror):
            return "cannot be found: the host name does not resolve"
        if isinstance(cause, OSError) and cause.strerror and cause.errno is not None:
            return f"cannot be reached: {cause.strerror}"
        arguments = [each for each in cause.args if isinstance(each, BaseException)]
        cause = next(iter(arguments), None) or cause.__cause__ or cause.__context__
    return "cannot be reached: the connection broke"
