"""Eight documents, as real as can be, read by veraPDF: PDF/A-2a and PDF/UA-1."""

from __future__ import annotations

from pathlib import Path

import pytest

from collector.report.render.pdf import pdf
from tests.worlds.commands import run_here
from tests.worlds.document_sample import document
from tests.worlds.document_tools import Verdict, verapdf
from tests.worlds.seed_desk import write_desk

PERIODS = ("2020-07", "2020-t2", "2020-h1", "2020")
LATER = "2021-01-18T09:00"
RULES = {"PDF/A-2A": 153, "PDF/UA-1": 106}
"""How many rules veraPDF 1.28 has of each standard."""


@pytest.mark.integration
def test_no_rule_fails_in_eight_documents_and_one_that_lies_is_found_out(tmp_path: Path) -> None:
    """A month, a tertial, a half and a closed year of the seed's desk in both languages; and a file
    that says what it is not. All in one test: a second process would cost as much again."""
    whole = pdf(document())
    assert b"/Lang(sv)" in whole
    lying = tmp_path / "lying.pdf"
    lying.write_bytes(whole.replace(b"/Lang(sv)", b"/Lunk(sv)"))
    file = write_desk(tmp_path)
    assert run_here("poll", "-c", file).code == 0
    for period in PERIODS:
        frozen = ("snapshot", "freeze", period, "--incomplete", "--now", LATER, "-c", file)
        assert run_here(*frozen).code == 0
        written = ("report", period, "--format", "pdf", "--out", tmp_path / "out", "-c", file)
        assert run_here(*written).code == 0
    found = verapdf(lying, *sorted((tmp_path / "out").glob("*.pdf")))
    told = found.pop("lying.pdf")["PDF/UA-1"].failed
    assert any("language" in rule.lower() for rule in told)
    clean = {name: Verdict(rules, ()) for name, rules in RULES.items()}
    assert {name: said for name, said in found.items() if said != clean} == {}
    assert len(found) == 2 * len(PERIODS)
