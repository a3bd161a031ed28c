"""The commands that the README and docs/first-hour.md print can be typed as they stand."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from tests.worlds.commands import run_here
from tests.worlds.paths import FIXTURES, ROOT

NOT_HERE = {"run", "provision"}
"""What serves until it is stopped, and what needs a Grafana: they have tests of their own."""


def _commands(text: str, prompt: str) -> list[list[str]]:
    """The commands in the blocks of a page, without their comments."""
    lines = "".join(re.findall(r"```\n(.*?)```", text, re.DOTALL)).splitlines()
    beginning = f"{prompt}servicedesk-kpi "
    found = [line.removeprefix(beginning) for line in lines if line.startswith(beginning)]
    return [shlex.split(line, comments=True) for line in found]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The present folder, with the exports of a first hour."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SERVICEDESK_KPI_CONFIG", raising=False)
    for name in ("first_hour/tickets.csv", "first_hour/arenden.csv", "asterisk/queue_log",
                 "asterisk/queue_log.0"):  # fmt: skip
        shutil.copy2(FIXTURES / name, tmp_path)
    return tmp_path


def test_the_commands_of_the_readme(here: Path) -> None:
    commands = _commands((ROOT / "README.md").read_text(), "")
    assert {"init", "check", "poll", "measure", "explain", "forecast", "what-if", "snapshot",
            "report"} <= {command[0] for command in commands}  # fmt: skip
    for command in commands:
        if command[0] in NOT_HERE:
            assert run_here(command[0], "--help").code == 0
        elif command[0] != "--install-completion":  # writes into the home of whoever runs this
            outcome = run_here(*command)
            assert outcome.code == 0, (command, outcome.err)
    assert {path.suffix for path in (here / "board").rglob("*.*")} == {".docx", ".pdf"}


def test_the_commands_of_the_first_hour(here: Path) -> None:
    page = (ROOT / "docs" / "first-hour.md").read_text()
    first, *hours = re.split(r"^## ", page, flags=re.MULTILINE)[1:4]
    for number, hour in enumerate((first, *hours)):
        commands = _commands(hour, "$ ")
        assert [command[0] for command in commands][:4] == ["init", "check", "poll", "measure"]
        for command in commands:
            outcome = run_here(*command)
            assert outcome.code == 0, (command, outcome.err)
            if number == 0 and command[0] in {"init", "check", "poll"}:
                assert outcome.out in page
        for made in ("servicedesk.yaml", "servicedesk.db", ".servicedesk.db.made"):
            (here / made).unlink()
