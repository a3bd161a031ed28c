"""Builds the committee's document from a snapshot and the office's files, in reading order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from collector.measuring.engine.tallies import FIRST_WEEK
from collector.model.bilingual import Language, Text
from collector.report.blocks import (
    Block,
    Document,
    Heading,
    Look,
    Notice,
    PageBreak,
    Paragraph,
    Run,
)
from collector.report.content.amendments import amendments_table
from collector.report.content.chapters import number_headings
from collector.report.content.definitions import definitions_in_force
from collector.report.content.distributions import distribution_blocks
from collector.report.content.goals import goals_table, summary
from collector.report.content.municipalities import organization_tables
from collector.report.content.off_target import (
    off_target_or_at_risk,
    off_target_sections,
    other_comments,
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
from collector.report.office.model import Office
from collector.sources import SOURCES
from collector.text.dates import in_figures
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
    choices = choices or DocumentChoices()
    published = published_before(snapshot, others)
    report = Report(snapshot.content, language, choices.words, choices.locale, published)
    parts = OfficeParts(report, office or Office())
    title = choices.title[language] if choices.title else report.words("title")
    period = capital(report.period)
    blocks = number_headings(_blocks(report, parts, snapshot, amendments, choices, others))
    draft = _is_draft(report, blocks)
    facts = _facts(report, snapshot, amendments)
    document = Document(
        title=title,
        subtitle=period,
        language=language,
        author=choices.author,
        date=report.content.raw["known_at"],
        facts=((report.words("draft"), report.words("draft_why")), *facts) if draft else facts,
        footer="",
        blocks=blocks,
        look=choices.look,
        keywords=(report.period, *report.content.organizations),
    )
    footer = report.words(
        "footer",
        title=f"{report.words('draft')}: {title}" if draft else title,
        period=report.period,
        number=snapshot.number,
        seal=short_digits(snapshot.seal),
        content=short_digits(content_digest(document)),
    )
    return replace(document, footer=footer)


def _is_draft(report: Report, blocks: Sequence[Block]) -> bool:
    """Whether the office has something left to do: a figure of its files that does not add up, or a
    missed target without a comment."""
    unfinished = {report.words("office_doubts"), report.words("comment_missing_title")}
    return any(isinstance(each, Notice) and each.title in unfinished for each in blocks)


def _facts(
    report: Report, snapshot: Sealed, amendments: Sequence[Sealed]
) -> tuple[tuple[str, str], ...]:
    words = report.words
    seal_text = words(
        "seal_text",
        number=snapshot.number,
        seal=short_digits(snapshot.seal),
        chapter=words("chapter_signature"),
    )
    facts = [
        (words("period"), f"{report.period} ({_dates(report)})"),
        (words("known_at"), report.instant(report.content.raw["known_at"])),
        (words("seal"), seal_text),
        *_records_since(report),
    ]
    if amendments:
        facts.append((words("amended"), ", ".join(report.instant(a.frozen_at) for a in amendments)))
    return tuple(facts)


def _records_since(report: Report) -> list[tuple[str, str]]:
    """``Ärenden från 13 januari 2020, samtal från 10 januari 2020``: the date of the first records
    of each kind, where the figures shown begin before it."""
    words, first = report.words, min(report.content.first, report.content.year[0])
    begins: dict[str, date] = {}
    for each in report.content.raw["sources"]:
        kind = SOURCES.get(each["type"])
        if kind is not None and each["records_since"]:
            since = datetime.fromisoformat(each["records_since"]).date()
            begins[kind.delivers] = min(since, begins.get(kind.delivers, since))
    texts = [
        words("records_since_text", what=words(f"records_since_{what}"), day=report.day(since))
        for what, since in begins.items()
        if since >= first + timedelta(days=FIRST_WEEK)
    ]
    return [(words("records_since"), capital(", ".join(texts)))] if texts else []


def _dates(report: Report) -> str:
    days = (report.content.first, report.content.last)
    return " – ".join(in_figures(day, report.words.locale) for day in days)


def _blocks(
    report: Report,
    parts: OfficeParts,
    snapshot: Sealed,
    amendments: Sequence[Sealed],
    choices: DocumentChoices,
    others: Sequence[Sealed],
) -> list[Block]:
    words = report.words
    first = [
        *incomplete_notice(report),
        *amended_notice(report, amendments, words("chapter_amendments")),
        *summary(report),
        goals_table(report, choices.columns),
    ]
    if not parts.any:
        body = _indicator_chapters(report, parts, choices)
    else:
        body = [
            *parts.introduction(),
            Heading(words("chapter_steering"), 1, "steering"),
            *parts.decisions(),
            *_indicator_sections(report, parts, choices),
            *parts.chapters(),
            *parts.economy(),
            *parts.climate(),
        ]
    return [
        *first,
        *body,
        PageBreak(),
        *_annexes(report, parts, snapshot, amendments, choices, others),
    ]


def _indicator_chapters(
    report: Report, parts: OfficeParts, choices: DocumentChoices
) -> list[Block]:
    """Chapters for indicators off target (chart and comment) and for comments on the others."""
    comments = parts.comments()
    charts = off_target_sections(report, comments, choices.look.accent)
    others = other_comments(report, comments)
    return [
        *_chapter(report.words("chapter_off_target"), "off-target", charts),
        *_chapter(report.words("chapter_comments"), "comments", others),
    ]


def _indicator_sections(
    report: Report, parts: OfficeParts, choices: DocumentChoices
) -> list[Block]:
    """The same as ``_indicator_chapters``, as sections of the steering chapter, after a reference
    to the goals."""
    words, comments = report.words, parts.comments()
    where = words("goals_first_off" if off_target_or_at_risk(report) else "goals_first")
    blocks: list[Block] = [Heading(words("chapter_goals"), 2, "goals"), Paragraph((Run(where),))]
    blocks += off_target_sections(report, comments, choices.look.accent, 3)
    if others := other_comments(report, comments, 3):
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
    """The annexes, which document how the figures were made."""
    words = report.words
    chapters: list[tuple[str, list[Block]]] = [
        ("distributions", distribution_blocks(report, choices.look.accent)),
        ("definitions", definitions_in_force(report)),
        ("quality", [*data_quality(report), *parts.remaining_warnings()]),
        ("given", manual_entries(report)),
        ("amendments", [*amendments_table(report, amendments, others), *restatements(report)]),
        ("signature", [*seal_blocks(report, snapshot), *parts.files()]),
    ]
    by_organization = organization_tables(report)
    return [
        *_chapter(words("chapter_municipalities"), "organizations", by_organization),
        *(
            block
            for name, blocks in chapters
            for block in _chapter(words(f"chapter_{name}"), name, blocks)
        ),
    ]


def _chapter(title: str, anchor: str, blocks: Sequence[Block]) -> list[Block]:
    """The chapter, or nothing if it has no blocks."""
    return [Heading(title, 1, anchor), *blocks] if blocks else []
