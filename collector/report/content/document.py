"""Builds the committee's document from a snapshot and the office's files, in reading order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from collector.config.report import CHAPTERS, ChapterName
from collector.model.bilingual import Language, Text
from collector.report.blocks import (
    Block,
    Document,
    Heading,
    Look,
    PageBreak,
    Paragraph,
    Run,
)
from collector.report.content.amendments import amendments_table
from collector.report.content.chapters import name_annexes, number_headings
from collector.report.content.definitions import definitions_in_force
from collector.report.content.distributions import distribution_blocks
from collector.report.content.goals import goals_table, summary
from collector.report.content.head import draft, facts, meeting_facts, proposal
from collector.report.content.municipalities import organization_tables
from collector.report.content.off_target import (
    off_target_or_at_risk,
    off_target_sections,
    other_comments,
    without_comment,
)
from collector.report.content.office_parts import OfficeParts
from collector.report.content.quality import (
    data_quality,
    incomplete_notice,
    manual_entries,
    restatements,
)
from collector.report.content.report import Report
from collector.report.content.seals import (
    Sealed,
    amended_notice,
    content_digest,
    published_before,
    seal_blocks,
    short_digits,
)
from collector.report.office.model import Meeting, Office
from collector.text.numbers import unbroken
from collector.text.words import capital
from collector.text.words.report import COLUMNS, ColumnName


@dataclass(frozen=True, slots=True)
class DocumentChoices:
    """A municipality's choices for the document; see ``ReportSettings``."""

    title: Text | None = None
    author: str = ""
    words: Mapping[str, Text] | None = None
    columns: Sequence[ColumnName] = COLUMNS
    look: Look = field(default_factory=Look)
    locale: str | None = None
    board: Text | None = None
    chapters: Sequence[ChapterName] = CHAPTERS
    climate_in: str = ""


def build_document(
    snapshot: Sealed,
    language: Language,
    *,
    amendments: Sequence[Sealed] = (),
    office: Office | None = None,
    choices: DocumentChoices | None = None,
    others: Sequence[Sealed] = (),
) -> Document:
    """The document of a snapshot in one language.

    The table of goals is always on the first page. With the office's files, the chapters of the
    interim report follow in their order: introduction, steering (with what explains the goals),
    the year's work, economy and climate. ``others``: the snapshots of the same fiscal year, whose
    documents may have been published before this one.
    Raises KeyError when ``snapshot.content`` lacks a key of a snapshot.
    """
    choices, office = choices or DocumentChoices(), office or Office()
    published = published_before(snapshot, others)
    report = Report(snapshot.content, language, choices.words, choices.locale, published)
    parts = OfficeParts(report, office, choices.climate_in)
    meeting = office.meeting or Meeting("")
    named = meeting.title or choices.title
    title = named[language] if named else report.words("title")
    uncommented = len(without_comment(report, parts.comments()))
    head = meeting_facts(report, meeting, choices.board, choices.author)
    document = Document(
        title=title,
        subtitle=capital(report.period),
        language=language,
        author=meeting.author[language] if meeting.author else choices.author,
        date=report.content.raw["known_at"],
        facts=(*head, *facts(report, snapshot, amendments)),
        footer="",
        blocks=(
            *proposal(report, meeting),
            *incomplete_notice(report),
            *amended_notice(report, amendments, report.words("chapter_amendments")),
            *summary(report),
            goals_table(report, choices.columns),
            *number_headings(_body(report, parts, choices)),
            PageBreak(),
            *name_annexes(
                _annexes(report, parts, snapshot, amendments, choices, others),
                report.words("annex"),
            ),
        ),
        look=choices.look,
        keywords=(report.period, *report.content.organizations),
        draft=draft(report, uncommented, parts.doubts()),
    )
    return replace(document, footer=_footer(report, document, snapshot))


def _footer(report: Report, document: Document, snapshot: Sealed) -> str:
    return report.words(
        "footer",
        title=": ".join([*document.draft[:1], document.title]),
        period=report.period,
        number=snapshot.number,
        seal=unbroken(short_digits(snapshot.seal)),
        content=unbroken(short_digits(content_digest(document))),
    )


def _body(report: Report, parts: OfficeParts, choices: DocumentChoices) -> list[Block]:
    if not parts.any:
        return _indicator_chapters(report, parts, choices)
    return [
        *parts.introduction(),
        Heading(report.words("chapter_steering"), 1, "steering"),
        *parts.decisions(),
        *_indicator_sections(report, parts, choices),
        *parts.chapters(),
        *parts.economy(),
        *parts.climate(),
    ]


def _indicator_chapters(
    report: Report, parts: OfficeParts, choices: DocumentChoices
) -> list[Block]:
    """Chapters for indicators off target (chart and comment) and for comments on the others."""
    comments = parts.comments()
    charts = off_target_sections(report, comments, choices.look.accent)
    chapters = {
        "off_target": _chapter(
            report.words(f"chapter_off_target{_over(report)}"), "off-target", charts
        ),
        "comments": _chapter(
            report.words("chapter_comments"), "comments", other_comments(report, comments)
        ),
    }
    return [block for name in chapters if name in choices.chapters for block in chapters[name]]


def _over(report: Report) -> str:
    return "_over" if report.content.year_is_over else ""


def _indicator_sections(
    report: Report, parts: OfficeParts, choices: DocumentChoices
) -> list[Block]:
    """The same as ``_indicator_chapters``, as sections of the steering chapter, after a reference
    to the goals."""
    words, comments = report.words, parts.comments()
    shown = "off_target" in choices.chapters
    where = "goals_first"
    if shown and off_target_or_at_risk(report):
        where = f"goals_first_off{_over(report)}"
    blocks: list[Block] = [
        Heading(words("chapter_goals"), 2, "goals"),
        Paragraph((Run(words(where)),)),
    ]
    if shown:
        blocks += off_target_sections(report, comments, choices.look.accent, 3)
    others = other_comments(report, comments, 3) if "comments" in choices.chapters else []
    if others:
        blocks += [Heading(words("chapter_comments"), 2, "comments"), *others]
    return blocks


def _annexes(
    report: Report,
    parts: OfficeParts,
    snapshot: Sealed,
    amendments: Sequence[Sealed],
    choices: DocumentChoices,
    others: Sequence[Sealed],
) -> list[Block]:
    """The annexes, which document how the figures were made, in the order chosen."""
    made: Mapping[str, Sequence[Block]] = {
        "municipalities": organization_tables(report),
        "distributions": distribution_blocks(report, choices.look.accent),
        "definitions": definitions_in_force(report),
        "quality": data_quality(report),
        "given": manual_entries(report),
        "amendments": [*amendments_table(report, amendments, others), *restatements(report)],
        "signature": [*seal_blocks(report, snapshot), *parts.files()],
    }
    return [
        block
        for name in choices.chapters
        for block in _chapter(
            report.words(f"chapter_{name}"), _ANCHORS.get(name, name), made.get(name, [])
        )
    ]


_ANCHORS = {"municipalities": "organizations"}


def _chapter(title: str, anchor: str, blocks: Sequence[Block]) -> list[Block]:
    """The chapter, or nothing if it has no blocks."""
    return [Heading(title, 1, anchor), *blocks] if blocks else []
