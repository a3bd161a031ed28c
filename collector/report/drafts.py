"""How the file of a draft is named: ``servicedesk-2020-07-sv-utkast.pdf``. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from collector.model.bilingual import Language
from collector.text.words.report import WORDS


def draft_mark(language: Language) -> str:
    """The end of a draft's name, before its extension: ``utkast``, ``draft``."""
    return WORDS["draft"][language].lower()


def finished_name(name: str) -> str:
    """The name of a file without the mark of a draft: ``servicedesk-2020-07-sv.pdf``."""
    stem, dot, extension = name.partition(".")
    for language in ("sv", "en"):
        stem = stem.removesuffix(f"-{draft_mark(language)}")
    return f"{stem}{dot}{extension}"


def any_draft(names: Iterable[str]) -> bool:
    """Whether one of the files is a draft by its name."""
    return any(finished_name(each) != each for each in names)
