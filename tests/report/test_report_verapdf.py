"""Eight documents, as real as can be, read by veraPDF: PDF/A-2a and PDF/UA-1."""

from __future__ import annotations

import pytest

from collector.report.render.pdf import pdf
from tests.worlds.commands import run_here
from tests.worlds.document_sample import document
from tests.worlds.document_tools import Verdict, verapdf
from tests.worlds.seed_desk import write_desk

PERIODS = ("2020-07", "2020-t2", "2020-h1", "2020")
LANGUAGES = ("sv", "en")
LATER = "2021-01-18T09:00"
RULES = {"PDF/A-2A": 153, "PDF/UA-1": 106}
"""How many rules veraPDF 1.28 has of each standard."""


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Verdict]]:
    """A month, a tertial, a half and a closed year of the seed's desk, and a file that lies."""
    folder = tmp_path_factory.mktemp("verapdf")
    lying = folder / "lying.pdf"
    whole = pdf(document())
    assert b"/Lang(sv)" in whole
    lying.write_bytes(whole.replace(b"/Lang(sv)", b"/Lunk(sv)"))
    file = write_desk(folder)
    assert run_here("poll", "-c", file).code == 0
    for period in PERIODS:
        frozen = ("snapshot", "freeze", period, "--incomplete", "--now", LATER, "-c", file)
        assert run_here(*frozen).code == 0
        written = ("report", period, "--format", "pdf", "--out", folder / "out", "-c", file)
        assert run_here(*written).code == 0
    return verapdf(lying, *sorted((folder / "out").glob("*.pdf")))


@pytest.mark.integration
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("period", PERIODS)
def test_no_rule_fails(read: dict[str, dict[str, Verdict]], period: str, language: str) -> None:
    found = read[f"servicedesk-{period}-{language}.pdf"]
    assert found == {name: Verdict(rules, ()) for name, rules in RULES.items()}


@pytest.mark.integration
def test_a_document_that_only_says_so_is_found_out(read: dict[str, dict[str, Verdict]]) -> None:
    assert any("language" in rule.lower() for rule in read["lying.pdf"]["PDF/UA-1"].failed)
