"""A real MariaDB for the tests, from Debian's mariadb-server-core."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pymysql

from tests.worlds.programs import program

START_SECONDS = 120
SYSTEM_TABLES = [
    Path("/usr/share/mysql") / name
    for name in ("mysql_system_tables.sql", "mysql_system_tables_data.sql")
]


class MariaDBServer:
    """A server on a Unix socket in a directory of its own; the password-less user is root.

    It ends with us, however we end.
    """

    def __init__(self) -> None:
        server = program("mariadbd")
        self.home = Path(tempfile.mkdtemp(prefix="my-"))
        self.socket = self.home / "socket"
        own = ["--no-defaults", f"--datadir={self.home / 'data'}"]
        own += ["--user=root"] if os.geteuid() == 0 else []
        (self.home / "data" / "mysql").mkdir(parents=True)
        tables = "use mysql;\n" + "".join(each.read_text() for each in SYSTEM_TABLES)
        subprocess.run(
            [server, *own, "--bootstrap"], input=tables, text=True, check=True, capture_output=True
        )
        with (self.home / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [program("setpriv"), "--pdeathsig=KILL", server, *own, f"--socket={self.socket}",
                 "--skip-networking", "--innodb-flush-log-at-trx-commit=0",
                 f"--pid-file={self.home / 'pid'}"],
                stdout=log, stderr=log,
            )  # fmt: skip
        give_up = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > give_up:
                raise RuntimeError(f"MariaDB does not start: {(self.home / 'log').read_text()}")
            time.sleep(0.02)

    def url(self, database: str, user: str = "root") -> str:
        """The address of a database."""
        return f"mysql://{user}@localhost/{database}?unix_socket={self.socket}&charset=utf8mb4"

    def connect(self, database: str | None = None) -> pymysql.Connection:
        """A connection as root."""
        return pymysql.connect(
            unix_socket=str(self.socket), user="root", database=database, autocommit=True
        )

    def remove(self) -> None:
        """Ends the server and takes its files away."""
        self._process.kill()
        self._process.wait(START_SECONDS)
        shutil.rmtree(self.home)

    def _answers(self) -> bool:
        return "ready for connections" in (self.home / "log").read_text()
