"""Texts shown to people, in each language of the program."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator

from collector.model.fields import Strict

Language = Literal["sv", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


class Text(Strict):
    """A text shown to people, in both languages; ``text["sv"]`` gives one of them."""

    sv: str
    en: str

    def __getitem__(self, language: Language) -> str:
        return self.sv if language == "sv" else self.en


def _in_both(value: object) -> object:
    return {"sv": value, "en": value} if isinstance(value, str) else value


Title = Annotated[Text, BeforeValidator(_in_both, json_schema_input_type=str | dict[str, str])]
"""A text in both languages; in the configuration also a single string used for both."""
