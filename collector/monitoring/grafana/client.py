"""The one door to a Grafana: its HTTP API by path parts, and all that goes wrong in our own words.

The only module that knows grafana_client, which is optional and imported when it is used.
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
"""How often a request that may be repeated is sent, all in all."""

_PASSING = {429, 500, 502, 503, 504}
_REPEATABLE = {"GET", "PUT"}
_LONGEST = 200
_VERSION = re.compile(r"\D*(\d+)\.(\d+)(?:\.(\d+))?")

Version = tuple[int, int, int]


class GrafanaError(UserFacingError):
    """Grafana did not do what was asked; the text is one line for people and holds no secret."""


class Unreachable(GrafanaError):
    """No answer, or one that is not Grafana's: nothing else will succeed either."""


class Refused(GrafanaError):
    """Grafana said no; ``status`` is that of HTTP."""

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text, permanent=status not in _PASSING)
        self.status = status


class PackageMissing(UserFacingError):
    """The optional package is not installed."""

    permanent = True


def parse_version(text: str) -> Version | None:
    """The numbers of ``13.0.0-90210.patch2`` and the like; None where there are none."""
    match = _VERSION.match(text)
    return None if match is None else (int(match[1]), int(match[2]), int(match[3] or 0))


class Grafana:
    """A Grafana as the service account of a token sees it, or a user.

    Path parts are quoted here; paths begin after ``/api``. GET and PUT are sent again when the
    answer did not come or was a passing failure; whoever repeats a POST must look first. Every
    method raises Unreachable or Refused.
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
        """``url`` ends in a slash; ``timeout`` in seconds for each request; ``secret`` is a token,
        or the password of ``user``.

        Raises PackageMissing, and SecretUnavailable where the secret is not there.
        """
        self.url = url
        self._wait = wait
        self._timeout = timeout
        revealed = secret.reveal()
        if user is None and not (
            revealed.isascii() and revealed.isprintable() and " " not in revealed
        ):
            # said here, because the libraries would repeat it in their own message
            raise GrafanaError(f"the token in {secret.reference} has characters that no token has")
        self._secrets = {revealed}
        self._client = _raw_client(url, revealed if user is None else (user, revealed), timeout)

    def close(self) -> None:
        """Ends the connections."""
        self._client.s.close()

    def __enter__(self) -> Grafana:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def hide(self, secret: str) -> None:
        """Never repeat this text in a message, whatever Grafana answers."""
        self._secrets.add(secret)

    def version(self) -> str:
        """The release, as in ``12.1.0``; a Grafana may keep it from those without a token."""
        health = self.get("health")
        version = health.get("version") if isinstance(health, dict) else None
        if not version:
            version = self.get("frontend", "settings").get("buildInfo", {}).get("version")
        return str(version or "unknown")

    def get(self, *path: str, **query: Any) -> Any:
        """What is there."""
        return self._send("GET", path, query=query)

    def find(self, *path: str) -> Any:
        """What is there, or None where nothing is."""
        try:
            return self.get(*path)
        except Refused as refused:
            if refused.status == 404:
                return None
            raise

    def put(self, *path: str, body: Mapping[str, Any], unlocked: bool = False) -> Any:
        """Replaces what is there. ``unlocked``: people may go on editing it in Grafana's pages."""
        # the header's presence counts, whatever its value
        headers = {"X-Disable-Provenance": "true"} if unlocked else {}
        return self._send("PUT", path, body=body, headers=headers)

    def post(self, *path: str, body: Mapping[str, Any]) -> Any:
        """Adds something. It is sent once."""
        return self._send("POST", path, body=body)

    def delete(self, *path: str) -> None:
        """Takes something away; what is gone already is no fault."""
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
        except (RequestException, OSError) as error:  # these leak
            raise Unreachable(self._hidden(f"{self.url} {_reason(error)}")) from None
        if isinstance(answer, str) and answer:
            raise Unreachable(f"{self.url} answers with a page and not as Grafana: is it the base?")
        return answer

    def _hidden(self, text: str) -> str:
        """A text without our secrets in any form that an answer could have them in; before it is
        cut or its spaces change, or a part of one would stay."""
        for secret in self._secrets:
            for form in (secret, json.dumps(secret)[1:-1], quote(secret, safe="")):
                text = text.replace(form, "***")
        return text


def _pause(failures: int, _: UserFacingError) -> float:
    """Seconds before a request is sent again."""
    return 2.0 ** (failures - 1)


def _raw_client(url: str, credential: str | tuple[str, str], timeout: float) -> Any:
    try:
        from grafana_client.api import GrafanaApi  # noqa: PLC0415 - optional
    except ImportError:
        raise PackageMissing(
            "provisioning needs another package: pip install 'servicedesk-kpi[grafana]'"
        ) from None
    parts = urlsplit(url)
    host = parts.hostname or ""
    api = GrafanaApi(
        auth=credential,
        protocol=parts.scheme,
        host=f"[{host}]" if ":" in host else host,
        port=parts.port,
        # without the slash at its end it would run into "api"
        url_path_prefix=parts.path.strip("/") + "/" if parts.path.strip("/") else "",
        timeout=timeout,
        user_agent="servicedesk-kpi",
    )
    api.client.s.max_redirects = 0  # followed, a POST would arrive as a GET
    return api.client


def _refusal(what: str, status: int, answer: object, hidden: Callable[[str], str]) -> str:
    said = answer.get("message") if isinstance(answer, dict) else answer
    told = " ".join(hidden(str(said or "")).split())[:_LONGEST]
    hint = {
        401: "is the token that of a service account of this organization, and not expired?",
        403: "give the token's service account the role Admin",
    }.get(status)
    return f"{what}: {status}" + (f", {told}" if told else "") + (f"; {hint}" if hint else "")


def _reason(error: BaseException) -> str:
    """Why nothing usable came, in a few words."""
    from niquests.exceptions import (  # noqa: PLC0415 - optional
        JSONDecodeError,
        SSLError,
        TooManyRedirects,
    )

    if isinstance(error, TooManyRedirects):
        return "leads to another address: give that one as grafana.url"
    if isinstance(error, JSONDecodeError):
        return "answers with something else than JSON: is it the base address of Grafana?"
    if isinstance(error, SSLError):
        return (
            "has a certificate that is not trusted here: name its authority in REQUESTS_CA_BUNDLE"
        )
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, gaierror):
            return "cannot be found: nobody knows that name"
        if isinstance(cause, OSError) and cause.strerror and cause.errno is not None:
            return f"cannot be reached: {cause.strerror}"
        arguments = [each for each in cause.args if isinstance(each, BaseException)]
        cause = next(iter(arguments), None) or cause.__cause__ or cause.__context__
    return "cannot be reached: the connection broke"
