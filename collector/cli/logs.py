"""The form of the log: lines for people, or one JSON object a line for a log system."""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
from datetime import datetime
from typing import Any, Literal

LogFormat = Literal["text", "json"]

_CHATTY = ("apscheduler", "alembic", "urllib3", "sqlalchemy", "uvicorn")
"""Loggers of libraries whose routine messages are left out of our log."""

_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
"""What would colour or move a terminal, or end a line for some readers; not tab and newline."""


class JsonLines(logging.Formatter):
    """A record as one line of JSON: ``time`` (ISO 8601 with offset), ``level``, ``logger``,
    ``message``, and ``error`` with the traceback of a fault in the program."""

    def format(self, record: logging.LogRecord) -> str:
        told = {
            "time": datetime.fromtimestamp(record.created)
            .astimezone()
            .isoformat("T", "milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            told["error"] = self.formatException(record.exc_info)
        return _CONTROLS.sub(_escaped, json.dumps(told, ensure_ascii=False))


class TextLines(logging.Formatter):
    """A record as a line for people. Its further lines are indented, so that no text of a stranger
    can look like a record of its own, and control characters are written out."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S%z")

    def format(self, record: logging.LogRecord) -> str:
        return _CONTROLS.sub(_escaped, super().format(record)).replace("\n", "\n  ")


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def set_up_log(form: LogFormat, *, verbose: bool) -> None:
    """Send the log to stderr in that form, with debug messages if ``verbose``.

    What Python would print beside it goes there, too: warnings, and in JSON also the traceback of
    an error that nobody caught.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else TextLines())
    logging.basicConfig(level=logging.DEBUG if verbose else logging.INFO, handlers=[handler])
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # the service logs missed runs
    logging.captureWarnings(True)
    if form == "json":
        sys.excepthook = _log_uncaught
        sys.unraisablehook = _log_found
        threading.excepthook = _log_found


def _log_uncaught(*error: Any) -> None:
    if issubclass(error[0], KeyboardInterrupt):
        sys.__excepthook__(*error)
        return
    logging.getLogger("collector").critical("the program is at fault", exc_info=error)


def _log_found(found: Any) -> None:
    error = (found.exc_type, found.exc_value, found.exc_traceback)
    if error[0] is not SystemExit:
        logging.getLogger("collector").critical("the program is at fault", exc_info=error)
