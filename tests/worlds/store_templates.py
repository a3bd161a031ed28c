"""Stores that are filled once in a session and copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from sqlalchemy import make_url

from collector.store import Store
from tests.worlds.postgres_server import PostgresServer

StoreContent: TypeAlias = Callable[[Store], object]
"""A named function that fills a new store; the same for all tests that share what it writes."""


def nothing(store: Store) -> None:
    """Leaves the tables empty."""


class StoreTemplates:
    """Makes copies of filled stores. ``server``: gives PostgreSQL where it is asked for."""

    def __init__(self, folder: Path, server: Callable[[], PostgresServer]) -> None:
        self._folder = folder
        self._server = server
        self._files: dict[StoreContent, Path] = {}
        self._databases: dict[StoreContent, str] = {}

    def copy(self, url: str, content: StoreContent = nothing) -> None:
        """Make a store at an address where there is none yet."""
        target = make_url(url)
        assert target.database is not None
        if target.get_backend_name() == "sqlite":
            shutil.copyfile(self._file(content), target.database)
        else:
            self._server().create(target.database, self._database(content))

    def _file(self, content: StoreContent) -> Path:
        if content not in self._files:
            file = self._folder / f"{content.__module__}.{content.__qualname__}.db"
            self._fill(f"sqlite:///{file}", content)
            self._files[content] = file
        return self._files[content]

    def _database(self, content: StoreContent) -> str:
        if content not in self._databases:
            server = self._server()
            name = server.create_database() if content is nothing else server.new_name()
            self._fill(server.url(name), content)
            self._databases[content] = name
        return self._databases[content]

    def _fill(self, url: str, content: StoreContent) -> None:
        if content is not nothing:
            self.copy(url)
        with Store.open(url) as store:
            content(store)
