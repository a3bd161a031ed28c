"""Tables of a DOCX: repeated header rows, fixed widths, header cells merged over rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from io import BytesIO
from math import ceil

from docx.document import Document as File
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Length, Pt
from docx.table import Table as WrittenTable
from docx.table import _Cell as WrittenCell
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from collector.report.blocks import Cell, Column, Table
from collector.report.render.columns import (
    SMALL_DRAWING,
    Fit,
    fit,
    fits_on_one_page,
    is_group,
    merged_rows,
)
from collector.report.render.common import LONG_CELL
from collector.report.render.docx_parts import colour, element, set_alt_text
from collector.report.render.hyphens import hyphenated
from collector.report.render.typst import png
from collector.text.vocabulary import STATE_LOOKS

_SIZE, _COMPACT = 9.5, 9.0
_LEAST = 8.0
_FLOWING = ((10.0, 100, 1.15), (9.0, 100, 1.1), (9.0, 92, 1.05), (9.0, 85, 1.02), (9.0, 80, 1.0))
"""Sizes of a flowing table's letters in points, their width in per cent, and the height of a line
in sizes. The first with which the table fits is taken; one that goes on over pages has the
second."""
_BETWEEN_ROWS = 0.25
"""Less than the estimate of a table's lines has between rows, in lines."""
_ON_ONE_PAGE = 16
"""A table of so many rows is set as tightly as possible, however high the estimate for wide letters
is."""
_POINTS_OF_A_CHARACTER = 0.62
"""As wide as letters are where Calibri is missing."""
_NARROWEST = 75
_NOTE, _NOTE_LINE = 10.0, 155
"""The height of a note's line in points, and its characters."""
_DETAIL = 0.89
_GREY = "#4B5563"


@dataclass(frozen=True, slots=True)
class _Setting:
    """How a table is set: the size of its letters in points, their width in per cent, the widths of
    its columns, and the height of a line in points (0: that of the typeface)."""

    size: float
    wide: int
    how: Fit
    line: float = 0.0


def write_table(
    file: File,
    table: Table,
    width: Length,
    *,
    captioned: bool = True,
    room: float = 0.0,
    keeps_with_next: bool = False,
) -> None:
    """Append a table of a ``width`` with its notes below and, if ``captioned``, a caption above.

    ``room``: the height in points that is left on the page for a flowing table;
    ``keeps_with_next``: the table, if it stays on one page, is kept with what follows.
    """
    table = _drawings_apart(table) if table.flowing else table
    setting = _setting(table, width, room)
    if captioned:
        caption = file.add_paragraph(table.caption, "Caption")
        caption.paragraph_format.keep_with_next = True
    written = file.add_table(rows=1 + len(table.rows), cols=len(table.columns), style="Figures")
    _frame(written, table, [Length(int(width * share)) for share in setting.how.shares])
    for cell, column in zip(written.rows[0].cells, table.columns, strict=True):
        _write(cell, Cell(column.title, strong=True), column, setting)
    spans = merged_rows(table)
    named = max(table.header_cells, 1)
    for r, row in enumerate(table.rows):
        cells = written.rows[r + 1].cells
        sum_row = table.total and r == len(table.rows) - 1
        for c, cell in enumerate(row):
            if c < named and (r, c) not in spans:
                continue
            shown = replace(cell, strong=True) if sum_row else cell
            _write(cells[c], shown, table.columns[c], setting)
    for (r, c), rows in spans.items():
        if rows > 1:
            _merge_down(written, r + 1, c, rows)
    if table.flowing:
        _merge_before_drawings(written, table)
        _set_tight(written)
    _merge_groups(written, table)
    if fits_on_one_page(table, setting.how, _characters(width, setting.size)):
        _keep_together(written, with_next=keeps_with_next)
    for note in table.notes:
        told = file.add_paragraph(note, "Small Text")
        told.paragraph_format.keep_with_next = keeps_with_next or None
        if table.flowing:
            told.paragraph_format.space_after = Pt(0)
            told.paragraph_format.line_spacing = Pt(_NOTE)
            told.runs[0].font.size = Pt(_LEAST)
    if not table.notes:
        after = file.add_paragraph(style="After Table")
        after.paragraph_format.keep_with_next = keeps_with_next or None


def _characters(width: Length, size: float, wide: int = 100) -> float:
    points: float = width.pt
    return points / (size * _POINTS_OF_A_CHARACTER * wide / 100)


def _setting(table: Table, width: Length, room: float) -> _Setting:
    if not table.flowing:
        size = _COMPACT if table.compact else _SIZE
        how = fit(table, _characters(width, size))
        wide = max(_NARROWEST, min(100, round(100 * size * how.scale / _LEAST)))
        return _Setting(max(size * how.scale, _LEAST), wide, how)
    settings = []
    for size, wide, high in _FLOWING:
        line = _characters(width, size, wide)
        how = fit(table, line, drawn=SMALL_DRAWING * line / width.pt)
        settings.append(_Setting(max(size * how.scale, _LEAST), wide, how, size * high))
    room -= _NOTE * sum(ceil(len(note) / _NOTE_LINE) for note in table.notes)
    less = _BETWEEN_ROWS * len(table.rows)
    fitting = (each for each in settings if (each.how.lines - less) * each.line <= room)
    return next(fitting, settings[-1 if len(table.rows) <= _ON_ONE_PAGE else 1])


