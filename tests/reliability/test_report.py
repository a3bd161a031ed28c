"""docs/reliability.md is what the tests told, of all 28 rows, and nobody has edited it."""

from __future__ import annotations

import ast
import platform
import xml.etree.ElementTree as ET

import pytest

from tests.reliability.report import (
    HEAD,
    PAGE,
    digest,
    document,
    last_run,
    read_report,
    run_command,
)
from tests.reliability.table import ROWS
from tests.worlds.paths import ROOT

ANEW = (
    "make it anew: make reliability, or without running: python -m tests.reliability.report --write"
)


def test_there_are_28_rows_each_with_its_target() -> None:
    assert [row.number for row in ROWS] == list(range(1, 29))
    assert all(row.what and row.how and row.target for row in ROWS)
    assert all(row.shown_by() or row.lacks for row in ROWS), "what is not shown says why"


def test_each_test_that_is_named_exists() -> None:
    named = [test for row in ROWS for test in row.tests]
    for test in named:
        file, _, name = test.partition("::")
        tree = ast.parse((ROOT / "tests" / file).read_text(encoding="utf-8"))
        functions = {each.name for each in tree.body if isinstance(each, ast.FunctionDef)}
        assert not name or name in functions, f"{test} is not there"


def test_the_page_is_what_the_tests_told() -> None:
    run = last_run()
    assert run["digest"] == digest(run), ANEW
    assert PAGE.read_text(encoding="utf-8") == document(run), ANEW


def test_what_a_test_told_is_read_from_the_report_of_its_run() -> None:
    report = ET.fromstring(
        '<r><testcase classname="tests.store.test_a" name="test_b[x]"><properties>'
        '<property name="figure" value="3 of 3"/></properties></testcase>'
        '<testcase classname="tests.store.test_a" name="test_b[y]"><failure/></testcase>'
        '<testcase classname="tests.store.test_a" name="test_c"><skipped message="no disk"/>'
        "</testcase></r>"
    )
    told = read_report(report.iter("testcase"), ["store/test_a.py::test_b", "store/test_a.py"])
    first, second = told["store/test_a.py::test_b"], told["store/test_a.py"]
    assert (first["passed"], first["failed"], first["figures"]) == (1, 1, ["3 of 3"])
    assert (second["passed"], second["left_out"]) == (0, ["no disk"])


def test_a_command_tells_by_what_it_prints(capfd: pytest.CaptureFixture[str]) -> None:
    told = run_command("python --version")
    assert told["figures"] == [f"Python {platform.python_version()}"]
    assert (told["passed"], told["failed"]) == (0, 0)
    assert run_command("python -c exit(3)")["failed"] == 1
    assert "Python" in capfd.readouterr().out, "whoever waits sees it, too"


def test_a_row_without_a_run_says_so() -> None:
    page = document({"tests": {}, "machine": ""})
    assert page.startswith(HEAD)
    assert "It was never run yet." in page
    assert page.count("not run yet |") + page.count("not shown: ") >= 28
