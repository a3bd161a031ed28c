"""Whether a file is a logo that every form can show: a whole SVG or PNG. Pure."""

from __future__ import annotations

from zlib import crc32

LOGOS = {".svg": "image/svg+xml", ".png": "image/png"}
"""The endings of logos, with what web pages call them."""

_PNG = b"\x89PNG\r\n\x1a\n"
_AROUND = 12
"""Bytes of a part of a PNG beside its content: length, name, checksum."""


def logo_fault(suffix: str, content: bytes) -> str | None:
    """What is wrong with a logo's content, in words that follow its path; None where nothing is.

    ``suffix``: the file's ending, ``.svg`` or ``.png``.
    """
    if suffix.lower() not in LOGOS:
        return "a logo is an SVG or PNG file"
    if suffix.lower() == ".png":
        return None if _is_png(content) else "the logo is no PNG file, or not a whole one"
    from xml.etree import ElementTree  # noqa: PLC0415 - few have a logo

    try:
        root = ElementTree.fromstring(content.decode())  # noqa: S314 - the municipality's own
    except (UnicodeDecodeError, ElementTree.ParseError):
        return "the logo is no SVG file, or not a whole one"
    named = root.tag.rpartition("}")[2] == "svg"
    return None if named else f"the logo is no SVG file: it holds <{root.tag}>"


def _is_png(content: bytes) -> bool:
    """Whether it is made of whole parts, from the size (IHDR) to the end (IEND)."""
    if not content.startswith(_PNG):
        return False
    names: list[bytes] = []
    at = len(_PNG)
    while at + _AROUND <= len(content) and names[-1:] != [b"IEND"]:
        length = int.from_bytes(content[at : at + 4])
        part = content[at + 4 : at + 8 + length]
        if int.from_bytes(content[at + 8 + length : at + _AROUND + length]) != crc32(part):
            return False
        names.append(part[:4])
        at += _AROUND + length
    return names[:1] == [b"IHDR"] and names[-1:] == [b"IEND"] and b"IDAT" in names