def _drawings_apart(table: Table) -> Table:
    """The table with each column of drawings beside that of their texts."""
    drawn = {c for row in table.rows for c, cell in enumerate(row) if cell.spark is not None}
    return replace(
        table,
        columns=tuple(
            each
            for c, column in enumerate(table.columns)
            for each in (column, *([Column("", column.width / 3)] if c in drawn else []))
        ),
        rows=tuple(
            tuple(
                each
                for c, cell in enumerate(row)
                for each in (
                    (replace(cell, spark=None), Cell("", spark=cell.spark))
                    if c in drawn and not is_group(row, table)
                    else (cell,)
                )
            )
            for row in table.rows
        ),
    )


def _merge_before_drawings(written: WrittenTable, table: Table) -> None:
    """Merge a title, and a text without a drawing, with the empty cell right of it."""
    for c, column in enumerate(table.columns):
        if column.title:
            continue
        for r, row in enumerate(written.rows):
            shown = table.rows[r - 1] if r else ()
            if is_group(shown, table):
                continue
            if not shown or shown[c].spark is None:
                row.cells[c - 1].merge(row.cells[c])


def _merge_groups(written: WrittenTable, table: Table) -> None:
    """Make the heading of a group of rows as wide as the table."""
    for row, shown in zip(list(written.rows)[1:], table.rows, strict=True):
        if is_group(shown, table):
            row.cells[0].merge(row.cells[-1])


def _set_tight(written: WrittenTable) -> None:
    """Leave little room above and below the text of each cell."""
    margins = element("tblCellMar")
    for side, twips in (("top", 10), ("left", 50), ("bottom", 10), ("right", 50)):
        margins.append(element(side, w=twips, type="dxa"))
    written._tbl.tblPr.find(qn("w:tblLook")).addprevious(margins)


def _frame(written: WrittenTable, table: Table, widths: list[Length]) -> None:
    """Set the properties of the table, its columns and its rows."""
    written.autofit = False
    properties = written._tbl.tblPr
    look = properties.find(qn("w:tblLook"))
    if look is not None:
        properties.remove(look)
    properties.append(
        element(
            "tblLook",
            val="0000",
            firstRow=1,
            lastRow=int(table.total),
            firstColumn=int(table.header_cells > 0),
            lastColumn=0,
            noHBand=1,
            noVBand=1,
        )
    )
    properties.append(element("tblCaption", val=table.caption))
    whole = properties.find(qn("w:tblW"))
    whole.set(qn("w:type"), "dxa")
    whole.set(qn("w:w"), str(sum(width.twips for width in widths)))
    for grid, wide in zip(written._tbl.tblGrid.gridCol_lst, widths, strict=True):
        grid.w = wide
    for number, row in enumerate(written.rows):
        of_row = row._tr.get_or_add_trPr()
        cells = table.rows[number - 1] if number else ()
        if not any(len(cell.text) + len(cell.detail) > LONG_CELL for cell in cells):
            of_row.append(element("cantSplit"))
        if number == 0:
            of_row.append(element("tblHeader"))
        for cell, wide in zip(row.cells, widths, strict=True):
            cell.width = wide


def _write(cell: WrittenCell, source: Cell, column: Column, setting: _Setting) -> None:
    paragraph = cell.paragraphs[0]
    paragraph._p.style = "TableText"  # by id: python-docx looks up names slowly
    if column.number:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    if setting.line and source.spark is None:
        paragraph.paragraph_format.line_spacing = Pt(setting.line)
    begun = False
    if source.text:
        run = _run(paragraph, source.text, setting.size, setting)
        run.bold = source.strong or None
        if source.state is not None:
            run.font.color.rgb = colour(STATE_LOOKS[source.state].ink)
        begun = True
    if source.spark is not None:
        _separate(paragraph, begun, bool(setting.line))
        drawn = BytesIO(png(source.spark))
        fine = Pt(source.spark.width * (SMALL_DRAWING if setting.line else 0.75))
        wide = min(fine, Length((cell.width or Pt(60)) - Pt(8 if setting.line else 12)))
        picture = paragraph.add_run().add_picture(drawn, width=wide)
        set_alt_text(picture, "" if source.spark.alt == source.text else source.spark.alt)
        begun = True
    if source.detail:
        _separate(paragraph, begun, bool(setting.line))
        run = _run(paragraph, source.detail, max(setting.size * _DETAIL, _LEAST), setting)
        run.font.color.rgb = colour(_GREY)


def _run(paragraph: Paragraph, text: str, size: float, setting: _Setting) -> Run:
    run = paragraph.add_run(hyphenated(text))
    run.font.size = Pt(size)
    if setting.wide != 100:
        size_set = run._r.get_or_add_rPr().find(qn("w:sz"))
        size_set.addprevious(element("w", val=setting.wide))
    return run


def _separate(paragraph: Paragraph, begun: bool, flowing: bool) -> None:
    """Separate from what follows: by a space if ``flowing``, else by a line break."""
    if begun and flowing:
        paragraph.add_run(" ")
    elif begun:
        paragraph.add_run().add_break()


def _keep_together(written: WrittenTable, *, with_next: bool = False) -> None:
    """Keep all rows on one page, and ``with_next`` with what follows."""
    for row in written._tbl.tr_lst[: None if with_next else -1]:
        for cell in row.tc_lst:
            for paragraph in cell.p_lst:
                paragraph.get_or_add_pPr().get_or_add_keepNext().val = True


def _merge_down(written: WrittenTable, row: int, column: int, rows: int) -> None:
    """Merge a cell with those below it, over ``rows`` rows."""
    for r in range(row, row + rows):
        cell = written._tbl.tr_lst[r].tc_lst[column]
        cell.get_or_add_tcPr().append(element("vMerge", val="restart" if r == row else "continue"))
