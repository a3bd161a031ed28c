"""Pictures of all boards without Grafana: ``python -m tests.dashboards.pictures FOLDER``.

The demo is measured through 30 simulated days, a real Prometheus holds what was exported, and each
board is drawn from its JSON by day, at night, before the first call, with a dead source and with a
dead collector: what fills a screen of 1920 × 1080, and the whole board with its rows opened where
it is taller. They are approximate, and say so. The history is kept in FOLDER/.history; ``--anew``
makes it again.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console

from collector.cli.demo.run import SimulatedClock, _first_poll, simulated_systems
from collector.cli.demo.settings import demo_settings
from collector.service.service import Service
from collector.store import Store
from tests.worlds.boards_scenes import Kept, history, measured, scraped, stored
from tests.worlds.browser import chromium
from tests.worlds.grafana_layout import HEIGHT, WIDTH
from tests.worlds.grafana_page import page
from tests.worlds.grafana_view import View, fitted
from tests.worlds.measured import at
from tests.worlds.real_prometheus import RealPrometheus

NOW = at("2026-11-17 14:30")
SCENES = {
    "night": at("2026-11-16 23:30"),
    "morning": at("2026-11-17 06:30"),
    "day": NOW,
    "silent": NOW + 1800,
    "gone": NOW + 7200,
}
"""Before the first call is ``morning``; ``silent`` is without the telephone for two hours, and
since then nobody has been scraped."""

PERIODS = {
    "today": "today",
    "response": "month",
    "telephone": "today",
    "goals": "year_to_date",
    "organizations": "month",
    "collector": "month",
}
_DAY, _HOUR, _MINUTE = 86_400, 3600, 60
_CONSTANTS = r"indicator_(info|target_\w+)\{|\w+_rank\{"
_OF_MONTHS = (
    r"(indicator_(ratio|eligible|seconds|median_seconds|state)|organization_(ratio|eligible))"
    r'\{.*period="month"|indicator_(ratio|eligible|forecast_ratio)\{.*period="year_to_date"|'
    + _CONSTANTS
)
_OF_DAY = (
    r'indicator_(ratio|eligible|seconds)\{.*period="today"|calls_today|day_start|source_|'
    + _CONSTANTS
)
"""What graphs draw; the tables are those of a scene."""


def main() -> None:
    """Draw every board."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--anew", action="store_true", help="make the history again")
    parser.add_argument("--board", action="append", choices=PERIODS, help="only these boards")
    parser.add_argument("--scene", action="append", choices=SCENES, help="only these scenes")
    parser.add_argument("--language", default="sv", choices=("sv", "en"))
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder:
        settings = demo_settings(Path(folder), {}, NOW, asked.language)
    with _prometheus(asked.folder / ".history", asked.anew) as prometheus, chromium() as browser:
        for name in asked.board or PERIODS:
            for scene in asked.scene or SCENES:
                fitting = fitted(name, asked.language, settings)
                view = View(prometheus, name, asked.language, SCENES[scene], PERIODS[name], fitting)
                for file in _taken(browser, view, asked.folder / f"{name}-{scene}"):
                    print(file)


def _taken(browser: Any, view: View, file: Path) -> Iterator[Path]:
    """What fills a screen, and all of the board with its rows opened."""
    for opened, name in ((False, file), (True, file.with_name(f"{file.name}-whole"))):
        html, tall = page(view, file.name, opened=opened)
        if opened and tall <= HEIGHT:
            continue
        source = name.with_suffix(".html")
        source.write_text(html, encoding="utf-8")
        tab = browser.new_page(viewport={"width": WIDTH, "height": tall if opened else HEIGHT})
        tab.goto(source.resolve().as_uri())
        tab.screenshot(path=name.with_suffix(".png"))
        tab.close()
        yield name.with_suffix(".png")


@contextmanager
def _prometheus(folder: Path, anew: bool) -> Iterator[RealPrometheus]:
    text = ""
    if anew or not stored(folder):
        if stored(folder):
            folder = Path(
                TemporaryDirectory(dir=folder.parent, prefix=".history", delete=False).name
            )
        text = _exported()
    with RealPrometheus(folder, history=text) as running:
        yield running


def _exported() -> str:
    kept: Kept = {}
    out = Console(stderr=True)
    clock = SimulatedClock(NOW, 1)
    with (
        TemporaryDirectory() as temporary,
        simulated_systems(Path(temporary), clock, NOW, 4, 1, out, "sv") as keys,
    ):
        settings = demo_settings(Path(temporary), keys, NOW, "sv")
        with Store.open(settings.store) as store:
            for name in settings.sources:
                _first_poll(settings, store, name, clock, out)
            service = Service(settings, store, lambda: NOW - 30 * _DAY)
            service.live.refresh(NOW - 30 * _DAY)
            service.look_back()
            _lived(service, kept)
    return history(kept)


def _lived(service: Service, kept: Kept) -> None:
    """A month measured every three hours and told for each half hour, the last day every half
    hour and told for each minute, and the scenes."""
    last_day = NOW // _HOUR * _HOUR - _DAY
    for when in range(NOW // _HOUR * _HOUR - 30 * _DAY, last_day, 3 * _HOUR):
        measured(service, when)
        scraped(service, range(when, when + 3 * _HOUR, 1800), kept, _OF_MONTHS)
    scenes = [when for name, when in SCENES.items() if name not in {"silent", "gone"}]
    for when in range(last_day, NOW + 1, 1800):
        measured(service, when)
        if when in scenes:
            scraped(service, [when], kept)
        else:
            scraped(service, [when], kept, _OF_MONTHS)
        after = range(when + _MINUTE, min(when + 1800, NOW), _MINUTE)
        scraped(service, after, kept, _OF_DAY)
    measured(service, SCENES["silent"], {"phone": 7200})
    scraped(service, [SCENES["silent"]], kept)


if __name__ == "__main__":
    main()
