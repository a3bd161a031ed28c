"""Each scrape is wholly of one measurement, while figures are exchanged under it."""

from __future__ import annotations

import signal
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from tests.worlds.json_desk import json_desk
from tests.worlds.processes import get, running, value_of
from tests.worlds.sizes import sample_size

SCRAPES = sample_size(60, 60, 1000)
CHANGES = 3
"""Different figures that must be seen, or nothing was exchanged."""


def test_a_scrape_holds_figures_of_one_measurement_alone(
    tmp_path: Path, figure: Callable[[str], None]
) -> None:
    """At each poll one ticket more is open in both organizations, which must never differ."""
    with json_desk() as (desk, url):
        now = desk.clock()

        def one_more() -> None:
            number, changed = desk.asked * 2, desk.clock()
            for extra, organization in enumerate(("Askersund", "Laxå")):
                desk.put(number + extra, now - 9000, changed, organization=organization)

        desk.before = one_more
        desk.written(tmp_path, url, "snapshot: {automatic: false}\n")
        with running(["run"], tmp_path) as service:
            address = service.address()
            service.until("readiness", lambda: get(f"{address}/readyz")[0] == 200)
            seen: set[float | None] = set()
            took: list[float] = []

            def scraped() -> bool:
                began = time.perf_counter()
                text = get(f"{address}/metrics")[1]
                took.append(time.perf_counter() - began)
                both = [
                    value_of(text, "servicedesk_tickets_open", priority="urgent", organization=each)
                    for each in ("Askersund", "Laxå")
                ]
                assert both[0] == both[1], "half of one measurement, half of another"
                seen.add(both[0])
                return len(took) >= SCRAPES and len(seen) >= CHANGES

            service.until("scrapes of several measurements", scraped)
            assert service.end(signal.SIGTERM) == 0
    slowest = sorted(took)[len(took) * 99 // 100]
    figure(
        f"{len(took):,} scrapes of {len(seen)} measurements, each whole: "
        f"p50 {statistics.median(took) * 1e3:.0f} ms, p99 {slowest * 1e3:.0f} ms"
    )
