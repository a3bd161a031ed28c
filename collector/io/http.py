"""The HTTP client of all sources: JSON over GET, with limits on time, size and retries.

To the protections of the session in ``transport`` it adds a limit on decompressed bytes, retries
with pauses within one deadline, and error messages that contain neither the query nor headers nor
anything from the response.
"""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator

from collector.io.errors import SourceError, UserFacingError
from collector.io.retry import Retry
from collector.io.secrets import SecretUnavailable

if TYPE_CHECKING:
    import requests

Params = Mapping[str, str] | Sequence[tuple[str, str]]

LONGEST_WAIT = 60.0
"""Seconds. If a server asks for a longer pause, the call fails and is left to the next poll."""

_TEMPORARY = frozenset({429, 502, 503, 504})
_CONNECT_TIMEOUT = 5.0
_CHUNK = 64 * 1024


class HttpError(SourceError):
    """A request failed after all retries.

    ``status`` is the HTTP status of the response, None if there was no response.
    """

    def __init__(self, message: str, *, permanent: bool, status: int | None = None) -> None:
        super().__init__(message, permanent=permanent)
        self.status = status


@dataclass(frozen=True, slots=True)
class JsonResponse:
    """A JSON object, and the seconds the server's clock is ahead of ours (None: unknown)."""

    body: dict[str, Any]
    clock_skew: float | None


