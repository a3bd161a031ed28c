"""A Prometheus that holds what a desk exported through time, up to a collector that has died."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from prometheus_client import generate_latest

from collector.measuring.engine.open_work import OpenWork
from collector.monitoring.metrics.collector import Counters
from collector.monitoring.names import PREFIX
from collector.service.service import Service
from tests.worlds.measured import polled
from tests.worlds.metrics import metrics_registry

Kept = dict[str, list[str]]
"""The name of a metric → its samples, as lines with the time of each."""


def measured(
    service: Service, when: int, late: Mapping[str, int] | None = None, *, read: bool = True
) -> None:
    """Measure the desk at an instant (epoch seconds) at which each source was read 5 s ago, or so
    many seconds earlier as ``late`` says."""
    if read:
        for name in service.settings.sources:
            polled(service.store, name, when - (late or {}).get(name, 0) - 5)
    service.live._present = OpenWork()  # no record came since, but time passed by those there are
    service.live.refresh(when)


def scraped(service: Service, times: Iterable[int], kept: Kept, only: str = "") -> None:
    """Add what a scrape sees now, as of each of these instants (epoch seconds), to what is kept.
    ``only``: a pattern for the series that are wanted, without our prefix."""
    live = service.live
    registry = metrics_registry(service.settings, lambda: live.snapshot, Counters(), service.health)
    lines = [
        line
        for line in generate_latest(registry).decode().splitlines()
        if line.startswith(PREFIX) and re.match(only, line.removeprefix(PREFIX))
    ]
    for when in times:
        for line in lines:
            kept.setdefault(re.split(r"[{ ]", line)[0], []).append(f"{line} {when}")


def history(kept: Kept) -> str:
    """All of that in the OpenMetrics format."""
    return "\n".join([*_lines(kept), "# EOF", ""])


def _lines(kept: Kept) -> Iterator[str]:
    for lines in kept.values():
        yield from lines


def stored(folder: Path) -> bool:
    """Whether a Prometheus of an earlier run lies there."""
    return (folder / "data").is_dir()
