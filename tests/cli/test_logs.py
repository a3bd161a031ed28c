"""The log as lines of JSON."""

import json
import logging
import re
import subprocess
import sys

from collector.cli.logs import JsonLines
from tests.worlds.desk import write_desk


def _line(*arguments, **extra):
    record = logging.LogRecord("collector.x", logging.ERROR, "x.py", 1, *arguments, **extra)
    return JsonLines().format(record)


def test_a_record_is_one_line_whatever_it_says():
    line = _line("källan %s:\nsaid «no»", ("desk",), None)
    assert "\n" not in line
    told = json.loads(line)
    assert told["message"] == "källan desk:\nsaid «no»"
    assert (told["level"], told["logger"]) == ("ERROR", "collector.x")
    assert re.fullmatch(r"[-\d]{10}T[:\d]{8}\.\d{3}[+-]\d\d:\d\d", told["time"])
    assert "error" not in told


def test_a_fault_in_the_program_brings_its_traceback():
    try:
        raise LookupError("gone")
    except LookupError:
        line = _line("measuring failed", (), sys.exc_info())
    assert "\n" not in line
    assert json.loads(line)["error"].endswith("LookupError: gone")


def test_the_environment_chooses_the_form(tmp_path):
    """As a unit of systemd or a container does."""
    config = write_desk(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", "from collector.cli.main import main; main()",
         "--verbose", "poll", "--config", str(config)],
        env={"SERVICEDESK_KPI_LOG_FORMAT": "json", "PATH": "/usr/bin:/bin"},
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert lines, "poll says what it read"
