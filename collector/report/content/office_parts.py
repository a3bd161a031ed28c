"""The parts of the document that come from the office's files, with warnings about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from collector.report.blocks import Block, Heading, Notice, Paragraph, Run
from collector.report.content.markdown import read_markdown
from collector.report.content.office_tables import (
    climate_paragraph,
    climate_table,
    decisions_table,
    economy_table,
    investments_table,
    office_warnings,
    warning_text,
)
from collector.report.content.quality import paragraphs
from collector.report.content.report import Report
from collector.report.content.seals import office_files
from collector.report.office.model import Office, OfficeWarning, Part, Section
from collector.report.office.texts import bare_name, sort_key
from collector.text.words.report import OFFICE

_FIRST = ("inledning", "introduction")


class OfficeParts:
    """The office's material for a report, as blocks.

    A warning about figures that contradict each other stands below the part it concerns; the
    others are for the author, who gets them from ``check`` and ``report``. ``climate_in``: the
    chapter in which the climate savings stand.
    """

    def __init__(self, report: Report, office: Office, climate_in: str = "") -> None:
        self._report = report
        self._office = office
        self._climate_in = climate_in
        self._all_warnings = office_warnings(office)
        self._warnings = [each for each in self._all_warnings if each.kind == "figures"]
        self._words = {
            key.removeprefix(OFFICE): text[report.language]
            for key, text in (report.own_words or {}).items()
            if key.startswith(OFFICE)
        }

    @property
    def any(self) -> bool:
        """Whether there is anything besides commentary."""
        office = self._office
        parts = (office.decisions, office.economy, office.investments, office.climate)
        return bool(office.sections) or any(each is not None for each in parts)

    def introduction(self) -> list[Block]:
        """The texts at the beginning: those numbered 0 or 1, and an introduction."""
        return [b for each in self._sections() if _is_first(each) for b in self._chapter(each)]

    def chapters(self) -> list[Block]:
        """The remaining texts, a chapter each; the climate savings stand in the one named."""
        blocks: list[Block] = []
        for each in self._sections():
            if not _is_first(each):
                blocks += self._chapter(each)
                if self._has_climate(each):
                    blocks += self._climate(2)
        return blocks

    def decisions(self) -> list[Block]:
        """The section with the decisions and their status; empty if the office has none."""
        office, language = self._office, self._report.language
        text = self._before("decisions", 2)
        if office.decisions is None and not text:
            return []
        blocks: list[Block] = [
            Heading(self._report.words("chapter_decisions"), 2, "decisions"),
            *text,
        ]
        if office.decisions is not None:
            blocks.append(decisions_table(office.decisions, language, self._words))
        return blocks

    def economy(self) -> list[Block]:
        """The chapter on the economy with a section on investments; empty if the office has
        neither."""
        office, report = self._office, self._report
        last, language = report.content.last, report.language
        locale = report.words.locale
        texts_before = {part: self._before(part, level) for part, level in _ECONOMY.items()}
        has_tables = office.economy is not None or office.investments is not None
        if not has_tables and not any(texts_before.values()):
            return []
        blocks: list[Block] = [Heading(report.words("chapter_economy"), 1, "economy")]
        blocks += texts_before["economy"]
        if office.economy is not None:
            blocks.append(economy_table(office.economy, last, language, self._words, locale))
            blocks += self._notices(office.economy.file)
        if office.investments is not None or texts_before["investments"]:
            blocks.append(Heading(report.words("chapter_investments"), 2, "investments"))
            blocks += texts_before["investments"]
        if office.investments is not None:
            blocks.append(
                investments_table(office.investments, last, language, self._words, locale)
            )
            blocks += self._notices(office.investments.file)
        return blocks

    def climate(self) -> list[Block]:
        """The chapter on climate savings; empty if the office has none, or they stand in one of its
        own chapters."""
        inside = any(self._has_climate(each) for each in self._sections() if not _is_first(each))
        return [] if inside else self._climate(1)

    def _has_climate(self, section: Section) -> bool:
        return bool(self._climate_in) and bare_name(section.name) == bare_name(self._climate_in)

    def _climate(self, level: Literal[1, 2]) -> list[Block]:
        savings, language = self._office.climate, self._report.language
        text = self._before("climate", level)
        if savings is None and not text:
            return []
        title = self._report.words("chapter_climate")
        blocks: list[Block] = [Heading(title, level, "climate"), *text]
        if savings is not None:
            blocks.append(climate_paragraph(savings, language, self._words))
            if (table := climate_table(savings, language, self._words)) is not None:
                blocks.append(table)
            blocks += self._notices(savings.file)
        return blocks

    def comments(self) -> Mapping[str, Sequence[Block]]:
        """The commentary by indicator id, or a sentence that it exists only in the other language.

        A file without text (only an image) is no commentary.
        """
        by_indicator: dict[str, Sequence[Block]] = {}
        for name in dict.fromkeys(each.indicator for each in self._office.commentary):
            commentary = self._office.commentary_on(name, self._report.language)
            if commentary is None:
                by_indicator[name] = (Paragraph((Run(self._report.words("comment_elsewhere")),)),)
                continue
            markdown = read_markdown(commentary.text, below=3, caption=name)
            if not markdown.says_nothing:
                by_indicator[name] = (*markdown.blocks, *self._notices(commentary.file))
        return by_indicator

    def doubts(self) -> list[OfficeWarning]:
        """What the office has to correct in the files of this document's language."""
        of_language = self._office.files_in(self._report.language)
        return [each for each in self._all_warnings if each.shown and each.file in of_language]

    def files(self) -> list[Block]:
        """The files that the document is made of, with their digests; the seal does not cover
        them."""
        return office_files(self._report, self._office.files)

    def _sections(self) -> Sequence[Section]:
        return self._office.chapters(self._report.language)

    def _chapter(self, section: Section) -> list[Block]:
        anchor = f"office-{self._sections().index(section) + 1}"
        return [Heading(section.title, 1, anchor), *self._text(section, 1)]

    def _before(self, part: Part, level: int) -> list[Block]:
        section = self._office.text_before(part, self._report.language)
        return [] if section is None else self._text(section, level)

    def _text(self, section: Section, level: int) -> list[Block]:
        markdown = read_markdown(section.text, level, section.title, section.line)
        return [*markdown.blocks, *self._notices(section.file)]

    def _notices(self, file: str) -> list[Block]:
        """The warnings about a file, in one notice; none if there are none."""
        lines = [
            warning_text(each, self._report.language, remedy=False)
            for each in self._warnings
            if each.file == file
        ]
        title = self._report.words("office_doubts")
        return [Notice("warning", title, paragraphs(list(dict.fromkeys(lines))))] if lines else []


_ECONOMY: Mapping[Part, int] = {"economy": 1, "investments": 2}


def _is_first(section: Section) -> bool:
    number, name = sort_key(section.name)
    return number < 2 or any(word in name for word in _FIRST)
