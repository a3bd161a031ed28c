"""Numbers for chapters and sections: ``2.2 Mål``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from collector.report.blocks import Block, Heading


def number_headings(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """The same blocks with chapters (level 1) and sections (level 2) numbered in their headings.

    Headings of level 3, and sections before the first chapter, get no number.
    """
    chapter = section = 0
    result: list[Block] = []
    for block in blocks:
        if not isinstance(block, Heading):
            result.append(block)
            continue
        if block.level == 1:
            chapter, section = chapter + 1, 0
            result.append(replace(block, text=f"{chapter} {block.text}"))
        elif block.level == 2 and chapter:
            section += 1
            result.append(replace(block, text=f"{chapter}.{section} {block.text}"))
        else:
            result.append(block)
    return tuple(result)
