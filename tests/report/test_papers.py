"""The committee's paper as it is printed: every span, both languages, 1 to 40 indicators."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import pytest

from collector.report.blocks import Document
from collector.report.render.common import with_texts
from collector.report.render.pdf import pdf
from tests.worlds.document_tools import overflowing
from tests.worlds.papers import SPANS, paper, seeds_office
from tests.worlds.printed import Page, pages_of

PAPERS = [
    *(
        (span, n, ("sv", "en")[(i + j) % 2])
        for i, span in enumerate(SPANS)
        for j, n in enumerate((1, 6, 12, 16))
    ),
    *((span, 16, ("en", "sv")[(i + 1) % 2]) for i, span in enumerate(SPANS)),
    ("month", 40, "sv"),
    ("year", 40, "en"),
]
ACCENT = "#1f3a5f"
SHY = "\u00ad"
HYPHENS = f"{SHY}-"
OF_THE_FORM = {"Innehåll", "Contents", "sida", "page", "av", "of"}
WORD = r"[^\W\d_]+"


@dataclass(frozen=True)
class Printed:
    """A document, its file and its pages."""

    document: Document
    file: Path
    pages: list[Page]
    n: int


@pytest.fixture(scope="module", params=PAPERS, ids=lambda each: "-".join(map(str, each)))
def printed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Printed:
    span, n, language = request.param
    folder = tmp_path_factory.mktemp("paper")
    document = paper(span, n, language, office=seeds_office(folder) if n == 12 else None)
    file = folder / "report.pdf"
    file.write_bytes(pdf(document))
    return Printed(document, file, pages_of(file), n)


def test_up_to_16_indicators_are_one_page_and_more_repeat_the_header(printed: Printed) -> None:
    lying = [page for page in printed.pages if page.lies]
    assert printed.pages[: len(lying)] == lying, "the table is the first thing"
    assert len(lying) == 1 if printed.n <= 16 else 1 < len(lying) <= 3
    column = "Bedömning" if printed.document.language == "sv" else "Assessment"
    assert all(page.has(column) for page in lying)


def test_letters_can_be_read(printed: Printed) -> None:
    small = [line for page in printed.pages for line in page.lines if line.size < 8]
    assert small == []
    greys = {"#4b5563"}  # notes and small print
    text = [line for line in printed.pages[0].lines if line.size < 9 and line.colour not in greys]
    assert text == []


def test_the_title_does_not_break(printed: Printed) -> None:
    assert printed.document.title in [line.text for line in printed.pages[0].lines]


def test_nothing_overflows_and_no_word_breaks_without_a_hyphen(printed: Printed) -> None:
    assert overflowing(printed.file, 20 / 25.4 * 72) == []
    texts: list[str] = []
    with_texts(printed.document, lambda text: texts.append(text) or text)
    said = re.sub(r"<.*?>", " ", unescape(" ".join(texts)))
    known = set(re.findall(WORD, said)) | OF_THE_FORM
    names = " ".join(each for each in said.split() if re.search(r"[\d_.]\S", each))
    shown = [
        word
        for page in printed.pages
        for line in page.lines
        for word in re.findall(rf"{WORD}(?:[{HYPHENS}]$)?", line.text)
    ]
    begun = {word[:-1] for word in shown if word[-1] in HYPHENS}
    known |= {word[len(start) :] for word in known for start in begun if word.startswith(start)}
    whole = {word for word in shown if word[-1] not in HYPHENS}
    assert {word for word in whole - known if word not in names} == set()


def test_no_heading_stands_last_and_no_warning_first_on_a_page(printed: Printed) -> None:
    for page in printed.pages:
        assert (page.last.colour, page.last.bold) != (ACCENT, True), page.last.text
    warnings = {"Kommentar saknas", "No comment"}
    assert [page.lines[0].text for page in printed.pages if page.lines[0].text in warnings] == []


def test_pages_are_not_half_empty(printed: Printed) -> None:
    upright = [page for page in printed.pages if not page.lies][:-1]
    filled = [round(page.last.top / page.height, 2) for page in upright]
    assert [each for each in filled if each < 0.5] == []
