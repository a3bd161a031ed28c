"""The texts of the boards, in both languages, from texts.yaml."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from collector.model.bilingual import Language
from collector.model.codes import STATES
from collector.text.period_names import RUNNING
from collector.text.vocabulary import state_text
from collector.text.words import capital

FILE = Path(__file__).with_name("texts.yaml")


@cache
def table() -> dict[str, Any]:
    """The content of texts.yaml: ``words``, ``headings``, ``boards`` and ``panels``."""
    found: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return found


class Words:
    """The texts in one language. Every method raises KeyError for an unknown key."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language

    def __call__(self, key: str) -> str:
        """A word: the heading of a column, the name of a line, the meaning of a value, or a state
        with its symbol."""
        if key in STATES:
            return self.state(key)
        text: str = table()["words"][key][self.language]
        return text

    def state(self, state: str) -> str:
        """Symbol and word of a state."""
        return state_text(state, self.language)

    def period(self, name: str) -> str:
        """The name of a period that moves with the date, such as ``today``."""
        return capital(RUNNING[name][self.language])

    def board(self, name: str) -> tuple[str, str]:
        """Title and description of a board."""
        return self._both("boards", name)

    def panel(self, key: str) -> tuple[str, str]:
        """Title and description of a panel."""
        return self._both("panels", key)

    def heading(self, key: str) -> str:
        """The heading of a section of a board."""
        text: str = table()["headings"][key][self.language]
        return text

    def _both(self, group: str, key: str) -> tuple[str, str]:
        entry = table()[group][key]
        return entry["title"][self.language], " ".join(entry["about"][self.language].split())
