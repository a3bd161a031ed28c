"""``run`` with a short lease, and with places at which it stops as by SIGSTOP when it is told to.

``python -m tests.worlds.collector_process FOLDER run``: a file ``stop-NAME`` in FOLDER, with the
number of this process in it, stops it at that place, and is taken away.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from threading import RLock
from typing import Any

from collector.cli.main import main
from collector.service import leading
from collector.store import engine
from collector.store.leases import Lease
from collector.store.pages import Pages

LEASE_SECONDS = 3.0
BETWEEN, INSIDE = "between", "inside"
"""Before a page's transaction, with the page in hand; and in it, after the fence was checked."""


_WRITING = RLock()
"""Held by the thread that writes: a stop between transactions must not hit another thread's."""


def _stop_when_told(folder: Path, place: str) -> None:
    told = folder / f"stop-{place}"
    if told.exists() and told.read_text() == str(os.getpid()):
        with _WRITING:
            told.unlink()
            os.kill(os.getpid(), signal.SIGSTOP)


def _one_writer(begin: Callable[..., Any]) -> Any:
    @contextmanager
    def wrapped(database: engine.Database, **options: Any) -> Iterator[Any]:
        alone = _WRITING if options.get("writes") else nullcontext()
        with alone, begin(database, **options) as connection:
            yield connection

    return wrapped


def _stopping(call: Callable[..., Any], folder: Path, place: str, *, after: bool) -> Any:
    def wrapped(*arguments: Any, **named: Any) -> Any:
        if not after:
            _stop_when_told(folder, place)
        found = call(*arguments, **named)
        if after:
            _stop_when_told(folder, place)
        return found

    return wrapped


if __name__ == "__main__":
    where = Path(sys.argv.pop(1))
    leading.LEASE_SECONDS = LEASE_SECONDS
    engine.WRITER_IDLE_SECONDS = 2.0
    engine.Database._begin = _one_writer(engine.Database._begin)  # type: ignore[method-assign]
    Pages.save = _stopping(Pages.save, where, BETWEEN, after=False)  # type: ignore[method-assign]
    Lease.require = _stopping(Lease.require, where, INSIDE, after=True)  # type: ignore[method-assign]
    main()
