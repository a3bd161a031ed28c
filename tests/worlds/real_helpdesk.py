"""A running django-helpdesk on loopback, with the tickets of ``real_helpdesk_site.py``."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.worlds.paths import ROOT
from tests.worlds.programs import absent

PYTHON = ROOT / "systems" / ".venv" / "bin" / "python"
SITE = Path(__file__).with_name("real_helpdesk_site.py")


@dataclass(frozen=True)
class RealHelpdesk:
    """One that runs. The collector's user is ``kpi``, with the password ``kpi-password``."""

    url: str

    def call(self, method: str, path: str, **body: Any) -> Any:
        """One request of the user ``agent``; the decoded answer."""
        answer = requests.request(
            method, f"{self.url}/api/{path}", json=body, timeout=30,
            auth=("agent", "agent-password"),
        )  # fmt: skip
        assert answer.status_code < 300, f"{method} {path}: {answer.status_code}"
        return answer.json() if answer.content else None


@contextmanager
def real_helpdesk(webhook: str | None = None) -> Iterator[RealHelpdesk]:
    """Start one, which takes some seconds. ``webhook``: what it calls after every follow-up.

    Its files and its process are gone afterwards.
    """
    if not PYTHON.exists():
        absent("django-helpdesk", "make systems")
    folder = tempfile.mkdtemp(prefix="helpdesk-")
    command = [str(PYTHON), str(SITE), folder, *([] if webhook is None else [webhook])]
    log = Path(folder) / "log"
    try:
        with (
            log.open("wb") as errors,
            subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors
            ) as process,
        ):
            try:
                assert process.stdout is not None
                port = process.stdout.readline().decode().strip()
                assert port, log.read_text()
                yield RealHelpdesk(f"http://127.0.0.1:{port}")
            finally:
                process.terminate()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
