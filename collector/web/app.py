"""The web application: /metrics, /healthz, /readyz, and the pages for people."""

from __future__ import annotations

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from collector.config.server import ServerSettings
from collector.monitoring.metrics.exposition import Exposition
from collector.web.answers import SafeHeaders
from collector.web.desk import Desk
from collector.web.framing import OneFraming
from collector.web.gate import Gate
from collector.web.lanes import PageLane
from collector.web.pages import not_found, page_routes
from collector.web.web_file import WebFileInForce

_HEALTH = ("/healthz", "/readyz")
_MESSAGES = "/hooks/"
"""Of systems, which prove by themselves who they are."""


def build_app(
    desk: Callable[[], Desk],
    metrics: Exposition,
    waiting_for: Callable[[], list[str]],
    server: ServerSettings,
    web_file: WebFileInForce,
    *more: Route,
) -> Starlette:
    """Build the application.

    ``desk`` gives the desk of now. ``waiting_for`` returns what must still happen before the
    service is ready, empty once it is. ``web_file``: who is let in. ``more``: routes beside the
    pages.
    """

    # Those of the machines are answered by the event loop itself: they wait for no thread.

    async def metrics_page(request: Request) -> Response:
        compress = "gzip" in request.headers.get("accept-encoding", "")
        body, media_type = metrics.encode(request.headers.get("accept", ""), compress=compress)
        headers = {"Content-Type": media_type, "Vary": "Accept, Accept-Encoding"}
        if compress:
            headers["Content-Encoding"] = "gzip"
        return Response(body, headers=headers)

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("alive\n")

    async def readyz(request: Request) -> Response:
        missing = waiting_for()
        if not missing:
            return PlainTextResponse("ready\n")
        lines = "".join(f"waiting: {each}\n" for each in missing)
        anonymous = request.scope.get("anonymous", False)  # see Gate
        return PlainTextResponse("not ready\n" if anonymous else lines, status_code=503)

    trusted = server.trusted_header
    return Starlette(
        routes=[
            Route("/metrics", metrics_page),
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            *more,
            *page_routes(desk),
        ],
        middleware=[
            Middleware(SafeHeaders),
            Middleware(OneFraming),
            Middleware(
                Gate,
                web_file,
                (*_HEALTH, _MESSAGES),
                trusted.name if trusted else None,
                trusted.proxies if trusted else (),
            ),
            Middleware(PageLane, beside=(*_HEALTH, "/metrics", _MESSAGES, "/static/")),
        ],
        exception_handlers={404: not_found(desk)},
    )
