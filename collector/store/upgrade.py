"""Runs Alembic's migrations; apart from :mod:`migrate` because Alembic takes a second to import."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from collector.store.engine import migrating, reading
from collector.store.errors import StoreError

_SCRIPTS = Path(__file__).parent / "migrations"


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _is_current(connection: Connection, scripts: ScriptDirectory, where: str) -> bool:
    current, head = _current(connection), scripts.get_current_head()
    known = {script.revision for script in scripts.walk_revisions()}
    if current is not None and current not in known:
        raise StoreError(
            f"store {where}: its tables are of version {current}, this program knows them up to "
            f"{head}: install the release that wrote them or a later one, or restore a backup"
        )
    return current == head


def upgrade(engine: Engine, where: str) -> None:
    """Runs the migrations that are missing, all in one transaction.

    Raises StoreError when the store was written by a later release, naming both versions.
    """
    scripts = ScriptDirectory.from_config(_config())
    with reading(engine) as connection:
        if _is_current(connection, scripts, where):
            return
    with migrating(engine) as connection:
        if not _is_current(connection, scripts, where):  # nobody else did it meanwhile
            command.upgrade(_config(connection), "head")
