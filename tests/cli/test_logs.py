"""The log as lines of JSON."""

import json
import logging
import re
import subprocess
import sys

from collector.cli.logs import JsonLines, TextLines
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


FAULTS = """
import threading, warnings
from collector.cli.logs import set_up_log
set_up_log("json", verbose=False)
warnings.warn("a library\\nis unhappy", RuntimeWarning)
class Bad:
    def __del__(self): raise ValueError("in a destructor\u2028of it")
Bad()
thread = threading.Thread(target=lambda: {}["in a thread"])
thread.start()
thread.join()
raise LookupError("nobody caught it")
"""


def test_what_python_prints_itself_is_a_line_of_json_too():
    done = subprocess.run(
        [sys.executable, "-c", FAULTS], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    found = [json.loads(line) for line in done.stderr.splitlines()]
    assert [each["logger"] for each in found] == ["py.warnings", *["collector"] * 3]
    assert "is unhappy" in found[0]["message"]
    errors = [each["error"].splitlines()[-1] for each in found[1:]]
    assert errors[1:] == ["KeyError: 'in a thread'", "LookupError: nobody caught it"]


def test_no_text_of_a_stranger_looks_like_a_record_or_moves_the_terminal():
    said = "x\n2026-12-01T07:00:00+0100 INFO all is well\x1b[2J\x9b\x00\r"
    record = logging.LogRecord("collector.x", logging.ERROR, "x.py", 1, "desk: %s", (said,), None)
    lines = TextLines().format(record).split("\n")
    assert lines[1] == "  2026-12-01T07:00:00+0100 INFO all is well\\u001b[2J\\u009b\\u0000\\u000d"
