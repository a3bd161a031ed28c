"""Drawings of the document's own chart code, inlined into a page: the stylesheet gives them the
theme's colours."""

from __future__ import annotations

from markupsafe import Markup

from collector.report.blocks import Drawing


def framed(drawing: Drawing) -> Markup:
    """A drawing as markup of a page; its texts were escaped when it was made."""
    return Markup(f'<span class="drawing">{drawing.svg}</span>')  # noqa: S704
