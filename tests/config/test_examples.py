"""The configurations of config/examples, one for each source."""

from __future__ import annotations

from pathlib import Path

import pytest

from collector.sources import SOURCES
from tests.worlds.commands import run_here
from tests.worlds.paths import ROOT

FILES = sorted((ROOT / "config" / "examples").glob("*.yaml"))
MISSING_HERE = (
    "RT_TOKEN is not set",
    "HELPDESK_PASSWORD is not set",
    "GLPI_TOKEN is not set",
    "no file matches",
    "cannot be read",
    "does not exist",
)
"""What an example names, and a machine without these systems does not have."""


def test_there_is_one_for_each_source() -> None:
    assert [file.stem for file in FILES] == sorted(SOURCES)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_example_passes_check(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RT_TOKEN", raising=False)
    monkeypatch.delenv("HELPDESK_PASSWORD", raising=False)
    monkeypatch.delenv("GLPI_TOKEN", raising=False)
    outcome = run_here("check", "--offline", "--config", file)
    assert outcome.code == 0
    assert [
        line for line in outcome.err.splitlines() if not any(why in line for why in MISSING_HERE)
    ] == []
    assert outcome.out.splitlines()[-1].startswith(f"{file}: usable, with 1 warning (")
