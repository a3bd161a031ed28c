"""Calls typst: PNGs for formats without SVG, and characters that its fonts lack."""

from __future__ import annotations

import ast
import json
import re
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst

from collector.config.checks.logos import logo_fault
from collector.report.blocks import Document, Drawing
from collector.report.render.common import ReportError, printable

_UNKNOWN_CHARACTER = re.compile(r'the text `("(?:[^"\\]|\\.)*")` could not be displayed')
_RUST_ESCAPE = re.compile(r"\\u\{([0-9a-f]+)\}")

_compile: Any = typst.compile
"""Untyped: typst's type hints do not allow files in memory."""


def compile_files(files: dict[str, bytes], **options: Any) -> bytes:
    """Compile ``main.typ`` from files in memory (name → content), with typst's own fonts only.

    ``options`` are those of ``typst.compile``. Raises typst.TypstError.
    """
    made = _compile(files, ignore_system_fonts=True, **options)
    assert isinstance(made, bytes)
    return made


def counted(files: dict[str, bytes], label: str) -> int:
    """The number in the metadata of ``label`` in ``main.typ``. Raises typst.TypstError."""
    query: Any = typst.query  # its type hints do not allow files in memory either
    found = query(files, label, field="value", one=True, ignore_system_fonts=True)
    return int(json.loads(found) if isinstance(found, str) else found)


@lru_cache(maxsize=64)
def png(drawing: Drawing, scale: float = 2.0) -> bytes:
    """Render a drawing as PNG at ``scale`` times its size in px.

    Raises ReportError if it is not valid SVG.
    """
    svg = printable(drawing.svg)
    size = f"width: {drawing.width}pt, height: {drawing.height}pt"
    return _png(svg, f"#set page({size}, margin: 0pt)", size, scale, "a drawing")


def thumbnail_png(document: Document) -> bytes:
    """Draw a small title page of a document: its title, subtitle and author."""
    page = "#set page(width: 128pt, height: 181pt, margin: 10pt)"
    texts = {name: getattr(document, name) for name in ("title", "subtitle", "author")}
    source = f"""{page}
#let of = json("texts.json")
#set text(size: 7pt, hyphenate: true, lang: of.language)
#block(height: 100%, clip: true, breakable: false)[
#text(size: 12pt, weight: "bold", fill: rgb(of.accent), of.title)

#of.subtitle
#line(length: 100%, stroke: 1pt + rgb(of.accent))
#of.author
]"""
    texts |= {"language": document.language, "accent": document.look.accent}
    files = {"main.typ": source.encode(), "texts.json": json.dumps(texts).encode()}
    return compile_files(files, format="png", ppi=144.0)


def logo_png(path: Path, height: int = 40) -> bytes:
    """Return a logo as PNG: a PNG unchanged, an SVG at ``height`` points and triple resolution.

    Raises ReportError if it cannot be read.
    """
    content = read_logo(path)
    if path.suffix.lower() == ".png":
        return content
    svg = content.decode()
    page = "#set page(width: auto, height: auto, margin: 0pt)"
    return _png(svg, page, f"height: {height}pt", 3.0, f"{path}: the logo")


def _png(svg: str, page: str, size: str, scale: float, what: str) -> bytes:
    source = f'{page}\n#set document(title: "-")\n#image("drawing.svg", alt: "-", {size})'
    files = {"main.typ": source.encode(), "drawing.svg": svg.encode()}
    try:
        compile_files(
            files, pdf_standards=["ua-1"]
        )  # only with this standard does typst report missing characters
    except typst.TypstError as error:
        missing = missing_characters(error)
        if not missing:
            raise ReportError(f"{what} cannot be read: {error.message}") from None
        files["drawing.svg"] = named(svg, missing).encode()
    return compile_files(files, format="png", ppi=72.0 * scale)


def read_file(path: Path, what: str) -> bytes:
    """Read a file that a document's look needs; ``what`` names it in errors.

    Raises ReportError if it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise ReportError(f"{path}: {what} cannot be read ({error.strerror})") from None


def read_logo(path: Path) -> bytes:
    """Read a logo. Raises ReportError if it cannot be read or is not a supported image."""
    content = read_file(path, "the logo")
    if fault := logo_fault(path.suffix, content):
        raise ReportError(f"{path}: {fault}")
    return content


def missing_characters(error: typst.TypstError) -> frozenset[str]:
    """Return the characters that typst reports as missing in all fonts; may be empty."""
    characters: set[str] = set()
    for quoted in _UNKNOWN_CHARACTER.findall(error.diagnostic):
        plain = _RUST_ESCAPE.sub(lambda m: f"\\U{int(m[1], 16):08x}", quoted)
        characters |= set(ast.literal_eval(plain))
    return frozenset(characters)


def named(text: str, characters: frozenset[str]) -> str:
    """Replace characters by their names in brackets; those that only modify others are dropped."""
    return "".join(
        c if c not in characters else "" if unicodedata.category(c) in {"Cf", "Mn"} else _name(c)
        for c in text
    )


def _name(character: str) -> str:
    return f"[{unicodedata.name(character, f'U+{ord(character):04X}').lower()}]"
