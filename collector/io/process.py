"""Names a process so that others can tell who it is, and on its own machine whether it is gone."""

from __future__ import annotations

import os
import secrets
import socket
from dataclasses import astuple, dataclass
from pathlib import Path

_UNKNOWN = "?"


@dataclass(frozen=True, slots=True)
class ProcessName:
    """A process.

    ``started``: its start in ticks since the machine's, so that a number that is used again names
    no other process. ``world``: the machine's start and the namespace in which ``pid`` counts, as
    each container has its own. Both are ``?`` where they are not known (outside Linux). ``token``:
    random, so that no two names are the same.
    """

    host: str
    pid: int
    started: str
    world: str
    token: str

    def __str__(self) -> str:
        return " ".join(map(str, astuple(self)))

    @property
    def in_words(self) -> str:
        """The process for people."""
        return f"process {self.pid} on {self.host}"

    def is_gone(self) -> bool:
        """Whether it certainly does not run any more; False where that cannot be told here."""
        if self.world == _UNKNOWN or self.world != _world():
            return False
        if _start_of(1) is None:  # processes of other users are hidden from this one
            return False
        return _start_of(self.pid) != self.started


def own_name() -> ProcessName:
    """This process, by a name that no other has and that is another at each call."""
    host = "-".join(socket.gethostname().split()) or _UNKNOWN
    pid = os.getpid()
    return ProcessName(host, pid, _start_of(pid) or _UNKNOWN, _world(), secrets.token_hex(8))


def read_name(text: str) -> ProcessName:
    """The process of a text that :class:`ProcessName` wrote. Raises ValueError for another text."""
    host, pid, started, world, token = text.split(" ")
    return ProcessName(host, int(pid), started, world, token)


def _world() -> str:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}/{Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return _UNKNOWN


def _start_of(pid: int) -> str | None:
    """When a process started; None if it does not run, also if only its end is not noticed yet."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    state, *numbers = text.rpartition(")")[2].split()
    return None if state in "ZX" else numbers[18]
