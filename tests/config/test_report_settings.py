"""What a municipality may choose of its report, and what is refused with words."""

from __future__ import annotations

from pathlib import Path
from string import Formatter

import pytest

from collector.config.loading.load import load_settings
from collector.config.settings import Settings
from collector.io.yaml import FaultyFile
from collector.text.colours import contrast
from collector.text.words.report import COLUMNS, WORDS
from tests.worlds.commands import run_here

MINIMAL = """
timezone: Europe/Stockholm
organizations: [Laxå]
indicators:
  budget: {title: {sv: Budget, en: Budget}, kind: manual, target: ">= 0 tkr", unit: tkr}
"""


def _load(folder: Path, report: str) -> Settings:
    file = folder / "a.yaml"
    file.write_text(MINIMAL + report)
    return load_settings(file)


def test_defaults(tmp_path: Path) -> None:
    report = _load(tmp_path, "").report
    assert report.formats == ["pdf", "docx", "html", "csv", "xlsx"]
    assert report.languages == ["sv", "en"]
    assert report.folder == str(tmp_path / "reports")
    assert report.columns == list(COLUMNS)


def test_all_that_may_be_chosen(tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (tmp_path / "own").mkdir()
    (tmp_path / "own/style.css").write_text("p {}")
    report = _load(
        tmp_path,
        """
report:
  formats: [pdf]
  languages: [sv]
  folder: ut
  title: {sv: Delårsrapport, en: Interim report}
  author: Sydnärkes IT-förvaltning
  logo: logo.svg
  logo_alt: Sydnärkes vapen
  accent: "#00407A"
  words: {column_now: {sv: Utfall, en: Outcome}, of_n: "({n})"}
  columns: [indicator, now, target]
  templates: own
  municipality_codes: {Laxå: "1860"}
  kolada_ids: {budget: SD01}
""",
    ).report
    assert report.logo == str(tmp_path / "logo.svg")
    assert report.words["of_n"].en == "({n})"
    assert report.templates == str(tmp_path / "own")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('accent: "#8AB4F8"', "too light for text on white: its contrast is 2.11"),
        ("accent: blue", "is not a colour: write it as in #1F3A5F"),
        ("words: {colum_now: Utfall}", "there is no word 'colum_now'; known: title, period"),
        ("words: {draft: Slutlig}", "draft: cannot be changed, so that no draft looks finished"),
        ('words: {of_n: "av {count}"}', "{count} has no value here; known: {n}"),
        ('words: {of_n: "av {n.__class__}"}', "has no value here; known: {n}"),
        ('words: {of_n: "av {n:>9}"}', "braces may only hold a name"),
        ('words: {of_n: "av {n"}', "braces may only hold a name"),
        ("columns: [now]", "must include indicator"),
        ("columns: [indicator, now, now]", "now is listed twice"),
        ("columns: [indicator, value]", "report.columns"),
        ("formats: []", "report.formats"),
        ("formats: [odt]", "report.formats"),
        ('municipality_codes: {Laxå: "186"}', "has four digits"),
        ('municipality_codes: {Laxa: "1860"}', "is not listed under organizations"),
        ("kolada_ids: {budget: 12}", "report.kolada_ids"),
        ("kolada_ids: {buget: SD01}", "is not the id of an indicator"),
        ("logo: logo.svg", "there is no file"),
        ("logo: logo.jpg", "must be an SVG or PNG file"),
        ("templates: own", "there is no folder"),
    ],
)
def test_what_is_refused(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(FaultyFile) as faulty:
        _load(tmp_path, f"report:\n  {line}\n")
    assert said in str(faulty.value)
    assert "a.yaml:" in str(faulty.value)


def test_a_logo_needs_a_text_and_templates_need_files(tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(b"")
    (tmp_path / "own").mkdir()
    with pytest.raises(FaultyFile) as faulty:
        _load(tmp_path, "report:\n  logo: logo.png\n  templates: own\n")
    assert "needs logo_alt" in str(faulty.value)
    assert "contains none of report.html.j2, style.css, report.typ" in str(faulty.value)


@pytest.mark.parametrize(
    ("name", "content"), [("a.png", b""), ("a.svg", b"<html/>"), ("a.svg", b"\xff")]
)
def test_a_logo_that_is_none_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FaultyFile, match=rf"{name}: the logo is not an? "):
        _load(tmp_path, f"report:\n  logo: {name}\n  logo_alt: Vapen\n")


def test_the_schema_knows_the_report() -> None:
    assert '"municipality_codes"' in run_here("schema").out


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000") == pytest.approx(21)
    assert contrast("#ffffff") == pytest.approx(1)
    assert contrast("#777777") == pytest.approx(4.48, abs=0.01)  # the well-known near miss


def test_every_word_asks_for_the_same_in_both_languages() -> None:
    for key, text in WORDS.items():
        fields = [
            {name for _, name, _, _ in Formatter().parse(said)} for said in (text.sv, text.en)
        ]
        assert fields[0] == fields[1], key
