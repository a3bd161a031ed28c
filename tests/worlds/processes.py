"""A long-running command as a process: its log, what it serves, and its end."""

from __future__ import annotations

import re
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

from tests.worlds.commands import COMMAND, environment
from tests.worlds.programs import program

PATIENCE = 300
"""Seconds for what takes one on a quiet machine: a bound for what hangs, not for what is slow."""

_PROGRESS = re.compile(r"^\S+ INFO [^:]+: (?:\d+ %|\d+ \w+, \d+/s|\d+ s).*\n", re.MULTILINE)


def _as_in_a_terminal() -> None:
    """Tests may run in the background, where a shell lets Ctrl-C be ignored, by all below it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Running:
    """A process whose output is read while it runs."""

    def __init__(self, arguments: list[str], cwd: Path, env: Mapping[str, str] | None) -> None:
        self._process = subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=cwd,
            env={**environment(env), "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=_as_in_a_terminal,  # noqa: PLW1509 - it only resets a signal
        )
        self.lines: list[str] = []
        self.out: list[str] = []
        self._readers = [
            Thread(target=self._read, args=(self._process.stderr, self.lines), daemon=True),
            Thread(target=self._read, args=(self._process.stdout, self.out), daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    @staticmethod
    def _read(stream: Any, lines: list[str]) -> None:
        lines.extend(iter(stream.readline, ""))
        stream.close()

    @property
    def log(self) -> str:
        """Standard error so far."""
        return "".join(self.lines)

    @property
    def said(self) -> str:
        """Standard output so far."""
        return "".join(self.out)

    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def until(self, what: str, condition: Callable[[], Any], *, running: bool = True) -> Any:
        """Wait for a condition and return what it found; fail if the process ends before."""
        give_up = time.monotonic() + PATIENCE
        while not (found := condition()):
            assert not running or self.alive(), f"it ended before {what}:\n{self.log}{self.said}"
            assert time.monotonic() < give_up, f"waited in vain for {what}:\n{self.log}{self.said}"
            time.sleep(0.02)
        return found

    def address(self) -> str:
        """Where it serves."""
        pattern = re.compile(r"(http://127\.0\.0\.1:\d+)/metrics")

        def shown() -> str | None:
            match = pattern.search(self.log + self.said)
            return match and match[1]

        found: str = self.until("the address", shown)
        self.until("an answer", lambda: get(f"{found}/healthz")[0] == 200)
        return found

    def signal(self, sent: int) -> None:
        """Send a signal that does not end it."""
        self._process.send_signal(sent)

    def end(self, sent: int) -> int:
        """Send a signal and wait for the end; the exit code."""
        self._process.send_signal(sent)
        return self.wait()

    def wait(self) -> int:
        """Wait for the end; the exit code."""
        code = self._process.wait(PATIENCE)
        for reader in self._readers:
            reader.join(PATIENCE)
        return code

    def kill(self) -> None:
        """End it, whatever it is doing."""
        if self.alive():
            self._process.kill()
            self.wait()


@contextmanager
def running(
    arguments: list[str], cwd: Path, env: Mapping[str, str] | None = None
) -> Iterator[Running]:
    """A command that runs while the block does, and never longer."""
    process = Running(arguments, cwd, env)
    try:
        yield process
    finally:
        process.kill()


def without_progress(log: str) -> str:
    """A log without its lines of progress, which only what takes more than five seconds writes."""
    return _PROGRESS.sub("", log)


def get(url: str) -> tuple[int, str]:
    """Status and body; status 0 where nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read().decode()
    except (urllib.error.URLError, ConnectionError):
        return 0, ""


def value_of(metrics: str, name: str, **labels: str) -> float | None:
    """One sample of a text exposition."""
    for line in metrics.splitlines():
        match = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line)
        if match and match[1] == name:
            known = dict(re.findall(r'(\w+)="([^"]*)"', match[2] or ""))
            if known == labels:
                return float(match[3])
    return None


def families(metrics: str) -> set[str]:
    """The names that are described."""
    return {line.split()[2] for line in metrics.splitlines() if line.startswith("# TYPE")}


def complaints_of_promtool(metrics: str) -> str:
    """What ``promtool check metrics`` says; skips where there is none."""
    done = subprocess.run(
        [program("promtool"), "check", "metrics"],
        input=metrics,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr + (f"exit {done.returncode}" if done.returncode else "")
