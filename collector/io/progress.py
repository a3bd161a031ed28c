"""Progress of long work: a bar in a terminal, log lines elsewhere."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

log = logging.getLogger(__name__)


class Reporter(Protocol):
    """Receives progress: the share done (0–1, None if unknown) and the number of items done."""

    def __call__(self, share: float | None, done: int = 0) -> None: ...


@contextmanager
def progress(what: str, unit: str = "") -> Iterator[Reporter]:
    """Show progress while the block runs; yields the function to report it with.

    In a terminal this is a bar with rate and time left, elsewhere a log line every five seconds.
    ``what`` names the work and ``unit`` the items. The bar never moves back: a source that starts
    over for newly arrived records has lost nothing.
    """
    if not sys.stderr.isatty():
        yield _forward(_logged(what, unit))
        return
    # Imported only for a terminal: all measuring imports this module, and most of it has none.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None, rate="")
        began = time.monotonic()

        def show(share: float | None, done: int = 0) -> None:
            passed = max(time.monotonic() - began, 1e-3)
            rate = f"{done} {unit}, {done / passed:.0f}/s" if unit and done else ""
            total = None if share is None else 1.0
            bar.update(task, total=total, completed=share or 0.0, rate=rate)

        yield _forward(show)


def _forward(report: Reporter) -> Reporter:
    """Return a reporter that passes on the largest share so far."""
    furthest: float | None = None

    def onward(share: float | None, done: int = 0) -> None:
        nonlocal furthest
        if share is not None:
            furthest = max(share, furthest or 0.0)
        report(furthest, done)

    return onward


def _logged(what: str, unit: str) -> Reporter:
    """Return a reporter that logs at most one line in five seconds."""
    began = last = time.monotonic()

    def line(share: float | None, done: int = 0) -> None:
        nonlocal last
        if time.monotonic() - last < 5:
            return
        last = time.monotonic()
        passed = last - began
        parts = [] if share is None else [f"{100 * share:.0f} %"]
        if unit and done:
            parts.append(f"{done} {unit}, {done / passed:.0f}/s")
        if share:
            parts.append(f"{passed * (1 - share) / share:.0f} s left")
        log.info("%s: %s", what, ", ".join(parts) or f"{passed:.0f} s")

    return line
