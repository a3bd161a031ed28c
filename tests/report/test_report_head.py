"""The head of the document, its annexes and areas, and what makes it a draft."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import docx as word
import pytest

from collector.config.rules import Rules
from collector.io.yaml import FaultyFile
from collector.model.bilingual import Language, Text
from collector.report.blocks import Heading, Notice
from collector.report.content.document import DocumentChoices
from collector.report.office.meeting import read_meeting
from collector.report.office.model import Climate, Commentary, Meeting, Office, Section
from collector.report.render.docx import docx
from collector.report.render.html import html
from collector.report.render.pdf import pages, pdf
from collector.text.words import Words
from collector.text.words.definitions import label
from tests.report.test_report_content import MET, MISSED, headings
from tests.worlds.document_tools import plain_text, run
from tests.worlds.programs import program
from tests.worlds.report_world import both, content, everything, indicator, made, plain, tables

MEETING = Meeting(
    "sammanträde.yaml",
    title=Text(sv="Delårsbokslut 2020", en="Interim report 2020"),
    board=Text(sv="IT-nämnden", en="The IT board"),
    reference="Syd-IT 20-29",
    held=date(2020, 9, 8),
    author=Text(sv="Anna Ek", en="Anna Ek"),
    proposal=(Text(sv="Nämnden godkänner bokslutet.", en="The board approves the report."),),
)
COMMENT = Commentary("missed", "2020-07", None, "Vi var färre.", "missed.md")


def test_the_head_names_board_diary_meeting_and_author() -> None:
    shown = made(content(MET), office=Office(meeting=MEETING))
    assert shown.title == "Delårsbokslut 2020"
    assert [(name, plain(value)) for name, value in shown.facts[:4]] == [
        ("Nämnd", "IT-nämnden"), ("Diarienummer", "Syd-IT 20-29"),
        ("Sammanträde", "8 september 2020"), ("Ansvarig", "Anna Ek"),
    ]  # fmt: skip
    assert plain(everything(shown)).startswith("Förslag till beslut: \n\nNämnden godkänner")


def test_the_meetings_own_words_come_before_those_of_the_configuration() -> None:
    own = DocumentChoices(board=Text(sv="Nämnden", en="Board"), author="Kansliet")
    usual = dict(made(content(MET), choices=own).facts)
    assert (usual["Nämnd"], usual["Ansvarig"]) == ("Nämnden", "Kansliet")
    special = dict(made(content(MET), choices=own, office=Office(meeting=MEETING)).facts)
    assert (special["Nämnd"], special["Ansvarig"]) == ("IT-nämnden", "Anna Ek")
    assert "Nämnd" not in dict(made(content(MET)).facts), "what nobody said is left out"


def test_several_points_of_a_proposal_are_numbered() -> None:
    two = replace(MEETING, proposal=(*MEETING.proposal, Text(sv="Den är klar.", en="Done.")))
    text = everything(made(content(MET), office=Office(meeting=two)))
    assert "1. Nämnden godkänner bokslutet. 2. Den är klar." in text


def test_pdf_docx_and_html_show_the_author_once(tmp_path: Path) -> None:
    shown = made(content(MET), office=Office(meeting=MEETING))
    (tmp_path / "it.pdf").write_bytes(pdf(shown))
    assert plain_text(tmp_path / "it.pdf").count("Anna Ek") == 1
    written = " ".join(each.text for each in word.Document(BytesIO(docx(shown))).paragraphs)
    assert written.count("Ansvarig: Anna Ek") == 1
    assert html(shown, Words("sv")).decode().count("<dd>Anna Ek</dd>") == 1


def test_a_meeting_is_read_from_its_file(tmp_path: Path) -> None:
    file = tmp_path / "meeting.yaml"
    file.write_text(
        "board: {sv: Nämnden, en: The board}\nreference: Syd-IT 20-29\ndate: 2020-09-08\n"
        "author: Anna Ek\nproposal: [Första punkten., Andra punkten.]\n"
    )
    found = read_meeting(file)
    assert (found.reference, found.held) == ("Syd-IT 20-29", date(2020, 9, 8))
    assert found.board == Text(sv="Nämnden", en="The board")
    assert [each.sv for each in found.proposal] == ["Första punkten.", "Andra punkten."]


@pytest.mark.parametrize("said", ["date: soon", "diary: 1", "- a", "reference: 2029"])
def test_a_meeting_that_cannot_be_read_says_where(tmp_path: Path, said: str) -> None:
    file = tmp_path / "meeting.yaml"
    file.write_text(said)
    with pytest.raises(FaultyFile, match=r"meeting\.yaml"):
        read_meeting(file)


# Annexes and chapters


def test_annexes_have_names_of_their_own_and_are_chosen() -> None:
    chosen = DocumentChoices(chapters=["signature", "amendments", "definitions"])
    assert headings(made(content(MISSED), choices=chosen)) == [
        "Bilaga 1. Sigill och kontroll", "Bilaga 2. Rättelser", "Bilaga 3. Så räknas siffrorna",
    ]  # fmt: skip


def test_climate_stands_in_the_chapter_that_is_named() -> None:
    climate = Climate("klimat.yaml", Decimal(2), Text(sv="Retur", en="Returns"), None, ())
    year = Section("03-Verksamhet", None, None, "Verksamhet", "Ett år.", "03.md", 1)
    office = Office(climate=climate, sections=(year,))
    inside = made(content(MET), office=office, choices=DocumentChoices(climate_in="verksamhet"))
    assert headings(inside, 1, 2)[2:4] == ["2 Verksamhet", "2.1 Klimat"]
    assert headings(made(content(MET), office=office), 1, 2)[2:4] == ["2 Verksamhet", "3 Klimat"]
    gone = made(content(MET), office=office, choices=DocumentChoices(climate_in="annat"))
    assert headings(gone, 1, 2)[2:4] == ["2 Verksamhet", "3 Klimat"], "it is never left out"


def test_areas_stand_above_the_goals_of_the_council() -> None:
    goals = [
        {"id": "area", "level": "area", "title": both("Attraktiv kommun"), "under": None},
        {"id": "grow", "level": "council", "title": both("Växa"), "under": "area"},
        {"id": "rest", "level": "council", "title": both("Annat"), "under": None},
    ]
    said = content(MET | {"goal": "grow"}, MISSED | {"goal": "rest"}, goals=goals)
    (table, *_) = tables(made(said))
    assert [row[0].text for row in table.rows] == [
        "Attraktiv kommun",
        "Växa",
        "Övriga mål",
        "Annat",
    ]
    assert [len(row) for row in table.rows] == [1, len(table.columns)] * 2
    page = html(made(said), Words("sv")).decode()
    assert f'<th scope="colgroup" colspan="{len(table.columns)}">' in page


# Contents


def test_only_a_long_document_has_a_table_of_contents(tmp_path: Path) -> None:
    short = made(content(MET))
    assert pages(short) < 10
    (tmp_path / "short.pdf").write_bytes(pdf(short))
    assert "Innehåll\n" not in plain_text(tmp_path / "short.pdf")
    chapters = tuple(
        Section(f"{n:02}", None, None, f"Kapitel {n}", "x\n\n" * 120, f"{n}.md", 1)
        for n in range(2, 9)
    )
    long = made(content(MET), office=Office(sections=chapters))
    assert pages(long) >= 10
    (tmp_path / "long.pdf").write_bytes(pdf(long))
    assert "Innehåll" in plain_text(tmp_path / "long.pdf").splitlines()


def test_the_contents_of_a_docx_lead_to_its_headings() -> None:
    shown = made(content(MISSED))
    body = word.Document(BytesIO(docx(shown, contents=True))).element.body
    spaces = body.nsmap
    links = body.xpath(".//w:hyperlink[@w:anchor]")
    marks = set(body.xpath(".//w:bookmarkStart/@w:name"))
    assert [each.get(f"{{{spaces['w']}}}anchor") in marks for each in links] == [True] * len(links)
    listed = [b.text for b in shown.blocks if isinstance(b, Heading) and b.listed and b.anchor]
    assert ["".join(each.xpath(".//w:t/text()")) for each in links] == listed
    assert not word.Document(BytesIO(docx(shown))).element.body.xpath(".//w:instrText")


# Drafts


def test_a_document_is_a_draft_until_every_missed_target_has_a_comment() -> None:
    draft = made(content(MISSED))
    assert draft.draft == ("UTKAST", "1 kommentar saknas")
    done = made(content(MISSED), office=Office(commentary=(COMMENT,)))
    assert done.draft == ()
    assert not done.footer.startswith("UTKAST")
    assert not any(isinstance(block, Notice) for block in done.blocks)


def test_a_draft_says_so_on_page_1_and_in_its_properties(tmp_path: Path) -> None:
    draft = made(content(MISSED))
    file = tmp_path / "it.pdf"
    file.write_bytes(pdf(draft))
    assert "UTKAST: 1 kommentar saknas" in plain_text(file).split("\f")[0]
    assert "UTKAST: Måluppföljning" in run(program("pdfinfo"), file).stdout
    opened = word.Document(BytesIO(docx(draft)))
    assert opened.paragraphs[0].text == "UTKAST: 1 kommentar saknas"
    assert opened.core_properties.title == "UTKAST: Måluppföljning"
    assert opened.core_properties.content_status == "UTKAST"
    page = html(draft, Words("sv")).decode()
    assert "<title>UTKAST: Måluppföljning" in page
    assert '<p class="draft"><strong>UTKAST</strong>: 1 kommentar saknas</p>' in page


# Rules as sentences


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_rule_is_told_in_a_sentence(language: Language) -> None:
    rules = {f"rules.{key}": text for key, text in flattened(Rules().model_dump(mode="json"))}
    both_ways = [rules, rules | {path: "true" for path, text in rules.items() if text == "false"}]
    for said in both_ways:
        shown = content(indicator("x", definition=said | {"fiscal_year_start": "7"}))
        text = plain(everything(made(shown, language)))
        for path in said:
            assert label(path, language) + ":" not in text
    assert {"sv": "Räkenskapsåret börjar i juli.", "en": "The fiscal year begins in July."}[
        language
    ] in text


def flattened(said: dict[str, object]) -> list[tuple[str, str | list[str]]]:
    return [
        (key, value if isinstance(value, list) else str(value).lower())
        for key, value in said.items()
    ]
