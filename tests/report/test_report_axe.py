"""The page in a real browser: axe-core finds nothing, and nothing is wider than a small screen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from collector.model.bilingual import Language
from collector.report.render.html import html
from collector.text.words import Words
from tests.report.test_report_content import OFFICE
from tests.report.test_report_goals import (
    AT_RISK,
    BY_HAND,
    GOALS,
    MET,
    MISSED,
    NO_DATA,
    SLOW,
    STALE,
    TOO_FEW,
)
from tests.report.test_report_html import LONG
from tests.worlds.browser import chromium, complaints
from tests.worlds.browser import width as width_of
from tests.worlds.report_world import content, expected, figure, indicator, made, months


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as opened:
        yield opened


def _page(folder: Path, language: Language) -> Path:
    every = (MET, AT_RISK, MISSED, NO_DATA, TOO_FEW, STALE, SLOW, BY_HAND)
    parts = [figure(1, 3, "too_few", "Askersund"), figure(8, 10, "missed", "Laxå")]
    histogram = [[60, 20], [1800, 70], [None, 10]]
    told = indicator(
        LONG,
        figure(80, 100, "missed", histogram=histogram, forecast=expected(0.8, 0.7, 0.9),
               median={"seconds": 900.0, "low": 60, "high": 1800},
               p90={"seconds": 2000.0, "low": 2000, "high": None}),
        parts=parts, goal="serve", months=months(*[(8, 10)] * 11, None, (8, 10)),
    )  # fmt: skip
    why = [{"sv": "Källan desk lästes inte.", "en": "The source desk was not read."}]
    said = content(told, *every, goals=GOALS, incomplete=why)
    file = folder / f"{language}.html"
    file.write_bytes(html(made(said, language, office=OFFICE), Words(language)))
    return file


@pytest.mark.integration
@pytest.mark.parametrize(("scheme", "language"), [("light", "sv"), ("dark", "sv"), ("light", "en")])
def test_axe_finds_nothing(browser: Any, tmp_path: Path, language: Language, scheme: str) -> None:
    """Colours are those of no language."""
    opened = browser.new_page(color_scheme=scheme)
    opened.goto(_page(tmp_path, language).as_uri())
    assert complaints(opened, colours=language == "sv") == []
    opened.close()


@pytest.mark.integration
@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_is_wider_than_the_screen(browser: Any, tmp_path: Path, width: int) -> None:
    """320 px is the reflow of WCAG 2.2 (1.4.10); tables may scroll in their own region."""
    opened = browser.new_page(viewport={"width": width, "height": 800})
    opened.goto(_page(tmp_path, "sv").as_uri())
    assert width_of(opened) <= width
    opened.close()
