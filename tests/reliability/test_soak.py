"""A service that runs for months takes no more memory, threads, files or disk than at first."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from collector.store import Store
from tests.worlds.commands import environment
from tests.worlds.desk import write_desk
from tests.worlds.json_desk import JsonDesk, json_desk
from tests.worlds.sizes import FULL, sample_size
from tests.worlds.soak_process import START, STEP

CYCLES = sample_size(30, 30, int(os.environ.get("SOAK_CYCLES", "5000")))
HISTORY = sample_size(30, 30, 5000)
"""Tickets from before the first cycle: five months, so that what is kept of some months is full."""
MOST_WAL = 64 * 2**20


def _lives(desk: JsonDesk) -> None:
    """In each cycle there is a new ticket, and one each is answered and resolved; before the first
    one there was a ticket as often."""
    cycle = 0
    for n in range(1, HISTORY + 1):
        opened = START - n * STEP
        done = {"responded": opened + 600, "resolved": opened + 2000}
        desk.put(1_000_000 + n, opened, opened + 2000, **done)

    def go_on() -> None:
        nonlocal cycle
        cycle += 1
        now = START + cycle * STEP
        desk.ahead = now - time.time()
        opened = now - 300
        desk.put(cycle, opened, opened)
        for age, facts in ((2, ("responded",)), (5, ("responded", "resolved"))):
            if cycle > age:
                then = now - 300 - age * STEP
                done = dict.fromkeys(facts, now - 60)
                desk.put(cycle - age, then, now - 60, **done)

    desk.go_on = go_on


def test_months_of_work_take_no_more_than_the_first(
    tmp_path: Path, figure: Callable[[str], None]
) -> None:
    with json_desk() as (desk, url):
        _lives(desk)
        # a sweep lists the whole desk each day, which in fast time is three times all other work
        order = "    order: changed\n"
        without = desk.configuration(url).replace(order, f"{order}    reconcile: {{at: never}}\n")
        write_desk(tmp_path, without)
        module = ["-m", "tests.worlds.soak_process"]
        command = [sys.executable, *module, str(tmp_path), url, str(CYCLES)]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False
        )
    assert done.returncode == 0, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each["cycle"] for each in told] == [CYCLES * n // 10 for n in range(2, 11)]
    first, last = told[0], told[-1]
    growth = last["memory"] / first["memory"] - 1
    first_mib, last_mib = (each["memory"] / 2**20 for each in (first, last))
    figure(
        f"{CYCLES:,} cycles on a store of {HISTORY:,} tickets: memory {first_mib:.0f} to "
        f"{last_mib:.0f} MiB ({growth:+.1%}), {first['threads']} to {last['threads']} threads, "
        f"{first['files']} to {last['files']} files, WAL {last['wal'] / 2**20:.1f} MiB"
    )
    assert last["threads"] <= first["threads"]
    assert last["files"] <= first["files"]
    assert max(each["wal"] for each in told) <= MOST_WAL
    if FULL:  # a few cycles say nothing of memory
        assert growth < 0.05, told
        assert last["wal"] <= max(each["wal"] for each in told[:5])
    with Store.open(f"sqlite:///{tmp_path / 'servicedesk.db'}") as store:
        states = store.polls.states()
        assert states["desk"].consecutive_failures == 0
        stored = store.records.counts(START - HISTORY * STEP, START + CYCLES * STEP)
    assert stored == {"desk": HISTORY + CYCLES}, "each ticket was read"
