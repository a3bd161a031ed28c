"""Pictures of the pages for docs/, made anew by ``make screenshots``: the demo at a fixed time."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import requests

from tests.worlds.browser import chromium

FOLDER = Path(__file__).parents[2] / "docs/pages"
MOST_BYTES, MOST_OF_ALL = 150_000, 1_500_000
DEMO = ("demo", "--port", "0", "--speed", "1", "--start", "2026-11-17T14:30", "--language", "en")
_PATIENCE = 300


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture: its name, what is opened, how large the window is in px, the theme, how many px of
    the picture are one of the window, and which element it shows; the whole window without one."""

    name: str
    path: str
    width: int = 1120
    height: int = 660
    theme: str = "light"
    scale: float = 1
    element: str = ""


_LATE = "indicator/equipment_orders?period=2026-10&record=desk/8855"
SHOTS = (
    Shot("goals", "", width=1280, height=760),
    Shot("goals-dark", "", width=1280, height=760, theme="dark"),
    Shot("goals-phone", "", width=390, height=800),
    Shot("open", "open"),
    Shot("open-phone", "open", width=390, height=800),
    Shot("indicator", "indicator/urgent_response?period=month", height=1000),
    Shot("record", _LATE, element="#record"),
    Shot("calls", "calls", height=760),
    Shot("what-if", "what-if?month=2026-10&within=3600&closes=1080", height=640),
    Shot("months", "months", height=360),
    Shot("month", "months/2026-10", height=760),
    Shot("sources", "sources", height=560),
    Shot("wall", "wall?period=month", width=1920, height=1080, scale=0.5),
    Shot("wall-dark", "wall?period=month&theme=dark", width=1920, height=1080, scale=0.5),
    Shot("runbook", "runbook/source-stale", height=560),
)
"""The demo is the same each time; only the seconds of its clock differ between two runs."""


@contextmanager
def demo() -> Iterator[str]:
    """The address of a running demo."""
    program = Path(sys.executable).with_name("servicedesk-kpi")
    running = subprocess.Popen([program, *DEMO], stdout=subprocess.PIPE, text=True)
    try:
        assert running.stdout is not None
        found = re.search(r"http\S+", running.stdout.readline())
        assert found is not None
        Thread(target=running.stdout.read, daemon=True).start()  # it must never wait for a reader
        address, began = found[0], time.monotonic()
        while not (_answers(f"{address}readyz") and _answers(f"{address}months/2026-10")):
            assert running.poll() is None, "the demo has ended"
            assert time.monotonic() - began < _PATIENCE, "the demo does not get ready"
            time.sleep(1)
        yield address
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(timeout=60)


def _answers(address: str) -> bool:
    try:
        return requests.get(address, timeout=10).ok
    except requests.RequestException:
        return False


def main() -> None:
    """Make every picture anew. Raises AssertionError for what is too large."""
    FOLDER.mkdir(exist_ok=True)
    with demo() as address, chromium() as browser:
        sizes = {shot.name: _taken(browser, address, shot) for shot in SHOTS}
    for name, size in sizes.items():
        print(f"{name}.png {size // 1000} kB")
    large = [name for name, size in sizes.items() if size > MOST_BYTES]
    assert not large, f"larger than {MOST_BYTES // 1000} kB: {', '.join(large)}"
    assert sum(sizes.values()) < MOST_OF_ALL, f"all of them: {sum(sizes.values()) // 1000} kB"


def _taken(browser: Any, address: str, shot: Shot) -> int:
    """The size of a picture in bytes, once it is in its file."""
    tab = browser.new_page(
        viewport={"width": shot.width, "height": shot.height},
        color_scheme=shot.theme,
        device_scale_factor=shot.scale,
        locale="en-GB",
        reduced_motion="reduce",
    )
    answer = tab.goto(address + shot.path)
    assert answer.ok, f"{shot.path}: {answer.status}"
    shown = tab.locator(shot.element) if shot.element else tab
    file = FOLDER / f"{shot.name}.png"
    shown.screenshot(path=file)
    tab.close()
    return file.stat().st_size


if __name__ == "__main__":
    main()
