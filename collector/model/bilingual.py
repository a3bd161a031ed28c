"""Texts shown to people, in the languages of the program, and which of these a desk uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, Self, get_args

from pydantic import BeforeValidator, ValidationInfo

from collector.model.fields import Strict

Language = Literal["sv", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


class Text(Strict):
    """A text shown to people, in both languages; ``text["sv"]`` gives one of them."""

    sv: str
    en: str

    def __getitem__(self, language: Language) -> str:
        return self.sv if language == "sv" else self.en

    @classmethod
    def of(cls, texts: Mapping[str, str]) -> Self:
        """Return the text below ``sv`` and ``en``; one of them stands for both if the other is
        missing. Raises StopIteration without either."""
        first = next(texts[each] for each in LANGUAGES if each in texts)
        return cls(**{each: texts.get(each, first) for each in LANGUAGES})

    def in_languages(self, languages: Sequence[Language]) -> dict[str, str]:
        """Return the text by language, only in ``languages``."""
        return {each: self[each] for each in LANGUAGES if each in languages}


def languages_in_use(info: ValidationInfo) -> Sequence[Language]:
    """Return the languages in use: ``languages`` of a validation's context, otherwise both."""
    in_use: Sequence[Language] = (info.context or {}).get("languages", LANGUAGES)
    return in_use


def _filled(value: object, info: ValidationInfo) -> object:
    """Fill what a configured text need not say: a single string is the text in every language, and
    a language that is not in use gets the text of the first one that is, whatever is written."""
    if isinstance(value, str):
        return dict.fromkeys(LANGUAGES, value)
    in_use = languages_in_use(info)
    if not isinstance(value, dict) or in_use[0] not in value:
        return value
    return value | {each: value[in_use[0]] for each in LANGUAGES if each not in in_use}


Title = Annotated[Text, BeforeValidator(_filled, json_schema_input_type=str | dict[str, str])]
"""A configured text: a string for all languages, or a string for each language in use."""
