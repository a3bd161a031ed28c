"""The web application: /metrics, /healthz, /readyz, and the pages for people."""

from __future__ import annotations

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from collector.monitoring.metrics.exposition import Exposition
from collector.web.answers import SafeHeaders
from collector.web.desk import Desk
from collector.web.lanes import ANONYMOUS, HEALTH, METRICS
from collector.web.pages import not_found, page_routes


def build_app(
    desk: Callable[[], Desk],
    metrics: Exposition,
    waiting_for: Callable[[], list[str]],
    *more: Route,
) -> Starlette:
    """Build the application. Who is let in, and how many at once, is the entrance's to say.

    ``desk`` gives the desk of now. ``waiting_for`` returns what must still happen before the
    service is ready, empty once it is. ``more``: routes beside the pages.
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
        anonymous = ANONYMOUS.decode() in request.headers
        return PlainTextResponse("not ready\n" if anonymous else lines, status_code=503)

    return Starlette(
        routes=[
            Route(METRICS, metrics_page),
            *map(Route, HEALTH, (healthz, readyz)),
            *more,
            *page_routes(desk),
        ],
        middleware=[Middleware(SafeHeaders)],
        exception_handlers={404: not_found(desk)},
    )
