"""The frame of a DOCX: styles, language, properties, footer, and reproducible bytes."""

from __future__ import annotations

import zipfile
from datetime import UTC
from io import BytesIO

from docx.document import Document as File
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.section import Section
from docx.shared import Pt
from docx.styles.style import ParagraphStyle

from collector.model.bilingual import Language
from collector.report.blocks import Document
from collector.report.render.common import PAGE, document_time
from collector.report.render.docx_package import set_compatibility, set_typeface, shaded
from collector.report.render.docx_parts import colour, element, field

LANGUAGES: dict[Language, str] = {"sv": "sv-SE", "en": "en-GB"}

FONT = "Calibri"
"""Where it is missing, word processors use one of the same widths (Carlito)."""

_LONGEST_PROPERTY = 255
"""The longest text that Word accepts as a file property, in characters."""

_GREY = "#4B5563"
_WARNING = "#A33B00"
_BEFORE_ALL = (1980, 1, 1, 0, 0, 0)
_RULES = 'w:val="single" w:space="0" w:color'

_TABLE = """
<w:style {names} w:type="table" w:customStyle="1" w:styleId="Figures">
  <w:name w:val="Figures"/><w:basedOn w:val="TableNormal"/><w:uiPriority w:val="99"/>
  <w:tblPr><w:tblBorders>
    <w:bottom {rules}="{accent}" w:sz="8"/><w:insideH {rules}="9CA3AF" w:sz="4"/>
  </w:tblBorders><w:tblCellMar>
    <w:top w:w="40" w:type="dxa"/><w:left w:w="70" w:type="dxa"/>
    <w:bottom w:w="40" w:type="dxa"/><w:right w:w="70" w:type="dxa"/>
  </w:tblCellMar></w:tblPr>
  <w:tblStylePr w:type="firstRow"><w:rPr><w:b/></w:rPr><w:tcPr><w:tcBorders>
    <w:bottom {rules}="{accent}" w:sz="8"/></w:tcBorders><w:vAlign w:val="bottom"/></w:tcPr>
  </w:tblStylePr>
  <w:tblStylePr w:type="lastRow"><w:rPr><w:b/></w:rPr><w:tcPr><w:tcBorders>
    <w:top {rules}="{accent}" w:sz="8"/></w:tcBorders>
    <w:shd w:val="clear" w:color="auto" w:fill="F3F4F6"/></w:tcPr></w:tblStylePr>
</w:style>"""


def set_styles(file: File, accent: str) -> None:
    """Define all styles that the file uses. ``accent``: colour ``#rrggbb``."""
    _of(file, "Normal", 10.5)
    for name, size in (("Title", 20), ("Heading 1", 15), ("Heading 2", 12.5), ("Heading 3", 11)):
        style = _of(file, name, size)
        style.font.color.rgb = colour(accent)
        style.paragraph_format.keep_with_next = True
    _of(file, "Subtitle", 12.5).font.color.rgb = colour(_GREY)
    for name, after in (("Title", 2), ("Subtitle", 3), ("Caption", 3)):
        spaced = file.styles[name].paragraph_format
        spaced.space_before, spaced.space_after, spaced.line_spacing = Pt(0), Pt(after), 1.0
    _of(file, "Caption", 9.5).font.color.rgb = colour("#111827")
    _of(file, "Body Text", 10.5).paragraph_format.space_after = Pt(6)
    lead = _new(file, "Lead", 11).paragraph_format
    lead.space_before, lead.space_after, lead.line_spacing = Pt(4), Pt(2), 1.0
    _new(file, "Draft", 10.5).font.color.rgb = colour(_WARNING)
    contents = _new(file, "Contents Heading", 15)
    contents.font.color.rgb = colour(accent)
    contents.font.bold = True
    contents.paragraph_format.keep_with_next = True
    for level in (1, 2):
        entry = _new(file, f"TOC {level}", 10.5).paragraph_format
        entry.left_indent, entry.space_after = Pt(12 * (level - 1)), Pt(2)
    small = _new(file, "Small Text", 9)
    small.font.color.rgb = colour(_GREY)
    small.paragraph_format.space_after = Pt(3)
    table_text = _new(file, "Table Text", 9).paragraph_format
    table_text.space_after, table_text.line_spacing = Pt(0), 1.0
    _new(file, "After Table", 4).paragraph_format.space_after = Pt(4)
    figure = _new(file, "Figure", 10.5)
    figure.paragraph_format.keep_with_next = True
    figure.paragraph_format.space_after = Pt(2)
    _new(file, "Logo", 10.5).paragraph_format.alignment = 2
    for name, bar, fill in (("Warning", _WARNING, "FFF7ED"), ("Note", accent, "F3F4F6")):
        _barred(_new(file, name, 10.5), bar.removeprefix("#"), fill)
    for name in ("Code", "Hyperlink"):
        file.styles.add_style(name, WD_STYLE_TYPE.CHARACTER)
    shaded(file.styles["Code"], "F3F4F6")
    file.styles["Hyperlink"].font.underline = True
    file.styles["Hyperlink"].font.color.rgb = colour(accent)
    table = _TABLE.format(names=nsdecls("w"), rules=_RULES, accent=accent.removeprefix("#"))
    file.styles.element.append(parse_xml(table))
    set_typeface(file, FONT)


