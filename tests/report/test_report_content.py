"""The document as a whole: its order, notices, comments, definitions, quality, seal."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from collector.config.definitions import definition_content
from collector.config.loading.load import load_and_check
from collector.model.bilingual import Text
from collector.report.blocks import Block, Document, Heading, Look, Notice, PageBreak
from collector.report.content.document import DocumentChoices
from collector.report.office.model import (
    Commentary,
    Decision,
    Ledger,
    LedgerAmounts,
    LedgerRow,
    Office,
    OfficeWarning,
    Section,
)
from collector.text.words.definitions import label
from tests.worlds.paths import ROOT
from tests.worlds.report_world import (
    YEAR_SO_FAR,
    Sealed,
    cells,
    content,
    everything,
    expected,
    figure,
    indicator,
    made,
    months,
    plain,
    tables,
    target,
)

MISSED = indicator("missed")
MET = indicator("met", figure(95, 100, "met"))
ECONOMY = Ledger(
    "economy.csv",
    (LedgerRow("Resor", LedgerAmounts(Decimal(230), Decimal(109), Decimal(230))),),
    None,
)
OFFICE = Office(
    decisions=(Decision("Dialog om lokaler", "Pågår", ""),),
    economy=ECONOMY,
    investments=replace(ECONOMY, file="investments.csv"),
    sections=(
        Section("01-inledning", None, None, "Inledning", "Som vanligt.", "01-inledning.md", 2),
        Section("03-berattelse", None, None, "Verksamhetsberättelse", "Mycket hände.", "03.md", 2),
    ),
    commentary=(Commentary("missed", "2020-07", None, "Vi var **få** i juli.", "missed.md"),),
)  # fmt: skip


def headings(shown: Document, *levels: int) -> list[str]:
    return [b.text for b in shown.blocks if isinstance(b, Heading) and b.level in (levels or (1,))]


def notices(shown: Document) -> list[Notice]:
    return [block for block in shown.blocks if isinstance(block, Notice)]


def test_chapters_without_the_office() -> None:
    shown = made(content(MISSED, MET))
    assert headings(shown) == [
        "1 Indikatorer som inte når målet eller är i riskzonen",
        "Bilaga 1. Kommun för kommun", "Bilaga 2. Så räknas siffrorna", "Bilaga 3. Datakvalitet",
        "Bilaga 4. Uppgifter som angetts för hand", "Bilaga 5. Rättelser",
        "Bilaga 6. Sigill och kontroll",
    ]  # fmt: skip
    first_table = next(i for i, b in enumerate(shown.blocks) if b in tables(shown))
    before = shown.blocks[:first_table]
    assert not any(isinstance(b, PageBreak | Heading) for b in before), "page 1 is the table"


def test_chapters_with_the_office_are_those_of_the_interim_report() -> None:
    shown = made(content(MISSED), office=OFFICE)
    assert headings(shown, 1, 2)[:9] == [
        "1 Inledning", "2 Styrning", "2.1 Politiskt fattade beslut", "2.2 Mål",
        "3 Verksamhetsberättelse", "4 Ekonomisk rapport", "4.1 Investeringar",
        "Bilaga 1. Kommun för kommun", "Bilaga 2. Så räknas siffrorna",
    ]  # fmt: skip
    first_table = next(i for i, b in enumerate(shown.blocks) if b in tables(shown))
    assert not any(isinstance(b, PageBreak | Heading) for b in shown.blocks[:first_table])
    assert tables(shown)[0].caption.startswith("Mål och indikatorer"), "page 1 is the table"
    place = headings(shown, 1, 2, 3).index("2.2 Mål")
    assert headings(shown, 1, 2, 3)[place + 1] == "missed", "what is off target follows"
    assert "står först i dokumentet, på sidan 1. Här följer" in everything(shown)
    nothing = everything(made(content(MET), office=OFFICE))
    assert "står först i dokumentet, på sidan 1." in nothing
    assert "Här följer" not in nothing


def test_a_missed_target_without_a_comment_says_so() -> None:
    assert [n.title for n in notices(made(content(MISSED, MET)))] == ["Kommentar saknas"]
    assert not notices(made(content(MET)))


def test_a_comment_stands_beside_its_chart() -> None:
    shown = made(content(MISSED), office=Office(commentary=OFFICE.commentary))
    assert "Vi var" in everything(shown)
    assert not notices(shown)


def test_a_comment_in_the_other_language_is_not_called_missing() -> None:
    only_english = replace(OFFICE.commentary[0], language="en")
    shown = made(content(MISSED), office=Office(commentary=(only_english,)))
    assert "Kommentaren finns bara på engelska." in everything(shown)
    assert not notices(shown)


def test_an_image_is_no_comment() -> None:
    only = replace(OFFICE.commentary[0], text="# Kommentar\n\n![Kurvan](kurva.png)")
    shown = made(content(MISSED), office=Office(commentary=(only,)))
    titles = [notice.title for notice in notices(shown)]
    assert titles == ["Kommentar saknas"]
    assert "utelämnad" not in everything(shown), "that is for the author, and said by check"
    assert shown.draft == (
        "UTKAST",
        "1 kommentar saknas och 1 del av en text har inte kunnat tas med",
    )


def test_comments_on_what_is_on_target_are_kept() -> None:
    said = Commentary("met", "2020-07", None, "Bra jobbat.", "met.md")
    shown = made(content(MET), office=Office(commentary=(said,)))
    assert "1 Kommentarer till övriga indikatorer" in headings(shown)
    assert "Bra jobbat." in everything(shown)


def test_incomplete_says_why_for_each_source() -> None:
    why = [
        {"source": "desk", "why": "not_read", "sv": "Källan desk lästes inte.", "en": "Not read."}
    ]
    shown = made(content(MET, incomplete=why))
    first = shown.blocks[0]
    assert isinstance(first, Notice)
    assert first.title == "Ofullständig"
    assert "Källan Request Tracker (desk) lästes inte." in everything(shown)
    assert "Not read." not in everything(shown)


def test_a_period_that_still_runs_says_up_to_when_it_is_known() -> None:
    running = content(MET, known_at="2020-07-18T09:00:00+02:00")
    assert "Nuvärde: 1 januari–31 juli 2020, uppgifter per 18 juli 2020." in everything(
        made(running)
    )
    assert "uppgifter per" not in tables(made(content(MET)))[0].caption


def test_amendments_are_told_first_and_listed_with_what_they_change() -> None:
    before = content(MISSED, MET)
    after = content(indicator("missed", figure(85, 101, "missed")), MET)
    shown = made(before, amendments=[Sealed(after, number=4, frozen_at=1_599_033_600)])
    assert notices(shown)[0].title == "Siffrorna har rättats"
    table = next(t for t in tables(shown) if t.caption.startswith("Rättelse nr 4"))
    assert cells(table) == [
        ["missed", "1 januari–31 juli 2020", "Värde", "80,0 % | av 100", "84,2 % | av 101"],
        ["missed", "juli 2020", "Värde", "80,0 % | av 100", "84,2 % | av 101"],
    ]
    assert ("Rättad", "2 september 2020 kl. 10.00") in [(n, plain(v)) for n, v in shown.facts]


def _amended(before: dict[str, Any], after: dict[str, Any]) -> tuple[list[list[str]], str]:
    """The rows that an amendment changed, but for their period, and what is said below them."""
    wide = {"period": YEAR_SO_FAR}
    shown = made(content(before, **wide), amendments=[Sealed(content(after, **wide), number=4)])
    found = [t for t in tables(shown) if t.caption.startswith("Rättelse nr 4")]
    said = [line for line in everything(shown).splitlines() if "ändrades" in line]
    return [[r[0], *r[2:]] for t in found for r in cells(t)], " ".join(said)


@pytest.mark.parametrize(
    ("before", "after", "rows", "said"),
    [
        (figure(80, 100, "met"), figure(80, 100, "missed"),
         [["x", "Bedömning", "✓ Når målet", "✗ Når inte målet"]], ""),
        (figure(812, 1000), figure(813, 1000),
         [["x", "Värde", "81,2 % | av 1 000", "81,3 % | av 1 000"]], ""),
        (figure(80, 100, forecast=expected(0.8, 0.7, 0.9)),
         figure(80, 100, forecast=expected(0.9, 0.8, 1.0)),
         [["x", "Prognos", "80,0 % (70,0–90,0 %)", "90,0 % (80,0–100,0 %)"]], ""),
        (figure(80, 100), figure(80, 100, excluded={"merged": 2}),
         [["x", "Undantagna", "0", "2 sammanslagna"]], ""),
        (figure(80, 100, pending=1), figure(80, 100),
         [["x", "Värde", "80,0 % | av 100, 1 väntar", "80,0 % | av 100"]], ""),
        (figure(80, 100, required=0.95), figure(80, 100, required=0.97),
         [["x", "Resten av året", "Minst 90 % | krävs resten av året: 95,0 %",
           "Minst 90 % | krävs resten av året: 97,0 %"]], ""),
        (figure(3, 4), figure(1, 4), [], "Ytterligare 1 siffra ändrades men visas inte här."),
        (figure(80, 100, median=60), figure(80, 100, median=61), [], "Ytterligare 1 siffra"),
    ],
)  # fmt: skip
def test_whatever_an_amendment_changes_is_told(
    before: dict[str, Any], after: dict[str, Any], rows: list[list[str]], said: str
) -> None:
    found, told = _amended(indicator("x", before), indicator("x", after))
    assert found == rows
    assert said in told
    assert bool(said) == bool(told)


def test_another_target_is_told_although_no_value_changed() -> None:
    met = figure(85, 100, "met")
    harder = indicator("x", figure(85, 100, "missed"))
    rows, _ = _amended(indicator("x", met, target=target(">= 80%", 0.8)), harder)
    assert rows == [
        ["x", "Målvärde", "Minst 80 %", "Minst 90 %"],
        ["x", "Bedömning", "✓ Når målet", "✗ Når inte målet"],
    ]


def test_an_amendment_that_adds_or_removes_is_told() -> None:
    lekeberg = figure(20, 40, organization="Lekeberg")
    rows, _ = _amended(indicator("x"), indicator("x", parts=[lekeberg]))
    assert rows == [["x · Lekeberg", "–", "–", "finns"]]
    rows, _ = _amended(indicator("x", parts=[lekeberg]), indicator("y"))
    assert rows == [["x", "–", "finns", "–"], ["y", "–", "–", "finns"]]


def test_a_month_alone_that_changed_is_told_too() -> None:
    """Charts show months of the year before, in which no other figure lies."""
    was = indicator("x", months=months(*[(8, 10)] * 13))
    other = indicator("x", months=months(*[(8, 10)] * 3, (1, 10), *[(8, 10)] * 9))
    rows, told = _amended(was, other)
    assert rows == [["x", "Värde", "80,0 %", "10,0 %"]]
    assert "visas inte" not in told


def test_an_amendment_that_changes_nothing_says_so() -> None:
    rows, told = _amended(indicator("x"), indicator("x"))
    assert (rows, told) == ([], "Rättelse nr 4: ändrade siffror: inga siffror ändrades")


def test_the_seal_and_how_to_verify_it() -> None:
    shown = made(content(MET))
    facts = dict(shown.facts)
    assert plain(facts["Sigill"]).startswith("nr 3, 3f2a 91c0 7b65 d4e8 …")
    text = everything(shown)
    assert (
        f'servicedesk-kpi snapshot verify --seal "{" ".join(["3f2a 91c0 7b65 d4e8"] * 4)}"' in text
    )
    assert "Mer visar det inte: inte att siffrorna mättes rätt" in text
    assert " ".join(["3f2a 91c0 7b65 d4e8"] * 4) in text
    assert plain(facts["Uppgifter per"]) == "3 augusti 2020 kl. 07.30"
    assert "3f2a 91c0 7b65 d4e8" in plain(shown.footer)


def test_the_footer_names_the_digest_of_all_that_the_document_says() -> None:
    """One other letter in an office text, and it is another; the seal of the figures is the same.
    How the document looks does not count."""

    def footer(office: Office, **more: Any) -> tuple[str, str]:
        shown = made(content(MET), office=office, **more).footer
        seal, _, digest = plain(shown).partition(". Innehåll: ")
        return seal, digest

    same = footer(OFFICE)
    assert re.fullmatch(r"([0-9a-f]{4} ){3}[0-9a-f]{4}", same[1])
    assert footer(OFFICE, choices=DocumentChoices(look=Look(logo="logo.png"))) == same
    changed = replace(OFFICE, files=(("committee/2020-07/1.md", "6b" * 32),))
    assert (footer(changed)[0], footer(changed)[1] == same[1]) == (same[0], False)
    titled = made(content(MET), office=OFFICE, choices=DocumentChoices(author="Nämnden")).footer
    assert titled.rpartition(": ")[2] != same[1]


def test_what_the_seal_does_not_hold_is_told_with_the_offices_files() -> None:
    files = (("committee/2020-07/ekonomi.csv", "5a" * 32), ("committee/2020-07/1.md", "6b" * 32))
    shown = made(content(MET), office=replace(OFFICE, files=files))
    table = tables(shown)[-1]
    assert table.caption == "Förvaltningens filer (SHA-256)"
    assert cells(table)[0] == ["committee/2020-07/ekonomi.csv", " ".join(["5a5a"] * 16)]
    assert "Sigillet gäller siffrorna. Texter, kommentarer, beslut" in everything(shown)
    without = everything(made(content(MET)))
    assert "Inget i detta dokument kommer ur förvaltningens egna filer." in without


@pytest.mark.parametrize(
    ("since", "told"),
    [
        ("2020-03-12T08:18:11+01:00", "Ärenden från 12 mars 2020"),
        ("2019-12-31T23:59:59+01:00", None),
        (None, None),
    ],
)
def test_a_period_that_begins_before_the_records_says_so(
    since: str | None, told: str | None
) -> None:
    source = content()["sources"][0] | {"records_since": since}
    said = plain(dict(made(content(MET, sources=[source])).facts).get("Omfattar", ""))
    assert said.startswith(told) if told else not said


def test_sources_that_begin_at_different_times_are_told_apart() -> None:
    desk, phone = (
        content()["sources"][0] | {"name": name, "type": kind, "records_since": since}
        for name, kind, since in (
            ("desk", "request_tracker", "2020-01-13T08:00:00+01:00"),
            ("phone", "asterisk_queue_log", "2020-06-20T08:00:00+02:00"),
        )
    )  # fmt: skip
    notes = [
        {
            "source": name, "why": "begins_within_year",
            "sv": f"Källan {name} börjar senare.", "en": f"The source {name} begins later.",
        }
        for name in ("desk", "phone")
    ]  # fmt: skip
    shown = made(content(MET, sources=[desk, phone], notes=notes))
    said = plain(dict(shown.facts)["Omfattar"])
    assert said == "Ärenden från 13 januari 2020, samtal från 20 juni 2020"
    (notice,) = (b for b in shown.blocks if isinstance(b, Notice) and "täcker" in b.title)
    assert len(notice.paragraphs) == 2
    assert "Källan Asterisks kölogg (phone) börjar senare." in everything(shown)


def test_the_first_snapshot_has_none_before_it() -> None:
    from collector.report.content.document import build_document

    text = everything(build_document(Sealed(content(MET), previous=""), "sv"))
    assert "ingen: den är den första" in text


def test_given_by_hand_by_whom_and_when() -> None:
    sick = indicator(
        "sick_leave",
        figure(
            value=6.06, state="at_risk", given_on="2020-07-31", comment="En långtidssjukskrivning",
            forecast=expected(4.0, given=True, set_by="Förvaltningschef", since="2020-07-31"),
        ),
        kind="manual", unit="%", months=[],
    )  # fmt: skip
    table = next(t for t in tables(made(content(sick))) if t.caption.startswith("Värden och"))
    assert cells(table) == [
        [
            "sick_leave",
            "Värde 6,06 %",
            "Förvaltningschef",
            "31 juli 2020",
            "En långtidssjukskrivning",
        ],
        ["", "Prognos 4 %", "Förvaltningschef", "31 juli 2020", ""],
    ]


def test_quality_tells_what_is_left_out_and_why() -> None:
    said = figure(
        80, 100, "missed", pending=3, excluded={"merged": 4, "test": 2},
        own_calculation={
            "checked": 90, "good": 70, "own_good": 72, "disagree": 5, "compared": 0, "differ": 0,
        },
    )  # fmt: skip
    shown = made(content(indicator("x", said)))
    rests = next(t for t in tables(shown) if t.caption.startswith("Underlaget för varje siffra"))
    assert cells(rests)[0] == ["x", "100", "3", "4 sammanslagna; 2 test", "5 av 90 avviker"]
    sources = next(t for t in tables(shown) if t.caption.startswith("Källorna"))
    assert cells(sources)[0] == [
        "Request Tracker (desk)", "Ja", "3 augusti 2020 kl. 07.30", "0 s",
        "2 januari 2019 kl. 08.00",
        "3 augusti 2020 kl. 06.30", "4 857", "unmapped 2",
    ]  # fmt: skip


def test_quality_tells_nothing_of_hidden_figures() -> None:
    small = figure(3, 4, "too_few", pending=2, excluded={"merged": 3})
    shown = made(content(indicator("x", small)))
    rests = next(t for t in tables(shown) if t.caption.startswith("Underlaget för varje siffra"))
    assert cells(rests)[0] == ["x", "färre än 5", "–", "–", "–"]


def test_definitions_are_read_by_people() -> None:
    text = everything(made(content(MISSED)))
    assert "Gräns: 30 min" in text, "a snapshot that does not tell the kind"
    assert "En siffra som bygger på färre än 5 poster bedöms inte." in text
    assert "Måndag–fredag" in text
    assert "9 april 2020 kort dag 08:00–12:00; 19 juni 2020 Midsommarafton" in text
    assert "{" not in text


def test_changed_definitions_restatements_and_corrections_are_told() -> None:
    told = indicator(
        "x", figure(value=6.0), unit="tkr", kind="manual", target=None,
        definition_changes=[
            {"from": "2020-05-01", "path": "indicators.x.within", "before": "1h", "after": "30min"}
        ],
        restatements=[
            {"recorded_at": "2020-06-02T10:00:00+02:00", "changes": [
                {"path": "indicators.x.within", "since": "2020-01-01", "before": "2h", "after": ""}
            ]}
        ],
        corrections=[
            {"organization": None, "date": "2020-07-31", "before": {"value": 6.0},
             "after": {"value": 1579.0}, "recorded_at": "2020-08-02T10:00:00+02:00"}
        ],
    )  # fmt: skip
    text = everything(made(content(told)))
    assert "Från 1 maj 2020: x, gräns: 1h → 30min" in text
    assert "2 juni 2020 kl. 10.00: från 1 januari 2020: Gräns: 2h → inget" in text
    assert "2 augusti 2020 kl. 10.00: x, 31 juli 2020: Värde 6 tkr → Värde 1 579 tkr" in text


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_path_of_the_boards_own_definitions_has_a_word(language: str) -> None:
    settings, _, _ = load_and_check(ROOT / "config/servicedesk.yaml")
    assert settings is not None
    for name in settings.indicators:
        for path in definition_content(settings, name, date(2020, 7, 31)):
            own = path.removeprefix(f"indicators.{name}.")
            if not own.startswith(("calendars.", "sources.", "exclude.")):
                assert label(own, language) != own.replace("_", " "), own  # type: ignore[arg-type]


def test_what_does_not_add_up_stands_at_its_table() -> None:
    doubt = OfficeWarning(
        "figures", "economy.csv", 12, Text(sv="Summan är {n}.", en="The sum is {n}."),
        Text(sv="Rätta den.", en="Mend it."), {"n": Decimal(1579)},
    )  # fmt: skip
    shown = made(content(MET), office=replace(OFFICE, warnings=(doubt,)))
    blocks: list[Block] = list(shown.blocks)
    place = next(i for i, b in enumerate(blocks) if isinstance(b, Notice))
    assert blocks[place - 1] in tables(shown)
    assert "Summan är 1 579." in everything(shown)
    assert "Rätta den." not in everything(shown), "that is for the author"
    assert shown.draft == ("UTKAST", "1 uppgift stämmer inte")
    assert shown.footer.startswith("UTKAST: Måluppföljning")


def test_doubts_about_the_other_languages_texts_make_no_draft_of_this_one() -> None:
    doubt = OfficeWarning(
        "figures", "01.en.md", None, Text(sv="Något.", en="x"), Text(sv="Gör.", en="y")
    )
    english = Section("01", None, "en", "Introduction", "A text.", "01.en.md", 1)
    office = Office(sections=(english,), warnings=(doubt,))
    assert made(content(MET), office=office).draft == ()
    assert made(content(MET), "en", office=office).draft == ("DRAFT", "1 entry does not add up")


@pytest.mark.parametrize("language", ["sv", "en"])
def test_nothing_at_all(language: str) -> None:
    shown = made(content(organizations=[], sources=[], calendars={}), language)  # type: ignore[arg-type]
    assert tables(shown)[0].rows == ()


def test_the_same_snapshot_gives_the_same_document() -> None:
    said = content(MISSED, MET)
    assert made(said, office=OFFICE) == made(said, office=OFFICE)


def test_words_of_the_offices_tables_are_replaced() -> None:
    own = {"office_budget": Text(sv="Ram", en="Frame"), "chapter_economy": Text(sv="Kassa", en="x")}
    shown = made(content(MET), office=OFFICE, choices=DocumentChoices(words=own))
    table = next(t for t in tables(shown) if t.caption.startswith("Ekonomiskt"))
    assert table.columns[1].title == "Ram"
    assert any(text.endswith("Kassa") for text in headings(shown))
