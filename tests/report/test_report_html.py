"""The document as a page: whole in one file, readable by machines and people, unbroken by texts."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from collector.config.checks.logos import logo_fault
from collector.model.bilingual import Language
from collector.report.blocks import Cell, Column, Document, Look, Table
from collector.report.content.document import DocumentChoices
from collector.report.office.model import Commentary, Office
from collector.report.render.common import ReportError
from collector.report.render.docx import docx
from collector.report.render.html import accents, html, spans
from collector.report.render.pdf import pdf
from collector.report.render.typst import png
from collector.text.colours import contrast
from collector.text.words import Words
from tests.report.test_report_content import OFFICE
from tests.worlds.document_sample import SPARK
from tests.worlds.report_world import both, content, figure, indicator, made

LONG = "Informationssäkerhetsklassificeringsgenomförandeuppföljning"
VOID = {"meta", "img", "col", "br"}


class Page(HTMLParser):
    """The elements of a page in order, with their attributes; checks that they are closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, *tags: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.elements if tag in tags]


def commented(text: str) -> Office:
    return Office(commentary=(Commentary("urgent_response", "2020-07", None, text, "a.md"),))


def page(shown: Document, language: Language = "sv") -> str:
    return html(shown, Words(language)).decode()


@pytest.mark.parametrize("number", [0, 1, 11, 40])
def test_pages_of_any_size(number: int) -> None:
    indicators = [indicator(f"i{n}", title=both(f"{LONG} {n}")) for n in range(number)]
    read = Page(page(made(content(*indicators), office=OFFICE)))
    levels = [int(tag[1]) for tag, _ in read.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels)), "a level is skipped"
    ids = [a["id"] for _, a in read.elements if "id" in a]
    assert len(ids) == len(set(ids))


def test_one_file_without_scripts_or_anything_from_outside() -> None:
    text = page(made(content(indicator())))
    read = Page(text)
    assert not read.all("script", "link", "iframe", "object", "form")
    assert all((a["src"] or "").startswith("data:image/") for a in read.all("img"))
    assert all((a["href"] or "").startswith("#") for a in read.all("a"))
    assert "url(" not in text
    assert "@import" not in text


def test_what_a_reader_without_eyes_needs() -> None:
    read = Page(page(made(content(indicator()), "en"), "en"))
    assert read.all("html")[0]["lang"] == "en"
    assert read.all("a")[0] == {"class": "skip", "href": "#content"}
    assert [tag for tag, _ in read.elements if tag in {"header", "main", "nav", "footer"}] == [
        "header", "nav", "main", "footer",
    ]  # fmt: skip
    named = [a for a in read.all("table") if a.get("aria-labelledby")]
    assert len(read.all("caption")) + len(named) == len(read.all("table"))
    ids = {a["id"] for _, a in read.elements if a.get("id")}
    assert all(set((a["aria-labelledby"] or "").split()) <= ids for a in named)
    assert named, "the table of a chart is named by the chart's caption"
    assert all("scope" in a for a in read.all("th"))
    assert all(a.get("alt") for a in read.all("img"))
    regions = [a for a in read.all("div") if a.get("role") == "region"]
    assert all(a.get("tabindex") == "0" and a.get("aria-labelledby") for a in regions)
    assert len(regions) == len(read.all("table"))


def test_texts_are_text() -> None:
    evil = "</title><script>alert(1)</script>\"'&"
    said = content(indicator(title=both(evil)), organizations=[evil])
    read = Page(page(made(said, choices=DocumentChoices(author=evil))))
    assert not read.all("script")


def test_a_goal_goes_over_the_rows_of_its_indicators() -> None:
    rows = (
        (Cell("A"), Cell("B"), Cell("one"), Cell("")),
        (Cell(""), Cell(""), Cell("two"), Cell("1")),
        (Cell(""), Cell("C"), Cell("three"), Cell("2")),
        (Cell("D"), Cell(""), Cell("four"), Cell("3")),
    )
    found = spans(Table("", tuple(Column(n) for n in "abcd"), rows, header_cells=3))
    assert [[(cell.text, over) for cell, over in row] for row in found] == [
        [("A", 3), ("B", 2), ("one", 1), ("", 1)],
        [("two", 1), ("1", 1)],
        [("C", 1), ("three", 1), ("2", 1)],
        [("D", 1), ("", 1), ("four", 1), ("3", 1)],
    ]


def test_the_accent_can_be_read_on_light_and_dark_ground() -> None:
    for accent in ("#1F3A5F", "#7A0019", "#000000"):
        found = accents(accent)
        assert contrast(found["light"]) >= 4.5
        assert contrast(found["dark"], "#111827") >= 4.5


def test_colours_of_the_style_can_be_read() -> None:
    style = re.search(r"<style>(.*?)</style>", page(made(content())), re.S)
    assert style
    for scheme in re.findall(r":root \{(.*?)\}", style[1], re.S):
        named = dict(re.findall(r"--(\w+): (#[0-9a-fA-F]{3,6})", scheme))
        named = {
            k: v if len(v) == 7 else "#" + "".join(c * 2 for c in v[1:]) for k, v in named.items()
        }
        for name in ("ink", "soft", "accent", "link", "met", "at_risk", "missed", "none", "stale"):
            for ground in ("ground", "tint"):
                assert contrast(named[name], named[ground]) >= 4.5, (name, ground)