def _of(file: File, name: str, size: float) -> ParagraphStyle:
    """Set the size (points) of a built-in style."""
    style = file.styles[name]
    assert isinstance(style, ParagraphStyle)
    style.font.size = Pt(size)
    borders = style.element.find(f".//{qn('w:pBdr')}")
    if borders is not None:
        borders.getparent().remove(borders)
    return style


def _new(file: File, name: str, size: float) -> ParagraphStyle:
    style = file.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    assert isinstance(style, ParagraphStyle)
    style.base_style = file.styles["Normal"]
    style.font.size = Pt(size)
    return style


def _barred(style: ParagraphStyle, bar: str, fill: str) -> None:
    """Give a style a bar on the left and a shaded background, to make notices recognizable."""
    properties = style.element.get_or_add_pPr()
    borders = element("pBdr")
    borders.append(element("left", val="single", sz=24, space=6, color=bar))
    shade = element("shd", val="clear", color="auto", fill=fill)
    for each in (borders, shade):
        properties.insert_element_before(
            each,
            *("w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:outlineLvl"),
        )
    style.paragraph_format.left_indent = Pt(8)
    style.paragraph_format.space_after = Pt(4)


def set_language(file: File, language: Language) -> None:
    """Set the language of the texts, for screen readers, spelling and hyphenation."""
    tag = LANGUAGES[language]
    for lang in file.styles.element.iter(qn("w:lang")):
        lang.set(qn("w:val"), tag)
        lang.set(qn("w:eastAsia"), tag)
    settings = file.settings.element
    for found in settings.iter(qn("w:themeFontLang")):
        found.attrib.clear()
        found.set(qn("w:val"), tag)
    set_compatibility(file)
    stop = settings.find(qn("w:defaultTabStop"))
    assert stop is not None
    stop.addnext(element("autoHyphenation", val="true"))


def set_properties(file: File, document: Document) -> None:
    """Set the file's metadata; its dates are the document's, not the time of making."""
    core = file.core_properties
    core.title = _cut(": ".join([*document.draft[:1], document.title]))
    core.subject = _cut(document.subtitle)
    core.content_status = _cut("".join(document.draft[:1]))
    core.author = _cut(document.author)
    core.keywords = _cut(", ".join(document.keywords))
    core.language = LANGUAGES[document.language]
    core.last_modified_by = core.author
    core.comments = ""
    core.created = core.modified = document_time(document).astimezone(UTC)
    core.revision = 1


def _cut(text: str) -> str:
    """Shorten a text to the length of a property; the document contains it in full."""
    return text if len(text) <= _LONGEST_PROPERTY else f"{text[: _LONGEST_PROPERTY - 1]}…"


def set_footer(section: Section, document: Document) -> None:
    """Write the footer with page numbers; later sections inherit it."""
    paragraph = section.footer.paragraphs[0]
    paragraph.style = "Small Text"
    before, rest = PAGE[document.language].split("{page}")
    between, after = rest.split("{pages}")
    paragraph.add_run((f"{document.footer} · " if document.footer else "") + before)
    field(paragraph, "PAGE")
    paragraph.add_run(between)
    field(paragraph, "NUMPAGES")
    if after:
        paragraph.add_run(after)


def reproducible_bytes(file: File) -> bytes:
    """Return the file's bytes, reproducible: the archive contains no timestamps."""
    first, last = BytesIO(), BytesIO()
    file.save(first)
    with (
        zipfile.ZipFile(first) as written,
        zipfile.ZipFile(last, "w", zipfile.ZIP_DEFLATED) as fixed,
    ):
        for name in written.namelist():
            entry = zipfile.ZipInfo(name, _BEFORE_ALL)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # do not record the operating system
            fixed.writestr(entry, written.read(name))
    return last.getvalue()
