"""Business time of a million pairs: this program compared with workclock and businesstime.

Europe/Berlin, Monday to Friday 9-17, public holidays of Hesse; spans are log-normal with a
median of 8 hours and a 95th percentile of 6.4 days, starts random over nine years and in random
order. Every engine gets its input in the form that suits it best; like the calendars it is prepared
before timing begins. Best of three.

    uv venv bench/.venv && uv pip install --python bench/.venv -r bench/requirements.txt
    PYTHONPATH=. bench/.venv/bin/python bench/business_time.py
"""

from __future__ import annotations

import argparse
import sys
import time as clock
from collections.abc import Callable
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import businesstime
import holidays
import numpy as np
import workclock

from collector.business_time import BusinessCalendar

ZONE = "Europe/Berlin"
YEARS = range(2016, 2027)
SEED = 20_240_331
BAR = 20
REPEATS = 3


def spans(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Starts and ends of ``count`` random spans, in epoch seconds; each of shape (count,)."""
    random = np.random.default_rng(SEED)
    first, last = (
        int(datetime(y, 1, 1, tzinfo=UTC).timestamp()) for y in (YEARS[0] + 1, YEARS[-1] - 1)
    )
    start = random.integers(first, last, count)
    sigma = np.log(6.4 * 24 / 8) / 1.6449
    length = 8 * 3600 * np.exp(sigma * random.standard_normal(count))
    return start, start + np.minimum(length, 180 * 86400).astype(np.int64)


def best(run: Callable[[], Any]) -> tuple[float, Any]:
    """The least wall-clock seconds of REPEATS runs, and the last result."""
    seconds = []
    for _ in range(REPEATS):
        began = clock.perf_counter()
        result = run()
        seconds.append(clock.perf_counter() - began)
    return min(seconds), result


def main() -> int:
    """Print the comparison; 0 if this program meets the bar, otherwise 1."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--pairs", type=int, default=1_000_000)
    options.add_argument("--sample", type=int, default=5_000, help="pairs given to businesstime")
    chosen = options.parse_args()
    closed = frozenset(holidays.country_holidays("DE", subdiv="HE", years=YEARS))
    start, end = spans(chosen.pairs)
    length = np.sort(end - start)
    print(
        f"{chosen.pairs:,} pairs, spans: median {length[len(length) // 2] / 3600:.1f} h, "
        f"p95 {length[len(length) * 95 // 100] / 86400:.1f} d; numpy {np.__version__}"
    )

    weekdays = ("mon", "tue", "wed", "thu", "fri")
    began = clock.perf_counter()
    ours = BusinessCalendar(ZONE, {day: [("09:00", "17:00")] for day in weekdays}, closed)
    ours.elapsed(int(start.min()), int(end.max()))
    compiled = clock.perf_counter() - began
    our_seconds, our_result = best(lambda: ours.elapsed(start, end))
    add_seconds, deadlines = best(lambda: ours.add(start, our_result))

    schedule = workclock.Schedule(
        [workclock.WorkDay(time(9), time(17)), workclock.Holidays(closed)], time_zone=ZONE
    )
    starts, ends = (t.astype("datetime64[s]").astype("datetime64[us]") for t in (start, end))
    worked = our_result.astype("timedelta64[s]").astype("timedelta64[us]")
    peer_seconds, peer_result = best(lambda: schedule.between_many(starts, ends))
    peer_add_seconds, peer_deadlines = best(lambda: schedule.add_many(starts, worked))
    peer_result = peer_result.astype("timedelta64[s]").astype(np.int64)
    peer_deadlines = peer_deadlines.astype("datetime64[s]").astype(np.int64)

    sample, zone = slice(0, min(chosen.sample, chosen.pairs)), ZoneInfo(ZONE)
    naive = [
        [datetime.fromtimestamp(t, zone).replace(tzinfo=None) for t in times[sample].tolist()]
        for times in (start, end)
    ]
    old = businesstime.BusinessTime((time(9), time(17)), holidays=closed)
    pairs = list(zip(*naive, strict=True))
    old_seconds, old_result = best(
        lambda: [int(old.businesstimedelta(a, b).total_seconds()) for a, b in pairs]
    )
    # businesstime counts a whole business day as a timedelta of one day
    old_result = np.array([s // 86400 * 8 * 3600 + s % 86400 for s in old_result])
    old_scaled = old_seconds * chosen.pairs / len(pairs)
    old_equal = float((old_result == our_result[sample]).mean())

    equal = int((our_result == peer_result).sum())
    consistent = bool((ours.elapsed(start, deadlines) == our_result).all())
    same_deadline = int((deadlines == peer_deadlines).sum())
    rows = [
        ("elapsed", "this program", our_seconds, 1.0, ""),
        ("", "workclock between_many", peer_seconds, peer_seconds / our_seconds,
         f"{equal:,} rows equal"),
        ("", "businesstime", old_scaled, old_scaled / our_seconds,
         f"scaled from {len(pairs):,}; {old_equal:.1%} equal"),
        ("add", "this program", add_seconds, 1.0, "inverse of elapsed" if consistent else "WRONG"),
        ("", "workclock add_many", peer_add_seconds, peer_add_seconds / add_seconds,
         f"{same_deadline:,} rows equal"),
    ]  # fmt: skip
    print(f"{'':8} {'engine':24} {'seconds':>9} {'ratio':>8}")
    for what, engine, seconds, ratio, note in rows:
        print(f"{what:8} {engine:24} {seconds:9.4f} {ratio:7.1f}x  {note}")
    print(f"calendar compiled in {compiled * 1000:.1f} ms, not in the figures above")
    passed = equal == chosen.pairs and consistent and peer_seconds >= BAR * our_seconds
    print(f"bar: all rows equal and at least {BAR}x workclock: {'met' if passed else 'NOT MET'}")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
