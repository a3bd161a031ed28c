"""A real Chromium, driven without a window, and what axe-core says about a page in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.worlds.programs import program

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser of playwright; skips where Debian's package is not installed."""
    found = program("chromium", "chromium-browser")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        try:
            yield opened
        finally:
            opened.close()


def complaints(page: Any) -> list[str]:
    """What axe-core finds on an open page, folded parts unfolded: the rule and an element."""
    from axe_playwright_python.sync_playwright import Axe

    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    found = Axe().run(page, options={"runOnly": RULES})
    assert found.response["passes"], "nothing was looked at"
    return [f"{each['id']}: {each['nodes'][0]['html']}" for each in found.response["violations"]]


def width(page: Any) -> int:
    """How wide a page is, in px: more than its window if it scrolls sideways."""
    found: int = page.evaluate("document.documentElement.scrollWidth")
    return found
