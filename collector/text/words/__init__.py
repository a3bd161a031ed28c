"""The words of the report in one language; a municipality can replace each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from collector.model.bilingual import Language, Text
from collector.text.words.report import WORDS


class Words:
    """Words by key, with placeholders filled in: ``words("of_n", n=143)`` → ``av 143``.

    ``locale``: the country whose form dates between them have; None: that of the language.
    """

    def __init__(
        self,
        language: Language,
        own: Mapping[str, Text] | None = None,
        locale: str | None = None,
    ) -> None:
        self.language: Language = language
        self.locale = locale
        self._words = {**WORDS, **(own or {})}

    def __call__(self, key: str, **filled: object) -> str:
        """Return a word with its placeholders filled in.

        Raises KeyError for an unknown key or a missing placeholder.
        """
        return self._words[key][self.language].format(**filled)

    def listed(self, texts: Sequence[str]) -> str:
        """``a, b och c``: join texts as in a sentence."""
        if len(texts) < 2:
            return "".join(texts)
        return f"{', '.join(texts[:-1])} {self('and')} {texts[-1]}"

    def either(self, texts: Sequence[str]) -> str:
        """``a, b eller c``: join texts of which one is enough."""
        if len(texts) < 2:
            return "".join(texts)
        return f"{', '.join(texts[:-1])} {self('or')} {texts[-1]}"


@cache
def words_in(language: Language, locale: str | None = None) -> Words:
    """Return the built-in words of a language, without any replacements."""
    return Words(language, locale=locale)


def capital(text: str) -> str:
    """Return the text with its first letter in upper case, the rest unchanged."""
    return text[:1].upper() + text[1:]


def lower(text: str) -> str:
    """Return the text with its first letter in lower case, the rest unchanged."""
    return text[:1].lower() + text[1:]
