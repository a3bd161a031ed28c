"""One run of a program: its output in a file without a name, and its end in every case."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from time import monotonic
from typing import IO, Any, Self

from collector.io.errors import SourceError
from collector.io.secrets import Secret
from collector.sources.command.options import INHERITED, CommandOptions, holds_password

_TICK = 0.2
_GRACE = 3.0
"""Seconds between the request to end and the order."""
_MEGABYTE = 1024 * 1024
_LONGEST_LINE = 16 * _MEGABYTE
_MARK = "SERVICEDESK_KPI_RUN"
"""The variable by which a program is found again that left the group of its parent."""
_ROUNDS = 5
"""How often what is left is looked for: a process may be made while others are ended."""


class Run:
    """A context manager; when it is left the program and its children are ended.

    What it writes as errors is not kept, since it may hold data of persons and secrets. Raises
    SourceError if it cannot be started, takes too long, writes too much or fails, and
    SecretUnavailable if a variable of its environment cannot be read.
    """

    def __init__(self, options: CommandOptions, state: Any) -> None:
        self._options = options
        self._state = state
        self._began = 0.0
        self._mark = f"{_MARK}={secrets.token_hex(16)}"

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._output: IO[bytes] = tempfile.TemporaryFile()
            stack.callback(self._output.close)
            command, given = list(self._options.command), subprocess.DEVNULL
            if self._state is not None:
                file = stack.enter_context(tempfile.NamedTemporaryFile(suffix=".json"))
                if self._options.state == "file":
                    command += [self._options.state_argument, file.name]
                else:
                    given = file.fileno()
                file.write(json.dumps(self._state).encode())
                file.flush()
                file.seek(0)
            self._start(command, given)
            stack.callback(self._end)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def has_ended(self, seconds: float) -> bool:
        """Wait at most so long, and return whether it has ended and all is well.

        Raises SourceError if it failed, or must be ended.
        """
        until = monotonic() + seconds
        while True:
            with suppress(subprocess.TimeoutExpired):
                self._judge(self._process.wait(_TICK))
                return True
            if monotonic() - self._began > self._options.timeout:
                raise SourceError(f"the command did not end within {self._options.timeout} s")
            if self.size > self._options.output_limit * _MEGABYTE:
                text = f"the command wrote more than {self._options.output_limit} MB of output"
                raise SourceError(f"{text}; see output_limit", permanent=True)
            if monotonic() >= until:
                return False

    @property
    def size(self) -> int:
        """How many bytes it has written."""
        return os.fstat(self._output.fileno()).st_size

    def lines(self) -> Iterator[bytes]:
        """Yield what it has written, line by line, without empty ones.

        Raises SourceError for a line that is too long.
        """
        self._output.seek(0)
        while line := self._output.readline(_LONGEST_LINE):
            if len(line) >= _LONGEST_LINE:
                raise SourceError("the command wrote a line of more than 16 MB", permanent=True)
            if line.strip():
                yield line

    def _start(self, command: list[str], given: int) -> None:
        kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
        kept = {name: value for name, value in kept.items() if not holds_password(name, value)}
        own = {
            name: value.reveal() if isinstance(value, Secret) else value
            for name, value in self._options.environment.items()
        }
        self._began = monotonic()
        try:
            self._process = subprocess.Popen(  # noqa: S603 the configuration says what is run
                command,
                stdin=given,
                stdout=self._output,
                stderr=subprocess.DEVNULL,
                cwd=self._options.folder,
                env={**kept, **own, _MARK: self._mark.partition("=")[2]},
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else "it cannot be written so"
            name = self._options.command[0]
            raise SourceError(f"{name} cannot be started: {why}", permanent=True) from None

    def _judge(self, code: int) -> None:
        if code == 0:
            return
        how = f"ended with status {code}" if code > 0 else f"was ended by signal {-code}"
        raise SourceError(f"the command {how}; run it by hand to see why")

    def _end(self) -> None:
        """End what is left of the program and its children, those of other sessions too."""
        for order, seconds in ((signal.SIGTERM, _GRACE), (signal.SIGKILL, None)):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, order)
            for left in processes_with(self._mark):
                _send(left, order)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(seconds)
        for _ in range(_ROUNDS):
            if not (others := processes_with(self._mark)):
                return
            for left in others:
                _send(left, signal.SIGKILL)


def processes_with(variable: str) -> list[int]:
    """Return the processes that were begun with this variable (``NAME=value``) in their
    environment. Only Linux tells; elsewhere there are none."""
    found = []
    for place in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):  # it is another user's, or has ended
            if variable.encode() in place.read_bytes().split(b"\0"):
                found.append(int(place.parent.name))
    return found


def _send(process: int, order: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(process, order)
