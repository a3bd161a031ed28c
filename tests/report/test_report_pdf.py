"""The PDF: accessible, archivable, the same for the same document, and nothing overflows."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from collector.report.blocks import Cell, Chart, Column, Drawing, Heading, Look, Table
from collector.report.render.common import ReportError
from collector.report.render.pdf import pdf
from collector.report.render.typst import png
from tests.worlds.document_sample import (
    CHART,
    DIGEST,
    EVERY_BLOCK,
    LONG_WORD,
    document,
    goal_table,
    text,
)
from tests.worlds.document_tools import checker, overflowing, plain_text, program, run
from tests.worlds.report_world import before, both, content, expected, figure, indicator, made

MARGIN = 20 / 25.4 * 72


def written(folder: Path, content: bytes) -> Path:
    file = folder / "report.pdf"
    file.write_bytes(content)
    return file


@pytest.mark.parametrize("rows", [0, 1, 11, 40])
@pytest.mark.parametrize("lying", [False, True])
def test_checkers_find_nothing(tmp_path: Path, rows: int, lying: bool) -> None:
    blocks = (goal_table(rows, landscape=lying), *EVERY_BLOCK)
    file = written(tmp_path, pdf(document(blocks)))
    said = run(checker("outloud"), "--fail-on", "error", "--json", tmp_path / "found.json", file)
    assert said.returncode == 0, said.stdout
    said = run(checker("pdfua"), "check", file)
    assert said.returncode == 0, said.stdout


def test_a_checker_complains_of_an_untagged_file(tmp_path: Path) -> None:
    import typst

    file = written(tmp_path, typst.compile(b"hej", pdf_tags=False))
    assert run(checker("outloud"), "--fail-on", "error", file).returncode != 0


@pytest.mark.parametrize("lying", [False, True])
@pytest.mark.parametrize("rows", [0, 1, 11, 40])
def test_nothing_overflows(tmp_path: Path, rows: int, lying: bool) -> None:
    title = f"{LONG_WORD} {DIGEST} https://example.org/en/mycket/lang/adress/utan/slut?fraga=svar"
    blocks = (
        goal_table(rows, title, landscape=lying),
        *EVERY_BLOCK,
        text(f"{LONG_WORD * 4} {DIGEST * 3}"),
        Heading(LONG_WORD * 2, 1),
    )
    file = written(tmp_path, pdf(document(blocks, title=LONG_WORD * 2)))
    assert overflowing(file, MARGIN) == []


@pytest.mark.parametrize("columns", [12, 24])
def test_many_columns_get_smaller_letters(tmp_path: Path, columns: int) -> None:
    table = Table(
        "Bred",
        tuple(Column(f"Kommunalförbund{i}", number=i > 0) for i in range(columns)),
        (tuple(Cell("1\u00a0234\u00a0567,8\u00a0tkr") for _ in range(columns)),) * 3,
        landscape=True,
    )
    assert overflowing(written(tmp_path, pdf(document([table]))), MARGIN) == []


def test_overflow_is_noticed(tmp_path: Path) -> None:
    template = tmp_path / "report.typ"
    template.write_text(
        '#set document(title: "x")\n#set text(lang: "sv", hyphenate: false)\n'
        f"= Hej\n{LONG_WORD * 3}\n"
    )
    assert overflowing(written(tmp_path, pdf(document(), template)), MARGIN)


def test_texts_are_never_markup(tmp_path: Path) -> None:
    evil = '#panic("x") *a* _b_ $x^2$ @ref <lab> = rub - li // kom \\ `kod` [#read("/etc/passwd")]'
    table = Table(evil, (Column(evil),), ((Cell(evil, evil),),), notes=(evil,))
    blocks = [Heading(evil, 1, evil), text(evil, link="#" + evil), table]
    whole = document(blocks, title=evil, footer=evil, facts=((evil, evil),), author=evil)
    file = written(tmp_path, pdf(whole))
    found = "".join(plain_text(file).split())
    assert found.count('#panic("x")*a*_b_$x^2$@ref<lab>') >= 6
    assert 'li//kom\\`kod`[#read("/etc/passwd")]' in found


def test_the_same_document_gives_the_same_bytes() -> None:
    assert pdf(document()) == pdf(document())
    assert pdf(document()) != pdf(document(date="2020-08-04"))


def test_what_the_file_says_of_itself(tmp_path: Path) -> None:
    made = pdf(document())
    file = written(tmp_path, made)
    said = run(program("pdfinfo"), "-isodates", file).stdout
    assert "Title:           Delårsrapport 2 – Sydnärkes IT-nämnd" in said
    assert "Author:          Sydnärkes IT-förvaltning" in said
    assert "Keywords:        nyckeltal, servicedesk" in said
    assert re.search(r"CreationDate: +2020-08-03T", said)
    assert "Tagged:          yes" in said
    assert b"pdfaid:part>2<" in made
    assert b"pdfaid:conformance>A<" in made
    assert b"pdfuaid:part>1<" in made
    assert b"/Lang(sv)" in made.replace(b"/Lang (sv)", b"/Lang(sv)")


@pytest.mark.parametrize(("language", "expected"), [("sv", "sida 1 av 3"), ("en", "page 1 of 3")])
def test_pages_are_numbered(tmp_path: Path, language: str, expected: str) -> None:
    found = plain_text(written(tmp_path, pdf(document(language=language))))
    assert expected in found
    assert found.count("Sydnärkes IT-nämnd\n") >= 3


def test_structure(tmp_path: Path) -> None:
    file = written(tmp_path, pdf(document()))
    tree = run(program("pdfinfo"), "-struct-text", file).stdout
    for level in ("H1", "H2", "H3"):
        assert re.search(rf"^ *{level}\b", tree, re.M), level
    assert "TH" in tree
    assert "Caption" in tree
    assert tree.count("Link") >= 2
    plain = run(program("pdfinfo"), "-struct", file).stdout
    assert "Figure" in plain


def test_header_rows_are_repeated(tmp_path: Path) -> None:
    found = plain_text(written(tmp_path, pdf(document([goal_table(40)]))), "-layout")
    pages = [page for page in found.split("\f") if page.strip()]
    assert len(pages) > 2
    assert all("Indikator" in page for page in pages)


def test_goals_are_told_again_where_their_rows_go_on(tmp_path: Path) -> None:
    table = goal_table(40, landscape=True, flowing=True)
    one = tuple(
        (Cell("Ett och samma mål" if n == 0 else ""), *row[1:]) for n, row in enumerate(table.rows)
    )
    found = plain_text(written(tmp_path, pdf(document([replace(table, rows=one)]))), "-layout")
    pages = [page for page in found.split("\f") if page.strip()]
    assert len(pages) > 1
    assert all("Ett och" in page for page in pages)


def test_a_heading_lies_with_its_lying_table(tmp_path: Path) -> None:
    blocks = [
        Heading("Inledning", 1),
        text("Först."),
        Heading("Kommunerna", 1),
        goal_table(3, landscape=True),
        text("Sist."),
    ]
    found = plain_text(written(tmp_path, pdf(document(blocks)))).split("\f")
    places = [
        next(n for n, page in enumerate(found) if word in page)
        for word in ("Först.", "Kommunerna", "Nuvärde", "Sist.")
    ]
    assert places == [0, 1, 1, 2]


def test_links_lead_only_where_they_may(tmp_path: Path) -> None:
    made = pdf(document())
    assert b"https://www.digg.se/" in made
    assert b"javascript" not in made


def test_signs_of_states_are_drawn(tmp_path: Path) -> None:
    signs = "✓ ▲ ✗ – · ◷ ≤ ≥ − → ← ↑ ↓ ↗ ↘ åäö ÅÄÖ é ½ ± …"
    assert signs in plain_text(written(tmp_path, pdf(document([text(signs)]))))


def test_signs_that_no_font_carries_are_named(tmp_path: Path) -> None:
    blocks = [text("bra 👍🏽 jobbat 中 👩\u200d🚀"), goal_table(1, "😀")]
    found = plain_text(written(tmp_path, pdf(document(blocks))))
    assert "bra [thumbs up sign]" in found
    assert "[cjk unified ideograph-4e2d]" in found
    assert "[grinning face]" in " ".join(found.split())


def test_signs_in_a_drawing_too(tmp_path: Path) -> None:
    drawn = replace(CHART, svg=CHART.svg.replace("juli", "juli 😀"))
    assert pdf(document([Chart("Med tecken", drawn)]))


def test_odd_signs_do_not_stop_it(tmp_path: Path) -> None:
    blocks = [text("noll\x00 halv\ud800 vänd\u202e a\u030a slut")]
    assert "noll halv vänd å slut" in plain_text(written(tmp_path, pdf(document(blocks))))


@pytest.mark.parametrize("name", ["logo.svg", "logo.png"])
def test_a_logo(tmp_path: Path, name: str) -> None:
    logo = tmp_path / name
    logo.write_bytes(png(CHART) if name.endswith("png") else CHART.svg.encode())
    made = pdf(document(look=Look(str(logo), "Sydnärkes vapen", "#7A3E63")))
    tree = run(program("pdfinfo"), "-struct", written(tmp_path, made)).stdout
    assert "Figure" in tree
    assert made != pdf(document())


@pytest.mark.parametrize("name", ["saknas.png", "logo.gif"])
def test_a_logo_that_cannot_be_used(tmp_path: Path, name: str) -> None:
    with pytest.raises(ReportError, match=f"{name}: "):
        pdf(document(look=Look(str(tmp_path / name), "Vapen")))


def test_a_template_of_ones_own(tmp_path: Path) -> None:
    template = tmp_path / "report.typ"
    (tmp_path / "words.typ").write_text('#let greeting = "Från Lekeberg"')
    template.write_text(
        '#import "blocks.typ": report\n#import "words.typ": greeting\n'
        '#let given = json("document.json")\n'
        "#report(given + (subtitle: greeting), size: 9pt)\n"
    )
    found = plain_text(written(tmp_path, pdf(document(), template)))
    assert "Från Lekeberg" in found
    assert "Måluppfyllelse" in found


@pytest.mark.parametrize(
    ("source", "where"),
    [
        ('= Hej\n#report(json("document.json"))\n', "report.typ:2: unknown variable: report"),
        ("= Hej\n\n#let x = [\n", "report.typ:3: unclosed delimiter"),
        ('#import "own.typ": x\n', "own.typ:2: unknown variable: y"),
        ('#set document(title: "x")\n#image("a.svg")', "report.typ:2: file not found"),
        ('#set document(title: "x")\n= Hej\n#image(bytes("<svg xmlns=\'http://www.w3.org/2000/'
         "svg' width='9' height='9'/>\"))", "report.typ:3: .*missing alt text"),
    ],
)  # fmt: skip
def test_a_fault_in_ones_own_template_is_told(tmp_path: Path, source: str, where: str) -> None:
    (tmp_path / "own.typ").write_text("#let x = 1\n#y\n")
    template = tmp_path / "report.typ"
    template.write_text(source)
    with pytest.raises(ReportError, match=re.escape(str(tmp_path)) + "/" + where) as told:
        pdf(document(), template)
    assert "\n" not in str(told.value)


def test_a_template_that_is_no_text(tmp_path: Path) -> None:
    template = tmp_path / "report.typ"
    template.write_bytes("= Å".encode("latin-1"))
    with pytest.raises(ReportError, match=r"report\.typ: the template is not UTF-8"):
        pdf(document(), template)


def test_a_template_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"report\.typ: the template cannot be read"):
        pdf(document(), tmp_path / "report.typ")


def test_a_drawing_that_is_none() -> None:
    with pytest.raises(ReportError, match="a drawing cannot be read"):
        png(Drawing("<svg", "", 10, 10))
    with pytest.raises(ReportError, match="the PDF cannot be made"):
        pdf(document([Chart("x", replace(CHART, svg="<svg"))]))


@pytest.mark.parametrize("n", [6, 16])
def test_page_1_is_one_page(tmp_path: Path, n: int) -> None:
    titles = [
        "Normalprioriterade incidenter med återkoppling inom 8 h",
        "Medarbetarundersökning, medarbetarengagemang (HME)",
    ]
    given = expected(0.9, given=True, set_by="Förvaltningschef", computed=0.88)
    year = figure(
        80, 100, "at_risk", forecast=given, required=0.927, misses_left=3,
        comparisons=[before("chance", 0.7, 0.01)],
    )  # fmt: skip
    goals = [
        {"id": "grow", "level": "council", "title": both("Kommunen växer hållbart"), "under": None},
        {"id": "serve", "level": "board", "title": both("Ge god service"), "under": "grow"},
        {"id": "none", "level": "council", "title": both("Bo här"), "under": None},
    ]
    said = content(
        *(indicator(f"i{k}", year, title=both(titles[k % 2]), goal="serve") for k in range(n)),
        goals=goals,
    )
    pages = plain_text(written(tmp_path, pdf(made(said))), "-layout").split("\f")
    assert pages[0].count("▲ Risk") == n
    assert "Angiven av Förvaltningschef" in pages[0]
    assert "Mål utan indikator: Bo här." in pages[0]
    assert pages[1].strip().startswith(("1 Indikatorer som inte når målet", "Innehåll\n"))
