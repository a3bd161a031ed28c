"""What a configuration says of the committee's document: its forms, its look and its words."""

from __future__ import annotations

import re
from string import Formatter
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from collector.io.files import ConfigPath
from collector.model.bilingual import LANGUAGES, Language, Text, Title
from collector.model.fields import Strict
from collector.text.colours import LEAST_CONTRAST, contrast
from collector.text.words.report import COLUMNS, WORDS, ColumnName

Form = Literal["pdf", "docx", "html", "csv", "xlsx", "json", "kolada"]


_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_MUNICIPALITY = re.compile(r"[0-9]{4}")
_KPI = re.compile(r"[A-Z][A-Za-z0-9]{0,19}")


def _accent(colour: str) -> str:
    if not _COLOUR.fullmatch(colour):
        raise ValueError("is no colour: write one as in #1F3A5F")
    if (found := contrast(colour)) < LEAST_CONTRAST:
        raise ValueError(
            f"{colour} is too light for text on white: its contrast is {found:.2f}, and "
            f"{LEAST_CONTRAST} is the least; choose a darker one"
        )
    return colour


def _fields(text: str) -> set[str]:
    """What a text has to be filled in with. Raises ValueError for more than names in braces."""
    found: set[str] = set()
    for _, name, how, conversion in Formatter().parse(text):
        if how or conversion:
            raise ValueError(text)
        if name is not None:
            found.add(name)
    return found


def _known_words(words: dict[str, Text]) -> dict[str, Text]:
    for key, text in words.items():
        if key not in WORDS:
            raise ValueError(f"there is no word {key!r}; there are: {', '.join(WORDS)}")
        for language in LANGUAGES:
            wanted = _fields(WORDS[key][language])
            try:
                given = _fields(text[language])
            except ValueError:
                raise ValueError(
                    f"{key}: only a name stands in braces; for a brace itself write two"
                ) from None
            if given - wanted:
                known = ", ".join(f"{{{each}}}" for each in sorted(wanted)) or "none"
                raise ValueError(f"{key}: {{{min(given - wanted)}}} is not filled in; {known} can")
    return words


def _columns(columns: list[ColumnName]) -> list[ColumnName]:
    for index, name in enumerate(columns):
        if name in columns[:index]:
            raise ValueError(f"{name} stands there twice")
    if "indicator" not in columns:
        raise ValueError("needs indicator: the rows would have no names")
    return columns


def _codes(codes: dict[str, str]) -> dict[str, str]:
    for name, code in codes.items():
        if not _MUNICIPALITY.fullmatch(code):
            raise ValueError(f'{name}: a municipality code has four digits, as in "1860"')
    return codes


def _kpis(ids: dict[str, str]) -> dict[str, str]:
    for name, found in ids.items():
        if not _KPI.fullmatch(found):
            raise ValueError(f"{name}: {found!r} is a letter and up to 19 letters or digits")
    if len(set(ids.values())) < len(ids):
        raise ValueError("gives one id to several indicators")
    return ids


class ReportSettings(Strict):
    """How ``report`` makes its files.

    ``folder``: where they are put. ``title``: over the document, by default ``words.title``.
    ``author``: who answers for it. ``logo``: an SVG or PNG, ``logo_alt`` says what it shows.
    ``accent``: the colour of headings. ``words``: other wordings, by key. ``columns``: those of the
    table of goals, in order. ``templates``: a folder whose ``report.html.j2``, ``style.css`` and
    ``report.typ`` take the place of ours. ``municipality_codes`` and ``kolada_ids``: by which codes
    organizations and indicators go in the Kolada-shaped file.
    """

    formats: Annotated[list[Form], Field(min_length=1)] = [
        "pdf", "docx", "html", "csv", "xlsx", "json",
    ]  # fmt: skip
    languages: Annotated[list[Language], Field(min_length=1)] = list(LANGUAGES)
    folder: Annotated[ConfigPath, Field(validate_default=True)] = "reports"
    title: Title | None = None
    author: str = ""
    logo: ConfigPath | None = None
    logo_alt: str = ""
    accent: Annotated[str, AfterValidator(_accent)] = "#1F3A5F"
    words: Annotated[dict[str, Title], AfterValidator(_known_words)] = {}
    columns: Annotated[list[ColumnName], AfterValidator(_columns)] = list(COLUMNS)
    templates: ConfigPath | None = None
    municipality_codes: Annotated[dict[str, str], AfterValidator(_codes)] = {}
    kolada_ids: Annotated[dict[str, str], AfterValidator(_kpis)] = {}
