"""The document model: the blocks that ``content`` builds and every renderer understands.

``content`` builds one Document from a snapshot and the office's files. The renderers (HTML, PDF,
DOCX) only lay the blocks out and make no decisions about content. Texts are final: written in the
document's language, with numbers formatted and non-breaking spaces already U+00A0.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from collector.model.bilingual import Language
from collector.model.codes import State


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell: ``text``, with ``detail`` (such as "of 143") in small print below it.

    ``state`` only sets the colour; the symbol and the words are part of the text. ``spark`` is a
    small drawing shown with the text.
    """

    text: str
    detail: str = ""
    state: State | None = None
    strong: bool = False
    spark: Drawing | None = None


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing: ``svg`` is a complete SVG document of ``width`` x ``height`` px without scripts or
    external references, its text kept as text; ``alt`` describes it for those who cannot see it."""

    svg: str
    alt: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Column:
    """A table column. ``width`` is relative to the widths of the other columns. ``number`` columns
    are right-aligned and use tabular figures."""

    title: str
    width: float = 1.0
    number: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    The first ``header_cells`` cells of each row are row headers (``th scope=row``). An empty first
    cell continues the cell above it (the goal of the previous row). A row of a single cell spans
    the table and heads the rows below it. ``total``: the last row is a sum. ``landscape``: the
    table, with any headings directly before it, is set on a landscape page.
    ``flowing``: a cell's small print follows its text on the same line and its drawing stands
    beside them, which keeps rows low.
    """

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    header_cells: int = 1
    total: bool = False
    notes: tuple[str, ...] = ()
    compact: bool = False
    landscape: bool = False
    flowing: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart with its caption. ``data`` holds the same numbers as a table, under the same caption,
    for readers who cannot see the drawing."""

    caption: str
    drawing: Drawing
    data: Table | None = None


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading. ``level`` 1 is a chapter; the document's title is above level 1. ``anchor`` is the
    id that links point to. ``listed``: whether it stands in the table of contents."""

    text: str
    level: Literal[1, 2, 3]
    anchor: str = ""
    listed: bool = True


@dataclass(frozen=True, slots=True)
class Run:
    """A run of text in one style; ``link`` is the address it links to, if any."""

    text: str
    strong: bool = False
    emphasis: bool = False
    code: bool = False
    link: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of ``kind`` ``text``, ``small`` (sources, notes) or ``lead`` (the opening
    summary)."""

    runs: tuple[Run, ...]
    kind: Literal["text", "small", "lead"] = "text"


@dataclass(frozen=True, slots=True)
class Items:
    """A list; each entry is a sequence of blocks. ``start`` is the number of the first entry."""

    entries: tuple[tuple[Block, ...], ...]
    numbered: bool = False
    start: int = 1


@dataclass(frozen=True, slots=True)
class Notice:
    """A box that the reader must not miss: a ``warning`` (incomplete data, a sum that does not add
    up) or a ``note``. ``title`` says in words which it is."""

    kind: Literal["warning", "note"]
    title: str
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True)
class PageBreak:
    """Starts a new page, in formats that have pages."""


Block = Heading | Paragraph | Items | Table | Chart | Notice | PageBreak


@dataclass(frozen=True, slots=True)
class Look:
    """The municipality's choice of appearance: a logo (path of an SVG or PNG) with its alternative
    text, and the colour (``#rrggbb``) of headings and rules. ``templates`` is a folder whose
    ``report.html.j2``, ``style.css`` and ``report.typ`` replace the built-in ones."""

    logo: str | None = None
    logo_alt: str = ""
    accent: str = "#1F3A5F"
    templates: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A complete document.

    ``facts`` are the labels and values listed under the title (period, time of the data, seal).
    ``footer`` is printed on every page. ``draft`` is empty, or the word for a draft and why this is
    one, which are printed above the title. ``date`` (ISO 8601) is the date of the snapshot, not of
    rendering, so that the same snapshot always gives the same file.
    """

    title: str
    subtitle: str
    language: Language
    author: str
    date: str
    facts: tuple[tuple[str, str], ...]
    footer: str
    blocks: tuple[Block, ...]
    look: Look = field(default_factory=Look)
    keywords: tuple[str, ...] = ()
    draft: tuple[str, ...] = ()
