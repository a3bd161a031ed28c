"""The alert runbooks as web pages: what an alert means and what to do about it."""

from __future__ import annotations

import re
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markdown_it import MarkdownIt
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

_PAGE = re.compile(r"\]\(([a-z0-9-]+)\.md\)")
_ELSEWHERE = re.compile(r"\[([^\]]+)\]\(\.\./[^)]*\)")


def runbook_folder() -> Path:
    """The runbooks' directory: beside this module when installed, otherwise docs/runbooks."""
    shipped = Path(__file__).with_name("runbooks")
    return shipped if shipped.is_dir() else Path(__file__).parents[2] / "docs/runbooks"


def runbook(request: Request) -> Response:
    """Answers ``/runbook/NAME``; 404 for an unknown name, with the names there are."""
    name = request.path_params["name"]
    known = {file.stem: file for file in sorted(runbook_folder().glob("*.md"))}
    if name not in known:
        text = f"there is no runbook {name[:60]!r}; there are: {', '.join(known)}\n"
        return PlainTextResponse(text, 404)
    text = known[name].read_text(encoding="utf-8")
    title = next((line[2:] for line in text.splitlines() if line.startswith("# ")), name)
    environment = Environment(
        loader=PackageLoader("collector.web"), autoescape=True, undefined=StrictUndefined
    )
    # served pages have no .md suffix, and links to other docs would lead nowhere
    text = _ELSEWHERE.sub(r"\1", _PAGE.sub(r"](\1)", text))
    # our own text, so it is not escaped
    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    return HTMLResponse(environment.get_template("page.html").render(title=title, body=body))
