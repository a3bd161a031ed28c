"""The command line as a user has it: in this process for speed, as a process where it matters."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from collector.cli.main import main
from tests.worlds.paths import ROOT

COMMAND = [sys.executable, "-c", "from collector.cli.main import main; main()"]
"""What the installed script runs."""


@dataclass(frozen=True)
class Outcome:
    """How a command ended and what it wrote."""

    code: int
    out: str
    err: str


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a command: ours, without what would configure the program."""
    ours = ("SERVICEDESK_", "RT_", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED")
    known = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    own = {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"}
    return {**known, **own, **(extra or {})}


def run_process(
    arguments: Sequence[str], *, cwd: Path, env: Mapping[str, str] | None = None, timeout: int = 300
) -> Outcome:
    """Run a command as a process of its own to its end."""
    done = subprocess.run(
        [*COMMAND, *arguments],
        cwd=cwd,
        env=environment(env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


def run_here(*arguments: str | Path) -> Outcome:
    """Run a command in this process, with the exit codes and streams of the real entry point."""
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.object(sys, "argv", ["servicedesk-kpi", *map(str, arguments)]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        _logging_to(err),
    ):
        try:
            main()
            code = 0
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return Outcome(code, out.getvalue(), err.getvalue())


@contextlib.contextmanager
def levels_kept() -> Iterator[None]:
    """The command line sets levels of loggers for its whole process; ours runs others after it."""
    before = _levels()
    try:
        yield
    finally:
        # only those that changed: to set one empties the memory of all
        for logger, level in _levels().items():
            if level != (kept := before.get(logger, logging.NOTSET)):
                logger.setLevel(kept)


def _levels() -> dict[logging.Logger, int]:
    known = [logging.root, *logging.root.manager.loggerDict.values()]
    return {each: each.level for each in known if isinstance(each, logging.Logger)}


@contextlib.contextmanager
def _logging_to(stream: io.StringIO) -> Iterator[None]:
    """Log to a stream alone, and leave logging as it was found."""
    root = logging.getLogger()
    before = root.handlers[:]
    root.handlers[:] = [logging.StreamHandler(stream)]
    try:
        with levels_kept():
            yield
    finally:
        root.handlers[:] = before