def test_logo_and_own_style(tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (tmp_path / "style.css").write_text("h1 { color: {{ accent.light }}; }")
    look = Look(str(tmp_path / "logo.svg"), "Sydnärkes vapen", "#7A0019", str(tmp_path))
    text = page(made(content(), choices=DocumentChoices(look=look)))
    assert "<style>\nh1 { color: #7A0019; }" in text
    assert 'alt="Sydnärkes vapen"' in text


def test_own_page(tmp_path: Path) -> None:
    (tmp_path / "report.html.j2").write_text(
        "<p>{{ document.title }} & {{ words('contents') }}</p>"
    )
    look = Look(templates=str(tmp_path))
    text = page(made(content(), choices=DocumentChoices(look=look)))
    assert text == "<p>Måluppföljning & Innehåll</p>"


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("<p>{% for %}</p>", "report.html.j2:1: "),
        ("<p>\n{{ document.titel }}</p>", "report.html.j2:2: .*has no attribute 'titel'"),
        ("<p>{{ nothing }}</p>", "report.html.j2:1: 'nothing' is undefined"),
        ("<p>\n\n{{ 1/0 }}</p>", "report.html.j2:3: ZeroDivisionError: division by zero"),
        ("{{ document.title + 1 }}", "report.html.j2:1: TypeError: "),
        ("{{ words('nope') }}", "report.html.j2:1: KeyError: 'nope'"),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "report.html.j2:1: RecursionError"),
        ("<p>\xe5</p>".encode("latin-1"), ": a template there is not UTF-8; save it"),
    ],
)
def test_a_wrong_template_is_told(tmp_path: Path, template: str | bytes, said: str) -> None:
    written = template if isinstance(template, bytes) else template.encode()
    (tmp_path / "report.html.j2").write_bytes(written)
    look = Look(templates=str(tmp_path))
    with pytest.raises(ReportError) as wrong:
        page(made(content(), choices=DocumentChoices(look=look)))
    assert re.search(said, str(wrong.value))
    assert str(wrong.value).startswith(str(tmp_path))
    assert "\n" not in str(wrong.value)


def test_a_wrong_style_is_told(tmp_path: Path) -> None:
    (tmp_path / "style.css").write_bytes(b"h1 { color: red; } /* \xe5 */")
    with pytest.raises(ReportError, match="not UTF-8"):
        page(made(content(), choices=DocumentChoices(look=Look(templates=str(tmp_path)))))


def test_a_fault_of_ours_is_not_called_one_of_a_template(tmp_path: Path) -> None:
    broken = replace(made(content()), blocks=(object(), Table("", (), None)))  # type: ignore[arg-type]
    for look in (Look(), Look(templates=str(tmp_path))):
        with pytest.raises(TypeError):
            page(replace(broken, look=look))


@pytest.mark.parametrize(
    ("name", "logo"),
    [
        ("logo.png", b""),
        ("logo.png", png(SPARK)[:-20]),
        ("logo.png", png(SPARK)[:40] + b"x" + png(SPARK)[41:]),
        ("logo.svg", b"<svg"),
        ("logo.svg", b"<html/>"),
        ("logo.svg", b"\xff\xfe"),
        ("logo.jpg", b"x"),
    ],
)
def test_a_logo_that_is_none_is_in_no_form(tmp_path: Path, name: str, logo: bytes) -> None:
    (tmp_path / name).write_bytes(logo)
    shown = made(content(), choices=DocumentChoices(look=Look(str(tmp_path / name), "x")))
    for form in (page, docx, pdf):
        with pytest.raises(ReportError, match=rf"{name}: (the|a) logo (is|must be) "):
            form(shown)


def test_whole_logos_are_taken() -> None:
    assert logo_fault(".PNG", png(SPARK)) is None
    assert logo_fault(".svg", SPARK.svg.encode()) is None


def test_styles_of_a_text_go_together_and_lists_keep_their_number() -> None:
    said = "***både och*** och **[länk](https://a.se)**\n\n3. tre\n4. fyra"
    shown = made(content(indicator()), office=commented(said))
    text = page(shown)
    assert "<strong><em>både och</em></strong>" in text
    assert '<a href="https://a.se"><strong>länk</strong></a>' in text
    assert '<ol start="3">' in text


def test_contents_stand_before_the_text_and_name_the_offices_chapters() -> None:
    text = page(made(content(indicator()), office=OFFICE))
    assert text.index("<nav") < text.index("<main")
    nav = text[text.index("<nav") : text.index("</nav>")]
    for chapter in ("1 Inledning", "3 Verksamhetsberättelse", "4 Ekonomisk rapport"):
        assert f">{chapter}</a>" in nav
    ids = [each["id"] for each in Page(text).all("h2", "h3", "h4") if "id" in each]
    targets = re.findall('href="#(.*?)"', nav)
    assert len(ids) == len(set(ids))
    assert set(targets) <= set(ids)


def test_a_goal_over_several_rows_names_a_group_of_its_own() -> None:
    goals = content(
        *(indicator(name, goal="it") for name in ("one", "two")),
        indicator("three", goal="away"),
        goals=[
            {"id": "home", "level": "council", "title": both("Hem")},
            {"id": "it", "level": "board", "title": both("IT"), "under": "home"},
            {"id": "away", "level": "council", "title": both("Borta")},
        ],
    )
    text = page(made(goals))
    table = text[text.index("<table") : text.index("</table>")]
    assert table.count("<tbody>") == 2
    assert table.count('<th scope="rowgroup" rowspan="2">') == 2


def test_a_logo_that_is_gone_is_told(tmp_path: Path) -> None:
    look = Look(str(tmp_path / "logo.png"), "x")
    with pytest.raises(ReportError, match=r"logo\.png: the logo cannot be read"):
        page(made(content(), choices=DocumentChoices(look=look)))


def test_the_same_document_gives_the_same_bytes() -> None:
    said = content(indicator(), indicator("b", figure(99, 100, "met")))
    assert page(made(said)) == page(made(said))
