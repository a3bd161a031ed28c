"""Numbers for chapters, sections (``2.2 Mål``) and annexes (``Bilaga 1``). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from collector.report.blocks import Block, Heading


def name_annexes(blocks: Iterable[Block], name: str) -> tuple[Block, ...]:
    """The same blocks with each annex (level 1) named: ``Bilaga 2. Så räknas siffrorna``.

    ``name``: what an annex is called. Sections get no number and are not in the table of contents.
    """
    annex = 0
    result: list[Block] = []
    for block in blocks:
        if isinstance(block, Heading) and block.level == 1:
            annex += 1
            result.append(replace(block, text=f"{name} {annex}. {block.text}"))
        else:
            result.append(replace(block, listed=False) if isinstance(block, Heading) else block)
    return tuple(result)


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
            result.append(replace(block, listed=False))
    return tuple(result)
