"""A document as PDF, by typst: tagged, fonts embedded, the same bytes for the same document.

Standards, as tested with typst 0.15 (which refuses to break them):

- PDF/UA-1 (ISO 14289-1) together with PDF/A-2a (ISO 19005-2, level a: tagged, Unicode, archivable).
  Also possible beside PDF/UA-1: A-1a, A-2b, A-2u, A-3a, A-3b, A-3u. Not possible: A-4, which is PDF
  2.0 while UA-1 is PDF 1.7. A-2a is what archives accept; it allows no embedded files.
- Header rows are tagged as such and repeat. Row headers are tagged as data cells: typst has
  ``pdf.header-cell`` only behind a feature flag that its Python package does not expose.
- A character that none of typst's own fonts has (emoji, Chinese) would break both standards; it is
  replaced by its Unicode name in brackets.

System fonts are not used, so that all machines make the same file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, fields, is_dataclass, replace
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import typst

from collector.report.blocks import Cell, Document, Heading, Run, Table
from collector.report.render.columns import (
    SMALL_DRAWING,
    fit,
    fits_on_one_page,
    is_group,
    merged_rows,
)
from collector.report.render.common import (
    CONTENTS,
    CONTENTS_FROM,
    LONG_CELL,
    PAGE,
    ReportError,
    clean,
    document_time,
    is_allowed_link,
    keeps_with_next,
    landscape_blocks,
    with_texts,
)
from collector.report.render.typst import (
    compile_files,
    counted,
    missing_characters,
    named,
    read_file,
    read_logo,
)
from collector.text.vocabulary import STATE_LOOKS

STANDARDS = ["ua-1", "a-2a"]

LINE = 104
"""Characters of table text on a line of a portrait page."""

LANDSCAPE_LINE = 161
"""The same on a landscape page."""

FLOWING = ((1.0, 6.0), (0.95, 4.2), (0.9, 3.0), (0.86, 1.8), (0.86, 1.2))
"""Settings of a flowing table; see ``_settings``. The smallest letters are of 9 pt. A table that
goes on over pages is set in the last but one."""

_TEMPLATES = files("collector.report.render") / "templates"
_COUNTING = b"\n#context [#metadata(counter(page).final().first()) <pages-in-all>]\n"
_PLACE = re.compile(r"┌─ (.+):(\d+):(\d+)")


def pdf(document: Document, template: Path | None = None) -> bytes:
    """Render a document as PDF/UA-1 and PDF/A-2a.

    ``template``: a typst file to use instead of the packaged ``report.typ``; it can import files
    beside it. Raises ReportError if it cannot be read or compiled, if the logo cannot be
    read, or if characters without a font remain.
    """
    sources = _sources(document, template)
    shown = clean(document)
    at = document_time(document)
    root = str(template.resolve().parent) if template else None
    for _ in range(3):
        sources["document.json"] = json.dumps(_data(shown), ensure_ascii=False).encode()
        try:
            return compile_files(sources, root=root, pdf_standards=STANDARDS, timestamp=at)
        except typst.TypstError as error:
            missing = missing_characters(error)
            if not missing:
                raise ReportError(_compile_fault(error, template)) from None
            shown = replace(
                with_texts(shown, partial(named, characters=missing)), look=document.look
            )
    raise ReportError("the document contains characters that no font of the PDF has")


def pages(document: Document) -> int:
    """How many pages a document has as PDF, with our own template.

    Raises ReportError if it cannot be laid out, or if the logo cannot be read.
    """
    sources = _sources(document, None)
    sources["main.typ"] += _COUNTING
    sources["document.json"] = json.dumps(_data(clean(document)), ensure_ascii=False).encode()
    try:
        return counted(sources, "<pages-in-all>")
    except typst.TypstError as error:
        raise ReportError(_compile_fault(error, None)) from None


def _sources(document: Document, template: Path | None) -> dict[str, bytes]:
    """The files that typst gets in memory, besides those in the template's folder."""
    sources = {name: (_TEMPLATES / name).read_bytes() for name in ("report.typ", "blocks.typ")}
    sources["main.typ"] = sources.pop("report.typ")
    if template is not None:
        sources["main.typ"] = read_file(template, "the template")
        try:
            sources["main.typ"].decode()
        except UnicodeDecodeError:
            raise ReportError(f"{template}: the template is not UTF-8; save it as UTF-8") from None
    return sources


def _logo(document: Document) -> dict[str, Any] | None:
    """The logo's format and bytes; files that typst gets in memory must be text."""
    if document.look.logo is None:
        return None
    path = Path(document.look.logo)
    content = read_logo(path)
    return {"format": path.suffix.lower().removeprefix("."), "data": list(content)}


def _data(document: Document) -> dict[str, Any]:
    """The document as passed to typst: blocks with their type, tables with their widths."""
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
        "lying": landscape_blocks(document),
        "page": PAGE[document.language],
        "contents": {"title": CONTENTS[document.language], "from": CONTENTS_FROM},
        "draft": document.draft,
        "name": ": ".join([*document.draft[:1], document.title]),
        "blocks": [
            {**_block(block, anchors), "number": n, "leads_on": keeps_with_next(document.blocks, n)}
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
    if isinstance(part, Run) and not is_allowed_link(part.link, anchors):
        data["link"] = ""
    return {"type": type(part).__name__, **data}


def _table(table: Table) -> dict[str, Any]:
    spans = merged_rows(table)
    named = max(table.header_cells, 1)
    rows = [
        [
            {
                **_cell(cell),
                "row": r,
                "column": c,
                "rows": spans.get((r, c), 1),
                "wide": is_group(row, table),
            }
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
        "goes_on": any(over > 1 for over in spans.values()),
        "drawn": SMALL_DRAWING,
        "settings": [_setting(table, *each) for each in _settings(table)],
    }


def _settings(table: Table) -> Sequence[tuple[float, float]]:
    """Sizes of letters in the text's, and insets above and below a cell in points, the largest
    first: a flowing table is set in the first with which it fits on the page."""
    if table.flowing:
        return FLOWING
    return ((0.84, 2.5),) if table.compact else ((0.9, 4.5),)


def _setting(table: Table, size: float, inset: float) -> dict[str, Any]:
    line = (LANDSCAPE_LINE if table.landscape else LINE) * 0.9 / size
    width = fit(table, line)
    return {
        "size": size,
        "inset": inset,
        "shares": width.shares,
        "scale": width.scale,
        "whole": fits_on_one_page(table, width, line),
    }


def _cell(cell: Cell) -> dict[str, Any]:
    return {
        **asdict(cell),
        "ink": STATE_LOOKS[cell.state].ink if cell.state else None,
        "long": len(cell.text) + len(cell.detail) > LONG_CELL,
    }


def _compile_fault(error: typst.TypstError, template: Path | None) -> str:
    """One line with typst's message, and file and line in a custom template."""
    message = error.message.removeprefix("error: ")
    hint = f" ({error.hints[0]})" if error.hints else ""
    place = _PLACE.search(error.diagnostic)
    if template is None or place is None:
        return f"the PDF cannot be made: {message}{hint}"
    found = Path(place[1])  # relative to the working directory
    name = template.name if found.name == "main.typ" else found.name
    folder = (
        template.parent if found.resolve().parent == template.resolve().parent else found.parent
    )
    return f"{folder / name}:{place[2]}: {message}{hint}"
