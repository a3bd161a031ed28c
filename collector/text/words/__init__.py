"""The words of the document in one language, with a municipality's own in their place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from collector.model.bilingual import Language, Text
from collector.text.words.report import WORDS


class Words:
    """``words("of_n", n=143)`` → ``av 143``."""

    def __init__(self, language: Language, own: Mapping[str, Text] | None = None) -> None:
        self.language: Language = language
        self._words = {**WORDS, **(own or {})}

    def __call__(self, key: str, **filled: object) -> str:
        """A word, with what stands in braces filled in. Raises KeyError for an unknown key."""
        return self._words[key][self.language].format(**filled)

    def listed(self, texts: Sequence[str]) -> str:
        """``a, b och c``."""
        if len(texts) < 2:
            return "".join(texts)
        return f"{', '.join(texts[:-1])} {self('and')} {texts[-1]}"


@cache
def words_in(language: Language) -> Words:
    """The words of a language as they are without anybody's own."""
    return Words(language)


def capital(text: str) -> str:
    """The text as a sentence or a cell begins; only its first letter is touched."""
    return text[:1].upper() + text[1:]


def lower(text: str) -> str:
    """The text as it stands within a sentence; only its first letter is touched."""
    return text[:1].lower() + text[1:]
