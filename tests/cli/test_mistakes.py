"""The messages of a first hour's mistakes are as they are written down, to be read as a whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.mistakes.cases import MESSAGES, MISTAKES, Mistake, run, shown


def _golden() -> dict[str, str]:
    parts = MESSAGES.read_text(encoding="utf-8").split("# ")[1:]
    whole = ["# " + part for part in parts]
    return {part.splitlines()[0].removeprefix("# "): part for part in whole}


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda each: each.title)
def test_a_mistake_is_answered_with_what_where_and_what_to_do(
    mistake: Mistake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SERVICEDESK_KPI_CONFIG", raising=False)
    monkeypatch.delenv("KPI_NOT_SET", raising=False)
    outcome = run(mistake, tmp_path)
    assert outcome.code == mistake.code
    assert "Traceback" not in outcome.err
    assert "1-2-abc" not in outcome.out + outcome.err
    assert shown(mistake, outcome, tmp_path) == _golden()[mistake.title]


def test_every_message_that_is_written_down_has_its_mistake() -> None:
    assert list(_golden()) == [mistake.title for mistake in MISTAKES]
    assert len(MISTAKES) >= 40
