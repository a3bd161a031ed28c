"""A document as DOCX for further editing: real styles, tables with header rows.

The same document gives the same bytes: the file does not contain the time of its making.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from itertools import takewhile
from math import ceil
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
from collector.report.render.common import CONTENTS, clean, keeps_with_next, landscape_blocks
from collector.report.render.docx_frame import (
    reproducible_bytes,
    set_footer,
    set_language,
    set_properties,
    set_styles,
)
from collector.report.render.docx_package import set_own_parts
from collector.report.render.docx_parts import (
    bookmark,
    mark_list,
    set_alt_text,
    write_contents,
    write_runs,
)
from collector.report.render.docx_table import write_table
from collector.report.render.typst import logo_png, png

_SHORT, _LONG = Mm(210), Mm(297)
_SIDE, _LANDSCAPE_SIDE = Mm(20), Mm(13)
_TOP, _BOTTOM, _FOOTER = Mm(10), Mm(13), Mm(6)
"""Of a lying page."""
_FIRST_PAGE, _SMALL_LINE, _LEAD_LINE = 468.0, 155, 113
"""Points that title and caption leave of a lying page, and characters of its lines."""
_FACTS = 8.5
_PARAGRAPHS = {"text": "Body Text", "small": "Small Text", "lead": "Lead"}
_NOTICES = {"warning": "Warning", "note": "Note"}


def docx(document: Document, *, contents: bool = False) -> bytes:
    """Render a document as DOCX, with a table of contents if ``contents``.

    Raises ReportError if its logo or a drawing cannot be read.
    """
    writer = _Writer(clean(document))
    writer.head()
    blocks = writer.document.blocks
    first = next((n for n, each in enumerate(blocks) if isinstance(each, Heading)), 0)
    for place, block in enumerate(blocks):
        writer.turn(place)
        if contents and place == first:
            writer.contents()
        writer.block(block, keeps_with_next=keeps_with_next(blocks, place))
    return reproducible_bytes(writer.file)


class _Writer:
    """Appends blocks to a file and switches between portrait and landscape pages."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.file: File = word.Document()
        self._anchors = dict(_bookmarks(document))
        self._used: set[str] = set()
        self._lying = self._fresh = False
        set_styles(self.file, document.look.accent)
        set_language(self.file, document.language)
        set_properties(self.file, document)
        set_own_parts(self.file, document)
        self._lies = (*landscape_blocks(document), False)
        section = self.file.sections[0]
        self._orient(self._lies[0])
        set_footer(section, document)

    @property
    def width(self) -> Length:
        """The width of a line on the current page."""
        return Length(_LONG - 2 * _LANDSCAPE_SIDE if self._lying else _SHORT - 2 * _SIDE)

    def head(self) -> None:
        """Write logo, title, subtitle and facts."""
        source = self.document
        if source.look.logo is not None:
            picture = self.file.add_paragraph(style="Logo").add_run()
            content = BytesIO(logo_png(Path(source.look.logo)))
            set_alt_text(picture.add_picture(content, height=Mm(14)), source.look.logo_alt)
        if source.draft:
            word, why = source.draft
            draft = self.file.add_paragraph(style="Draft")
            write_runs(draft, (Run(word, strong=True), Run(f": {why}")), {})
            draft.paragraph_format.space_after = Pt(0)
        title = self.file.add_paragraph(style="Title").add_run(source.title)
        title.font.size = Pt(_title_size(source.title, self.width, lying=self._lying))
        if source.subtitle:
            below = self.file.add_paragraph(style="Subtitle").add_run(source.subtitle)
            below.font.size = Pt(11) if self._lying else None
        facts: list[tuple[Run, ...]] = [
            (Run(f"{name}: ", strong=True), Run(value)) for name, value in source.facts
        ]
        if self._lying and facts:  # the table needs the height
            facts = [tuple(each for fact in facts for each in (*fact, Run("   ")))[:-1]]
        for runs in facts:
            fact = self.file.add_paragraph(style="Small Text")
            fact.paragraph_format.space_after = Pt(0)
            write_runs(fact, runs, {})
            for run in fact.runs if self._lying else ():
                run.font.size = Pt(_FACTS)

    def _room(self) -> float:
        """The height in points that a lying first page has left for its table, about."""
        facts = sum(len(name) + len(value) + 5 for name, value in self.document.facts)
        before = list(takewhile(lambda block: not isinstance(block, Table), self.document.blocks))
        lengths = [
            sum(len(run.text) for run in block.runs)
            for block in before
            if isinstance(block, Paragraph)
        ]
        notices = 44 * sum(isinstance(block, Notice) for block in before)
        lines = ceil(facts / _SMALL_LINE) + sum(ceil(n / _LEAD_LINE) for n in lengths)
        return _FIRST_PAGE - notices - 14 * (lines + bool(self.document.draft))

    def contents(self) -> None:
        """Write the table of contents, as links to the headings."""
        source = self.document
        self.file.add_paragraph(CONTENTS[source.language], "Contents Heading")
        listed = [b for b in source.blocks if isinstance(b, Heading) and b.listed and b.anchor]
        write_contents(
            self.file, [(each.text, self._anchors[each.anchor], each.level) for each in listed]
        )

    def turn(self, place: int) -> None:
        """Start a new page if the block's orientation differs from the current page's.

        Then a page break would be redundant, as it is before a block that switches: ``_fresh``.
        """
        landscape = self._lies[place]
        turned = landscape != self._lying
        self._fresh = turned or self._lies[place + 1] != landscape
        if turned:
            section = self.file.add_section(WD_SECTION.NEW_PAGE)
            self.file.paragraphs[-1].paragraph_format.space_after = Pt(0)
            assert section is not None
            self._orient(landscape)

    def _orient(self, landscape: bool) -> None:
        self._lying = landscape
        section = self.file.sections[-1]
        section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
        for side, lying in (
            ("left", _LANDSCAPE_SIDE), ("right", _LANDSCAPE_SIDE), ("top", _TOP),
            ("bottom", _BOTTOM),
        ):  # fmt: skip
            setattr(section, f"{side}_margin", lying if landscape else _SIDE)
        section.header_distance = section.footer_distance = _FOOTER if landscape else Mm(10)
        section.page_width, section.page_height = (_LONG, _SHORT) if landscape else (_SHORT, _LONG)

    def block(self, block: Block, level: int = 1, keeps_with_next: bool = False) -> None:
        """Write a block; ``level``: nesting depth of lists; ``keeps_with_next``: as in Word."""
        match block:
            case Heading():
                self._heading(block)
            case Paragraph():
                self._paragraph(block, "List Continue" if level > 1 else None, keeps_with_next)
            case Items():
                self._items(block, level)
            case Table():
                write_table(self.file, block, self.width, room=self._room())
            case Chart():
                self._chart(block, keeps_with_next)
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
        self, paragraph: Paragraph, style: str | None = None, keeps_with_next: bool = False
    ) -> None:
        written = self.file.add_paragraph(style=style or _PARAGRAPHS[paragraph.kind])
        if keeps_with_next:
            written.paragraph_format.keep_with_next = True
        write_runs(written, paragraph.runs, self._anchors)

    def _items(self, items: Items, level: int) -> None:
        """Write a list: the first paragraph of each entry has the mark, other blocks follow."""
        mark = mark_list(self.file, items.start if items.numbered else None, min(level, 3))
        for entry in items.entries:
            for place, block in enumerate(entry):
                if place == 0 and isinstance(block, Paragraph):
                    written = self.file.add_paragraph(style=mark.style)
                    write_runs(written, block.runs, self._anchors)
                    mark.put_on(written)
                else:
                    self.block(block, level + 1)

    def _chart(self, chart: Chart, keeps_with_next: bool) -> None:
        drawing = chart.drawing
        picture = self.file.add_paragraph(style="Figure").add_run()
        width = min(self.width, Pt(drawing.width * 0.75))
        set_alt_text(picture.add_picture(BytesIO(png(drawing)), width=width), drawing.alt)
        caption = self.file.add_paragraph(chart.caption, "Caption")
        caption.paragraph_format.keep_with_next = chart.data is not None or keeps_with_next
        if chart.data is not None:
            write_table(
                self.file, chart.data, self.width, captioned=False, keeps_with_next=keeps_with_next
            )

    def _notice(self, notice: Notice) -> None:
        style = _NOTICES[notice.kind]
        title = self.file.add_paragraph(style=style)
        title.paragraph_format.keep_with_next = True
        write_runs(title, (Run(notice.title, strong=True),), {})
        for paragraph in notice.paragraphs:
            self._paragraph(paragraph, style)


def _title_size(title: str, width: Length, *, lying: bool) -> float:
    """The size in points with which a title does not break, if one from 12 on does."""
    largest = 16.0 if lying else 20.0
    points: float = width.pt
    return max(12.0, min(largest, points / (0.6 * max(1, len(title)))))


def _bookmarks(document: Document) -> Iterator[tuple[str, str]]:
    """Bookmark names that Word accepts (letters and digits, at most 40), by anchor of a heading."""
    for number, block in enumerate(document.blocks):
        if isinstance(block, Heading) and block.anchor:
            yield block.anchor, f"section{number}"
