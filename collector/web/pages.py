"""The table of pages: from it come the routes, the navigation and the OpenAPI document."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from collector.model.bilingual import Text
from collector.web.answers import conditional
from collector.web.assets import asset
from collector.web.calls_page import CallsPage
from collector.web.desk import Desk
from collector.web.document_route import document_route
from collector.web.frame import NavigationItem
from collector.web.goals_page import GoalsPage
from collector.web.indicator_page import IndicatorPage
from collector.web.months_page import MonthPage, MonthsPage
from collector.web.open_page import OpenPage
from collector.web.openapi import api_path, document
from collector.web.page import API, Page
from collector.web.records_csv import PATH as RECORDS
from collector.web.records_csv import records_csv
from collector.web.runbook_page import RunbookPage
from collector.web.served import Nowhere, Served, failed, failed_by
from collector.web.sources_page import SourcesPage
from collector.web.wall_page import WallPage
from collector.web.what_if_page import WhatIfPage

PAGES: tuple[type[Page[Any]], ...] = (
    GoalsPage,
    OpenPage,
    CallsPage,
    IndicatorPage,
    WhatIfPage,
    MonthsPage,
    MonthPage,
    RunbookPage,
    SourcesPage,
    WallPage,
)
"""Every page; those with a label stand in the navigation in this order."""


_NO_PAGE = Text(sv="sidan finns inte", en="there is no such page")


def page_routes(desk: Callable[[], Desk]) -> list[Route]:
    """Every page as HTML and as JSON, the OpenAPI document, and the stylesheet and script.

    ``desk`` gives the desk of now; it is called once for each request.
    """
    pages = [each() for each in PAGES]
    items = _items()
    routes = [Route("/static/{name}", asset), Route(f"{API}openapi.json", _published(pages))]
    routes.append(Route(RECORDS, records_csv(desk)))
    for page in pages:
        served = Served(page, desk, items)
        routes += [Route(page.PATH, served.html), Route(api_path(page), served.json)]
    document = document_route(desk, lambda *failure: failed_by(Nowhere(), items, *failure))
    return [*routes, Route("/months/{name}/{file}", document)]


def not_found(desk: Callable[[], Desk]) -> Callable[[Request, Exception], Response]:
    """The answer to addresses that are none, with the navigation for a browser."""

    def answer(request: Request, _: Exception) -> Response:
        return failed(Nowhere(), desk(), request, _items(), _NO_PAGE, 404)

    return answer


def refused(desk: Callable[[], Desk]) -> Callable[[Request, Text, int], Response]:
    """The answer to what is not done: a line for people and a status."""

    def answer(request: Request, text: Text, status: int) -> Response:
        return failed(Nowhere(), desk(), request, _items(), text, status)

    return answer


def _items() -> list[NavigationItem]:
    return [NavigationItem(each.PATH, each.LABEL) for each in PAGES if each.LABEL]


def _published(pages: list[Page[Any]]) -> Callable[[Request], Response]:
    body = json.dumps(document(pages), ensure_ascii=False).encode()
    return lambda request: conditional(request, body, "application/json")
