"""Contrast between colours, so that text can be read (WCAG 2.2)."""

from __future__ import annotations

LEAST_CONTRAST = 4.5
"""Minimum contrast ratio of text against its background (WCAG 2.2, 1.4.3)."""


def contrast(colour: str, ground: str = "#ffffff") -> float:
    """Return the contrast ratio of two colours ``#rrggbb``, 1 to 21 (WCAG 2.2, "contrast ratio").

    Raises ValueError for digits that are not hexadecimal.
    """
    lighter, darker = sorted(map(_luminance, (colour, ground)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return float(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])
