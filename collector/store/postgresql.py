"""Connections to PostgreSQL, which end when the server does not answer. Imported only for one."""

from __future__ import annotations

from collections.abc import Generator
from time import monotonic
from typing import Any, TypeVar

import psycopg
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL

from collector.store.patience import Patience

LOCK_SECONDS = 20
STATEMENT_SECONDS = 40
IDLE_SECONDS = 60
"""How long the server lets us wait for a lock, run one statement, and do nothing in a transaction,
which may hold a lock."""
CONNECT_SECONDS = 10.0

_KEEPALIVE: dict[str, Any] = {
    "keepalives": 1,
    "keepalives_idle": 10,  # seconds
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,  # milliseconds
    "application_name": "servicedesk-kpi",
}
"""Parameters of libpq by which the kernel finds a machine that is gone; the store's URL may set
others."""

_ENCODING = (
    "the database's encoding is {}, which does not hold every text: make another one, as in "
    "CREATE DATABASE servicedesk ENCODING 'UTF8' TEMPLATE template0"
)

T = TypeVar("T")


def connect_postgresql(url: URL, patience: Patience) -> Engine:
    """An engine whose connections raise OperationalError when the server is silent for too long."""

    class Connection(psycopg.Connection[Any]):
        def wait(self, gen: Generator[Any, Any, T], *args: Any, **options: Any) -> T:
            """Every answer is waited for here, also that to a BEGIN, a COMMIT or a ping."""
            return super().wait(_heard(gen, self, patience), *args, **options)

    engine = create_engine(url, pool_pre_ping=True, hide_parameters=True)

    @event.listens_for(engine, "do_connect")
    def _connect(_dialect: Any, _record: Any, _args: Any, wanted: dict[str, Any]) -> Any:
        seconds = min(CONNECT_SECONDS, patience.seconds)
        if not seconds:
            raise psycopg.OperationalError("the server does not answer")
        timeout = {"connect_timeout": max(2, round(seconds))}
        made = Connection.connect(**{**_KEEPALIVE, **timeout, **wanted})
        encoding = made.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            made.close()
            raise psycopg.OperationalError(_ENCODING.format(encoding))
        return made

    event.listen(engine, "connect", _prepare)
    return engine


def _heard(
    answer: Generator[Any, Any, T], connection: psycopg.Connection[Any], patience: Patience
) -> Generator[Any, Any, T]:
    """The answer, or OperationalError and a closed connection if nothing is heard for too long.

    psycopg asks us at least every 0.1 s; it sends 0 when nothing has come.
    """
    heard = monotonic()
    try:
        wanted = next(answer)
        while True:
            ready = yield wanted
            if ready:
                heard = monotonic()
            elif patience.is_over(heard):
                connection.close()
                silent = round(monotonic() - heard)
                raise psycopg.OperationalError(f"the server does not answer: silent for {silent} s")
            wanted = answer.send(ready)
    except StopIteration as end:
        value: T = end.value
        return value


def _prepare(connection: Any, _: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SET lock_timeout = '{LOCK_SECONDS}s'; "
            f"SET statement_timeout = '{STATEMENT_SECONDS}s'; "
            f"SET idle_in_transaction_session_timeout = '{IDLE_SECONDS}s'"
        )
    connection.commit()
