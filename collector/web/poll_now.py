"""``POST /sources/NAME/poll``: somebody asks for a source to be read now.

It is the only address of the pages that changes anything, so it is guarded: it exists only where
the configuration allows it, answers only what this server's own pages send, and not too often.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address
from math import ceil
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from collector.config.server import ServerSettings
from collector.config.settings import Settings
from collector.model.bilingual import Text

Ask = Callable[[str], float | None]
"""Starts a poll of a source and returns 0, or the seconds until it may be asked for again; None
where another process polls."""

_NOT_HERE = Text(
    sv="sidorna startar ingen läsning här (server.poll_now)",
    en="pages start no polls here (server.poll_now)",
)
_NOT_FROM_THERE = Text(
    sv="bara sidan om källorna kan be om en läsning",
    en="only the page of sources itself can ask for a poll",
)
_NO_SOURCE = Text(sv="källan finns inte", en="there is no such source")
_ELSEWHERE = Text(
    sv="en annan process läser källorna; be om läsningen på dess sidor",
    en="another process polls the sources: ask for the poll on its pages",
)


def _too_soon(name: str, wait: int) -> Text:
    return Text(
        sv=f"{name} lästes alldeles nyss; igen om {wait} s",
        en=f"{name} was asked for just before; again in {wait} s",
    )


def poll_route(
    settings: Callable[[], Settings], ask: Ask, refused: Callable[[Request, Text, int], Response]
) -> Route:
    """The route. 303 back to the page of sources once the poll has been started; 403 where that is
    not allowed, or for what does not come from this server's own page; 404 for an unknown source;
    409 where another process polls; 429 with Retry-After if it was asked for just before.
    ``refused`` makes these answers."""

    def answer(request: Request) -> Response:
        used, name = settings(), request.path_params["name"]
        if not used.server.polls_on_request:
            return refused(request, _NOT_HERE, 403)
        if not is_from_own_page(request, used.server):
            return refused(request, _NOT_FROM_THERE, 403)
        if name not in used.sources:
            return refused(request, _NO_SOURCE, 404)
        wait = ask(name)
        if wait is None:
            return refused(request, _ELSEWHERE, 409)
        if wait:
            later = refused(request, _too_soon(name, ceil(wait)), 429)
            later.headers["Retry-After"] = str(ceil(wait))
            return later
        lang = request.query_params.get("lang", "")
        query = f"?lang={lang}" if lang in used.languages else ""
        return RedirectResponse(f"../../sources{query}", 303)

    return Route("/sources/{name}/poll", answer, methods=["POST"])


def is_from_own_page(request: Request, server: ServerSettings) -> bool:
    """Whether a browser sent the request from a page of this server.

    Its origin must be the address asked, or the configured one where a proxy stands between; and it
    must be an address this server can have: a name that somebody else points at this machine (DNS
    rebinding) is not. Who tells no origin is refused, as is every program that does not claim to be
    such a page.
    """
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return False
    origin = urlsplit(request.headers.get("origin", "")).netloc
    configured = urlsplit(server.address).netloc
    if not origin or origin not in (request.headers.get("host", ""), configured):
        return False
    return origin == configured or _is_of_this_machine(origin, server)


def _is_of_this_machine(netloc: str, server: ServerSettings) -> bool:
    """Whether a host and port name this machine: by an address, or by a name that we know."""
    name = urlsplit(f"//{netloc}").hostname or ""
    with suppress(ValueError):
        ip_address(name)
        return True
    return name in ("localhost", server.host)
