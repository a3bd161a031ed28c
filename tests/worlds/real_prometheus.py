"""A real Prometheus on loopback, for as long as a test needs it."""

from __future__ import annotations

import json
import re
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tests.worlds.processes import PATIENCE
from tests.worlds.programs import program

PROGRAMS = ("prometheus", "promtool")
_LISTENING = re.compile(r'msg="Listening on" address=(?:\[::\]|127\.0\.0\.1):(\d+)')


class Sample(NamedTuple):
    """One series of an answer and its value."""

    labels: dict[str, str]
    value: float


class BadQuery(Exception):
    """Prometheus refused an expression; the text is what it said."""


def needed() -> None:
    """Skip where Prometheus is not installed; fail where integration is required."""
    for name in PROGRAMS:
        program(name)


class RealPrometheus:
    """Scrapes ``targets`` (job → addresses as in ``http://127.0.0.1:1234``) every
    ``scrape_interval`` and evaluates ``rule_files``; ``history``: samples with timestamps in the
    OpenMetrics format that it holds from the start; ``alertmanagers``: addresses that are told.

    Used as a context: it has scraped every target once when the block begins.
    """

    def __init__(
        self,
        folder: Path,
        targets: Mapping[str, Iterable[str]] | None = None,
        *,
        rule_files: Iterable[Path] = (),
        alertmanagers: Iterable[str] = (),
        scrape_interval: str = "1s",
        history: str = "",
    ) -> None:
        self._folder, self._history = folder, history
        self._targets = {job: list(map(_host, found)) for job, found in (targets or {}).items()}
        self._configuration = {
            "global": {
                "scrape_interval": scrape_interval,
                "scrape_timeout": scrape_interval,
                "evaluation_interval": scrape_interval,
            },
            "rule_files": [str(path) for path in rule_files],
            "alerting": {
                "alertmanagers": [
                    {"static_configs": [{"targets": list(map(_host, alertmanagers))}]}
                ]
            },
            "scrape_configs": [
                {"job_name": job, "static_configs": [{"targets": hosts}]}
                for job, hosts in self._targets.items()
            ],
        }
        self._process: subprocess.Popen[bytes] | None = None
        self.address = ""

    def __enter__(self) -> RealPrometheus:
        self._folder.mkdir(parents=True, exist_ok=True)
        data = self._folder / "data"
        if self._history:
            self._keep_history(data)
        file = self._folder / "prometheus.yml"
        file.write_text(yaml.safe_dump(self._configuration))
        self._log = self._folder / "prometheus.log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [
                    "prometheus",
                    f"--config.file={file}",
                    f"--storage.tsdb.path={data}",
                    "--storage.tsdb.retention.time=100y",
                    "--web.listen-address=127.0.0.1:0",
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            found = self.until("its address", lambda: _LISTENING.search(self._log.read_text()))
            self.address = f"http://127.0.0.1:{found[1]}"
            self.until("it to be ready", self._ready)
            hosts = {host for found in self._targets.values() for host in found}
            self.until(
                "the first scrape", lambda: {s.labels["instance"] for s in self._up()} >= hosts
            )
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        process = self._process
        if process is not None and process.poll() is None:
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def query(self, expr: str, at: float | None = None) -> list[Sample]:
        """An instant vector, at an instant in epoch seconds or now. Raises BadQuery."""
        asked: dict[str, Any] = {"query": expr} | ({} if at is None else {"time": at})
        data = self.ask("query", asked)
        if data["resultType"] == "scalar":
            return [Sample({}, float(data["result"][1]))]
        return [Sample(each["metric"], float(each["value"][1])) for each in data["result"]]

    def query_range(
        self, expr: str, start: float, end: float, step: float
    ) -> list[tuple[dict[str, str], dict[float, float]]]:
        """Series with their values by instant. Raises BadQuery."""
        data = self.ask("query_range", {"query": expr, "start": start, "end": end, "step": step})
        return [
            (each["metric"], {float(t): float(v) for t, v in each["values"]})
            for each in data["result"]
        ]

    def ask(self, path: str, asked: Mapping[str, Any] | None = None) -> Any:
        """What the API of version 1 answers. Raises BadQuery."""
        body = urllib.parse.urlencode(asked).encode() if asked else None
        try:
            with urllib.request.urlopen(f"{self.address}/api/v1/{path}", body, PATIENCE) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as refused:
            with refused:
                raise BadQuery(json.load(refused)["error"]) from None

    def until(self, what: str, condition: Any) -> Any:
        """Wait for a condition and return what it found; fail if Prometheus ends before."""
        give_up = time.monotonic() + PATIENCE
        while not (found := condition()):
            assert self._process is not None
            assert self._process.poll() is None, f"it ended before {what}:\n{self._log.read_text()}"
            assert time.monotonic() < give_up, f"no {what}:\n{self._log.read_text()}"
            time.sleep(0.05)
        return found

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/-/ready", timeout=PATIENCE):
                return True
        except (urllib.error.URLError, ConnectionError):
            return False

    def _up(self) -> list[Sample]:
        return [sample for sample in self.query("up") if sample.value == 1]

    def _keep_history(self, data: Path) -> None:
        samples = self._folder / "history.om"
        samples.write_text(self._history)
        # one block instead of one for each two hours, which cost a quarter of a second each
        whole = "--max-block-duration=8760h"
        command = ["promtool", "tsdb", "create-blocks-from", whole, "openmetrics", samples, data]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def _host(address: str) -> str:
    return address.removeprefix("http://").rstrip("/")
