"""A real Request Tracker 5 on loopback, with a database of its own, where one is installed.

On Debian: ``apt-get install request-tracker5 rt5-db-sqlite rt5-standalone``.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

SERVER = Path("/usr/share/request-tracker5/libexec/rt-server")
SETUP = Path("/usr/sbin/rt-setup-database-5")
DATA = Path(__file__).with_name("real_rt_data.pl")
DATABASE = "rt.sqlite"

_CONFIG = """
Set($rtname, 'lab'); Set($Organization, 'lab.test');
Set($WebDomain, '127.0.0.1'); Set($WebPort, {port}); Set($Timezone, 'Europe/Stockholm');
Set($DatabaseType, 'SQLite'); Set($DatabaseName, '{home}/{database}');
Set($LogToSyslog, undef); Set($LogToSTDERR, 'error'); Set($LogDir, '{home}/var');
Set($MasonSessionDir, '{home}/var'); Set($MailCommand, 'testfile'); Set($BcryptCost, 10);
Set(%ServiceAgreements, (
    QueueDefault => { 'Agreed' => 'quick' },
    Levels => {
        quick    => { StartImmediately => 1, Response => { RealMinutes => 30 },
                      Resolve => { RealMinutes => 480 } },
        at_once  => { StartImmediately => 1, Response => { RealMinutes => 0 } },
        in_loop  => { StartImmediately => 1, Response => { RealMinutes => 30 },
                      KeepInLoop => { RealMinutes => 60 }, Resolve => { RealMinutes => 480 } },
        resolved => { StartImmediately => 1, Resolve => { RealMinutes => 480 } },
        ignoring => { StartImmediately => 1, Response => { RealMinutes => 30 },
                      Resolve => { RealMinutes => 480, IgnoreOnStatuses => ['resolved'] } },
    },
));
1;
"""
TOKENS = {"kpi", "noter", "robot", "agent1", "agent2"}


def installed() -> bool:
    """Whether there is a real Request Tracker here."""
    return SERVER.exists() and SETUP.exists()


@dataclass(frozen=True)
class RealRT:
    """A running Request Tracker. ``tokens``: of the users in TOKENS."""

    url: str
    tokens: dict[str, str]

    def call(self, method: str, path: str, who: str = "agent1", **body: Any) -> Any:
        """One request; the decoded answer."""
        response = requests.request(
            method,
            f"{self.url}/REST/2.0{path}",
            headers={"Authorization": f"token {self.tokens[who]}"} if who in self.tokens else {},
            auth=None if who in self.tokens else (who, f"{who}-password"),
            timeout=30,
            **body,
        )
        assert response.status_code < 300, f"{method} {path}: {response.status_code}"
        return response.json()

    def create(self, who: str = "agent1", **fields: Any) -> str:
        """Open a ticket for the customer; its id."""
        ticket = {
            "Queue": "Servicedesk",
            "Subject": "marked-subject",
            "Content": "marked-body",
            "Requestor": "cust1@lab.test",
            "Priority": 100,
            "CustomFields": {"Municipality": "Hallsberg", "TicketType": "Incident"},
            **fields,
        }
        return str(self.call("POST", "/ticket", who, json=ticket)["id"])

    def put(self, ticket: str, who: str = "agent1", **fields: Any) -> None:
        """Change a ticket."""
        self.call("PUT", f"/ticket/{ticket}", who, json=fields)

    def reply(self, ticket: str, who: str = "agent1", kind: str = "correspond") -> None:
        """Write to the requestor (or as the requestor), or a comment."""
        self.call(
            "POST",
            f"/ticket/{ticket}/{kind}",
            who,
            json={"Content": "x", "ContentType": "text/plain"},
        )


@dataclass(frozen=True)
class RTTemplate:
    """A new Request Tracker's database, and the ``tokens`` of the users in TOKENS."""

    database: Path
    tokens: dict[str, str]


def rt_template(target: Path) -> RTTemplate:
    """Set up the database of a new Request Tracker in a folder; takes about ten seconds."""
    with _home() as home:
        _write_home(home, port=80)
        tokens = _init(home)
        return RTTemplate(shutil.copy(home / DATABASE, target), tokens)


@contextmanager
def real_rt(template: RTTemplate) -> Iterator[RealRT]:
    """Start one on a copy of the template. Its files and processes are gone afterwards."""
    with _home() as home:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        shutil.copy(template.database, home / DATABASE)
        _write_home(home, port)
        with _running(home, port) as url:
            yield RealRT(url, template.tokens)


@contextmanager
def _home() -> Iterator[Path]:
    home = Path(tempfile.mkdtemp(prefix="rt-lab-"))
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _write_home(home: Path, port: int) -> None:
    for folder in ("var", "site.d"):
        (home / folder).mkdir()
    (home / "RT_SiteConfig.pm").write_text(
        _CONFIG.replace("{home}", str(home))
        .replace("{port}", str(port))
        .replace("{database}", DATABASE)
    )
    shutil.copy(DATA, home / "data.pl")
    if os.geteuid() == 0:
        owner = pwd.getpwnam("www-data")
        for path in (home, *home.iterdir()):
            os.chown(path, owner.pw_uid, owner.pw_gid)


def _command(home: Path, *words: str) -> Sequence[str]:
    environment = (
        f"RT_SITE_CONFIG={home}/RT_SiteConfig.pm",
        f"RT_SITE_CONFIG_DIR={home}/site.d",
        f"HOME={home}",
    )
    drop = ("setpriv", "--reuid=www-data", "--regid=www-data", "--clear-groups")
    return [*(drop if os.geteuid() == 0 else ()), "env", "-C", str(home), *environment, *words]


def _init(home: Path) -> dict[str, str]:
    output = ""
    for action in (("init",), ("insert", "--datafile", f"{home}/data.pl")):
        command = _command(home, str(SETUP), "--skip-create", "--action", *action)
        done = subprocess.run(
            command,
            check=False,
            capture_output=True,
            text=True,
            timeout=90,
            stdin=subprocess.DEVNULL,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        output += done.stdout
    tokens = dict(re.findall(r"^TOKEN (\S+) (\S+)$", output, re.MULTILINE))
    assert set(tokens) == TOKENS, output
    return tokens


@contextmanager
def _running(home: Path, port: int) -> Iterator[str]:
    command = _command(home, str(SERVER), "--host", "127.0.0.1", "--port", str(port))
    with (
        (home / "server.log").open("wb") as log,
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log) as server,
    ):
        try:
            end = time.monotonic() + 60
            while not _answers(port):
                assert server.poll() is None, (home / "server.log").read_text()
                assert time.monotonic() < end, "Request Tracker did not start in a minute"
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def _answers(port: int) -> bool:
    try:
        requests.get(f"http://127.0.0.1:{port}/REST/2.0/rt", timeout=5).close()
    except requests.ConnectionError:
        return False
    return True
