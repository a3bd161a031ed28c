"""A document as a single HTML file: no scripts, no external resources, WCAG 2.2 AA."""

from __future__ import annotations

from base64 import b64encode
from itertools import count
from pathlib import Path
from traceback import extract_tb
from typing import Any

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PackageLoader,
    StrictUndefined,
    TemplateError,
    TemplateSyntaxError,
)
from markupsafe import Markup

from collector.config.checks.logos import LOGOS
from collector.report.blocks import Cell, Document, Drawing, Look, Table
from collector.report.render.columns import is_group
from collector.report.render.common import ReportError
from collector.report.render.typst import read_logo
from collector.text.colours import contrast
from collector.text.vocabulary import STATE_LOOKS
from collector.text.words import Words

_PAGE, _STYLE = "report.html.j2", "style.css"
_DARK_GROUND, _DARK_CONTRAST = "#111827", 7.0


def html(document: Document, words: Words) -> bytes:
    """Render a document as a page. ``words``: for what only pages have, such as the skip link.

    Raises ReportError if the logo or a municipality's own template cannot be used.
    """
    environment = _environment(document.look)
    logo = _logo(document.look)
    try:
        style = environment.get_template(_STYLE).render(
            accent=accents(document.look.accent), states=STATE_LOOKS
        )
        page = environment.get_template(_PAGE)
        text = page.render(
            document=document,
            words=words,
            style=Markup(style),  # noqa: S704 - packaged, or the municipality's own
            logo=logo,
            ids=_ids(),
        )
        return text.encode()
    except Exception as error:
        if (message := _template_fault(error, document.look.templates)) is None:
            raise  # not caused by a custom template
        raise ReportError(message) from None


def _template_fault(error: Exception, folder: str | None) -> str | None:
    """One line about an error in a custom template, with file and line; None for other errors."""
    if folder is None:
        return None
    if isinstance(error, TemplateSyntaxError):
        return f"{error.filename or error.name or _PAGE}:{error.lineno}: {error.message}"
    if isinstance(error, UnicodeDecodeError):
        return f"{folder}: a template there is not UTF-8; save it as UTF-8"
    own = [
        (frame.filename, frame.lineno)
        for frame in extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(folder)
    ]
    if not own and not isinstance(error, TemplateError):
        return None
    where = f"{own[-1][0]}:{own[-1][1]}" if own else folder
    message = str(error) if isinstance(error, TemplateError) else f"{type(error).__name__}: {error}"
    return f"{where}: {' '.join(message.split())}"


def _environment(look: Look) -> Environment:
    loaders: list[BaseLoader] = [PackageLoader("collector.report.render")]
    if look.templates is not None:
        loaders.insert(0, FileSystemLoader(look.templates))
    environment = Environment(
        loader=ChoiceLoader(loaders),
        autoescape=lambda name: name != _STYLE,  # noqa: S701 - CSS is not HTML
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["uri"] = drawing_uri
    environment.filters["groups"] = groups
    environment.tests["of"] = lambda block, name: type(block).__name__ == name
    return environment


def accents(accent: str) -> dict[str, str]:
    """Return the accent colour, and a lighter one with enough contrast on dark backgrounds.

    Both are ``#rrggbb``; Raises ValueError for anything else.
    """
    parts = [int(accent[at : at + 2], 16) for at in (1, 3, 5)]
    lighter = accent
    for step in range(1, 21):
        if contrast(lighter, _DARK_GROUND) >= _DARK_CONTRAST:
            break
        mixed = (round(part + (255 - part) * step / 20) for part in parts)
        lighter = "#" + "".join(f"{part:02x}" for part in mixed)
    return {"light": accent, "dark": lighter}


def drawing_uri(drawing: Drawing) -> str:
    """Return a drawing as a data URI."""
    return _uri("image/svg+xml", drawing.svg.encode())


def _uri(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{b64encode(content).decode()}"


def _logo(look: Look) -> str | None:
    if look.logo is None:
        return None
    path = Path(look.logo)
    content = read_logo(path)
    return _uri(LOGOS[path.suffix.lower()], content)


def _ids() -> Any:
    """A function that returns a new id per call, the same sequence for every document."""
    counter = count(1)
    return lambda: f"t{next(counter)}"


def groups(table: Table) -> list[list[list[tuple[Cell, int]]]]:
    """Group the rows (see ``spans``) by their first cell, if any of those spans several rows;
    otherwise all rows are one group."""
    rows = spans(table)
    if not any(
        row[0][1] == 0 or (len(row) == len(table.columns) and row[0][1] > 1) for row in rows if row
    ):
        return [rows] if rows else []
    found: list[list[list[tuple[Cell, int]]]] = []
    for row in rows:
        if len(row) == len(table.columns) or row[0][1] == 0 or not found:
            found.append([])
        found[-1].append(row)
    return found


def spans(table: Table) -> list[list[tuple[Cell, int]]]:
    """Return, per row, its cells with their row spans.

    An empty header cell merges with the one above if all cells to its left do; the last of several
    header cells is never merged. The heading of a group of rows has the span 0.
    """
    names = max(min(table.header_cells, 1), table.header_cells - 1)
    found: list[list[tuple[Cell, int]]] = []
    over: dict[int, tuple[int, int]] = {}
    for row in table.rows:
        if is_group(row, table):
            over.clear()
            found.append([(row[0], 0)])
            continue
        kept: list[tuple[Cell, int]] = []
        goes_on = bool(found)
        for column, cell in enumerate(row):
            goes_on = goes_on and column < names and not cell.text
            if goes_on and column in over:
                place = over[column]
                above = found[place[0]][place[1]]
                found[place[0]][place[1]] = (above[0], above[1] + 1)
                continue
            if column < names:
                over[column] = (len(found), len(kept))
            kept.append((cell, 1))
        found.append(kept)
    return found
