"""The database engines: how each is opened, and the few places where they differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Connection,
    Engine,
    Table,
    create_engine,
    event,
    insert,
    make_url,
    select,
    text,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from collector.io.clock import now
from collector.io.secrets import Secret, SecretUnavailable
from collector.store.continuity import Continuity
from collector.store.errors import StoreError, store_errors
from collector.store.patience import Patience
from collector.store.schema import counters
from collector.store.sqlite import SqliteFile

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

PROBE_SECONDS = 5.0
"""How long a database may be silent when it is asked whether it is there."""
MIGRATION_SECONDS = 3600.0
"""How long it may be silent while tables are rewritten."""
WRITER_IDLE_SECONDS = 10.0
"""How long PostgreSQL lets a process do nothing between two statements of a writing transaction:
one that stands still keeps all others from writing. Less than a lease lasts."""
_MIGRATION_LOCK = 7_243_392_310_558_114
_POSTGRESQL = {"postgresql", "postgres", "postgresql+psycopg"}


def parse_url(url: str) -> URL:
    """The store's URL with the driver that we use.

    Raises StoreError if it is not a URL of SQLite or PostgreSQL, or names no file. The message
    never repeats the URL, which may hold a password.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # the latter for a port that is no number
        raise StoreError(
            "the store's address is not a URL: write sqlite:///servicedesk.db or "
            "postgresql://user@host/database",
            permanent=True,
        ) from None
    if parsed.drivername in _POSTGRESQL:
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in {"sqlite", "sqlite+pysqlite"}:
        raise StoreError(
            f"a store of type {parsed.drivername!r} is not supported: use sqlite or postgresql",
            permanent=True,
        )
    if not parsed.database or parsed.database == ":memory:":
        raise StoreError("the store must be a file, as in sqlite:///servicedesk.db", permanent=True)
    return parsed


def with_password(url: URL, password: Secret) -> URL:
    """The URL with its password. Raises StoreError if the secret is not available."""
    try:
        return url.set(password=password.reveal())
    except SecretUnavailable as error:
        raise StoreError(f"the store's password: {error}") from None


def where(url: URL) -> str:
    """The store's name for messages: the file, or database and host; never the password."""
    return str(url.database) if is_sqlite(url) else f"{url.database} at {url.host or 'local'}"


def is_sqlite(url: URL) -> bool:
    """Whether the URL is that of an SQLite file; otherwise it is PostgreSQL."""
    return url.get_backend_name() == "sqlite"


def _connect(url: URL, file: SqliteFile | None, patience: Patience) -> Engine:
    """An engine with real transactions; it connects on first use.

    Raises StoreError if the driver for PostgreSQL is not installed.
    """
    if file is None:
        try:
            from collector.store.postgresql import connect_postgresql  # noqa: PLC0415 - as below

            return connect_postgresql(url, patience)
        except (NoSuchModuleError, ImportError):
            raise StoreError(
                "a PostgreSQL store needs the Python package psycopg, which is not installed",
                permanent=True,
            ) from None
    engine = create_engine(url, hide_parameters=True, creator=file.connect)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


