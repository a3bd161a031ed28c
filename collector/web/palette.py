"""The colours of the pages, light and dark: every text has enough contrast on its ground."""

from __future__ import annotations

from collections.abc import Mapping

from collector.report.charts.small import MIDDLE
from collector.report.charts.svg import INK, RULE, SOFT
from collector.report.render.html import accents
from collector.text.vocabulary import STATE_LOOKS

GROUNDS = ("page", "card", "field")
"""Backgrounds: of the page, of cards and tables, and of controls."""

TEXTS = ("ink", "soft", "link", *STATE_LOOKS)
"""Colours of text; all of them may stand on every ground."""

ACCENT = "#1D4F91"
"""The colour of links, and of what drawings show."""

LIGHT: Mapping[str, str] = {
    "page": "#F7F8FA",
    "card": "#FFFFFF",
    "field": "#FFFFFF",
    "line": "#D9DEE5",
    "edge": "#7B8594",
    "ink": "#1B2430",
    "soft": "#505B69",
    "link": ACCENT,
    "wash": "#EEF2F7",
    **{state: look.ink for state, look in STATE_LOOKS.items()},
}
DARK: Mapping[str, str] = {
    "page": "#10151D",
    "card": "#171E28",
    "field": "#1D2632",
    "line": "#2C3643",
    "edge": "#7B8594",
    "ink": "#E8ECF1",
    "soft": "#AAB4C1",
    "link": accents(ACCENT)["dark"],
    "wash": "#1F2835",
    **{state: accents(look.ink)["dark"] for state, look in STATE_LOOKS.items()},
    **{"met": "#4FD1A1", "at_risk": "#F2B84B", "missed": "#FF9466", "stale": "#E6A3CB"},
}
"""``line``: hairlines; ``edge``: borders of controls, at least 3:1; ``wash``: a row under the
pointer, and a group's heading. Inks of states that are only lightened turn pale and alike, on a
wall most of all, so those that matter have their own here."""

DRAWN: Mapping[str, str] = {
    **{look.ink: state for state, look in STATE_LOOKS.items()},
    **{INK: "ink", SOFT: "soft", MIDDLE: "soft", RULE: "line", ACCENT: "link"},
}
"""The colours of drawings made for paper, and what a page shows in their place."""
