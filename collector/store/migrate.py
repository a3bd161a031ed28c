"""Upgrades the tables to the schema of this release; safe if several processes start at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from collector.store.engine import Database
from collector.store.errors import StoreError

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0022"
"""The newest migration; a store at this version needs none."""

_SCRIPTS = Path(__file__).parent / "migrations"


def migrate(database: Database) -> None:
    """Runs the missing migrations, all in one transaction.

    Raises StoreError, naming both versions, if a later release wrote the store.
    """
    with database.reading() as connection:
        is_behind = _is_behind(connection, database.where)
    if is_behind:
        with database.migrating() as connection:
            if _is_behind(connection, database.where):  # another process may have done it meanwhile
                _upgrade(connection)
    database.continuity.version = HEAD


def _is_behind(connection: Connection, where: str) -> bool:
    version = _version(connection)
    if version is not None and version > HEAD:
        raise StoreError(
            f"store {where}: its tables have version {version}, but this release only knows "
            f"versions up to {HEAD}: install the release that wrote the store, or a later one, or "
            "restore a backup",
            permanent=True,
        )
    return version != HEAD


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    version = connection.execute(text("select version_num from alembic_version")).scalar()
    return None if version is None else str(version)


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - slow to import, and seldom needed

    command.upgrade(alembic_config(connection), "head")


def alembic_config(connection: Connection) -> Config:
    """Alembic's configuration for running our migrations on an open connection."""
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
