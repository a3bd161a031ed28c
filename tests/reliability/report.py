"""``make reliability``: runs the tests of the table and writes docs/reliability.md.

``python -m tests.reliability.report [--rows 1 2] [--write]``: runs those of some rows and keeps
what is known of the others; with ``--write`` it runs none. What tests tell by the fixture
``figure`` comes here in pytest's own report of a run (JUnit XML), what commands print by their
output, and is kept in last_run.json beside this file, from which the document is made: neither is
edited by hand.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.reliability.table import NOT_ON_A_MACHINE, ROWS, Row
from tests.worlds.paths import ROOT

PAGE = ROOT / "docs" / "reliability.md"
KEPT = Path(__file__).with_name("last_run.json")
Run = Mapping[str, Any]

HEAD = """# Reliability

What is tried so that nothing is lost, nobody is let in and no clock is believed blindly: the 28
rows of the project's checklist, each with its target, the figure of the last run and the tests
that show it.

**Made by `make reliability`, never by hand**: the tests themselves tell what they measured
(`tests/reliability/table.py` names them, `tests/reliability/last_run.json` keeps what they told,
and a test of the usual run compares this page with both). `make reliability ROWS="1 5"` makes
some rows anew.

"""
NOTES = """
## How it is tried

- **Processes** are the program itself, started as the installed command is, and ended by the
  signals that the row names. Sizes are those of `TEST_SIZES=full`, unless the environment says
  `long`; figures tell how many were tried. `make test` and CI run the same tests with fewer
  kills, seeds and cycles, without those that only `make reliability` runs.
- **Databases** are SQLite files, and a real PostgreSQL 15 of its own for each run.
- **Networks** are a proxy on loopback (`tests/worlds/fault_proxy.py`) that delays, slows, cuts,
  refuses and swallows what passes.
- **Clocks** are faketime's (Debian package `faketime`): libfaketime stands before the C library
  of one process. By itself it would move the monotonic clocks, too, by which every wait is
  measured, and the times of files. No machine does that, so both are switched off
  (`DONT_FAKE_MONOTONIC=1`, `NO_FAKE_STAT=1`), and a test asks such a process for all three
  clocks: only the wall clock is another. The clock is set while a process runs by a file that is
  read at each look (`FAKETIME_TIMESTAMP_FILE`, `FAKETIME_NO_CACHE=1`).
- **Full disks** are a tmpfs of a few megabytes, which only root can mount; elsewhere that test is
  left out.
"""


def last_run() -> Run:
    """What the tests of the last runs told; none if there was none."""
    run: Run = json.loads(KEPT.read_text(encoding="utf-8"))
    return run


def digest(run: Run) -> str:
    """The digest of what was told, which is kept with it."""
    told = json.dumps(run["tests"], sort_keys=True, ensure_ascii=False)
    return sha256(told.encode()).hexdigest()


def document(run: Run) -> str:
    """The page, in Markdown."""
    when = sorted(each["at"] for each in run["tests"].values())
    made = "It was never run yet.\n"
    if when:
        made = f"Last run: {when[0]} to {when[-1]} UTC, on {run['machine']}.\n"
    lines = ["| # | what is tried | how | target | figure of the last run | shown by |",
             "| ---: | --- | --- | --- | --- | --- |"]  # fmt: skip
    for row in ROWS:
        shown = "<br>".join(f"`{each}`" for each in row.shown_by()) or "–"
        cells = (f"{row.number}", row.what, row.how, row.target, _figure(row, run["tests"]), shown)
        lines.append(f"| {' | '.join(each.replace('|', '/') for each in cells)} |")
    beyond = "".join(f"- {each}\n" for each in NOT_ON_A_MACHINE)
    missing = f"\n## What cannot be had on one machine\n\n{beyond}"
    return HEAD + made + "\n" + "\n".join(lines) + "\n" + NOTES + missing


def _figure(row: Row, told: Mapping[str, Any]) -> str:
    known = [told[each] for each in row.shown_by() if each in told]
    passed, failed = (sum(each[what] for each in known) for what in ("passed", "failed"))
    figures = [text for each in known for text in each["figures"]]
    parts = figures + ([f"{passed} passed"] if passed else [])
    if failed:
        parts.insert(0, f"**{failed} FAILED**")
    left_out = sorted({reason for each in known for reason in each["left_out"]})
    parts += [f"left out: {reason}" for reason in left_out]
    if waiting := sum(each not in told for each in row.shown_by()):
        parts.append(f"{waiting} not run yet")
    if row.lacks:
        parts.append(f"not shown: {row.lacks}")
    return "; ".join(parts) or "not shown"


def machine() -> str:
    """In words, without a name."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    busy = os.getloadavg()[1]
    return (
        f"{os.cpu_count()} cores and {memory:.0f} GiB, {platform.system()} on "
        f"{platform.machine()}, Python {platform.python_version()}, shared with other work "
        f"(load {busy:.0f})"
    )


