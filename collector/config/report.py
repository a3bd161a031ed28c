"""The settings of the committee's document: its file formats, its look and its wording."""

from __future__ import annotations

import re
from string import Formatter
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, Field, ValidationInfo

from collector.config.archive import ArchiveSettings
from collector.io.files import ConfigPath
from collector.model.bilingual import LANGUAGES, Language, Text, Title, languages_in_use
from collector.model.fields import Strict
from collector.text.colours import LEAST_CONTRAST, contrast
from collector.text.locales import LocaleName
from collector.text.words.report import COLUMNS, WORDS, ColumnName

Form = Literal["pdf", "docx", "html", "csv", "xlsx", "json", "kolada", "fgs"]


_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_MUNICIPALITY = re.compile(r"[0-9]{4}")
_KPI = re.compile(r"[A-Z][A-Za-z0-9]{0,19}")


def _accent(colour: str) -> str:
    if not _COLOUR.fullmatch(colour):
        raise ValueError("is not a colour: write it as in #1F3A5F")
    if (ratio := contrast(colour)) < LEAST_CONTRAST:
        raise ValueError(
            f"{colour} is too light for text on white: its contrast is {ratio:.2f}, but at least "
            f"{LEAST_CONTRAST} is required; choose a darker colour"
        )
    return colour


def _placeholders(text: str) -> set[str]:
    """The names in braces in a text. Raises ValueError if braces hold anything but a name."""
    names: set[str] = set()
    for _, name, format_spec, conversion in Formatter().parse(text):
        if format_spec or conversion:
            raise ValueError(text)
        if name is not None:
            names.add(name)
    return names


def _known_words(words: dict[str, Text], info: ValidationInfo) -> dict[str, Text]:
    for key, text in words.items():
        if key == "draft":
            raise ValueError("draft: cannot be changed, so that no draft looks finished; remove it")
        if key not in WORDS:
            raise ValueError(f"there is no word {key!r}; known: {', '.join(WORDS)}")
        for language in languages_in_use(info):
            allowed = _placeholders(WORDS[key][language])
            try:
                used = _placeholders(text[language])
            except ValueError:
                raise ValueError(
                    f"{key}: braces may only hold a name; for a literal brace write two"
                ) from None
            if used - allowed:
                known = ", ".join(f"{{{each}}}" for each in sorted(allowed)) or "none"
                raise ValueError(
                    f"{key}: {{{min(used - allowed)}}} has no value here; known: {known}"
                )
    return words


def _columns(columns: list[ColumnName]) -> list[ColumnName]:
    for index, name in enumerate(columns):
        if name in columns[:index]:
            raise ValueError(f"{name} is listed twice")
    if "indicator" not in columns:
        raise ValueError("must include indicator: without it the rows have no names")
    return columns


def _codes(codes: dict[str, str]) -> dict[str, str]:
    for name, code in codes.items():
        if not _MUNICIPALITY.fullmatch(code):
            raise ValueError(f'{name}: a municipality code has four digits, as in "1860"')
    return codes


def _kpis(ids: dict[str, str]) -> dict[str, str]:
    for name, kpi in ids.items():
        if not _KPI.fullmatch(kpi):
            raise ValueError(
                f"{name}: {kpi!r} is not a valid id: write a capital letter and up to 19 letters "
                "or digits"
            )
    if len(set(ids.values())) < len(ids):
        raise ValueError("gives the same id to several indicators")
    return ids


ChapterName = Literal[
    "off_target", "comments", "municipalities", "distributions", "definitions", "quality", "given",
    "amendments", "signature",
]  # fmt: skip
CHAPTERS: tuple[ChapterName, ...] = get_args(ChapterName)
"""The chapters that are not the office's own; from ``municipalities`` on they are annexes."""

_ALWAYS: tuple[ChapterName, ...] = ("amendments", "signature")
"""Without these a reader could not learn that figures were amended, or check them."""


def _chapters(chapters: list[ChapterName]) -> list[ChapterName]:
    for index, name in enumerate(chapters):
        if name in chapters[:index]:
            raise ValueError(f"{name} is listed twice")
    for name in _ALWAYS:
        if name not in chapters:
            raise ValueError(f"must include {name}: every document has that annex")
    return chapters


class ReportSettings(Strict):
    """How ``report`` writes its files.

    ``folder``: where they are written. ``locale``: the country whose form dates have; by default
    that of the configuration. ``title``: the document's title, by default ``words.title``.
    ``board``: the body that it is written for. ``author``: who is responsible for it. ``chapters``:
    those that are not the office's own, in the order of their annexes. ``climate_in``: the office's
    chapter, by its file's name without number, in which the climate savings stand; by default they
    have a chapter of their own. ``logo``: an SVG or PNG file; ``logo_alt`` describes it
    in words. ``accent``: the colour of headings. ``words``: other wordings, by key. ``columns``:
    those of the table of goals, in order. ``templates``: a folder whose ``report.html.j2``,
    ``style.css`` and ``report.typ`` replace ours. ``municipality_codes`` and ``kolada_ids``: the
    codes of organizations and indicators in the Kolada file. ``archive``: what an archive package
    (``fgs``) says of itself.
    """

    formats: Annotated[list[Form], Field(min_length=1)] = [
        "pdf", "docx", "html", "csv", "xlsx",
    ]  # fmt: skip
    languages: Annotated[list[Language], Field(min_length=1)] = list(LANGUAGES)
    folder: Annotated[ConfigPath, Field(validate_default=True)] = "reports"
    locale: LocaleName | None = None
    title: Title | None = None
    board: Title | None = None
    author: str = ""
    logo: ConfigPath | None = None
    logo_alt: str = ""
    accent: Annotated[str, AfterValidator(_accent)] = "#1F3A5F"
    words: Annotated[dict[str, Title], AfterValidator(_known_words)] = {}
    columns: Annotated[list[ColumnName], AfterValidator(_columns)] = list(COLUMNS)
    chapters: Annotated[list[ChapterName], AfterValidator(_chapters)] = list(CHAPTERS)
    climate_in: str = ""
    templates: ConfigPath | None = None
    municipality_codes: Annotated[dict[str, str], AfterValidator(_codes)] = {}
    kolada_ids: Annotated[dict[str, str], AfterValidator(_kpis)] = {}
    archive: ArchiveSettings | None = None
