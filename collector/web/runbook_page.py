"""The alert runbooks as web pages: what an alert means and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markupsafe import Markup

from collector.model.bilingual import Language
from collector.web.desk import Desk
from collector.web.page import Page
from collector.web.parameters import Question, Unknown

_PAGE = re.compile(r"\]\(([a-z0-9-]+)\.md\)")
_FOLDERS: Mapping[Language, str] = {"en": ".", "sv": "sv"}
_ELSEWHERE = re.compile(r"\[([^\]]+)\]\(\.\./[^)]*\)")


def runbook_folder() -> Path:
    """The runbooks' directory: beside this module when installed, otherwise docs/runbooks."""
    shipped = Path(__file__).with_name("runbooks")
    return shipped if shipped.is_dir() else Path(__file__).parents[2] / "docs/runbooks"


@dataclass(frozen=True, slots=True)
class Runbook:
    """A runbook in the language of the answer: its title, and the whole text as Markdown."""

    name: str
    title: str
    markdown: str


class RunbookPage(Page[Runbook]):
    """Answers ``/runbook/NAME``; 404 for an unknown name, with the names there are."""

    NAME = "runbook"
    PATH = "/runbook/{name}"
    ABOUT = "What an alert means and what to do about it."
    CONTENT = Runbook

    def content(self, desk: Desk, asked: Question) -> Runbook:
        """The runbook of this name."""
        name, folder = asked.path, runbook_folder() / _FOLDERS[asked.language]
        known = {file.stem: file for file in sorted(folder.glob("*.md"))}
        if name not in known:
            raise Unknown(f"there is no runbook {name[:60]!r}; there are: {', '.join(known)}")
        text = known[name].read_text(encoding="utf-8")
        title = next((line[2:] for line in text.splitlines() if line.startswith("# ")), name)
        return Runbook(name, title, text)

    def title(self, content: Runbook, language: Language) -> str:
        """The first heading."""
        return content.title

    def extras(self, desk: Desk, content: Runbook, asked: Question) -> Mapping[str, object]:
        """The text below its title, as markup: it is our own."""
        # served pages have no .md suffix, and links to other docs would lead nowhere
        text = _PAGE.sub(lambda found: f"]({asked.link(found[1])})", content.markdown)
        text = _ELSEWHERE.sub(r"\1", text)
        text = text.removeprefix(f"# {content.title}\n")
        made = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
        return {"body": Markup(made)}  # noqa: S704
