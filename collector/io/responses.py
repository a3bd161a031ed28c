"""What is asked over HTTP, and what of a response can be used. No I/O."""

from __future__ import annotations

import json
from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from collector.io.budget import retry_after
from collector.io.errors import SourceError
from collector.model.codes import Fault

if TYPE_CHECKING:
    import requests

_TEMPORARY = frozenset({429, 502, 503, 504})
_EMPTY = frozenset({204, 205})


def fault_of(status: int | None) -> Fault | None:
    """What kind of fault a status is; None if it is none, or there was no response."""
    if status is None or 200 <= status < 300:
        return None
    if status in _FAULTS:
        return _FAULTS[status]
    if status >= 500:
        return Fault.SERVER_FAILING
    return Fault.REDIRECTED if status < 400 else Fault.REJECTED


_FAULTS = {
    401: Fault.LOGIN,
    403: Fault.FORBIDDEN,
    404: Fault.NOT_FOUND,
    407: Fault.LOGIN,
    408: Fault.TIMEOUT,
    410: Fault.NOT_FOUND,
    413: Fault.REJECTED,
    429: Fault.TOO_MANY_REQUESTS,
}


class HttpError(SourceError):
    """A request failed after all retries.

    ``status`` is the HTTP status of the response, None if there was no response.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool,
        status: int | None = None,
        fault: Fault | None = None,
    ) -> None:
        super().__init__(message, permanent=permanent, fault=fault or fault_of(status))
        self.status = status


class ResponseTooLarge(HttpError):
    """The response is larger than is read; a question for less may be answered."""

    fault = Fault.TOO_LARGE


class BudgetSpent(HttpError):
    """As many requests were sent as may be for now: nothing is wrong, a later poll goes on."""

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message, permanent=False, status=status, fault=Fault.TOO_MANY_REQUESTS)


@dataclass(frozen=True, slots=True)
class Answer:
    """A response: its JSON (None without content), its status, and its headers in any case.

    ``clock_skew``: the seconds the server's clock is ahead of ours, None if unknown.
    """

    body: Any
    status: int
    headers: Mapping[str, str]
    clock_skew: float | None


class Passing(SourceError):
    """An attempt failed and the next may succeed; ``wait``: seconds the server asks to wait."""

    def __init__(
        self,
        reason: str,
        *,
        status: int | None = None,
        wait: float = 0.0,
        fault: Fault | None = None,
    ) -> None:
        super().__init__(reason, fault=fault or fault_of(status))
        self.status = status
        self.wait = wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """``method`` to ``path`` below ``base``; the rest is as in ``HttpClient.get``.

    ``parts``: the body and the query as the library takes them.
    """

    method: str
    base: str
    path: str
    parts: Mapping[str, Any]
    headers: Mapping[str, str]
    kind: type | None
    accept: Container[int]
    anonymous: bool

    def line(self, text: str) -> str:
        """Return a line about this request, without its query, headers and body."""
        parts = urlsplit(self.base)
        port = f":{parts.port}" if parts.port else ""
        return f"{self.method} {parts.hostname}{port}{parts.path}{self.path}: {text}"

    def error(
        self,
        text: str,
        status: int | None = None,
        *,
        permanent: bool = False,
        fault: Fault | None = None,
    ) -> HttpError:
        """Return the error that says so of this request."""
        return HttpError(self.line(text), permanent=permanent, status=status, fault=fault)


def judge(request: Request, response: requests.Response, server_time: float | None) -> None:
    """Raise Passing or HttpError unless the status is one that can be used."""
    status = response.status_code
    if status in request.accept:
        return
    if status in _TEMPORARY:
        wait = retry_after(response.headers.get("Retry-After"), server_time)
        raise Passing(f"answered {status}", status=status, wait=wait)
    if status >= 500:
        raise Passing(f"answered {status}", status=status)
    if 200 <= status < 300 and status not in _EMPTY:
        return
    if status in _EMPTY:
        advice = "no data; check url"
    elif status in (401, 403):
        advice = "the credentials are wrong or lack permissions; correct them"
    elif status < 400:
        advice = "redirects are not followed; configure the final address"
    else:
        advice = "the request was refused; check the address and the configuration"
    raise request.error(f"answered {status}: {advice}", status, permanent=True)


def content(request: Request, response: requests.Response, raw: bytes) -> Any:
    """Return the JSON of a response's body; None if it has none and may have none.

    Raises Passing or HttpError if it is not what was asked for.
    """
    status = response.status_code
    regular = 200 <= status < 300
    if status in _EMPTY or (not regular and not raw):
        return None
    is_json = "json" in response.headers.get("Content-Type", "").lower()
    start = raw.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start == b"<" or not (is_json or start in (b"{", b"[", b"")):
        if not regular:
            return None
        text = (
            "returned a web page instead of data, perhaps a login page; check url and credentials"
        )
        raise request.error(text, status, permanent=True, fault=Fault.WEB_PAGE)
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise Passing(
            "the response is incomplete or damaged", status=status, fault=Fault.DAMAGED
        ) from None
    if regular and request.kind is not None and not isinstance(body, request.kind):
        wanted = "an object" if request.kind is dict else "a list"
        text = f"returned JSON that is not {wanted}; check url"
        raise request.error(text, status, permanent=True, fault=Fault.DAMAGED)
    return body
