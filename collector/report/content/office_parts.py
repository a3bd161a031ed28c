"""The parts of the document that come from the office's files, with what is doubtful of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from collector.report.blocks import Block, Heading, Notice, Paragraph, Run
from collector.report.content.markdown import read_markdown
from collector.report.content.office_tables import (
    climate_paragraph,
    climate_table,
    decisions_table,
    doubt_text,
    economy_table,
    investments_table,
    office_warnings,
)
from collector.report.content.quality import texts
from collector.report.content.report import Report
from collector.report.content.seals import office_files
from collector.report.office.model import Office, Part, Section
from collector.report.office.texts import order
from collector.text.words.report import OFFICE

_FIRST = ("inledning", "introduction")


class OfficeParts:
    """What the office keeps for a report, as blocks. What is doubtful stands where it is about, or
    else among the data quality."""

    def __init__(self, report: Report, office: Office) -> None:
        self._report = report
        self._office = office
        self._doubts = [each for each in office_warnings(office) if each.shown]
        self._told: set[str] = set()
        self._words = {
            key.removeprefix(OFFICE): text[report.language]
            for key, text in (report.own_words or {}).items()
            if key.startswith(OFFICE)
        }

    @property
    def any(self) -> bool:
        """Whether there is more than commentary."""
        office = self._office
        parts = (office.decisions, office.economy, office.investments, office.climate)
        return bool(office.sections) or any(each is not None for each in parts)

    def introduction(self) -> list[Block]:
        """The texts that stand first: those numbered 1 and less, and an introduction."""
        return [b for each in self._sections() if _is_first(each) for b in self._chapter(each)]

    def chapters(self) -> list[Block]:
        """The other texts."""
        return [b for each in self._sections() if not _is_first(each) for b in self._chapter(each)]

    def decisions(self) -> list[Block]:
        """The decisions and their status, as a section."""
        office, language = self._office, self._report.language
        text = self._before("decisions", 2)
        if office.decisions is None and not text:
            return []
        found: list[Block] = [Heading(self._report.words("chapter_decisions"), 2), *text]
        if office.decisions is not None:
            found.append(decisions_table(office.decisions, language, self._words))
        return found

    def economy(self) -> list[Block]:
        """The economy as a chapter, the investments as a section of it."""
        office, report = self._office, self._report
        last, language = report.content.last, report.language
        texts_before = {part: self._before(part, level) for part, level in _ECONOMY.items()}
        known = office.economy is not None or office.investments is not None
        if not known and not any(texts_before.values()):
            return []
        found: list[Block] = [Heading(report.words("chapter_economy"), 1, "economy")]
        found += texts_before["economy"]
        if office.economy is not None:
            found.append(economy_table(office.economy, last, language, self._words))
            found += self._notices(office.economy.file)
        if office.investments is not None or texts_before["investments"]:
            found.append(Heading(report.words("chapter_investments"), 2))
            found += texts_before["investments"]
        if office.investments is not None:
            found.append(investments_table(office.investments, last, language, self._words))
            found += self._notices(office.investments.file)
        return found

    def climate(self) -> list[Block]:
        """The climate savings, as a chapter."""
        saved, language = self._office.climate, self._report.language
        text = self._before("climate", 1)
        if saved is None and not text:
            return []
        found: list[Block] = [Heading(self._report.words("chapter_climate"), 1, "climate"), *text]
        if saved is not None:
            found.append(climate_paragraph(saved, language, self._words))
            if (table := climate_table(saved, language, self._words)) is not None:
                found.append(table)
            found += self._notices(saved.file)
        return found

    def comments(self) -> Mapping[str, Sequence[Block]]:
        """What people wrote about figures, by indicator; where it is in the other language only,
        that it is. What holds no text (an image alone) is no comment, and is told of by ``doubts``.
        """
        found: dict[str, Sequence[Block]] = {}
        for name in dict.fromkeys(each.indicator for each in self._office.commentary):
            said = self._office.commentary_on(name, self._report.language)
            if said is None:
                found[name] = (Paragraph((Run(self._report.words("comment_elsewhere")),)),)
                continue
            read = read_markdown(said.text, below=3, caption=name)
            if not read.says_nothing:
                found[name] = (*read.blocks, *self._notices(said.file))
        return found

    def doubts(self) -> list[Block]:
        """What is doubtful and was told nowhere else. Ask for it last."""
        rest = [each.file for each in self._doubts if each.file not in self._told]
        return [notice for file in dict.fromkeys(rest) for notice in self._notices(file)]

    def files(self) -> list[Block]:
        """Which files the document is made of, beside the seal that does not hold them."""
        return office_files(self._report, self._office.files)

    def _sections(self) -> Sequence[Section]:
        return self._office.chapters(self._report.language)

    def _chapter(self, section: Section) -> list[Block]:
        anchor = f"office-{self._sections().index(section) + 1}"
        return [Heading(section.title, 1, anchor), *self._text(section, 1)]

    def _before(self, part: Part, level: int) -> list[Block]:
        found = self._office.text_before(part, self._report.language)
        return [] if found is None else self._text(found, level)

    def _text(self, section: Section, level: int) -> list[Block]:
        read = read_markdown(section.text, level, section.title, section.line)
        return [*read.blocks, *self._notices(section.file)]

    def _notices(self, file: str) -> list[Block]:
        """What is doubtful of a file, in one notice."""
        self._told.add(file)
        lines = [
            doubt_text(each, self._report.language) for each in self._doubts if each.file == file
        ]
        title = self._report.words("office_doubts")
        return [Notice("warning", title, texts(list(dict.fromkeys(lines))))] if lines else []


_ECONOMY: Mapping[Part, int] = {"economy": 1, "investments": 2}


def _is_first(section: Section) -> bool:
    number, name = order(section.name)
    return number < 2 or any(word in name for word in _FIRST)
