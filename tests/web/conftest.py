"""A whole desk with its pages, and one browser for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from collector.service.service import Service
from collector.service.serving import web_app
from collector.snapshot.freeze import FreezeRequest, freeze
from collector.web.desk import Desk
from tests.worlds import boards_desk
from tests.worlds.browser import chromium
from tests.worlds.serving import served


@pytest.fixture(scope="session")
def whole_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Two years of tickets and calls, measured, and June 2020 frozen; nothing polls. Not to be
    changed."""
    folder = tmp_path_factory.mktemp("whole_desk")
    with boards_desk.desk(f"sqlite:///{folder}/store.db") as service:
        measuring = service.live.measuring
        june = FreezeRequest(measuring.period("2020-06", boards_desk.NOW), incomplete=True)
        freeze(measuring.settings, measuring.store, june, service.clock)
        yield service


@pytest.fixture(scope="session")
def desk(whole_desk: Service) -> Desk:
    """That desk as pages see it."""
    live = whole_desk.live
    return Desk(live.measuring, boards_desk.NOW, whole_desk.snapshot(), live)


@pytest.fixture(scope="session")
def site(whole_desk: Service) -> Iterator[str]:
    """The address of its pages."""
    with served(web_app(whole_desk)) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One browser for every page."""
    with chromium() as opened:
        yield opened
