"""The configurations of config/examples, at least one for each source."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from collector.sources import SOURCES
from tests.worlds.commands import run_here
from tests.worlds.paths import ROOT

FILES = sorted((ROOT / "config" / "examples").glob("*.yaml"))
MISSING_HERE = (
    "_TOKEN is not set",
    "_PASSWORD is not set",
    "no file matches",
    "cannot be read",
    "does not exist",
)
"""What an example names, and a machine without these systems does not have."""


def test_there_is_one_for_each_source_and_for_nothing_else() -> None:
    """A name is TYPE, or TYPE-PRODUCT."""
    assert sorted({file.stem.partition("-")[0] for file in FILES}) == sorted(SOURCES)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_example_passes_check(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.endswith(("_TOKEN", "_PASSWORD"))]:
        monkeypatch.delenv(name)
    outcome = run_here("check", "--offline", "--config", file)
    assert outcome.code == 0
    assert [
        line for line in outcome.err.splitlines() if not any(why in line for why in MISSING_HERE)
    ] == []
    said = outcome.out.splitlines()[-1]
    warnings, sources = re.findall(r"(\d+) (?:warning|source)", said.partition(": ")[2])
    assert warnings == sources, "what each names, and nothing else"
