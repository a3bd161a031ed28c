"""A document as DOCX, for who goes on writing in it: real styles, tables with header rows.

The same document gives the same bytes: nothing in the file tells when it was made.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import docx as word
from docx.document import Document as File
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_BREAK
from docx.shared import Length, Mm, Pt

from collector.report.blocks import (
    Block,
    Chart,
    Document,
    Heading,
    Items,
    Notice,
    PageBreak,
    Paragraph,
    Run,
    Table,
)
from collector.report.render.common import clean, leads_on, lying_places
from collector.report.render.docx_frame import (
    properties,
    saved,
    set_footer,
    set_language,
    set_styles,
)
from collector.report.render.docx_parts import bookmark, described, mark_list, write_runs
from collector.report.render.docx_table import write_table
from collector.report.render.typst import logo_png, png

_SHORT, _LONG = Mm(210), Mm(297)
_SIDE, _LYING_SIDE = Mm(20), Mm(16)
_PARAGRAPHS = {"text": "Body Text", "small": "Small Text", "lead": "Lead"}
_NOTICES = {"warning": "Warning", "note": "Note"}


def docx(document: Document) -> bytes:
    """The document as DOCX. Raises ReportError where its logo or a drawing cannot be read."""
    writer = _Writer(clean(document))
    writer.head()
    blocks = writer.document.blocks
    for place, block in enumerate(blocks):
        writer.turn(place)
        writer.block(block, leads_on=leads_on(blocks, place))
    return saved(writer.file)


class _Writer:
    """Writes blocks at the end of a file, and turns its pages."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.file: File = word.Document()
        self._anchors = dict(_bookmarks(document))
        self._used: set[str] = set()
        self._lying = self._fresh = False
        set_styles(self.file, document.look.accent)
        set_language(self.file, document.language)
        properties(self.file, document)
        self._lies = (*lying_places(document), False)
        section = self.file.sections[0]
        self._orient(self._lies[0])
        set_footer(section, document)

    @property
    def width(self) -> Length:
        """Of a line of the present page."""
        return Length(_LONG - 2 * _LYING_SIDE if self._lying else _SHORT - 2 * _SIDE)

    def head(self) -> None:
        """Logo, title and what stands under it."""
        given = self.document
        if given.look.logo is not None:
            picture = self.file.add_paragraph(style="Logo").add_run()
            content = BytesIO(logo_png(Path(given.look.logo)))
            described(picture.add_picture(content, height=Mm(14)), given.look.logo_alt)
        self.file.add_paragraph(given.title, "Title")
        if given.subtitle:
            self.file.add_paragraph(given.subtitle, "Subtitle")
        for name, value in given.facts:
            fact = self.file.add_paragraph(style="Small Text")
            fact.paragraph_format.space_after = Pt(0)
            write_runs(fact, (Run(f"{name}: ", strong=True), Run(value)), {})

    def turn(self, place: int) -> None:
        """Begins a page that lies for what shall, and one that stands after it. What is ``fresh``
        needs no page break: the page begins here or with the next block."""
        lying = self._lies[place]
        turned = lying != self._lying
        self._fresh = turned or self._lies[place + 1] != lying
        if turned:
            section = self.file.add_section(WD_SECTION.NEW_PAGE)
            self.file.paragraphs[-1].paragraph_format.space_after = Pt(0)
            assert section is not None
            self._orient(lying)

    def _orient(self, lying: bool) -> None:
        self._lying = lying
        section = self.file.sections[-1]
        section.orientation = WD_ORIENT.LANDSCAPE if lying else WD_ORIENT.PORTRAIT
        for side in ("left", "right", "top", "bottom"):
            setattr(section, f"{side}_margin", _LYING_SIDE if lying else _SIDE)
        section.page_width, section.page_height = (_LONG, _SHORT) if lying else (_SHORT, _LONG)

    def block(self, block: Block, level: int = 1, leads_on: bool = False) -> None:
        """One block; ``level``: how deep in lists; ``leads_on``: stays with what follows."""
        match block:
            case Heading():
                self._heading(block)
            case Paragraph():
                self._paragraph(block, "List Continue" if level > 1 else None, leads_on)
            case Items():
                self._items(block, level)
            case Table():
                write_table(self.file, block, self.width)
            case Chart():
                self._chart(block)
            case Notice():
                self._notice(block)
            case PageBreak():
                if not self._fresh:
                    self.file.add_paragraph().add_run().add_break(WD_BREAK.PAGE)

    def _heading(self, heading: Heading) -> None:
        written = self.file.add_heading(heading.text, heading.level)
        if heading.anchor and heading.anchor not in self._used:
            self._used.add(heading.anchor)
            bookmark(written, self._anchors[heading.anchor], len(self._used))

    def _paragraph(
        self, paragraph: Paragraph, style: str | None = None, leads_on: bool = False
    ) -> None:
        written = self.file.add_paragraph(style=style or _PARAGRAPHS[paragraph.kind])
        if leads_on:
            written.paragraph_format.keep_with_next = True
        write_runs(written, paragraph.runs, self._anchors)

    def _items(self, items: Items, level: int) -> None:
        """The first paragraph of each entry carries its mark; further blocks follow below it."""
        mark = mark_list(self.file, items.start if items.numbered else None, min(level, 3))
        for entry in items.entries:
            for place, block in enumerate(entry):
                if place == 0 and isinstance(block, Paragraph):
                    written = self.file.add_paragraph(style=mark.style)
                    write_runs(written, block.runs, self._anchors)
                    mark.put_on(written)
                else:
                    self.block(block, level + 1)

    def _chart(self, chart: Chart) -> None:
        drawing = chart.drawing
        picture = self.file.add_paragraph(style="Figure").add_run()
        width = min(self.width, Pt(drawing.width * 0.75))
        described(picture.add_picture(BytesIO(png(drawing)), width=width), drawing.alt)
        caption = self.file.add_paragraph(chart.caption, "Caption")
        caption.paragraph_format.keep_with_next = chart.data is not None
        if chart.data is not None:
            write_table(self.file, chart.data, self.width, captioned=False)

    def _notice(self, notice: Notice) -> None:
        style = _NOTICES[notice.kind]
        title = self.file.add_paragraph(style=style)
        title.paragraph_format.keep_with_next = True
        write_runs(title, (Run(notice.title, strong=True),), {})
        for paragraph in notice.paragraphs:
            self._paragraph(paragraph, style)


def _bookmarks(document: Document) -> Iterator[tuple[str, str]]:
    """Names that Word takes (letters and digits, at most 40) for the anchors of headings."""
    for number, block in enumerate(document.blocks):
        if isinstance(block, Heading) and block.anchor:
            yield block.anchor, f"section{number}"
