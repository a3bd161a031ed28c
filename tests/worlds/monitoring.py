"""A real Prometheus and a real Alertmanager on loopback, where they are installed.

On Debian: ``apt-get install prometheus prometheus-alertmanager``.
"""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

import yaml

from tests.worlds.processes import PATIENCE, get
from tests.worlds.programs import program

_LISTENING = re.compile(r'msg="Listening on" .*?address=(?:127\.0\.0\.1|\[::\]):(\d+)')
T = TypeVar("T")


def until(what: str, condition: Callable[[], T], seconds: float = PATIENCE) -> T:
    """Wait for a condition and return what it found."""
    give_up = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < give_up, f"waited in vain for {what}"
        time.sleep(0.02)
    return found


def asked(url: str) -> Any:
    """What an address answers as JSON."""
    status, text = get(url)
    assert status == 200, f"{url}: {status} {text}"
    return json.loads(text)


@contextmanager
def prometheus(folder: Path, configuration: dict[str, Any]) -> Iterator[str]:
    """The address of a running Prometheus that writes into a folder of its own."""
    file = folder / "prometheus.yml"
    file.write_text(yaml.safe_dump(configuration, allow_unicode=True))
    command = [
        program("prometheus"),
        f"--config.file={file}",
        f"--storage.tsdb.path={folder / 'tsdb'}",
        "--web.listen-address=127.0.0.1:0",
        "--rules.alert.resend-delay=1s",
    ]
    with _listening(command, folder) as address:
        until("Prometheus", lambda: get(f"{address}/-/ready")[0] == 200)
        yield address


@contextmanager
def alertmanager(folder: Path, configuration: dict[str, Any]) -> Iterator[str]:
    """The address of a running Alertmanager that writes into a folder of its own."""
    file = folder / "alertmanager.yml"
    file.write_text(yaml.safe_dump(configuration, allow_unicode=True))
    command = [
        program("prometheus-alertmanager", "alertmanager"),
        f"--config.file={file}",
        f"--storage.path={folder / 'alertmanager'}",
        "--web.listen-address=127.0.0.1:0",
        "--cluster.listen-address=",
    ]
    with _listening(command, folder) as address:
        until("Alertmanager", lambda: get(f"{address}/-/ready")[0] == 200)
        yield address


@contextmanager
def _listening(command: list[str], folder: Path) -> Iterator[str]:
    process = subprocess.Popen(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    lines: list[str] = []

    def read() -> None:
        assert process.stderr
        lines.extend(iter(process.stderr.readline, ""))

    reader = Thread(target=read, daemon=True)
    reader.start()
    try:

        def port() -> str | None:
            said = "".join(lines)
            assert process.poll() is None, f"{command[0]} ended:\n{said}"
            found = _LISTENING.search(said)
            return found and found[1]

        yield f"http://127.0.0.1:{until(command[0], port)}"
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        reader.join(PATIENCE)
        assert process.stderr
        process.stderr.close()
