"""Every pair of colours that the pages use can be told apart, in both themes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import pytest
import requests

from collector.text.colours import LEAST_CONTRAST, contrast
from collector.text.vocabulary import STATE_LOOKS
from collector.web.assets import assets
from collector.web.palette import DARK, DRAWN, GROUNDS, LIGHT, TEXTS

THEMES = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
ON = (*GROUNDS, "wash")
MARKS = re.compile(r"::before|^\.bar|^\.drawing|^input\[type=.range.\]")
"""Rules of what is no text, nor a ground of text."""
AS_BEFORE = {"inherit", "none", "transparent", "currentColor"}


def _rules() -> Iterator[tuple[str, Mapping[str, str]]]:
    """Selector and declarations of every rule of the stylesheets, those within others as well; but
    for paper, which is white."""
    for name in ("style.css", "wall.css"):
        text = re.sub(r"/\*.*?\*/", "", assets()[name].content.decode(), flags=re.DOTALL)
        text = text.split("@media print")[0]
        for selector, body in re.findall(r"([^{}]+)\{([^{}]*)\}", text):
            declared = (each.partition(":") for each in body.split(";"))
            yield selector.strip(), {key.strip(): value.strip() for key, _, value in declared}


def _named(value: str) -> str:
    found = re.fullmatch(r"var\(--([\w-]+)\)", value)
    assert found or value in AS_BEFORE, f"{value} is no colour of the palette"
    return found[1] if found else ""


@THEMES
def test_every_text_has_enough_contrast_on_every_ground(theme: Mapping[str, str]) -> None:
    assert set(STATE_LOOKS) <= set(TEXTS)
    for ground in ON:
        for text in TEXTS:
            assert contrast(theme[text], theme[ground]) >= LEAST_CONTRAST, (text, ground)
        assert contrast(theme["edge"], theme[ground]) >= 3, ground


@THEMES
def test_the_stylesheets_use_no_other_pair(theme: Mapping[str, str]) -> None:
    looked = 0
    for selector, declared in _rules():
        ground = _named(declared.get("background", "none"))
        text = _named(declared.get("color", "inherit"))
        if text and ground:
            assert contrast(theme[text], theme[ground]) >= LEAST_CONTRAST, selector
        elif not MARKS.search(selector):
            assert not text or text in TEXTS, selector
            assert not ground or ground in ON, selector
        looked += bool(text or ground)
    assert looked > 40


@pytest.mark.parametrize(
    "path", ["/", "/calls", "/indicator/urgent?period=2020-07&record=desk/late", "/months"]
)
def test_drawings_use_only_colours_that_both_themes_know(site: str, path: str) -> None:
    text = requests.get(site + path, timeout=60).text
    used = set(re.findall(r'(?:fill|stroke)="(#[0-9A-Fa-f]+)"', text))
    assert used <= {*DRAWN, "#FFFFFF"}
    assert used or path == "/months"
