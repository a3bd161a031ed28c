"""A token is in no file, no log, no metric, no page and no command line, whatever is said of it."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

from starlette.responses import PlainTextResponse

from tests.worlds.commands import run_process
from tests.worlds.desk import CONFIGURATION, write_desk
from tests.worlds.processes import get, running
from tests.worlds.serving import served

MARK = "hush-a71c0e55"
ENVIRONMENT = {"DESK_TOKEN": MARK, "SERVICEDESK_KPI_LOG_FORMAT": "json"}
PAGES = ("/metrics", "/readyz", "/", "/sources", "/open", "/months", "/api/sources")


async def _refuses(scope: object, receive: object, send: object) -> None:
    """A ticket system that repeats what it was asked with."""
    await PlainTextResponse(f"no {MARK}", 401)(scope, receive, send)  # type: ignore[arg-type]


def test_everything_at_its_most_talkative_tells_no_secret(
    tmp_path: Path, figure: Callable[[str], None]
) -> None:
    texts: list[str] = []
    with served(_refuses) as url:  # type: ignore[arg-type]
        source = f"  other: {{type: request_tracker, url: '{url}', every: 1s, "
        source += "token: '${DESK_TOKEN}'}\n"
        write_desk(tmp_path, CONFIGURATION.replace("rules:", source + "rules:"))
        for command in (["-v", "check"], ["-v", "poll"]):
            done = run_process(command, cwd=tmp_path, env=ENVIRONMENT)
            assert done.code
            assert "401" in done.out + done.err
            texts += [done.out, done.err]
        with running(["-v", "run"], tmp_path, ENVIRONMENT) as service:
            address = service.address()
            service.until("readiness", lambda: get(f"{address}/readyz")[0] == 200)
            texts += [get(address + path)[1] for path in PAGES]
            texts.append(Path(f"/proc/{service._process.pid}/cmdline").read_text())
            assert service.end(signal.SIGTERM) == 0
            texts += [service.log, service.said]
    assert "401" in texts[-2]
    files = [each for each in tmp_path.rglob("*") if each.is_file()]
    assert not [text for text in texts if MARK in text]
    assert not [each for each in files if MARK.encode() in each.read_bytes()]
    figure(f"0 found in {len(texts)} outputs and {len(files)} files")
