"""The web application: /metrics, /healthz, /readyz, and the pages for people."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from collector.web.answers import SafeHeaders
from collector.web.desk import Desk
from collector.web.pages import not_found, page_routes


def build_app(
    desk: Callable[[], Desk],
    metrics: CollectorRegistry,
    waiting_for: Callable[[], list[str]],
    *more: Route,
) -> Starlette:
    """Build the application.

    ``desk`` gives the desk of now. ``waiting_for`` returns what must still happen before the
    service is ready, empty once it is. ``more``: routes beside the pages.
    """

    def metrics_page(request: Request) -> Response:
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(metrics), headers={"Content-Type": content_type})

    def healthz(_: Request) -> Response:
        return PlainTextResponse("alive\n")

    def readyz(_: Request) -> Response:
        missing = waiting_for()
        if missing:
            return PlainTextResponse("".join(f"waiting: {m}\n" for m in missing), status_code=503)
        return PlainTextResponse("ready\n")

    return Starlette(
        routes=[
            Route("/metrics", metrics_page),
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            *more,
            *page_routes(desk),
        ],
        middleware=[Middleware(SafeHeaders)],
        exception_handlers={404: not_found(desk)},
    )