def run_command(command: str) -> dict[str, Any]:
    """Run what measures instead of a test, and return what it printed."""
    program, _, rest = command.partition(" ")
    program = sys.executable if program == "python" else program
    done = subprocess.run(
        [program, *rest.split()], cwd=ROOT, env={**os.environ, "MAKEFLAGS": "s"}, check=False,
        text=True, stdout=subprocess.PIPE,
    )  # fmt: skip
    print(done.stdout)
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    return _nothing() | {
        "failed": int(done.returncode != 0),
        "figures": [line for line in lines if line],
    }


def _nothing() -> dict[str, Any]:
    now = f"{datetime.now(UTC):%Y-%m-%d %H:%M}"
    return {"at": now, "passed": 0, "failed": 0, "figures": [], "left_out": []}


def run_tests(tests: Sequence[str]) -> dict[str, Any]:
    """Run tests, and return what each told; the output of pytest is that of the command."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider",
                   "-n", os.environ.get("WORKERS", "auto"), "--dist", "worksteal",
                   f"--junitxml={report}", "-o", "junit_family=xunit1",
                   *(f"tests/{test}" for test in tests)]  # fmt: skip
        environment = {"TEST_SIZES": "full", **os.environ}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        subprocess.run(command, cwd=ROOT, env=environment, check=False)
        return read_report(ET.parse(report).iter("testcase"), tests)


def read_report(cases: Iterable[ET.Element], tests: Sequence[str]) -> dict[str, Any]:
    """What each of ``tests`` told by its cases, of which one with parameters has several."""
    told: dict[str, dict[str, Any]] = {}
    for case in cases:
        file = case.attrib["classname"].removeprefix("tests.").replace(".", "/") + ".py"
        name = f"{file}::{case.attrib['name'].partition('[')[0]}"
        test = next((each for each in tests if each in {file, name}), None)
        if test is None:
            continue
        own = told.setdefault(test, _nothing())
        skipped = case.find("skipped")
        if skipped is not None:
            own["left_out"].append(skipped.attrib.get("message", ""))
        elif case.find("failure") is not None or case.find("error") is not None:
            own["failed"] += 1
        else:
            own["passed"] += 1
        figures = (each for each in case.iter("property") if each.attrib["name"] == "figure")
        own["figures"] += [each.attrib["value"] for each in figures]
    return told


def main() -> int:
    """Return 1 if a test failed."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, nargs="*", help="only these, by their numbers")
    arguments.add_argument("--write", action="store_true", help="write the page, run nothing")
    given = arguments.parse_args()
    fresh: dict[str, Any] = {}
    if not given.write:
        rows = [row for row in ROWS if not given.rows or row.number in given.rows]
        if tests := list(dict.fromkeys(test for row in rows for test in row.tests)):
            fresh = run_tests(tests)
        fresh |= {command: run_command(command) for row in rows for command in row.commands}
    kept = dict(last_run()) if KEPT.exists() else {"tests": {}, "machine": machine()}
    if not given.write:
        kept["machine"] = machine()
    named = {each for row in ROWS for each in row.shown_by()}
    told = {name: each for name, each in kept["tests"].items() if name in named}
    kept["tests"] = dict(sorted({**told, **fresh}.items()))
    kept["digest"] = digest(kept)
    KEPT.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    PAGE.write_text(document(kept), encoding="utf-8")
    return int(any(each["failed"] for each in fresh.values()))


if __name__ == "__main__":
    sys.exit(main())
