"""Brings the tables to the form that this release knows; safe when several processes start."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from collector.store.engine import Database
from collector.store.errors import StoreError

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0009"
"""The newest of the migrations; a store that stands there needs none of them."""

_SCRIPTS = Path(__file__).parent / "migrations"


def migrate(database: Database) -> None:
    """Runs the migrations that are missing, all in one transaction.

    Raises StoreError when the store was written by a later release, naming both versions.
    """
    with database.reading() as connection:
        if not _is_behind(connection, database.where):
            return
    with database.migrating() as connection:
        if _is_behind(connection, database.where):  # nobody else did it meanwhile
            _upgrade(connection)


def _is_behind(connection: Connection, where: str) -> bool:
    version = _version(connection)
    if version is not None and version > HEAD:
        raise StoreError(
            f"store {where}: its tables are of version {version}, this program knows them up to "
            f"{HEAD}: install the release that wrote them or a later one, or restore a backup"
        )
    return version != HEAD


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    version = connection.execute(text("select version_num from alembic_version")).scalar()
    return None if version is None else str(version)


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - takes a second to import, and is seldom needed

    command.upgrade(alembic_config(connection), "head")


def alembic_config(connection: Connection) -> Config:
    """Alembic's own configuration, for our migrations over an open connection."""
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
