"""What a document holds, before it is given a form: blocks that every renderer knows.

``content`` makes one Document of a snapshot and the office's files; the renderers (HTML, PDF,
DOCX) give the same blocks their form and decide nothing. Texts are final: in the document's
language, numbers formatted, spaces that must not break already U+00A0.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from collector.model.bilingual import Language
from collector.model.codes import State


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table: ``text``, below it in small print ``detail`` (what it is made of).

    ``state`` gives it its colour; the words and the symbol stand in the text. ``spark`` is a small
    drawing with the text as its alternative.
    """

    text: str
    detail: str = ""
    state: State | None = None
    strong: bool = False
    spark: Drawing | None = None


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing: ``svg`` (a whole document, of ``width`` x ``height`` px, no scripts, no outside
    references, text as text) and ``alt``, which says what it shows."""

    svg: str
    alt: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Column:
    """``width``: its share of the table's width, relative to the others. ``number``: to the
    right, with tabular figures."""

    title: str
    width: float = 1.0
    number: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table. The first ``header_cells`` cells of each row name it (th scope=row). An empty
    first cell in a row goes on with the one above it (the goal of the row before). ``total``: the
    last row is a sum. ``landscape``: it lies on its page, and so do the headings right before it.
    ``flowing``: a cell's small print goes on in the line of its text, and its drawing stands beside
    them, so that rows are low."""

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
    """A figure with its caption; what it shows is also in ``data``, a table for those who do not
    see it, named by the same caption."""

    caption: str
    drawing: Drawing
    data: Table | None = None


@dataclass(frozen=True, slots=True)
class Heading:
    """``level`` 1 is a chapter; the document's title stands above all. ``anchor``: an id."""

    text: str
    level: Literal[1, 2, 3]
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """Some text in one style."""

    text: str
    strong: bool = False
    emphasis: bool = False
    code: bool = False
    link: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """``kind``: ``text``, ``small`` (sources, notes) or ``lead`` (what stands first)."""

    runs: tuple[Run, ...]
    kind: Literal["text", "small", "lead"] = "text"


@dataclass(frozen=True, slots=True)
class Items:
    """A list; each entry is a sequence of blocks. ``start``: the number of the first one."""

    entries: tuple[tuple[Block, ...], ...]
    numbered: bool = False
    start: int = 1


@dataclass(frozen=True, slots=True)
class Notice:
    """What the reader must not miss: ``warning`` (incomplete data, a sum that does not add up) or
    ``note``. ``title`` says which in words."""

    kind: Literal["warning", "note"]
    title: str
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True)
class PageBreak:
    """The next block begins a page, in forms that have pages."""


Block = Heading | Paragraph | Items | Table | Chart | Notice | PageBreak


@dataclass(frozen=True, slots=True)
class Look:
    """What a municipality may choose: a logo (path of an SVG or PNG) with its alternative text,
    and colours (``#rrggbb``) of headings and rules. ``templates``: a folder whose
    ``report.html.j2``, ``style.css`` and ``report.typ`` take the place of ours."""

    logo: str | None = None
    logo_alt: str = ""
    accent: str = "#1F3A5F"
    templates: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A whole document. ``facts``: label and value of what stands under the title (period, as
    known at, made of snapshot). ``footer``: stands on every page. ``date``: ISO 8601, the
    document's own date (of the snapshot, so that the same snapshot gives the same file)."""

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
