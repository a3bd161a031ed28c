"""What python-docx has no words for: links, bookmarks, alternative texts, lists that begin anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
from collector.report.render.common import leads


def element(tag: str, **attributes: str | int) -> Any:
    """An element ``w:tag`` with attributes of the same namespace."""
    made = OxmlElement(f"w:{tag}")
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), str(value))
    return made


def colour(ink: str) -> RGBColor:
    """A colour of ``#rrggbb``."""
    return RGBColor.from_string(ink.removeprefix("#"))


def write_runs(paragraph: Paragraph, runs: Iterable[Run], anchors: Mapping[str, str]) -> None:
    """Runs at the end of a paragraph. ``anchors``: of a heading → its bookmark."""
    for run in runs:
        written = paragraph.add_run(run.text)
        written.bold = run.strong or None
        written.italic = run.emphasis or None
        if run.code:
            written.style = "Code"
        if run.link and leads(run.link, anchors):
            _link(paragraph, written, run.link, anchors)


def _link(paragraph: Paragraph, written: WrittenRun, link: str, anchors: Mapping[str, str]) -> None:
    """Puts a run that was written into a link."""
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
    """Makes a paragraph what a link can lead to."""
    properties = paragraph._p.get_or_add_pPr()
    properties.addnext(element("bookmarkStart", id=number, name=name))
    paragraph._p.append(element("bookmarkEnd", id=number))


def described(picture: InlineShape, alt: str) -> None:
    """Gives a picture its alternative text, and a number of its own as its name."""
    said = picture._inline.docPr
    said.set("name", f"{said.get('id')}")
    said.set("descr", alt)


def field(paragraph: Paragraph, code: str) -> None:
    """A field such as PAGE; a program that shows it puts the value in."""
    made = element("fldSimple", instr=code)
    shown = element("r")
    text = element("t")
    text.text = "1"
    shown.append(text)
    made.append(shown)
    paragraph._p.append(made)


@dataclass(frozen=True, slots=True)
class ListMark:
    """A list's style, and for a numbered one the numbering that begins anew."""

    style: str
    numbering: int | None
    level: int

    def put_on(self, paragraph: Paragraph) -> None:
        """Makes a paragraph the next entry."""
        if self.numbering is None:
            return
        number = paragraph._p.get_or_add_pPr().get_or_add_numPr()
        number.get_or_add_ilvl().val = 0
        number.get_or_add_numId().val = self.numbering


def mark_list(file: File, start: int | None, level: int) -> ListMark:
    """The mark of a new list, ``level`` 1 to 3 deep; ``start``: the first number, None for dots."""
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
