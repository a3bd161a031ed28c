"""The committee's paper as it is printed: every span, both languages, 1 to 40 indicators."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from collector.report.blocks import Document
from collector.report.render.pdf import pdf
from tests.worlds.document_tools import plain_text, program, run
from tests.worlds.papers import SPANS, paper, seeds_office

PAPERS = [
    *((span, n, language) for span in SPANS for n in (1, 6, 12, 16) for language in ("sv", "en")),
    ("month", 40, "sv"),
    ("year", 40, "en"),
]


@dataclass(frozen=True)
class Page:
    """A page's text as it lies, and the sizes of its letters in points, smallest first."""

    text: str
    sizes: tuple[float, ...]
    upright: bool


@dataclass(frozen=True)
class Printed:
    """A paper and its pages."""

    document: Document
    file: Path
    pages: list[Page]
    n: int


def printed(file: Path, document: Document, n: int) -> Printed:
    texts = plain_text(file, "-layout").split("\f")[:-1]
    said = run(program("pdftohtml"), "-xml", "-zoom", "3", "-i", "-stdout", file).stdout
    fonts = {
        each[1]: int(each[2]) / 3
        for each in re.finditer(r'<fontspec id="(\d+)" size="(\d+)"', said)
    }
    pages = []
    for text, page in zip(texts, said.split("<page ")[1:], strict=True):
        used = {each[1] for each in re.finditer(r'<text [^>]*font="(\d+)"', page)}
        height, width = (int(re.search(rf' {s}="(\d+)"', page)[1]) for s in ("height", "width"))
        pages.append(Page(text, tuple(sorted(fonts[each] for each in used)), height > width))
    return Printed(document, file, pages, n)


@pytest.fixture(scope="module", params=PAPERS, ids=lambda p: "-".join(map(str, p)))
def shown(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Printed:
    span, n, language = request.param
    folder = tmp_path_factory.mktemp("paper")
    document = paper(span, n, language, office=seeds_office(folder) if n == 12 else None)
    file = folder / "report.pdf"
    file.write_bytes(pdf(document))
    return printed(file, document, n)
