"""Markdown of people → blocks: nothing raw, nothing lost without a word."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.report.blocks import (
    Block,
    Cell,
    Column,
    Heading,
    Items,
    Paragraph,
    Run,
    Table,
)
from collector.report.content.markdown import LeftOut, read_markdown

NBSP = "\u00a0"


def blocks(text: str, **options) -> list[Block]:
    found = read_markdown(text, **options)
    assert found.left_out == ()
    return list(found.blocks)


def plain(text: str) -> Paragraph:
    return Paragraph((Run(text),))


def test_paragraphs_and_styles():
    assert blocks("Ett *viktigt* och **starkt *ord*** i `kod`.\n\nNytt\nstycke.") == [
        Paragraph(
            (
                Run("Ett "),
                Run("viktigt", emphasis=True),
                Run(" och "),
                Run("starkt ", strong=True),
                Run("ord", strong=True, emphasis=True),
                Run(" i "),
                Run("kod", code=True),
                Run("."),
            )
        ),
        Paragraph((Run("Nytt"), Run(" "), Run("stycke."))),
    ]


def test_lists_within_lists():
    assert blocks("1. Ett\n2. Två\n   - Under\n\n   Mer") == [
        Items(
            (
                (plain("Ett"),),
                (plain("Två"), Items(((plain("Under"),),)), plain("Mer")),
            ),
            numbered=True,
        )
    ]


def test_a_list_begins_where_it_was_written_to():
    assert blocks("3. Tre\n4. Fyra") == [
        Items(((plain("Tre"),), (plain("Fyra"),)), numbered=True, start=3)
    ]


def test_an_image_that_is_a_link_leaves_its_address():
    found = read_markdown("[![x](x.png)](https://a.se)[![y](y.png)](a.html)")
    assert found.blocks == (Paragraph((Run("https://a.se", link="https://a.se"),)),)
    assert [each.kind for each in found.left_out] == ["image", "link", "image"]


@pytest.mark.parametrize(
    ("text", "nothing"),
    [
        ("![x](x.png)", True), ("# Kommentar\n\n- ![x](x.png)", True), ("<!-- sen -->", True),
        ("\u200b", True), ("–", True), ("- …", True), ("|a|\n|-|\n| |", True),
        ("![x](x.png) Ja.", False), ("- Ja", False), ("|a|\n|-|\n|b|", False), ("`x`", False),
    ],
)  # fmt: skip
def test_what_says_nothing(text, nothing):
    assert read_markdown(text).says_nothing is nothing


@pytest.mark.parametrize(
    ("text", "below", "levels"),
    [
        ("# A\n## B\n# C", 1, [2, 3, 2]),
        ("# A\n## B\n### C", 0, [1, 2, 3]),
        ("### A\n# B", 1, [2, 2]),
        ("# A\n### B", 0, [1, 2]),
        ("# A\n###### B", 2, [3, 3]),
        ("A\n=\n\nB\n-", 0, [1, 2]),
    ],
)
def test_headings_begin_below_and_skip_no_level(text, below, levels):
    found = blocks(text, below=below)
    assert [each.level for each in found if isinstance(each, Heading)] == levels


def test_a_heading_in_a_list_is_no_chapter():
    assert blocks("- # A") == [Items(((Paragraph((Run("A", strong=True),)),),))]


def test_links_to_the_web_and_mail():
    assert blocks("[**Källa**](https://example.org/a?b=1&c), <mailto:a@example.org>") == [
        Paragraph(
            (
                Run("Källa", strong=True, link="https://example.org/a?b=1&c"),
                Run(", "),
                Run("mailto:a@example.org", link="mailto:a@example.org"),
            )
        )
    ]


@pytest.mark.parametrize("target", ["bilaga.pdf", "/intern", "ftp://x", "tel:123", "//x.org", "#a"])
def test_links_to_elsewhere_are_text(target):
    found = read_markdown(f"Se\n[bilagan]({target}).", line=7)
    runs = found.blocks[0].runs
    assert "".join(run.text for run in runs) == "Se bilagan."
    assert not any(run.link for run in runs)
    assert found.left_out == (LeftOut("link", 7, target),)


def test_scripts_are_no_links():
    found = read_markdown("[x](javascript:alert(1)) <javascript:alert(1)> [y](data:text/html,z)")
    assert not any(run.link for run in found.blocks[0].runs)


def test_images_are_left_out_and_told():
    found = read_markdown("Text.\n\n![Graf över *juli*](graf.png)\n\n![](b.png) efter", line=3)
    assert found.blocks == (plain("Text."), Paragraph((Run(" efter"),)))
    assert found.left_out == (
        LeftOut("image", 5, "Graf över *juli*"),
        LeftOut("image", 7, "b.png"),
    )


def test_html_is_the_text_it_is_and_comments_are_gone():
    found = read_markdown("<!-- fråga\nekonomi -->\n\nA <b>b</b><!-- c --> 1 < 2\n\n<div>d</div>")
    assert found.blocks == (
        Paragraph((Run("A "), Run("<b>"), Run("b"), Run("</b>"), Run(" 1 < 2"))),
        plain("<div>d</div>"),
    )
    assert [(each.kind, each.line, each.text) for each in found.left_out] == [
        ("html", 4, "<b>"),
        ("html", 4, "</b>"),
        ("html", 6, "<div>d</div>"),
    ]


def test_tables():
    text = "## Läget\n\n| Vad | Antal |\n| --- | ---: |\n| A *b* | 1 579 |\n| | 2 |"
    assert blocks(text)[1] == Table(
        "Läget",
        (Column("Vad"), Column("Antal", number=True)),
        ((Cell("A b"), Cell(f"1{NBSP}579")), (Cell("–"), Cell("2"))),
    )
    assert blocks("|A|\n|-|", caption="Kapitlet") == [Table("Kapitlet", (Column("A"),), ())]


def test_what_must_not_break_does_not():
    (found,) = blocks("Ett överskott på 1 579 tkr, 6,06 % och 34 559 kr; år 2020 var 12 dagar.")
    assert found.runs[0].text == (
        f"Ett överskott på 1{NBSP}579{NBSP}tkr, 6,06{NBSP}% och 34{NBSP}559{NBSP}kr; "
        "år 2020 var 12 dagar."
    )


def test_quotations_and_code_keep_their_text():
    assert blocks("> Citat\n\n```\na  b\n```\n\n---\n") == [
        plain("Citat"),
        Paragraph((Run("a  b", code=True),)),
    ]


@given(st.text(alphabet="abc 12#*_`[]()<>!|-\n\\&;:/.", max_size=200))
def test_any_text_gives_blocks_without_an_error(text):
    found = read_markdown(text)
    levels = [1] + [each.level for each in found.blocks if isinstance(each, Heading)]
    assert all(after <= before + 1 for before, after in pairwise(levels))
