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

import requests

from tests.worlds.browser import chromium

FOLDER = Path(__file__).parents[2] / "docs/pages"
MOST_BYTES = 120_000
DEMO = ("demo", "--port", "0", "--speed", "1", "--start", "2026-11-17T10:30", "--language", "en")
_PATIENCE = 300


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture: its name, what is opened, how large the window is in px, and the theme."""

    name: str
    path: str
    width: int = 1120
    height: int = 660
    theme: str = "light"


SHOTS = (
    Shot("goals", ""),
    Shot("goals-dark", "", theme="dark"),
    Shot("goals-phone", "", width=390, height=800),
    Shot("open", "open"),
    Shot("what-if", "what-if?month=2026-10&within=3600&closes=1080", height=640),
)


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
        while not _ready(address):
            assert running.poll() is None, "the demo has ended"
            assert time.monotonic() - began < _PATIENCE, "the demo does not get ready"
            time.sleep(1)
        yield address
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(timeout=60)


def _ready(address: str) -> bool:
    try:
        return requests.get(f"{address}readyz", timeout=10).ok
    except requests.RequestException:
        return False


def main() -> None:
    """Make every picture anew. Raises AssertionError for one that is too large."""
    FOLDER.mkdir(exist_ok=True)
    with demo() as address, chromium() as browser:
        large = []
        for shot in SHOTS:
            tab = browser.new_page(
                viewport={"width": shot.width, "height": shot.height}, color_scheme=shot.theme
            )
            tab.goto(address + shot.path)
            file = FOLDER / f"{shot.name}.png"
            tab.screenshot(path=file)
            tab.close()
            size = file.stat().st_size
            print(f"{file.relative_to(FOLDER.parents[1])} {size // 1000} kB")
            large += [file.name] if size > MOST_BYTES else []
        assert not large, f"larger than {MOST_BYTES // 1000} kB: {', '.join(large)}"


if __name__ == "__main__":
    main()
