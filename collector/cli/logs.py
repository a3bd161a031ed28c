"""The form of the log: lines for people, or one JSON object a line for a log system."""

from __future__ import annotations

import json
import logging
import sys
from datetime import datetime
from typing import Literal

LogFormat = Literal["text", "json"]

_CHATTY = ("apscheduler", "alembic", "urllib3", "sqlalchemy", "uvicorn")
"""Loggers of libraries whose routine messages are left out of our log."""


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
        return json.dumps(told, ensure_ascii=False)


def set_up_log(form: LogFormat, *, verbose: bool) -> None:
    """Send the log to stderr in that form, with debug messages if ``verbose``."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        JsonLines()
        if form == "json"
        else logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S%z")
    )
    logging.basicConfig(level=logging.DEBUG if verbose else logging.INFO, handlers=[handler])
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # the service logs missed runs
