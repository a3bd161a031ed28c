"""Chapters and their numbers: ``2.2 Mål``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from collector.report.blocks import Block, Heading


def numbered(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """The blocks with their chapters and sections numbered; headings of level 3 stay as they are.

    A section before any chapter stays without a number, and so do all below it.
    """
    chapter = section = 0
    found: list[Block] = []
    for block in blocks:
        if not isinstance(block, Heading):
            found.append(block)
            continue
        if block.level == 1:
            chapter, section = chapter + 1, 0
            found.append(replace(block, text=f"{chapter} {block.text}"))
        elif block.level == 2 and chapter:
            section += 1
            found.append(replace(block, text=f"{chapter}.{section} {block.text}"))
        else:
            found.append(block)
    return tuple(found)
