"""Building blocks of drawings: lines, texts and the SVG document around them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

INK, SOFT, RULE, TARGET = "#1F2937", "#4B5563", "#D1D5DB", "#A33B00"
_FONT = "system-ui, 'Noto Sans', 'DejaVu Sans', sans-serif"


def document(width: int, height: int, parts: Sequence[str], alt: str) -> str:
    """Return a complete SVG document; sizes in px, ``alt`` is its title."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img"><title>{escape(_clean(alt))}</title>'
        + "".join(parts)
        + "</svg>"
    )


def rule(
    x1: float, y1: float, x2: float, y2: float, colour: str, width: float, *, dashes: str = ""
) -> str:
    """Return a line; coordinates in px, ``dashes`` as in SVG's ``stroke-dasharray``."""
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
        f'stroke-width="{width}"{dashed}/>'
    )


def text(
    x: float,
    y: float,
    words: str,
    colour: str,
    *,
    anchor: str = "start",
    size: int = 13,
    bold: bool = False,
    halo: bool = False,
) -> str:
    """Return a text at its baseline, in px; ``halo``: outlined in white, to cover lines."""
    weight = ' font-weight="bold"' if bold else ""
    around = ' stroke="#FFFFFF" stroke-width="4" paint-order="stroke"' if halo else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-family="{_FONT}" font-size="{size}" fill="{colour}" '
        f'text-anchor="{anchor}"{weight}{around}>{escape(_clean(words))}</text>'
    )


def _clean(text: str) -> str:
    """Replace characters that XML must not contain."""
    return "".join(c if c.isprintable() or c in "\u00a0\u202f" else " " for c in text)
