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


def complaints(page: Any, *, colours: bool = True) -> list[str]:
    """What axe-core finds on an open page, folded parts unfolded: the rule and an element.

    ``colours``: whether their contrast is asked for, which takes most of the time.
    """
    from axe_playwright_python.base import AXE_SCRIPT

    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    if not page.evaluate("'axe' in window"):
        page.evaluate(f"{AXE_SCRIPT}; undefined")
    asked = {"runOnly": RULES, "resultTypes": ["violations"]}
    left_out = {} if colours else {"color-contrast": {"enabled": False}}
    found = page.evaluate(_COMPLAINTS, {**asked, "rules": left_out})
    assert found["passed"], "nothing was looked at"
    complaints: list[str] = found["violations"]
    return complaints


_COMPLAINTS = """async (options) => {
  const found = await axe.run(document, options);
  const told = found.violations.map((each) => `${each.id}: ${each.nodes[0].html}`);
  return { passed: found.passes.length, violations: told };
}"""
"""Only this is brought over from the browser: what passed is many times as long."""


def width(page: Any) -> int:
    """How wide a page is, in px: more than its window if it scrolls sideways."""
    found: int = page.evaluate("document.documentElement.scrollWidth")
    return found
