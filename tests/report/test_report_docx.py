"""The DOCX: real styles, tables with header rows, alternative texts, the same bytes."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import docx as word
import pytest
from docx.oxml.ns import qn

from collector.report.blocks import Chart, Drawing, Heading, Items, Look, PageBreak
from collector.report.render.common import ReportError
from collector.report.render.docx import docx
from collector.report.render.hyphens import SOFT, hyphenated
from collector.report.render.typst import png
from tests.worlds.document_sample import (
    CHART,
    DIGEST,
    ECONOMY,
    EVERY_BLOCK,
    LONG_WORD,
    SPARK,
    document,
    goal_table,
    text,
)
from tests.worlds.document_tools import overflowing, plain_text, program, run
from tests.worlds.papers import paper
from tests.worlds.printed import pages_of


def opened(content: bytes) -> Any:
    return word.Document(io.BytesIO(content))


def part(content: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name).decode()


def converted(folder: Path, content: bytes) -> Path:
    """The file as LibreOffice prints it."""
    file = folder / "report.docx"
    file.write_bytes(content)
    office = program("soffice")
    home = f"-env:UserInstallation=file://{folder / 'office'}"
    said = run(office, "--headless", home, "--convert-to", "pdf", "--outdir", folder, file)
    made = folder / "report.pdf"
    assert made.exists(), said.stderr
    return made


def test_styles_carry_the_structure() -> None:
    file = opened(docx(document()))
    styles = {paragraph.style.name for paragraph in file.paragraphs}
    wanted = {"Title", "Subtitle", "Heading 1", "Heading 2", "Heading 3", "Caption"}
    wanted |= {"List Bullet", "List Number 2", "Body Text", "Warning", "Note"}
    assert wanted <= styles
    assert {table.style.name for table in file.tables} == {"Figures"}


def test_header_rows_are_marked_and_rows_hold_together() -> None:
    file = opened(docx(document([goal_table(40)])))
    rows = file.tables[0].rows
    assert rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in rows)
    assert rows[1]._tr.trPr.find(qn("w:tblHeader")) is None
    look = file.tables[0]._tbl.tblPr.find(qn("w:tblLook"))
    assert look.get(qn("w:firstRow")) == "1"
    assert look.get(qn("w:firstColumn")) == "1"


def test_cells_say_what_the_document_says() -> None:
    file = opened(docx(document([goal_table(3), ECONOMY])))
    titles = [cell.text for cell in file.tables[0].rows[0].cells]
    assert titles[2:6] == ["Indikator", "Nuvärde", "Prognos", "Målvärde"]
    row = [cell.text.replace(SOFT, "") for cell in file.tables[0].rows[3].cells]
    assert row[2:6] == [
        "Akuta incidenter, återkoppling, nr\u00a02",
        "82\u00a0%\nav\u00a0143",
        "84\u00a0%\n79–88\u00a0%",
        "≥\u00a090\u00a0%",
    ]
    assert row[6].startswith("✗ Når inte målet")
    assert [cell.text for cell in file.tables[1].rows[2].cells] == ["Summa", "12\u00a0345", "−445"]


def test_goals_go_on_over_their_rows() -> None:
    table = opened(docx(document([goal_table(10)]))).tables[0]
    goals = [cell.text for cell in table.columns[0].cells][1:]
    assert all(goals), "a merged cell reads as the one it goes on with"
    assert len({cell._tc for cell in table.columns[0].cells[1:9]}) == 1
    assert table.columns[0].cells[9]._tc is not table.columns[0].cells[8]._tc


def test_pictures_have_alternative_texts() -> None:
    made = docx(document())
    body = part(made, "word/document.xml")
    assert f'descr="{CHART.alt}"' in body
    assert f'descr="{SPARK.alt}"' in body
    assert body.count("descr=") == body.count("<wp:docPr ")
    assert "Figures" in body
    assert 'w:tblCaption w:val="Nämndens indikatorer"' in body


def test_pictures_keep_no_distance_that_would_move_them_out_of_their_cells(tmp_path: Path) -> None:
    logo = tmp_path / "logo.png"
    logo.write_bytes(png(SPARK))
    shown = replace(document(), look=Look(logo=str(logo), logo_alt="Our arms"))
    inline = re.findall(r"<wp:inline [^>]*>", part(docx(shown), "word/document.xml"))
    assert len(inline) > 2, "the logo, sparklines and charts"
    assert all(f'dist{side}="0"' in each for each in inline for side in "TBLR")


@pytest.mark.parametrize(("language", "tag"), [("sv", "sv-SE"), ("en", "en-GB")])
def test_language(language: str, tag: str) -> None:
    made = docx(document(language=language))
    styles = part(made, "word/styles.xml")
    assert f'w:val="{tag}"' in styles
    assert "en-US" not in styles
    assert opened(made).core_properties.language == tag
    assert "autoHyphenation" in part(made, "word/settings.xml")


def test_properties_are_the_documents_own() -> None:
    core = opened(docx(document())).core_properties
    assert (core.title, core.author) == (document().title, document().author)
    assert core.created == core.modified
    assert core.created.isoformat().startswith("2020-08-03T06:00")
    assert core.comments == ""
    assert core.keywords == "nyckeltal, servicedesk"


def test_properties_hold_what_word_takes() -> None:
    """Every organization is a keyword, and names may be long."""
    forty = tuple(f"Organisation {n} med ett långt namn" for n in range(40))
    long = {name: f"{name} " * 100 for name in ("title", "subtitle", "author")}
    core = opened(docx(replace(document(), keywords=forty, **long))).core_properties
    for said in (core.keywords, core.title, core.subject, core.author, core.last_modified_by):
        assert len(said) == 255
        assert said.endswith("…")


def test_the_file_is_its_own_and_of_one_typeface() -> None:
    made = docx(document())
    settings = part(made, "word/settings.xml")
    assert re.findall(r'compatibilityMode"[^>]*w:val="(\d+)"', settings) == ["15"]
    styles = part(made, "word/styles.xml")
    fonts = " ".join(re.findall(r"<w:rFonts([^>]*)/>", styles))
    assert set(re.findall(r'"([^"]+)"', fonts)) == {"Calibri"}
    assert "Theme=" not in fonts
    theme = part(made, "word/theme/theme1.xml")
    assert set(re.findall(r'<a:latin typeface="([^"]+)"', theme)) == {"Calibri"}
    assert "Macintosh" not in part(made, "docProps/app.xml")
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        names = archive.namelist()
        thumbnail = archive.read("docProps/thumbnail.png")
    assert not [each for each in names if "customXml" in each or each.endswith(".jpeg")]
    changed = docx(document(title="En annan"))
    with zipfile.ZipFile(io.BytesIO(changed)) as archive:
        assert archive.read("docProps/thumbnail.png") != thumbnail
    sizes = re.findall(r'<w:sz w:val="(\d+)"', part(made, "word/document.xml"))
    assert min(map(int, sizes)) >= 16, "half points"


@pytest.mark.parametrize(
    ("word", "divided"),
    [
        ("Kommunfullmäktiges", "Kom-mun-full-mäk-ti-ges"),
        ("kommungränserna", "kom-mun-grän-serna"),
        ("verksamhetskritiska.", "verk-sam-hets-kri-tiska."),
        ("förfrågningar", "för-fråg-ningar"),
        ("responsibilities", "res-pon-si-bi-li-ties"),
        ("återkommer", "återkommer"),
    ],
)
def test_long_words_may_be_divided(word: str, divided: str) -> None:
    assert hyphenated(word).replace(SOFT, "-") == divided


def test_the_same_document_gives_the_same_bytes() -> None:
    made = docx(document())
    assert made == docx(document())
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert {entry.date_time[0] for entry in archive.infolist()} == {1980}
    assert made != docx(document(date="2020-08-04"))


def test_page_numbers_are_fields() -> None:
    made = docx(document())
    footers = [name for name in zipfile.ZipFile(io.BytesIO(made)).namelist() if "footer" in name]
    assert len(footers) == 1
    footer = part(made, footers[0])
    assert 'w:instr="PAGE"' in footer
    assert 'w:instr="NUMPAGES"' in footer
    assert "sida " in footer


def test_links_lead_only_where_they_may() -> None:
    made = docx(document())
    body, links = part(made, "word/document.xml"), part(made, "word/_rels/document.xml.rels")
    assert "https://www.digg.se/" in links
    assert "javascript" not in links
    assert body.count("<w:hyperlink ") == 2
    assert body.count("w:bookmarkStart") == body.count("w:bookmarkEnd") == 1


def test_numbered_lists_begin_anew(tmp_path: Path) -> None:
    numbered = Items(((text("ett"),), (text("två"),)), numbered=True)
    made = docx(document([numbered, text("mellan"), numbered]))
    numbers = [
        p._p.pPr.numPr.numId.val for p in opened(made).paragraphs if p.style.name == "List Number"
    ]
    assert numbers[0] == numbers[1] != numbers[2] == numbers[3]


def test_numbered_lists_begin_where_they_were_written_to() -> None:
    made = docx(document([Items(((text("tre"),),), numbered=True, start=3)]))
    assert '<w:startOverride w:val="3"/>' in part(made, "word/numbering.xml")


@pytest.mark.parametrize("first", [True, False])
def test_lying_tables_have_lying_pages(first: bool) -> None:
    lying = goal_table(3, landscape=True)
    before = [] if first else [Heading("Mål", 1), text("Först ett ord.")]
    blocks = [*before, PageBreak(), Heading("Allt", 2), lying] if before else [lying]
    file = opened(docx(document([*blocks, PageBreak(), Heading("Sedan", 1)])))
    breaks = [p.text for p in file.paragraphs if p._p.findall(f".//{qn('w:br')}")]
    assert breaks == [], "a page that begins anyhow is not begun twice"
    if not first:
        body = [each.tag.rpartition("}")[2] for each in file.element.body]
        turned = next(
            i
            for i, p in enumerate(file.paragraphs)
            if p._p.find(f".//{qn('w:sectPr')}") is not None
        )
        assert file.paragraphs[turned + 1].text == "Allt", "its heading lies with it"
        assert body.count("tbl") == 1
    wide = [section.page_width > section.page_height for section in file.sections]
    assert wide == ([True, False] if first else [False, True, False])


def test_small_tables_stay_on_one_page() -> None:
    def kept(rows: int) -> list[bool]:
        (table,) = opened(docx(document([goal_table(rows)]))).tables
        return [row.cells[2].paragraphs[0].paragraph_format.keep_with_next for row in table.rows]

    assert kept(3) == [True, True, True, None]
    assert not any(kept(40))


def test_odd_signs_do_not_stop_it() -> None:
    file = opened(docx(document([text("noll\x00 halv\ud800 slut <w:b/> & \ufffe")])))
    assert file.paragraphs[-1].text == "noll halv slut <w:b/> & "


@pytest.mark.parametrize("name", ["logo.svg", "logo.png"])
def test_a_logo(tmp_path: Path, name: str) -> None:
    logo = tmp_path / name
    logo.write_bytes(png(CHART) if name.endswith("png") else CHART.svg.encode())
    made = docx(document(look=Look(str(logo), "Sydnärkes vapen")))
    assert 'descr="Sydnärkes vapen"' in part(made, "word/document.xml")


@pytest.mark.parametrize("content", [b"\xff\xfe", b"<svg"])
def test_a_logo_that_cannot_be_read(tmp_path: Path, content: bytes) -> None:
    logo = tmp_path / "logo.svg"
    with pytest.raises(ReportError, match=r"logo\.svg: the logo cannot be read"):
        docx(document(look=Look(str(logo), "Vapen")))
    logo.write_bytes(content)
    with pytest.raises(ReportError, match=r"logo\.svg: the logo"):
        docx(document(look=Look(str(logo), "Vapen")))
    broken = tmp_path / "logo.png"
    broken.write_bytes(content)
    with pytest.raises(ReportError, match=r"logo\.png: the logo"):
        docx(document(look=Look(str(broken), "Vapen")))


def test_drawings_are_twice_as_fine() -> None:
    made = png(CHART)
    assert int.from_bytes(made[16:20]) == 2 * CHART.width
    assert int.from_bytes(made[20:24]) == 2 * CHART.height


def test_signs_that_no_font_carries_are_named_in_drawings() -> None:
    with_sign = replace(CHART, svg=CHART.svg.replace("juli", "juli 😀"))
    spelled = replace(CHART, svg=CHART.svg.replace("juli", "juli [grinning face]"))
    assert png(with_sign) == png(spelled)


def test_a_drawing_that_is_none() -> None:
    with pytest.raises(ReportError, match="a drawing cannot be read"):
        docx(document([Chart("x", Drawing("<svg", "x", 10, 10))]))


@pytest.mark.parametrize(("span", "n", "language"), [("month", 16, "sv"), ("half", 6, "en")])
def test_page_1_is_one_page(tmp_path: Path, span: str, n: int, language: Any) -> None:
    made = converted(tmp_path, docx(paper(span, n, language)))
    pages = pages_of(made)
    assert [page.lies for page in pages[:2]] == [True, False]
    assert paper(span, n, language).title in [line.text for line in pages[0].lines]
    assert min(line.size for page in pages for line in page.lines) >= 8
    assert len(pages) < 2 * n + 4


def test_libreoffice_opens_it(tmp_path: Path) -> None:
    lying = goal_table(11, f"{LONG_WORD} {DIGEST}", landscape=True)
    made = converted(tmp_path, docx(document([lying, *EVERY_BLOCK])))
    found = plain_text(made)
    for words in ("Delårsrapport 2", "Når inte målet", "Varning: ofullständigt", "Summa"):
        assert words in found
    assert "sida 1 av " in found
    pages = [page for page in plain_text(made, "-layout").split("\f") if "Nuvärde" in page]
    assert len(pages) > 2, "header rows are repeated"
    assert overflowing(made, 20 / 25.4 * 72 - 4) == []
