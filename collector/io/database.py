"""The door to other systems' databases: for reading only, with a limit of time on each statement.

A visit is one transaction that is never committed. Where the database can, it is read-only and sees
one state of all tables. Rows are streamed. Whatever goes wrong becomes a SourceError that never
holds the address's secrets or anything of a row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, ValidationInfo

from collector.io.clock import now
from collector.io.errors import NEXT_POLL, SourceError
from collector.io.files import resolve_path
from collector.io.secrets import Secret
from collector.model.codes import Fault

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine, Executable
    from sqlalchemy.exc import DBAPIError

CONNECT_SECONDS = 10
_DRIVERS = {
    **dict.fromkeys(("postgresql", "postgres"), "postgresql+psycopg"),
    **{name: f"{name}+pymysql" for name in ("mysql", "mariadb")},
}
"""The drivers of addresses that name none."""
_INSTALL = {"pymysql": "'servicedesk-kpi[mysql]'"}
_CONNECT = {"psycopg": "connect_timeout", "pymysql": "connect_timeout", "pymssql": "login_timeout"}
_BEGIN = {
    "postgresql": (
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
        "SET LOCAL statement_timeout = '{seconds}s'",
        "SET LOCAL TIME ZONE '{zone}'",
    ),
    "mysql": (
        "SET SESSION max_execution_time = {seconds}000",
        "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
    ),
    "mariadb": (
        "SET SESSION max_statement_time = {seconds}",
        "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
    ),
    "sqlite": ("PRAGMA query_only = ON", "BEGIN"),
    "oracle": ("SET TRANSACTION READ ONLY",),
    "mssql": ("SET LOCK_TIMEOUT {seconds}000",),
}
_TIME = {
    "postgresql": "SELECT extract(epoch FROM clock_timestamp())",
    "mysql": "SELECT UNIX_TIMESTAMP()",
    "mariadb": "SELECT UNIX_TIMESTAMP()",
    "sqlite": "SELECT strftime('%s', 'now')",
    "oracle": "SELECT (CAST(SYS_EXTRACT_UTC(SYSTIMESTAMP) AS DATE) - DATE '1970-01-01') * 86400"
    " FROM dual",
    "mssql": "SELECT DATEDIFF_BIG(second, '1970-01-01', SYSUTCDATETIME())",
}
"""The database's own time in epoch seconds."""
_REFUSALS = {
    **dict.fromkeys(
        ("28P01", "28000", "1045", "1698", "18456"),
        "refuses the user or the password: check the user in url, and password",
    ),
    **dict.fromkeys(("3D000", "1049"), "does not exist on this server: check the end of url"),
    **dict.fromkeys(
        ("42501", "1044", "1142", "1143"), "does not let this user read: grant it SELECT"
    ),
    **dict.fromkeys(("25006", "1792"), "refuses a query that writes: only reading is allowed"),
}
_FAULTS = {
    **dict.fromkeys(("28P01", "28000", "1045", "1698", "18456"), Fault.LOGIN),
    **dict.fromkeys(("3D000", "1049"), Fault.NOT_FOUND),
    **dict.fromkeys(("42501", "1044", "1142", "1143"), Fault.FORBIDDEN),
}
_TOO_LONG = frozenset({"57014", "1969", "3024"})
_QUERY = frozenset({"1054", "1064", "1146", "1305"})
_SECRETS = re.compile(r"pass|pwd|secret|token|odbc_connect", re.IGNORECASE)


def plain_database_url(url: str, info: ValidationInfo) -> str:
    """Return the address; a relative file of SQLite is resolved beside the configuration.

    Raises ValueError, without quoting the address, if it is none or contains a password.
    """
    try:
        parts = urlsplit(url)
        password, _ = parts.password, parts.port
    except ValueError:
        raise ValueError(f"is not an address: {_FORM}") from None
    if not parts.scheme or "://" not in url:
        raise ValueError(f"is not an address: {_FORM}")
    if password is not None or any(_SECRETS.search(name) for name, _ in parse_qsl(parts.query)):
        raise ValueError('must not contain a password: write it as password: "${NAME}"')
    scheme, slashes, path = url.partition(":///")
    if slashes and scheme.startswith("sqlite"):
        return f"{scheme}:///{resolve_path(path, info)}"
    return url


_FORM = "write dialect://user@host/database, as in mysql://kpi@db.example.org/osticket"
DatabaseUrl = Annotated[str, AfterValidator(plain_database_url)]
"""The address of a database, without a password."""


