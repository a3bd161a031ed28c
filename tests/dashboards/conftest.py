"""The desk of ``boards_desk`` in a Prometheus: four days of what graphs draw, and its scenes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from collector.service.service import Service
from tests.worlds.boards_desk import NOW, desk
from tests.worlds.boards_scenes import OF_DAY, OF_MONTHS, Kept, history, measured, scraped
from tests.worlds.grafana_view import View
from tests.worlds.measured import at
from tests.worlds.real_prometheus import RealPrometheus, needed

NIGHT, MORNING, SILENT = at("2020-07-15 23:30"), at("2020-07-16 06:30"), at("2020-07-16 09:00")
GONE = at("2020-07-16 14:00")
"""Nobody has been scraped since SILENT, when the telephone had not been read for two hours."""

SCENES = {"day": NOW, "night": NIGHT, "morning": MORNING, "silent": SILENT, "gone": GONE}
_HOUR = 3600


class Seen(NamedTuple):
    """What boards show of the desk in its scenes."""

    prometheus: RealPrometheus

    def view(self, name: str, scene: str, language: str = "sv", period: str = "today") -> View:
        return View(self.prometheus, name, language, SCENES[scene], period)


@pytest.fixture(scope="session")
def seen(tmp_path_factory) -> Iterator[Seen]:
    needed()
    folder, kept = tmp_path_factory.mktemp("seen"), Kept()
    with desk(f"sqlite:///{folder / 'store.db'}") as service:
        scraped(service, [NOW], kept)
        _lived(service, kept)
        for when in (NIGHT, MORNING, SILENT):
            measured(service, when, {"phone": 7200} if when == SILENT else None)
            scraped(service, [when], kept)
    with RealPrometheus(folder / "prometheus", history=history(kept)) as running:
        yield Seen(running)


def _lived(service: Service, kept: Kept) -> None:
    """Four days up to the scene by day, measured every eight hours and told each half hour."""
    first = NOW - 96 * _HOUR
    measured(service, first)
    while service.live.extend(first):  # without all of the history there are no forecasts
        pass
    for when in range(first, NOW - 2 * _HOUR, 8 * _HOUR):
        measured(service, when)
        told = range(when, min(when + 8 * _HOUR, NOW - 2 * _HOUR), 1800)
        scraped(service, told, kept, f"{OF_MONTHS}|{OF_DAY}")
