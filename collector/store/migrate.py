"""Brings the tables to the form that this release knows; safe when several processes start."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, inspect, text

from collector.store.engine import reading

HEAD = "0009"
"""The newest of the migrations; a store that stands there needs none of them."""


def migrate(engine: Engine, where: str) -> None:
    """Runs the migrations that are missing, all in one transaction.

    Raises StoreError when the store was written by a later release, naming both versions.
    """
    with reading(engine) as connection:
        if _version(connection) == HEAD:
            return
    from collector.store.upgrade import upgrade  # noqa: PLC0415 - heavy, and seldom needed

    upgrade(engine, where)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    version = connection.execute(text("select version_num from alembic_version")).scalar()
    return None if version is None else str(version)
