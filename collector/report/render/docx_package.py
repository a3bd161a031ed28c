"""What the template of python-docx brings along, replaced by the document's own: typeface,
compatibility mode, properties and thumbnail."""

from __future__ import annotations

import re
from typing import Any
from xml.sax.saxutils import escape

from docx.document import Document as File
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml.ns import qn

from collector.report.blocks import Document
from collector.report.render.docx_parts import element
from collector.report.render.typst import thumbnail_png

_COMPATIBILITY = "15"
"""Word 2013 and later, which Word shows without "[Compatibility Mode]"."""

_TEMPLATES_OWN = ("stylesWithEffects", "customXml")
_IN_FONT_TABLE = "Symbol"
"""Has the bullets of lists."""

_APPLICATION = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">\
<Application>servicedesk-kpi</Application><Company>{author}</Company></Properties>"""

_FONT_TABLE = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<w:fonts xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">{fonts}</w:fonts>"""


def set_typeface(file: File, font: str) -> None:
    """Make ``font`` the only typeface: of the theme, of all styles and in the table of fonts."""
    for fonts in file.styles.element.iter(qn("w:rFonts")):
        fonts.attrib.clear()
        for kind in ("ascii", "hAnsi", "cs", "eastAsia"):
            fonts.set(qn(f"w:{kind}"), font)
    for relation in file.part.rels.values():
        part: Any = relation.target_part if not relation.is_external else None
        if relation.reltype == RELATIONSHIP_TYPE.THEME:
            theme = part.blob.decode()
            part._blob = re.sub(r'(<a:latin typeface=")[^"]*', rf"\g<1>{font}", theme).encode()
        if relation.reltype == RELATIONSHIP_TYPE.FONT_TABLE:
            fonts_xml = "".join(f'<w:font w:name="{each}"/>' for each in (font, _IN_FONT_TABLE))
            part._blob = _FONT_TABLE.format(fonts=fonts_xml).encode()


def set_compatibility(file: File) -> None:
    """Leave out what Word would keep of older versions of itself, and of East Asian layout."""
    settings = file.settings.element
    for name in ("savePreviewPicture", "rsids", "proofState"):
        for found in settings.findall(qn(f"w:{name}")):
            settings.remove(found)
    compat = settings.find(qn("w:compat"))
    for found in compat.findall(qn("w:useFELayout")):
        compat.remove(found)
    mode = next(
        each
        for each in compat.findall(qn("w:compatSetting"))
        if each.get(qn("w:name")) == "compatibilityMode"
    )
    mode.set(qn("w:val"), _COMPATIBILITY)


def set_own_parts(file: File, document: Document) -> None:
    """Give the file a thumbnail and application properties of its own, and drop what only the
    template used. Raises ReportError if the thumbnail cannot be drawn."""
    package = file.part.package
    for rels, at in ((package.rels, "docProps"), (file.part.rels, "")):
        for key, relation in list(rels.items()):
            if relation.is_external:
                continue
            name = str(relation.target_part.partname)
            if "thumbnail" in name or any(each in name for each in _TEMPLATES_OWN):
                del rels[key]
            elif at and name.endswith("app.xml"):
                relation.target_part._blob = _APPLICATION.format(
                    author=escape(document.author)
                ).encode()
    picture = Part(
        PackURI("/docProps/thumbnail.png"), "image/png", thumbnail_png(document), package
    )
    package.relate_to(picture, RELATIONSHIP_TYPE.THUMBNAIL)


def shaded(style: Any, fill: str) -> None:
    """Give a character style a background, which tells it from the text in the same typeface."""
    style.element.get_or_add_rPr().append(element("shd", val="clear", color="auto", fill=fill))
