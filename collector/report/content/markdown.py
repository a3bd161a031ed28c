"""Converts the office's Markdown to blocks, without HTML, images and links to files.

Whatever cannot be kept is reported with its line, so that nothing disappears silently. Comments
(``<!-- -->``) are dropped on purpose and not reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal, cast

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from collector.report.blocks import Block, Cell, Column, Heading, Items, Paragraph, Run, Table
from collector.text.characters import DASH, NBSP

LeftOutKind = Literal["image", "html", "link"]

_LINKS = ("https://", "http://", "mailto:")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_IN_NUMBER = re.compile(r"(?<=\d) (?=\d{3}(?!\d))|(?<=\d) (?=(?:%|tkr|kr|mkr|mnkr)(?!\w))")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something in a text that the document cannot show: an image, a link's address, HTML markup.

    ``line`` is its line in the file.
    """

    kind: LeftOutKind
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Markdown:
    """A converted text: its blocks, and what was left out of it."""

    blocks: tuple[Block, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def says_nothing(self) -> bool:
        """Whether it has no readable text: only images, comments or headings with nothing below."""
        return not any(map(_has_text, self.blocks))


def read_markdown(text: str, below: int = 1, caption: str = "", line: int = 1) -> Markdown:
    """Convert a text that is placed under a heading of level ``below`` (0: under none).

    Its headings start one level below that, skip no level and go no deeper than 3. A table takes
    its caption from the heading above it, or ``caption`` if there is none. ``line`` is the line of
    its file on which the text begins.
    """
    converter = _Converter(line, below, below, caption)
    blocks = tuple(converter.blocks(_parsed(text).children))
    return Markdown(blocks, tuple(converter.left_out))


@lru_cache(maxsize=32)
def _parsed(text: str) -> SyntaxTreeNode:
    """The syntax tree of a text. Cached: a report parses each text for its warnings and again in
    every language, and a large one full of links takes seconds."""
    return SyntaxTreeNode(MarkdownIt("commonmark").enable("table").parse(text))


@dataclass(slots=True)
class _Converter:
    """The conversion of one text; ``level`` and ``caption`` are those of the last heading."""

    first_line: int
    below: int
    level: int
    caption: str
    left_out: list[LeftOut] = field(default_factory=list)
    line: int = 1

    def leave_out(self, kind: LeftOutKind, text: str) -> None:
        """Record that something on the current line is left out."""
        self.left_out.append(LeftOut(kind, self.line, text))

    def blocks(self, nodes: Sequence[SyntaxTreeNode], *, nested: bool = False) -> Iterator[Block]:
        """The blocks of nodes; a heading within a list becomes a bold paragraph."""
        for node in nodes:
            if node.map:
                self.line = self.first_line + node.map[0]
            match node.type:
                case "heading" if not nested:
                    yield self.heading(node)
                case "heading":
                    yield Paragraph(tuple(self.runs(_inline(node), Run("", strong=True))))
                case "paragraph":
                    if runs := tuple(self.runs(_inline(node), Run(""))):
                        yield Paragraph(runs)
                case "bullet_list" | "ordered_list":
                    entries = tuple(
                        tuple(self.blocks(each.children, nested=True)) for each in node.children
                    )
                    start = int(node.attrs.get("start", 1))
                    yield Items(entries, numbered=node.type == "ordered_list", start=start)
                case "table":
                    yield self.table(node)
                case "fence" | "code_block":
                    yield Paragraph((Run(node.content.rstrip("\n"), code=True),))
                case "html_block":
                    yield from self.html(node.content)
                case "hr":
                    pass
                case _:  # a quotation: keep what it contains
                    yield from self.blocks(node.children, nested=nested)

    def heading(self, node: SyntaxTreeNode) -> Heading:
        """A heading, at most one level below the previous one however many # it has."""
        level = self.below + int(node.tag[1:])
        self.level = max(1, min(level, self.level + 1, 3))
        self.caption = "".join(run.text for run in self.runs(_inline(node), Run("")))
        return Heading(self.caption, cast(Literal[1, 2, 3], self.level))

    def html(self, content: str) -> Iterator[Block]:
        """HTML as plain text, and reported; comments are dropped."""
        text = _COMMENT.sub("", content).strip()
        if text:
            self.leave_out("html", text)
            yield Paragraph((Run(_flat(text)),))

    def table(self, node: SyntaxTreeNode) -> Table:
        """A table; right-aligned columns are taken as numbers."""
        head = node.children[0].children[0].children
        body = node.children[1].children if len(node.children) > 1 else []
        columns = tuple(
            Column(self.text(cell), number="right" in str(cell.attrs.get("style", "")))
            for cell in head
        )
        rows = []
        for row in body:
            cells = [Cell(self.text(cell)) for cell in row.children]
            if not cells[0].text:
                cells[0] = Cell(DASH)  # an empty first cell would continue the row above
            rows.append(tuple(cells))
        return Table(self.caption, columns, tuple(rows))

    def text(self, node: SyntaxTreeNode) -> str:
        """The text of a block without its styles."""
        return "".join(run.text for run in self.runs(_inline(node), Run("")))

    def runs(self, nodes: Sequence[SyntaxTreeNode], style: Run) -> Iterator[Run]:
        """The runs of inline nodes; ``style`` is a run whose style they inherit."""
        for node in nodes:
            match node.type:
                case "text":
                    if node.content:
                        yield _styled(style, _IN_NUMBER.sub(NBSP, node.content))
                case "softbreak" | "hardbreak":
                    yield _styled(style, " ")
                case "code_inline":
                    yield Run(node.content, style.strong, style.emphasis, True, style.link)
                case "strong":
                    yield from self.runs(node.children, _with(style, strong=True))
                case "em":
                    yield from self.runs(node.children, _with(style, emphasis=True))
                case "link":
                    linked = self.linked(node, style)
                    shown = list(self.runs(node.children, linked))
                    yield from shown
                    if linked.link and not any(run.text.strip() for run in shown):
                        # a link around an image: show its address
                        yield replace(linked, text=linked.link)
                case "image":
                    self.leave_out("image", node.content or str(node.attrs.get("src", "")))
                case "html_inline" if not _COMMENT.fullmatch(node.content):
                    self.leave_out("html", node.content)
                    yield _styled(style, node.content)

    def linked(self, node: SyntaxTreeNode, style: Run) -> Run:
        """The style of a link; a link to anything but the web or mail becomes plain text."""
        target = str(node.attrs.get("href", ""))
        if target.lower().startswith(_LINKS):
            return _with(style, link=target)
        self.leave_out("link", target)
        return style


def _has_text(block: Block) -> bool:
    """Whether a block has text of its own, with at least a letter or a digit: a dash or what cannot
    be seen says nothing. A heading only introduces what follows it."""
    match block:
        case Paragraph():
            return any(map(_is_said, (run.text for run in block.runs)))
        case Items():
            return any(_has_text(inner) for entry in block.entries for inner in entry)
        case _:
            return isinstance(block, Table) and any(
                _is_said(cell.text) for row in block.rows for cell in row
            )


def _is_said(text: str) -> bool:
    return any(map(str.isalnum, text))


def _inline(node: SyntaxTreeNode) -> Sequence[SyntaxTreeNode]:
    """The inline nodes of a block that holds text."""
    return [inner for child in node.children for inner in child.children]


def _styled(style: Run, text: str) -> Run:
    return Run(text, style.strong, style.emphasis, style.code, style.link)


def _with(style: Run, *, strong: bool = False, emphasis: bool = False, link: str = "") -> Run:
    return Run("", style.strong or strong, style.emphasis or emphasis, link=link or style.link)


def _flat(text: str) -> str:
    return " ".join(text.split())
