"""The runbooks of the alerts as pages: what an alert means and what to do."""

from __future__ import annotations

import re
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markdown_it import MarkdownIt
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

_PAGE = re.compile(r"\]\(([a-z0-9-]+)\.md\)")
_ELSEWHERE = re.compile(r"\[([^\]]+)\]\(\.\./[^)]*\)")


def folder() -> Path:
    """Where the runbooks lie: beside this module once installed, else in the checkout's docs."""
    shipped = Path(__file__).with_name("runbooks")
    return shipped if shipped.is_dir() else Path(__file__).parents[2] / "docs/runbooks"


def runbook(request: Request) -> Response:
    """Answers ``/runbook/NAME``; 404 where there is no such page."""
    name = request.path_params["name"]
    known = {file.stem: file for file in sorted(folder().glob("*.md"))}
    if name not in known:
        text = f"there is no runbook {name[:60]!r}; there are: {', '.join(known)}\n"
        return PlainTextResponse(text, 404)
    text = known[name].read_text(encoding="utf-8")
    title = next((line[2:] for line in text.splitlines() if line.startswith("# ")), name)
    environment = Environment(
        loader=PackageLoader("collector.web"), autoescape=True, undefined=StrictUndefined
    )
    # as they are served, pages have no ending, and what lies beside them is not there
    text = _ELSEWHERE.sub(r"\1", _PAGE.sub(r"](\1)", text))
    # our own text: whatever markup it holds is meant
    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    return HTMLResponse(environment.get_template("page.html").render(title=title, body=body))
