"""The web application: /metrics, /healthz, /readyz, runbooks, and the pages about figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from collector.config.settings import Settings
from collector.text.dates import local_times
from collector.web.runbooks import runbook

_NEVER = "never read to its end"


def build_app(
    settings: Settings,
    today: Callable[[], date],
    metrics: CollectorRegistry,
    waiting_for: Callable[[], list[str]],
    last_reads: Callable[[], Mapping[str, int]],
    *pages: Route,
) -> Starlette:
    """Build the application.

    ``today`` returns the local date for which indicator titles are shown. ``waiting_for`` returns
    what must still happen before the service is ready, empty once it is. ``last_reads`` returns
    when each source was last read to its end (epoch seconds), without those that never were.
    ``pages`` are additional routes.
    """

    def home(_: Request) -> Response:
        day = today()
        named = {
            name: settings.indicator(name, day).title[settings.language]
            for name in settings.indicators
        }
        titles = "\n".join(f"  {name}: {title}" for name, title in named.items())
        reads, when = last_reads(), local_times(settings.timezone, "en", settings.locale)
        seen = {
            n: f"last read {when(reads[n])}" if n in reads else _NEVER for n in settings.sources
        }
        sources = "\n".join(f"  {name}: {text}" for name, text in seen.items())
        return PlainTextResponse(
            "Servicedesk KPI\n\n"
            "/metrics   the figures, for Prometheus\n"
            "/healthz   the process is alive\n"
            "/readyz    every source was asked, and the figures are measured\n"
            "/indicator/ID?period=month   a figure and the records behind it\n"
            "/open   the open tickets with running clocks, the earliest deadline first\n"
            "/runbook/NAME   what an alert means and what to do\n\n"
            f"Sources:\n{sources}\n\n"
            f"Indicators:\n{titles}\n"
        )

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
            Route("/", home),
            Route("/metrics", metrics_page),
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            *pages,
            Route("/runbook/{name}", runbook),
        ]
    )
