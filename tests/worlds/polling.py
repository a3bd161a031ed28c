"""What the processes do that test_kill and test_migrate start."""

from __future__ import annotations

import multiprocessing
import time
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier

from collector.service.drain import drain
from collector.store import Store
from tests.worlds.fake_source import FakeSource

FORKSERVER = multiprocessing.get_context("forkserver")
"""Processes that start at once, because what they import is loaded already."""

FORKSERVER.set_forkserver_preload(
    [
        "pytest",
        "collector.service.drain",
        "alembic.command",
        "sqlalchemy.dialects.postgresql.psycopg",
    ]
)


def poll(url: str, progress: Connection) -> None:
    """Drains the fake source, sending the number of each page that is stored."""
    with Store.open(url) as store:
        result = drain(
            FakeSource(),
            store,
            clock=lambda: int(time.time()),
            on_page=lambda page, _: progress.send(page.cursor["page"]),
        )
        progress.send(result.error)


def migrate(url: str, start: Barrier, answer: Connection) -> None:
    """Opens the store at the same moment as all others."""
    start.wait(60)
    try:
        with Store.open(url) as store:
            answer.send(store.revisions.latest())
    except Exception as error:
        answer.send(repr(error))
