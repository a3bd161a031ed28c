"""What python-docx does not offer: links, bookmarks, alternative texts, restarted lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from docx.document import Document as File
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shape import InlineShape
from docx.shared import RGBColor
from docx.text.paragraph import Paragraph
from docx.text.run import Run as WrittenRun

from collector.report.blocks import Run
from collector.report.render.common import is_allowed_link


def element(tag: str, **attributes: str | int) -> Any:
    """Return an element ``w:tag`` with attributes of the same namespace."""
    made = OxmlElement(f"w:{tag}")
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), str(value))
    return made


def colour(ink: str) -> RGBColor:
    """Convert ``#rrggbb``. Raises ValueError for anything else."""
    return RGBColor.from_string(ink.removeprefix("#"))


def write_runs(paragraph: Paragraph, runs: Iterable[Run], anchors: Mapping[str, str]) -> None:
    """Append runs to a paragraph. ``anchors``: a heading's anchor → its bookmark."""
    for run in runs:
        written = paragraph.add_run(run.text)
        written.bold = run.strong or None
        written.italic = run.emphasis or None
        if run.code:
            written.style = "Code"
        if run.link and is_allowed_link(run.link, anchors):
            _link(paragraph, written, run.link, anchors)


def _link(paragraph: Paragraph, written: WrittenRun, link: str, anchors: Mapping[str, str]) -> None:
    """Wrap a written run in a link."""
    written.style = "Hyperlink"
    frame = element("hyperlink")
    if link.startswith("#"):
        frame.set(qn("w:anchor"), anchors[link[1:]])
    else:
        target = paragraph.part.relate_to(link, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        frame.set(qn("r:id"), target)
    written._r.addprevious(frame)
    frame.append(written._r)


def bookmark(paragraph: Paragraph, name: str, number: int) -> None:
    """Put a bookmark around a paragraph's content, so that links can lead to it."""
    properties = paragraph._p.get_or_add_pPr()
    properties.addnext(element("bookmarkStart", id=number, name=name))
    paragraph._p.append(element("bookmarkEnd", id=number))


def set_alt_text(picture: InlineShape, alt: str) -> None:
    """Set a picture's alternative text, and its own number as its name.

    The picture gets no distance to the text, either: LibreOffice takes a missing one for 9 pt, and
    moves the picture out of its cell.
    """
    for side in ("distT", "distB", "distL", "distR"):
        picture._inline.set(side, "0")
    said = picture._inline.docPr
    said.set("name", f"{said.get('id')}")
    said.set("descr", alt)


def field(paragraph: Paragraph, code: str) -> None:
    """Append a field such as PAGE, whose value the word processor fills in."""
    made = element("fldSimple", instr=code)
    shown = element("r")
    text = element("t")
    text.text = "1"
    shown.append(text)
    made.append(shown)
    paragraph._p.append(made)


def write_contents(file: File, entries: Sequence[tuple[str, str, int]]) -> None:
    """Write a table of contents: a field with (text, bookmark, level) of each heading as links.

    It has no page numbers, which only the word processor knows; it adds them when the field is
    updated there without its switch ``\\n``.
    """
    written = [file.add_paragraph(style=f"TOC {level}") for _, _, level in entries]
    for paragraph, (text, name, _) in zip(written, entries, strict=True):
        link = element("hyperlink", anchor=name, history=1)
        run = paragraph.add_run(text)
        paragraph._p.append(link)
        link.append(run._r)
    if written:
        first = written[0]._p
        code = element("instrText")
        code.text = ' TOC \\o "1-2" \\n \\h '
        code.set(qn("xml:space"), "preserve")
        for made in reversed(
            [
                _run_of(element("fldChar", fldCharType="begin")),
                _run_of(code),
                _run_of(element("fldChar", fldCharType="separate")),
            ]
        ):
            first.get_or_add_pPr().addnext(made)
        written[-1]._p.append(_run_of(element("fldChar", fldCharType="end")))


def _run_of(child: Any) -> Any:
    run = element("r")
    run.append(child)
    return run


@dataclass(frozen=True, slots=True)
class ListMark:
    """A list's style, and the id of its restarted numbering; None for bullets."""

    style: str
    numbering: int | None
    level: int

    def put_on(self, paragraph: Paragraph) -> None:
        """Make a paragraph the next entry of the list."""
        if self.numbering is None:
            return
        number = paragraph._p.get_or_add_pPr().get_or_add_numPr()
        number.get_or_add_ilvl().val = 0
        number.get_or_add_numId().val = self.numbering


def mark_list(file: File, start: int | None, level: int) -> ListMark:
    """Start a new list at ``level`` 1 to 3; ``start``: the first number, None for bullets."""
    kind = "List Bullet" if start is None else "List Number"
    style = f"{kind} {level}" if level > 1 else kind
    if start is None:
        return ListMark(style, None, level)
    numberings = file.part.numbering_part.element
    of_style = file.styles[style].element.pPr.numPr.numId.val
    pattern = next(n for n in numberings.num_lst if n.numId == of_style)
    made = numberings.add_num(pattern.abstractNumId.val)
    made.add_lvlOverride(ilvl=0).add_startOverride(start)
    return ListMark(style, made.numId, level)
