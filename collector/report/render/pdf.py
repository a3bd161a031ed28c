"""A document as PDF, by typst: tagged, with its fonts, the same bytes for the same document.

Standards, as tried with typst 0.15 (which refuses what would break them):

- PDF/UA-1 (ISO 14289-1) together with PDF/A-2a (ISO 19005-2, level a: tagged, Unicode, archivable).
  Also possible beside PDF/UA-1: A-1a, A-2b, A-2u, A-3a, A-3b, A-3u. Not possible: A-4, which is PDF
  2.0 while UA-1 is PDF 1.7. A-2a is what archives take and allows no files within.
- Header rows are tagged as such and repeat. Cells that name their row are tagged as data: typst has
  ``pdf.header-cell`` only behind a feature that its Python package does not open.
- A sign that none of typst's own fonts carries (an emoji, Chinese) would break both standards; its
  Unicode name in brackets takes its place.

Fonts of the system are not used, so that all machines make the same file.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, fields, is_dataclass, replace
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import typst

from collector.report.blocks import Cell, Document, Heading, Run, Table
from collector.report.render.common import (
    LONG_CELL,
    PAGE,
    ReportError,
    clean,
    document_time,
    fit,
    leads,
    leads_on,
    lying_places,
    merged_rows,
    stays_whole,
    with_texts,
)
from collector.report.render.typst import compiled, missing_signs, named, read, read_logo
from collector.text.vocabulary import STATE_LOOKS

STANDARDS = ["ua-1", "a-2a"]

LINE = 104
"""Characters of a table's letters on a line of an upright page; a lying page has more."""

LYING_LINE = 157

_TEMPLATES = files("collector.report.render") / "templates"
_PLACE = re.compile(r"┌─ (.+):(\d+):(\d+)")


def pdf(document: Document, template: Path | None = None) -> bytes:
    """The document as PDF/UA-1 and PDF/A-2a.

    ``template``: a typst file of one's own in place of the packaged ``report.typ``; what lies
    beside it can be imported. Raises ReportError where it cannot be compiled, or the logo read.
    """
    given = _sources(document, template)
    shown = clean(document)
    at = document_time(document)
    root = str(template.resolve().parent) if template else None
    for _ in range(3):
        given["document.json"] = json.dumps(_data(shown), ensure_ascii=False).encode()
        try:
            return compiled(given, root=root, pdf_standards=STANDARDS, timestamp=at)
        except typst.TypstError as error:
            missing = missing_signs(error)
            if not missing:
                raise ReportError(_told(error, template)) from None
            shown = replace(with_texts(shown, partial(named, signs=missing)), look=document.look)
    raise ReportError("the document holds signs that no font of the PDF carries")


def _sources(document: Document, template: Path | None) -> dict[str, bytes]:
    """The files that typst sees beside those of the template's folder."""
    given = {name: (_TEMPLATES / name).read_bytes() for name in ("report.typ", "blocks.typ")}
    given["main.typ"] = given.pop("report.typ")
    if template is not None:
        given["main.typ"] = read(template, "the template")
        try:
            given["main.typ"].decode()
        except UnicodeDecodeError:
            raise ReportError(
                f"{template}: the template is no text in UTF-8; save it as such"
            ) from None
    return given


def _logo(document: Document) -> dict[str, Any] | None:
    """The logo's format and bytes; typst takes files from memory only where they are texts."""
    if document.look.logo is None:
        return None
    path = Path(document.look.logo)
    content = read_logo(path)
    return {"format": path.suffix.lower().removeprefix("."), "data": list(content)}


def _data(document: Document) -> dict[str, Any]:
    """The document as typst gets it: blocks with their type, tables with their widths."""
    at = document_time(document)
    anchors = _anchors(document)
    return {
        **{name: getattr(document, name) for name in ("title", "subtitle", "language", "author")},
        "date": {part: getattr(at, part) for part in ("year", "month", "day")},
        "facts": document.facts,
        "footer": document.footer,
        "keywords": document.keywords,
        "look": asdict(document.look),
        "logo": _logo(document),
        "lying": lying_places(document),
        "page": PAGE[document.language],
        "blocks": [
            {**_block(block, anchors), "number": n, "leads_on": leads_on(document.blocks, n)}
            for n, block in enumerate(document.blocks)
        ],
    }


def _anchors(document: Document) -> set[str]:
    return {block.anchor for block in document.blocks if isinstance(block, Heading)} - {""}


def _block(part: Any, anchors: set[str]) -> Any:
    if isinstance(part, Table):
        return _table(part)
    if isinstance(part, tuple):
        return [_block(each, anchors) for each in part]
    if not is_dataclass(part):
        return part
    data = {f.name: _block(getattr(part, f.name), anchors) for f in fields(part)}
    if isinstance(part, Run) and not leads(part.link, anchors):
        data["link"] = ""
    return {"type": type(part).__name__, **data}


def _table(table: Table) -> dict[str, Any]:
    size = 0.77 / 0.9 if table.flowing else 0.8 / 0.9 if table.compact else 1.0
    line = (LYING_LINE if table.landscape else LINE) / size
    width = fit(table, line)
    spans = merged_rows(table)
    named = max(table.header_cells, 1)
    rows = [
        [
            {**_cell(cell), "row": r, "column": c, "rows": spans.get((r, c), 1)}
            for c, cell in enumerate(row)
            if c >= named or (r, c) in spans
        ]
        for r, row in enumerate(table.rows)
    ]
    return {
        **{name: getattr(table, name) for name in ("caption", "total", "compact", "flowing")},
        "type": "Table",
        "columns": [asdict(column) for column in table.columns],
        "notes": table.notes,
        "rows": rows,
        "whole": stays_whole(table, width, line),
        "goes_on": any(over > 1 for over in spans.values()),
        "shares": width.shares,
        "scale": width.scale,
    }


def _cell(cell: Cell) -> dict[str, Any]:
    return {
        **asdict(cell),
        "ink": STATE_LOOKS[cell.state].ink if cell.state else None,
        "long": len(cell.text) + len(cell.detail) > LONG_CELL,
    }


def _told(error: typst.TypstError, template: Path | None) -> str:
    """A line for people: the file and line of one's own template, and what typst says of it."""
    said = error.message.removeprefix("error: ")
    hint = f" ({error.hints[0]})" if error.hints else ""
    place = _PLACE.search(error.diagnostic)
    if template is None or place is None:
        return f"the PDF cannot be made: {said}{hint}"
    found = Path(place[1])  # from where the program runs
    name = template.name if found.name == "main.typ" else found.name
    folder = (
        template.parent if found.resolve().parent == template.resolve().parent else found.parent
    )
    return f"{folder / name}:{place[2]}: {said}{hint}"