def plain_http_url(url: str) -> str:
    """Return the address without its closing slash.

    Raises ValueError, without quoting the address, if it is not http(s) or contains credentials,
    a query or a fragment.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port  # an impossible port raises
    except ValueError:
        host, parts = None, urlsplit("")
    if parts.scheme not in ("http", "https") or not host:
        raise ValueError("write the address as https://host or https://host/path")
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError("the address must not contain a user, password, query or fragment")
    return url.rstrip("/")


HttpUrl = Annotated[str, AfterValidator(plain_http_url)]
"""An http(s) address without credentials, query or closing slash."""


class _Passing(SourceError):
    """An attempt failed and the next may succeed; ``wait``: seconds the server asks to wait."""

    def __init__(self, reason: str, *, status: int | None = None, wait: float = 0.0) -> None:
        super().__init__(reason)
        self.status = status
        self.wait = wait


class HttpClient:
    """Gets JSON objects below ``base_url``; a context manager, since it keeps connections open.

    ``headers`` is called for every request, so that secrets are read when they are used.
    ``deadline``: seconds for one call of :meth:`get_json` with all its attempts. ``max_bytes``: the
    limit for a decompressed response. ``tries``: the most attempts per call. ``ca_file``:
    certificates to trust instead of the default ones.
    """

    def __init__(
        self,
        base_url: str,
        headers: Callable[[], Mapping[str, str]] = dict,
        *,
        deadline: float = 20.0,
        max_bytes: int = 10 * 1024 * 1024,
        tries: int = 5,
        ca_file: str | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._base = base_url.rstrip("/")
        self._headers = headers
        self._deadline = deadline
        self._max_bytes = max_bytes
        self._tries = tries
        self._sleep = sleep
        self._clock = clock
        self._monotonic = monotonic
        from collector.io.transport import HttpSession  # noqa: PLC0415 - loaded on first use

        self._session = HttpSession(ca_file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def get_json(self, path: str, params: Params = ()) -> JsonResponse:
        """Return the JSON object at ``path``.

        1. Try until a response is usable or final, or the deadline or number of tries is reached.
        2. Between attempts wait a random time (full jitter), at least as long as the server asks.
        3. If the wait is too long or would exceed the deadline, give up with an error that is not
           permanent.

        Raises HttpError, whose ``permanent`` says whether a later call can succeed unchanged.
        """
        end = self._monotonic() + self._deadline
        retry = Retry(self._tries, partial(self._pause, end), self._sleep)
        with self._session.deadline(self._deadline):
            try:
                return retry.run(lambda: self._try(path, params, end))
            except _Passing as failure:
                wait = f" and asks to wait {failure.wait:.0f} s" if failure.wait else ""
                text = f"{failure}{wait}; the next poll will try again"
                raise self._error(path, text, failure.status) from None

    def _pause(self, end: float, failures: int, error: UserFacingError) -> float | None:
        """Return the seconds to wait before the next attempt; None to give up."""
        if not isinstance(error, _Passing):
            return None
        wait = max(error.wait, random.uniform(0.0, min(8.0, 0.5 * 2**failures)))  # noqa: S311
        left = end - self._monotonic()
        return None if error.wait > LONGEST_WAIT or wait >= left else wait

    def _try(self, path: str, params: Params, end: float) -> JsonResponse:
        from collector.io.transport import HTTP_ERRORS  # noqa: PLC0415 - loaded on first use

        left = end - self._monotonic()
        if left <= 0:
            raise self._too_slow(path)
        try:
            response = self._session.exchange(
                "GET",
                self._base + path,
                params=params,
                headers=self._request_headers(path),
                timeout=(min(_CONNECT_TIMEOUT, left), left),
            )
            with response:
                self._judge(path, response)
                body = self._read(path, response, end)
                skew = self._skew(response)
        except HTTP_ERRORS as error:
            if self._monotonic() >= end:
                raise self._too_slow(path) from None
            raise self._classified(path, error) from None
        except (OSError, UnicodeError, ValueError):
            raise self._error(
                path,
                "the request could not be sent; check the address, the CA file and that the "
                "credentials contain only ASCII characters",
                permanent=True,
            ) from None
        return JsonResponse(self._parse(path, response, body), skew)

    def _request_headers(self, path: str) -> dict[str, str]:
        try:
            own = self._headers()
        except SecretUnavailable as error:
            raise self._error(path, str(error), permanent=True) from None
        return {"Accept": "application/json", "Accept-Encoding": "gzip", **own}

    def _judge(self, path: str, response: requests.Response) -> None:
        """Raise _Passing or HttpError unless the status is 2xx."""
        status = response.status_code
        if status in _TEMPORARY:
            wait = _retry_after(response.headers.get("Retry-After"), self._server_time(response))
            raise _Passing(f"answered {status}", status=status, wait=wait)
        if status >= 500:
            raise _Passing(f"answered {status}", status=status)
        if 200 <= status < 300:
            return
        if status in (401, 403):
            advice = "the credentials are wrong or lack permissions; correct them"
        elif status < 400:
            advice = "redirects are not followed; configure the final address"
        else:
            advice = "the request was refused; check the address and the configuration"
        raise self._error(path, f"answered {status}: {advice}", status, permanent=True)

    def _read(self, path: str, response: requests.Response, end: float) -> bytes:
        body = bytearray()
        for chunk in response.iter_content(_CHUNK):
            body += chunk
            if len(body) > self._max_bytes:
                text = f"the response is larger than {self._max_bytes} bytes"
                raise self._error(path, text, response.status_code, permanent=True)
            if self._monotonic() >= end:
                raise self._too_slow(path)
        return bytes(body)

    def _parse(self, path: str, response: requests.Response, raw: bytes) -> dict[str, Any]:
        status = response.status_code
        is_json = "json" in response.headers.get("Content-Type", "").lower()
        start = raw.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
        if start == b"<" or not (is_json or start in (b"{", b"[", b"")):
            text = (
                "returned a web page instead of data, perhaps a login page; "
                "check url and credentials"
            )
            raise self._error(path, text, status, permanent=True)
        try:
            body = json.loads(raw)
        except (ValueError, RecursionError):
            raise _Passing("the response is incomplete or damaged", status=status) from None
        if not isinstance(body, dict):
            text = "returned JSON that is not an object; check url"
            raise self._error(path, text, status, permanent=True)
        return body

    def _server_time(self, response: requests.Response) -> float | None:
        try:
            return parsedate_to_datetime(response.headers["Date"]).timestamp()
        except (KeyError, ValueError, OverflowError):
            return None

    def _skew(self, response: requests.Response) -> float | None:
        theirs = self._server_time(response)
        return None if theirs is None else theirs - self._clock()

    def _classified(self, path: str, error: Exception) -> Exception:
        """Return our error for a failed exchange; the library's text could quote the query."""
        from collector.io.transport import CONNECTION_ERRORS, TIMEOUT_ERROR, is_untrusted  # noqa: PLC0415 - as above

        if is_untrusted(error):
            text = "the TLS certificate is not trusted; set ca_file or correct the address"
            return self._error(path, text, permanent=True)
        if isinstance(error, TIMEOUT_ERROR):
            return _Passing("timed out")
        if isinstance(error, CONNECTION_ERRORS):
            return _Passing("the connection failed")
        return self._error(path, "the request could not be sent; check url", permanent=True)

    def _too_slow(self, path: str) -> HttpError:
        text = f"not finished within {self._deadline:g} s; the next poll will try again"
        return self._error(path, text)

    def _error(
        self, path: str, text: str, status: int | None = None, *, permanent: bool = False
    ) -> HttpError:
        parts = urlsplit(self._base)
        where = f"{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path}{path}"
        return HttpError(f"GET {where}: {text}", permanent=permanent, status=status)


def _retry_after(value: str | None, server_time: float | None) -> float:
    """Return the seconds a ``Retry-After`` asks for; 0 if it is absent, past or invalid."""
    value = (value or "").strip()
    if re.fullmatch(r"[0-9]{1,9}", value):
        return float(value)
    try:
        until = parsedate_to_datetime(value).timestamp()
    except (ValueError, OverflowError):
        return 0.0
    return max(0.0, until - (time.time() if server_time is None else server_time))
