"""Tables of a DOCX: repeated header rows, fixed widths, header cells merged over rows."""

from __future__ import annotations

from io import BytesIO

from docx.document import Document as File
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Length, Pt
from docx.table import Table as WrittenTable
from docx.table import _Cell as WrittenCell
from docx.text.paragraph import Paragraph

from collector.report.blocks import Cell, Column, Table
from collector.report.render.columns import SMALL_DRAWING, fit, fits_on_one_page, merged_rows
from collector.report.render.common import LONG_CELL
from collector.report.render.docx_parts import colour, element, set_alt_text
from collector.report.render.typst import png
from collector.text.vocabulary import STATE_LOOKS

_SIZE, _COMPACT, _FLOWING = 9.5, 9.0, 9.0
_LEAST = 8.0
_POINTS_OF_A_CHARACTER = 0.62
_DETAIL = 0.89
_GREY = "#4B5563"


def write_table(file: File, table: Table, width: Length, *, captioned: bool = True) -> None:
    """Append a table of a ``width`` with its notes below and, if ``captioned``, a caption above."""
    size = _FLOWING if table.flowing else _COMPACT if table.compact else _SIZE
    line = width.pt / (size * _POINTS_OF_A_CHARACTER)
    how = fit(table, line)
    if captioned:
        caption = file.add_paragraph(table.caption, "Caption")
        caption.paragraph_format.keep_with_next = True
    written = file.add_table(rows=1 + len(table.rows), cols=len(table.columns), style="Figures")
    _frame(written, table, [Length(int(width * share)) for share in how.shares])
    size = max(size * how.scale, _LEAST)
    for cell, column in zip(written.rows[0].cells, table.columns, strict=True):
        _write(cell, Cell(column.title), column, size, strength=True)
    spans = merged_rows(table)
    named = max(table.header_cells, 1)
    for r, row in enumerate(table.rows):
        cells = written.rows[r + 1].cells
        sum_row = table.total and r == len(table.rows) - 1
        for c, cell in enumerate(row):
            if c < named and (r, c) not in spans:
                continue
            _write(cells[c], cell, table.columns[c], size, sum_row, table.flowing)
    for (r, c), rows in spans.items():
        if rows > 1:
            _merge_down(written, r + 1, c, rows)
    if fits_on_one_page(table, how, line):
        _keep_together(written)
    for note in table.notes:
        file.add_paragraph(note, "Small Text")
    if not table.notes:
        file.add_paragraph(style="After Table")


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


def _write(
    cell: WrittenCell,
    source: Cell,
    column: Column,
    size: float,
    strength: bool = False,
    flowing: bool = False,
) -> None:
    paragraph = cell.paragraphs[0]
    paragraph._p.style = "TableText"  # by id: python-docx looks up names slowly
    if column.number:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    begun = False
    if source.text:
        run = paragraph.add_run(source.text)
        run.font.size = Pt(size)
        run.bold = source.strong or strength or None
        if source.state is not None:
            run.font.color.rgb = colour(STATE_LOOKS[source.state].ink)
        begun = True
    if source.spark is not None:
        _separate(paragraph, begun, flowing)
        drawn = BytesIO(png(source.spark))
        fine = Pt(source.spark.width * (SMALL_DRAWING if flowing else 0.75))
        wide = min(fine, Length((cell.width or Pt(60)) - Pt(12)))
        picture = paragraph.add_run().add_picture(drawn, width=wide)
        set_alt_text(picture, "" if source.spark.alt == source.text else source.spark.alt)
        begun = True
    if source.detail:
        _separate(paragraph, begun, flowing)
        run = paragraph.add_run(source.detail)
        run.font.size = Pt(max(size * _DETAIL, _LEAST))
        run.font.color.rgb = colour(_GREY)


def _separate(paragraph: Paragraph, begun: bool, flowing: bool) -> None:
    """Separate from what follows: by a space if ``flowing``, else by a line break."""
    if begun and flowing:
        paragraph.add_run(" ")
    elif begun:
        paragraph.add_run().add_break()


def _keep_together(written: WrittenTable) -> None:
    """Keep all rows on one page."""
    for row in written._tbl.tr_lst[:-1]:
        for cell in row.tc_lst:
            for paragraph in cell.p_lst:
                paragraph.get_or_add_pPr().get_or_add_keepNext().val = True


def _merge_down(written: WrittenTable, row: int, column: int, rows: int) -> None:
    """Merge a cell with those below it, over ``rows`` rows."""
    for r in range(row, row + rows):
        cell = written._tbl.tr_lst[r].tc_lst[column]
        cell.get_or_add_tcPr().append(element("vMerge", val="restart" if r == row else "continue"))
