"""The process that test_killed_while_freezing freezes with, and kills."""

from __future__ import annotations

import os
import signal
from multiprocessing.connection import Connection
from typing import Any

from sqlalchemy import event

from collector.store import Store
from tests.worlds.frozen import froze

MOMENTS = ("before the row", "behind the row", "behind the counter", "committed")
"""Where a process ends itself, in the order in which it comes there."""


def freeze_and_die(url: str, moment: str | None, progress: Connection) -> None:
    """Freezes June; at ``moment`` it is gone, as by kill -9. Tells when it begins and when it is
    done."""
    with Store.open(url) as store:
        if moment is not None:
            _die_at(store, moment)
        progress.send("begins")
        progress.send(froze(store).snapshot.seal)


def _die_at(store: Store, moment: str) -> None:
    def end() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def statement(*given: Any) -> None:
        text = given[2].lower()
        row = "insert into snapshots" in text
        counter = "insert into counters" in text
        if (row and moment in MOMENTS[:2]) or (counter and moment == MOMENTS[2]):
            end()

    engine = store._database._engine
    if moment == MOMENTS[3]:
        written: list[bool] = []
        event.listen(
            engine,
            "after_cursor_execute",
            lambda *given: written.append("insert into counters" in given[2].lower()),
        )
        # what a commit told the database is there before the next transaction begins
        event.listen(engine, "begin", lambda _: end() if any(written) else None)
        event.listen(engine, "checkin", lambda *_: end() if any(written) else None)
        return
    before = "before_cursor_execute" if moment == MOMENTS[0] else "after_cursor_execute"
    event.listen(engine, before, statement)
