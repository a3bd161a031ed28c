"""The HTTP client of all sources: JSON over GET and POST, with limits on time, size and retries.

To the protections of the session in ``transport`` it adds a limit on decompressed bytes, retries
with pauses within one deadline, and error messages that contain neither the query nor headers nor
anything from the response.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Container, Mapping, Sequence
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator

from collector.io.budget import Budget
from collector.io.connection_faults import fault_of
from collector.io.errors import NEXT_POLL, UserFacingError
from collector.io.login import Credentials, Login, StaticLogin
from collector.io.responses import (
    Answer,
    BudgetSpent,
    HttpError,
    Passing,
    Request,
    ResponseTooLarge,
    content,
    judge,
)
from collector.io.retry import Retry
from collector.io.secrets import SecretUnavailable
from collector.model.codes import Fault

if TYPE_CHECKING:
    import requests

__all__ = [
    "Answer", "BudgetSpent", "HttpClient", "HttpError", "HttpUrl", "ResponseTooLarge",
    "plain_http_url",
]  # fmt: skip

Params = Mapping[str, str] | Sequence[tuple[str, str]]

LONGEST_WAIT = 60.0
"""Seconds. If a server asks for a longer pause, the call fails and is left to the next poll."""

_CONNECT_TIMEOUT = 5.0
_CHUNK = 64 * 1024


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


class HttpClient:
    """Asks for JSON below ``base_url``; a context manager, since it keeps connections open.

    ``login``: how to log in, with one renewal per request when a session has ended; or a function
    that returns headers, called for every request, so that secrets are read when they are used.
    ``budget``: how many requests may be sent. ``deadline``: seconds for one call with all its
    attempts. ``max_bytes``: the limit for a decompressed response. ``tries``: the most attempts per
    call. ``ca_file``: certificates to trust instead of the default ones.

    ``clock_skew`` (seconds by which the server's clock is ahead of ours) and ``server_time`` (epoch
    seconds) are those of the last response that told them.
    """

    def __init__(
        self,
        base_url: str,
        login: Login | Callable[[], Mapping[str, str]] = dict,
        *,
        budget: Budget | None = None,
        deadline: float = 20.0,
        max_bytes: int = 10 * 1024 * 1024,
        tries: int = 5,
        ca_file: str | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._base = base_url.rstrip("/")
        self._login: Login = StaticLogin(login) if callable(login) else login
        self._budget = budget or Budget()
        self._deadline = deadline
        self._max_bytes = max_bytes
        self._tries = tries
        self._ca_file = ca_file
        self._sleep = sleep
        self._clock = clock
        self._monotonic = monotonic
        self.clock_skew: float | None = None
        self.server_time: float | None = None
        from collector.io.transport import HttpSession  # noqa: PLC0415 - loaded on first use

        self._session = HttpSession(ca_file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def elsewhere(self, base_url: str) -> HttpClient:
        """Return a client of the same settings for another host, without login and budget."""
        return HttpClient(
            base_url,
            deadline=self._deadline,
            ca_file=self._ca_file,
            sleep=self._sleep,
            clock=self._clock,
            monotonic=self._monotonic,
        )

    def get(
        self,
        path: str,
        params: Params = (),
        *,
        kind: type | None = dict,
        accept: Container[int] = (),
        headers: Mapping[str, str] | None = None,
        anonymous: bool = False,
    ) -> Answer:
        """Return the answer at ``path`` (with or without a leading slash).

        ``kind``: the type its JSON must have, ``dict`` or ``list``; None: any. ``accept``: statuses
        besides 200 to 299 to return instead of raising; their body is None if it is not JSON. For a
        204, which has no body, it must be named too. ``anonymous``: without logging in.

        1. Try until a response is usable or final, or the deadline or number of tries is reached.
        2. Between attempts wait a random time (full jitter), at least as long as the server asks.
        3. If the wait is too long or would exceed the deadline, give up with an error that is not
           permanent.

        Raises BudgetSpent if no more may be sent for now, and HttpError, whose ``permanent`` says
        whether a later call can succeed unchanged.
        """
        return self._send("GET", path, {"params": params}, kind, accept, headers, anonymous)

    def post(
        self,
        path: str,
        *,
        params: Params = (),
        json: object = None,
        form: Params | None = None,
        kind: type | None = dict,
        accept: Container[int] = (),
        headers: Mapping[str, str] | None = None,
        anonymous: bool = False,
    ) -> Answer:
        """Return the answer to a question that is sent as JSON or as a form; see :meth:`get`.

        It is tried again like a GET, so it must change nothing.
        """
        parts = {"params": params, "json": json, "data": form}
        return self._send("POST", path, parts, kind, accept, headers, anonymous)

    def _send(
        self,
        method: str,
        path: str,
        parts: Mapping[str, Any],
        kind: type | None,
        accept: Container[int],
        headers: Mapping[str, str] | None,
        anonymous: bool,
    ) -> Answer:
        """Send a request, and once more after a new login if the session has ended."""
        request = Request(
            method=method,
            base=self._base,
            path="/" + path.lstrip("/"),
            parts=parts,
            headers=headers or {},
            kind=kind,
            accept=accept,
            anonymous=anonymous,
        )
        try:
            answer = self._attempts(request)
            if anonymous or not self._login.expired(answer):
                return answer
        except HttpError as error:
            if anonymous or error.status != 401 or not self._login.renew():
                raise
        else:
            self._login.renew()
        return self._attempts(request)

    def _attempts(self, request: Request) -> Answer:
        end = self._monotonic() + self._deadline
        retry = Retry(self._tries, partial(self._pause, end), self._sleep)
        with self._session.deadline(self._deadline):
            try:
                return retry.run(lambda: self._try(request, end))
            except Passing as failure:
                wait = f" and asks to wait {failure.wait:.0f} s" if failure.wait else ""
                text = f"{failure}{wait}; {NEXT_POLL}"
                if failure.status == 429 and failure.wait:
                    self._budget.block(failure.wait)
                    raise BudgetSpent(request.line(text), status=429) from None
                raise request.error(text, failure.status, fault=failure.fault) from None

    def _pause(self, end: float, failures: int, error: UserFacingError) -> float | None:
        """Return the seconds to wait before the next attempt; None to give up."""
        if not isinstance(error, Passing):
            return None
        wait = max(error.wait, random.uniform(0.0, min(8.0, 0.5 * 2**failures)))  # noqa: S311
        left = end - self._monotonic()
        return None if error.wait > LONGEST_WAIT or wait >= left else wait

    def _try(self, request: Request, end: float) -> Answer:
        from collector.io.transport import HTTP_ERRORS  # noqa: PLC0415 - loaded on first use

        logged_in = self._credentials(request)
        left = end - self._monotonic()
        if left <= 0:
            raise self._too_slow(request)
        if wait := self._budget.take():
            text = f"no more requests may be sent for {wait:.0f} s; the next poll goes on"
            raise BudgetSpent(request.line(text))
        own = {"Accept": "application/json", "Accept-Encoding": "gzip", **request.headers}
        parts = {**request.parts, "params": _joined(request.parts["params"], logged_in.params)}
        try:
            response = self._session.exchange(
                request.method,
                request.base + request.path,
                **parts,
                headers={**own, **logged_in.headers},
                timeout=(min(_CONNECT_TIMEOUT, left), left),
            )
            with response:
                self._note_clock(response)
                self._budget.heed(response.headers, self.server_time)
                judge(request, response, self.server_time)
                body = self._read(request, response, end)
        except HTTP_ERRORS as error:
            if self._monotonic() >= end:
                raise self._too_slow(request) from None
            raise self._classified(request, error) from None
        except (OSError, UnicodeError, ValueError):
            raise request.error(
                "the request could not be sent; check the address, the CA file and that the "
                "credentials contain only ASCII characters",
                permanent=True,
            ) from None
        found = content(request, response, body)
        return Answer(found, response.status_code, response.headers, self.clock_skew)

    def _credentials(self, request: Request) -> Credentials:
        if request.anonymous:
            return Credentials()
        try:
            return self._login.credentials(self)
        except SecretUnavailable as error:
            raise request.error(str(error), permanent=True, fault=error.fault) from None

    def _note_clock(self, response: requests.Response) -> None:
        try:
            date = parsedate_to_datetime(response.headers["Date"])
            # the older forms name no zone: a Date is always in UTC (RFC 9110, 5.6.7)
            theirs = (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
        except (KeyError, ValueError, OverflowError):
            return
        self.server_time, self.clock_skew = theirs, theirs - self._clock()

    def _read(self, request: Request, response: requests.Response, end: float) -> bytes:
        body = bytearray()
        for chunk in response.iter_content(_CHUNK):
            body += chunk
            if len(body) > self._max_bytes:
                line = request.line(f"the response is larger than {self._max_bytes} bytes")
                raise ResponseTooLarge(line, status=response.status_code, permanent=True)
            if self._monotonic() >= end:
                raise self._too_slow(request)
        return bytes(body)

    def _classified(self, request: Request, error: Exception) -> Exception:
        """Return our error for a failed exchange; the library's text could quote the query."""
        from collector.io import transport  # noqa: PLC0415 - as above

        if transport.is_untrusted(error):
            text = "the TLS certificate is not trusted; set ca_file or correct the address"
            return request.error(text, permanent=True, fault=Fault.UNTRUSTED)
        if isinstance(error, transport.TIMEOUT_ERROR):
            return Passing(transport.in_words(error), fault=Fault.TIMEOUT)
        if isinstance(error, transport.CONNECTION_ERRORS):
            return Passing(transport.in_words(error), fault=fault_of(error))
        return request.error("the request could not be sent; check url", permanent=True)

    def _too_slow(self, request: Request) -> HttpError:
        text = f"not finished within {self._deadline:g} s; {NEXT_POLL}"
        return request.error(text, fault=Fault.TIMEOUT)


def _joined(params: Params, more: Mapping[str, str]) -> Params:
    """Return both sets of parameters."""
    if not more:
        return params
    pairs = params.items() if isinstance(params, Mapping) else params
    return [*pairs, *more.items()]
