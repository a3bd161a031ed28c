"""Checks that a file is a logo that every report format can show: an intact SVG or PNG. Pure."""

from __future__ import annotations

from zlib import crc32

LOGOS = {".svg": "image/svg+xml", ".png": "image/png"}
"""File name suffix of a logo → media type."""

_PNG = b"\x89PNG\r\n\x1a\n"
_CHUNK_OVERHEAD = 12
"""Bytes of a PNG chunk beside its content: length, name and checksum, 4 bytes each."""


def logo_fault(suffix: str, content: bytes) -> str | None:
    """Why a logo's content cannot be used, as a text to put after its path; None if it can.

    ``suffix``: the file name's suffix, ``.svg`` or ``.png``.
    """
    if suffix.lower() not in LOGOS:
        return "a logo must be an SVG or PNG file"
    if suffix.lower() == ".png":
        return None if _is_png(content) else "the logo is not a PNG file, or is incomplete"
    from xml.etree import ElementTree  # noqa: PLC0415 - few have a logo

    try:
        root = ElementTree.fromstring(content.decode())  # noqa: S314 - the municipality's own
    except (UnicodeDecodeError, ElementTree.ParseError):
        return "the logo is not an SVG file, or is incomplete"
    is_svg = root.tag.rpartition("}")[2] == "svg"
    return None if is_svg else f"the logo is not an SVG file: its root element is <{root.tag}>"


def _is_png(content: bytes) -> bool:
    """Whether it consists of intact chunks, from the header (IHDR) to the end (IEND)."""
    if not content.startswith(_PNG):
        return False
    names: list[bytes] = []
    at = len(_PNG)
    while at + _CHUNK_OVERHEAD <= len(content) and names[-1:] != [b"IEND"]:
        length = int.from_bytes(content[at : at + 4])
        part = content[at + 4 : at + 8 + length]
        if int.from_bytes(content[at + 8 + length : at + _CHUNK_OVERHEAD + length]) != crc32(part):
            return False
        names.append(part[:4])
        at += _CHUNK_OVERHEAD + length
    return names[:1] == [b"IHDR"] and names[-1:] == [b"IEND"] and b"IDAT" in names
