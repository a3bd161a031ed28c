"""A snapshot and the office's files → the committee's document, as blocks in reading order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from collector.committee.model import Office
from collector.report.chapters import numbered
from collector.report.goals import goals_table, lead
from collector.report.in_force import definitions_in_force
from collector.report.model import (
    Block,
    Document,
    Heading,
    Look,
    PageBreak,
)
from collector.report.municipalities import distributions, municipalities
from collector.report.off_target import off_target, other_comments, wanting
from collector.report.office_parts import OfficeParts
from collector.report.quality import given_by_hand, incomplete, quality, restated
from collector.report.report import Report
from collector.report.seals import Sealed, amended, amendments_table, short, signature
from collector.report.words import capital
from collector.report_words import COLUMNS, ColumnName
from collector.values import Language, Text


@dataclass(frozen=True, slots=True)
class Choices:
    """What a municipality chose: see ``ReportSettings``."""

    title: Text | None = None
    author: str = ""
    words: Mapping[str, Text] | None = None
    columns: Sequence[ColumnName] = COLUMNS
    look: Look = field(default_factory=Look)


def document(
    snapshot: Sealed,
    language: Language,
    *,
    amendments: Sequence[Sealed] = (),
    office: Office | None = None,
    choices: Choices | None = None,
) -> Document:
    """The document of a snapshot in one language.

    The table of goals stands on the first page. With the office's files the document has the order
    of the interim report instead: introduction, steering with the goals, the year's work, economy.
    Raises KeyError for what is no snapshot's content.
    """
    choices = choices or Choices()
    report = Report(snapshot.content, language, choices.words)
    parts = OfficeParts(report, office or Office())
    title = choices.title[language] if choices.title else report.words("title")
    period = capital(report.period)
    return Document(
        title=title,
        subtitle=period,
        language=language,
        author=choices.author,
        date=report.content.raw["known_at"],
        facts=_facts(report, snapshot, amendments),
        footer=report.words(
            "footer",
            title=title,
            period=report.period,
            number=snapshot.number,
            seal=short(snapshot),
        ),
        blocks=numbered(_blocks(report, parts, snapshot, amendments, choices)),
        look=choices.look,
        keywords=(report.period, *report.content.organizations),
    )


def _facts(
    report: Report, snapshot: Sealed, amendments: Sequence[Sealed]
) -> tuple[tuple[str, str], ...]:
    words = report.words
    told = words(
        "seal_text",
        number=snapshot.number,
        seal=short(snapshot),
        chapter=words("chapter_signature"),
    )
    facts = [
        (words("period"), f"{report.period} ({_dates(report)})"),
        (words("known_at"), report.instant(report.content.raw["known_at"])),
        (words("seal"), told),
    ]
    if amendments:
        facts.append((words("amended"), ", ".join(report.instant(a.frozen_at) for a in amendments)))
    return tuple(facts)


def _dates(report: Report) -> str:
    return f"{report.content.first.isoformat()} – {report.content.last.isoformat()}"


def _blocks(
    report: Report,
    parts: OfficeParts,
    snapshot: Sealed,
    amendments: Sequence[Sealed],
    choices: Choices,
) -> list[Block]:
    words = report.words
    first = [
        *incomplete(report),
        *amended(report, amendments, words("chapter_amendments")),
        *lead(report),
    ]
    goals: list[Block] = [goals_table(report, choices.columns)]
    if not parts.any:
        body = [*goals, *_behind(report, parts, choices, 1)]
    else:
        body = [
            *parts.introduction(),
            Heading(words("chapter_steering"), 1, "steering"),
            *parts.decisions(),
            Heading(words("chapter_goals"), 2, "goals"),
            *goals,
            *_behind(report, parts, choices, 2),
            *parts.chapters(),
            *parts.economy(),
            *parts.climate(),
        ]
    return [*first, *body, PageBreak(), *_annexes(report, parts, snapshot, amendments, choices)]


def _behind(
    report: Report, parts: OfficeParts, choices: Choices, level: Literal[1, 2]
) -> list[Block]:
    """A chart and a comment for what is off target; comments on the rest."""
    comments, accent = parts.comments(), choices.look.accent
    below: Literal[2, 3] = 2 if level == 1 else 3
    found: list[Block] = []
    if wanting(report):
        found.append(Heading(report.words("chapter_off_target"), level, "off-target"))
        found += off_target(report, comments, accent, below)
    if others := other_comments(report, comments, below):
        found += [Heading(report.words("chapter_comments"), level, "comments"), *others]
    return found


def _annexes(
    report: Report,
    parts: OfficeParts,
    snapshot: Sealed,
    amendments: Sequence[Sealed],
    choices: Choices,
) -> list[Block]:
    """What stands behind the figures."""
    words = report.words
    chapters: list[tuple[str, list[Block]]] = [
        ("municipalities", municipalities(report)),
        ("distributions", distributions(report, choices.look.accent)),
        ("definitions", definitions_in_force(report)),
        ("quality", [*quality(report), *parts.doubts()]),
        ("given", given_by_hand(report)),
        ("amendments", [*amendments_table(report, amendments), *restated(report)]),
        ("signature", signature(report, snapshot)),
    ]
    return [
        block
        for name, blocks in chapters
        for block in _chapter(words(f"chapter_{name}"), name, blocks)
    ]


def _chapter(title: str, anchor: str, blocks: Sequence[Block]) -> list[Block]:
    """A chapter, unless it is empty."""
    return [Heading(title, 1, anchor), *blocks] if blocks else []
