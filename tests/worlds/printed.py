"""Pages of paper: what stands where on a PDF's pages, in which size and colour."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from pathlib import Path

from tests.worlds.document_tools import program, run


@dataclass(frozen=True)
class Line:
    """A piece of a line on paper; places and sizes in points."""

    text: str
    top: float
    size: float
    colour: str
    bold: bool


@dataclass(frozen=True)
class Page:
    """A page of paper; ``lines`` without the footer."""

    lines: list[Line]
    height: float
    lies: bool

    @property
    def last(self) -> Line:
        return max(self.lines, key=lambda line: line.top)

    def has(self, text: str) -> bool:
        return any(text in line.text for line in self.lines)


def pages_of(file: Path) -> list[Page]:
    said = run(program("pdftohtml"), "-xml", "-zoom", "3", "-i", "-stdout", file).stdout
    fonts = {
        each[1]: (int(each[2]) / 3, each[3])
        for each in re.finditer(r'<fontspec id="(\d+)" size="(\d+)" .*?color="(.+?)"', said)
    }
    pages = []
    for page in said.split("<page ")[1:]:
        height, width = (
            float(each) / 3 for each in re.findall(r' (?:height|width)="(\d+)"', page)[:2]
        )
        lines = [
            Line(
                unescape(re.sub(r"<.*?>", "", each[3])),
                int(each[1]) / 3,
                *fonts[each[2]],
                "<b>" in each[3],
            )
            for each in re.finditer(r'<text top="(\d+)" .*?font="(\d+)">(.*)</text>', page)
        ]
        foot = max(line.top for line in lines) - 2
        pages.append(Page([line for line in lines if line.top < foot], height, width > height))
    return pages