class Database:
    """An engine and its transactions. Each raises StoreError if the database fails; nothing is
    changed then."""

    def __init__(self, url: URL, *, create: bool = False) -> None:
        """``create``: see ``Store.open``. Raises StoreError."""
        self.where = where(url)
        self._url = url
        self.patience = Patience()
        self.continuity = Continuity(self.where)
        self.guard: Callable[[Connection], None] = _admit
        """Called first in each writing transaction; raises StoreError where this process may not
        write."""
        self.file = SqliteFile(Path(str(url.database))) if is_sqlite(url) else None
        if self.file is not None:
            self.file.prepare(create=create)
        self._engine = _connect(url, self.file, self.patience)
        self._apart: list[Engine] = []

    def apart(self) -> Database:
        """The same database by connections of its own, which it never waits for: those of others
        may all be in use. They are closed with this one's."""
        other = copy(self)
        other.guard = _admit
        other._engine = _connect(self._url, self.file, self.patience)
        self._apart.append(other._engine)
        return other

    def close(self) -> None:
        """Closes all connections."""
        for engine in (self._engine, *self._apart):
            engine.dispose()
        if self.file is not None:
            self.file.close()

    def check_structure(self, *, whole: bool) -> None:
        """Raises StoreError if the file is damaged. ``whole``: also if an index and its table
        differ, which hides rows. PostgreSQL checks its pages itself, where it has checksums."""
        if self.file is None:
            return
        pragma = "integrity_check" if whole else "quick_check"
        with self._begin() as connection:
            found = connection.exec_driver_sql(f"PRAGMA {pragma}(1)").scalar_one()
        if found != "ok":
            raise StoreError(
                f"store {self.where}: the database file is damaged ({found}): restore it from a "
                "backup",
                permanent=True,
            )

    def overwrite_deleted(self, connection: Connection) -> None:
        """Has a file's deleted content overwritten with zeros from now on, in this connection."""
        if self.file is not None:
            connection.exec_driver_sql("PRAGMA secure_delete = ON")

    def empty_log(self) -> None:
        """Writes the log beside a file into it and empties it, unless others use it just now."""
        if self.file is not None:
            self.file.empty_log()

    def probe(self) -> None:
        """Raises StoreError unless the store can be read and written now."""
        if self.file is not None:
            self.file.check_room()
        with self.patience.only(PROBE_SECONDS), self._begin(writes=True) as connection:
            more = {"value": counters.c.value + 1}
            add = upsert(connection, counters)
            add = add.on_conflict_do_update(index_elements=["name"], set_=more)
            counted = add.returning(counters.c.value)
            found = connection.execute(counted, {"name": "probes", "value": 1}).scalar_one()
            self.continuity.identify(connection)
            self.continuity.require(connection)
            self.continuity.require_later({"probes": found - 1})
        self.continuity.saw({"probes": found})

    def clock_skew(self) -> float | None:
        """Seconds by which the database's clock is ahead of this machine's; None for a file, which
        has no clock of its own. Raises StoreError."""
        if self.file is not None:
            return None
        with self._begin() as connection:
            own = connection.execute(text("SELECT extract(epoch FROM clock_timestamp())"))
            return float(own.scalar_one()) - now()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction for reading, in which all statements see the same state of the store."""
        options = {} if self.file is not None else {"isolation_level": "REPEATABLE READ"}
        with self._begin(**options) as connection:
            yield connection

    @contextmanager
    def writing(self, *, guarded: bool = True) -> Iterator[Connection]:
        """The only transaction for writing; others wait. It is committed at the end, and rolled
        back if an error is raised.

        ``guarded``: raises LeaseLost where only the holder of a lease may write, and this process
        is not; see ``store.leases``.
        """
        with self._begin(writes=True) as connection:
            if self.file is None:
                idle = round(WRITER_IDLE_SECONDS * 1000)
                limit = f"SET LOCAL idle_in_transaction_session_timeout = {idle}"
                connection.execute(text(limit))
            revision = counters.c.name == "revision"
            lock = select(counters.c.value).where(revision).with_for_update()
            found = {"revision": connection.execute(lock).scalar() or 0}
            self.continuity.require(connection)
            self.continuity.require_later(found)
            self.continuity.saw(found)
            if guarded:
                self.guard(connection)
            yield connection

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """Like :meth:`writing`, for use before there are tables to lock."""
        with self.patience.only(MIGRATION_SECONDS), self._begin(writes=True) as connection:
            if self.file is None:
                for limit in ("statement_timeout", "lock_timeout"):
                    connection.execute(text(f"SET LOCAL {limit} = 0"))
                lock = text("SELECT pg_advisory_xact_lock(:key)")
                connection.execute(lock, {"key": _MIGRATION_LOCK})
            yield connection

    @contextmanager
    def _begin(self, **options: Any) -> Iterator[Connection]:
        if self.file is not None:
            self.file.check()
        with (
            store_errors(self.where),
            self._engine.connect().execution_options(**options) as connection,
            connection.begin(),
        ):
            yield connection


def unhurried(connection: Connection) -> None:
    """Lets PostgreSQL wait, in this transaction, for what is done meanwhile in another database."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))


def _admit(_: Connection) -> None:
    """The guard where no lease is needed."""


def upsert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An insert to which ``on_conflict_do_update`` can be added; both dialects spell it alike."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - not needed for SQLite

    return postgresql.insert(table)


def insert_rows(
    connection: Connection, table: Table, names: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Inserts ``rows``, whose values are in the order of ``names``.

    They go straight to the driver: SQLAlchemy's own way takes twice the time.
    """
    compiled = insert(table).compile(dialect=connection.dialect, column_keys=list(names))
    if compiled.positiontup is None:
        named = [dict(zip(names, row, strict=True)) for row in rows]
        connection.exec_driver_sql(str(compiled), named)
        return
    places = [names.index(name) for name in compiled.positiontup]
    ordered = tuple if len(places) == 1 else itemgetter(*places)
    connection.exec_driver_sql(str(compiled), [ordered(row) for row in rows])
