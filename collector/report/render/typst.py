"""Drawings by typst: as PNG for the forms that hold no SVG; and the signs that its fonts lack."""

from __future__ import annotations

import ast
import re
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst

from collector.config.checks.logos import logo_fault
from collector.report.blocks import Drawing
from collector.report.render.common import ReportError, printable

_UNKNOWN_SIGN = re.compile(r'the text `("(?:[^"\\]|\\.)*")` could not be displayed')
_RUST_ESCAPE = re.compile(r"\\u\{([0-9a-f]+)\}")

_compile: Any = typst.compile
"""Its type hints know nothing of files given as texts."""


def compiled(given: dict[str, bytes], **how: Any) -> bytes:
    """What typst makes of ``main.typ`` among texts in memory, with its own fonts alone.

    Raises typst.TypstError.
    """
    made = _compile(given, ignore_system_fonts=True, **how)
    assert isinstance(made, bytes)
    return made


@lru_cache(maxsize=64)
def png(drawing: Drawing, scale: float = 2.0) -> bytes:
    """A drawing as PNG, ``scale`` times its size in px. Raises ReportError if it is none."""
    svg = printable(drawing.svg)
    size = f"width: {drawing.width}pt, height: {drawing.height}pt"
    return _png(svg, f"#set page({size}, margin: 0pt)", size, scale, "a drawing")


def logo_png(path: Path, height: int = 40) -> bytes:
    """A logo as PNG: as it is, or of an SVG one so many points high, thrice as fine."""
    content = read_logo(path)
    if path.suffix.lower() == ".png":
        return content
    svg = content.decode()
    page = "#set page(width: auto, height: auto, margin: 0pt)"
    return _png(svg, page, f"height: {height}pt", 3.0, f"{path}: the logo")


def _png(svg: str, page: str, size: str, scale: float, what: str) -> bytes:
    source = f'{page}\n#set document(title: "-")\n#image("drawing.svg", alt: "-", {size})'
    given = {"main.typ": source.encode(), "drawing.svg": svg.encode()}
    try:
        compiled(given, pdf_standards=["ua-1"])  # the only form that tells of signs without a font
    except typst.TypstError as error:
        missing = missing_signs(error)
        if not missing:
            raise ReportError(f"{what} cannot be read: {error.message}") from None
        given["drawing.svg"] = named(svg, missing).encode()
    return compiled(given, format="png", ppi=72.0 * scale)


def read(path: Path, what: str) -> bytes:
    """The content of a file that the look of a document needs. Raises ReportError."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ReportError(f"{path}: {what} cannot be read ({error.strerror})") from None


def read_logo(path: Path) -> bytes:
    """A logo's content. Raises ReportError where it is none."""
    content = read(path, "the logo")
    if fault := logo_fault(path.suffix, content):
        raise ReportError(f"{path}: {fault}")
    return content


def missing_signs(error: typst.TypstError) -> frozenset[str]:
    """The signs that no font carries, if that is what typst complains of; else none."""
    signs: set[str] = set()
    for quoted in _UNKNOWN_SIGN.findall(error.diagnostic):
        plain = _RUST_ESCAPE.sub(lambda m: f"\\U{int(m[1], 16):08x}", quoted)
        signs |= set(ast.literal_eval(plain))
    return frozenset(signs)


def named(text: str, signs: frozenset[str]) -> str:
    """The text with names in brackets for some signs; those that only shape others go."""
    return "".join(
        c if c not in signs else "" if unicodedata.category(c) in {"Cf", "Mn"} else _name(c)
        for c in text
    )


def _name(sign: str) -> str:
    return f"[{unicodedata.name(sign, f'U+{ord(sign):04X}').lower()}]"