class ReadOnlyDatabase:
    """A visit to a database, as a context manager.

    ``zone``: that of times without one. ``seconds``: the most that a statement may take, where the
    database has such a limit. ``clock_skew`` and ``server_time``: see
    :class:`~collector.sources.kit.system.Connection`.
    """

    def __init__(self, url: str, password: Secret | None, zone: str, seconds: int) -> None:
        self._address, self._password = url, password
        self.zone, self._seconds = zone, seconds
        self.server_time: float | None = None
        self.clock_skew: float | None = None
        self.where = ""
        self._engine: Engine | None = None
        self._connection: Connection | None = None

    def __enter__(self) -> Self:
        """Raises SourceError if the database cannot be reached, UserFacingError for a secret."""
        from sqlalchemy import make_url  # noqa: PLC0415 only where a database is read

        url = make_url(self._address)
        url = url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))
        if self._password is not None:
            url = url.set(password=self._password.reveal())
        port = f":{url.port}" if url.port else ""
        self.where = f"the database {url.database} at {url.host or 'this machine'}{port}"
        if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
            raise SourceError(
                f"the database {url.database} does not exist: check url", fault=Fault.FILE_MISSING
            )
        self._engine = _engine(url)
        try:
            with self._explained("cannot be reached: is it running, and reachable from here?"):
                self._begin(self._engine)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._connection is not None:
            with suppress(Exception):  # a lost connection cannot be closed
                self._connection.close()
        if self._engine is not None:
            self._engine.dispose()

    @property
    def product(self) -> str:
        """The name and version of the database, as ``postgresql 16.2``."""
        assert self._connection is not None
        version = self._connection.dialect.server_version_info or ()
        return " ".join((self._dialect, ".".join(map(str, version[:3]))))

    @property
    def _dialect(self) -> str:
        assert self._connection is not None
        dialect = self._connection.dialect
        return "mariadb" if getattr(dialect, "is_mariadb", False) else dialect.name

    def rows(self, query: str | Executable, **values: Any) -> Iterator[dict[str, Any]]:
        """Yield the rows of a query, by the names of their columns in lower case.

        ``values``: of its parameters; a list makes ``IN :name``. Raises SourceError, with the
        database's own words about a query that it does not accept.
        """
        from sqlalchemy import bindparam, text  # noqa: PLC0415

        assert self._connection is not None
        if isinstance(query, str):
            lists = [k for k, v in values.items() if isinstance(v, list)]
            query = text(query).bindparams(*(bindparam(k, expanding=True) for k in lists))
        with self._explained(f"broke off: {NEXT_POLL}"):
            result = self._connection.execute(
                query, values, execution_options={"stream_results": True, "yield_per": 1000}
            )
            with result:
                names = [name.lower() for name in result.keys()]  # noqa: SIM118 no mapping
                for row in result:
                    yield dict(zip(names, row, strict=True))

    def moment(self, at: int) -> object:
        """Return an instant (epoch seconds) as the parameter that a column of times needs.

        PostgreSQL's knows its zone and suits columns of both kinds; elsewhere it is local.
        """
        local = datetime.fromtimestamp(at, ZoneInfo(self.zone))
        if self._dialect == "postgresql":
            return local
        naive = local.replace(tzinfo=None)
        return naive.isoformat(" ") if self._dialect == "sqlite" else naive

    def _begin(self, engine: Engine) -> None:
        self._connection = connection = engine.connect()
        for statement in _BEGIN.get(self._dialect, ()):
            connection.exec_driver_sql(statement.format(seconds=self._seconds, zone=self.zone))
        if (query := _TIME.get(self._dialect)) is not None:
            self.server_time = float(connection.exec_driver_sql(query).scalar_one())
            self.clock_skew = self.server_time - now()

    @contextmanager
    def _explained(self, failure: str) -> Iterator[None]:
        """Turn the driver's errors into ours; ``failure`` is said of those without a cause."""
        from sqlalchemy.exc import DBAPIError, SQLAlchemyError  # noqa: PLC0415

        try:
            yield
        except DBAPIError as error:
            raise self._said(error, failure) from None
        except SQLAlchemyError:
            raise SourceError(f"{self.where} {failure}") from None

    def _said(self, error: DBAPIError, failure: str) -> SourceError:
        from sqlalchemy.exc import NotSupportedError, ProgrammingError  # noqa: PLC0415

        code, words = _code_and_words(error)
        if code in _REFUSALS:
            fault = _FAULTS.get(code, Fault.REJECTED)
            return SourceError(f"{self.where} {_REFUSALS[code]}", permanent=True, fault=fault)
        if code in _TOO_LONG:
            needs = "it needs an index, :limit, or a longer timeout"
            text = f"{self.where}: a query took over {self._seconds} s: {needs}"
            return SourceError(text, fault=Fault.TIMEOUT)
        refused = isinstance(error, ProgrammingError | NotSupportedError) or code in _QUERY
        if refused or words.startswith("no such "):
            return SourceError(f"{self.where} does not accept the query: {words}", permanent=True)
        return SourceError(f"{self.where} {failure}", fault=Fault.CONNECTION)


def _engine(url: URL) -> Engine:
    """Raises SourceError if there is no such driver."""
    from sqlalchemy import create_engine  # noqa: PLC0415
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError  # noqa: PLC0415
    from sqlalchemy.pool import NullPool  # noqa: PLC0415

    try:
        key = _CONNECT.get(url.get_driver_name())
        return create_engine(
            url,
            poolclass=NullPool,
            hide_parameters=True,
            connect_args={key: CONNECT_SECONDS} if key else {},
        )
    except ModuleNotFoundError as error:
        name = str(error.name)
        raise SourceError(
            f"the driver {name} is not installed: pip install {_INSTALL.get(name, name)}",
            permanent=True,
        ) from None
    except (NoSuchModuleError, ArgumentError):
        raise SourceError(
            f"{url.drivername} is no kind of database that is known here: write the dialect and "
            "its driver, as in postgresql, mysql, mssql+pyodbc or oracle+oracledb",
            permanent=True,
        ) from None


def _code_and_words(error: DBAPIError) -> tuple[str, str]:
    """Return the database's code for an error, and the first line of what it says."""
    found = error.orig
    arguments = getattr(found, "args", ())
    number = next((each for each in arguments[:1] if isinstance(each, int)), None)
    code = number or getattr(found, "sqlstate", None) or ""
    words = arguments[-1] if arguments else ""
    return str(code), str(words).strip().partition("\n")[0]
