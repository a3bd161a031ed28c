"""What commands import: only what they need."""

import json
import subprocess
import sys
from typing import get_args

import pytest

from collector.cli.commands import report
from collector.config.report import Form
from tests.worlds.commands import environment

HEAVY = (
    *("numpy", "sqlalchemy", "alembic", "requests", "babel", "holidays", "starlette", "jinja2"),
    *("typst", "docx", "xlsxwriter", "apscheduler", "uvicorn", "yaml"),
)
"""Not pydantic and markdown_it: typer itself loads them, for options and for its help."""
PROGRAM = """import json, sys
sys.argv = ["servicedesk-kpi", *sys.argv[1:]]
from collector.cli.main import main
try:
    main()
except SystemExit:
    print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


def loaded(*arguments: str) -> set[str]:
    """The modules that a run of the command line has loaded when it ends."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        capture_output=True,
        text=True,
        check=True,
        env=environment(None),
    )
    return set(json.loads(done.stderr.splitlines()[-1]))


def completed(words: str) -> list[str]:
    """What a bash offers after these words, of which the last is not complete."""
    asked = {
        "_SERVICEDESK_KPI_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split()) - 1),
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True,
        text=True,
        check=True,
        env=environment(asked),
    )
    assert not set(json.loads(done.stderr.splitlines()[-1])) & set(HEAVY)
    return done.stdout.split()


def test_a_shell_completes_commands_and_options() -> None:
    assert completed("servicedesk-kpi me") == ["measure"]
    assert completed("servicedesk-kpi snapshot fr") == ["freeze"]
    assert completed("servicedesk-kpi measure --per") == ["--period"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["nonsense"],
        ["measure", "--nonsense"],
        ["measure", "--help"],
        ["snapshot", "freeze", "--help"],
        ["init", "--help"],
    ],
    ids=" ".join,
)
def test_help_and_a_wrong_argument_load_nothing_heavy(arguments: list[str]) -> None:
    assert not loaded(*arguments) & set(HEAVY)


def test_a_command_that_works_does_load_what_is_heavy() -> None:
    """That the test above would see it."""
    measured = loaded("measure", "--period", "2020-07", "--config", "/nowhere.yaml")
    assert {"numpy", "sqlalchemy", "yaml"} <= measured


def test_measuring_loads_nothing_that_only_polling_or_reporting_needs() -> None:
    found = loaded("measure", "--period", "2020-07", "--config", "/nowhere.yaml")
    assert {"sqlalchemy", "collector.sources.csv.options"} <= found
    assert not found & {"requests", "urllib3", "alembic", "starlette", "jinja2", "typst", "docx"}
    assert not found & {"sqlalchemy.dialects.postgresql", "collector.sources.csv.source"}


def test_a_calendar_loads_no_country_but_its_own() -> None:
    program = "import sys; from collector.config.calendars import public_holidays; "
    program += "assert public_holidays('SE', None, ('public',)); "
    program += "print(*(each for each in sys.modules if each.startswith('holidays.countries')))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert not done.stdout.split()


def test_the_help_of_report_names_every_form() -> None:
    option = report.report.__annotations__["formats"]
    assert ", ".join(get_args(Form)) in option
