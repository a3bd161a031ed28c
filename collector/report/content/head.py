"""The head of the document: whose it is, for which meeting, what is proposed, and what it rests on.

It also says whether the document is a draft, and why.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from collector.measuring.engine.tallies import FIRST_WEEK
from collector.model.bilingual import Text
from collector.report.blocks import Block, Paragraph, Run
from collector.report.content.report import Report
from collector.report.content.seals import Sealed, short_digits
from collector.report.office.model import Meeting, OfficeWarning
from collector.sources import SOURCES
from collector.text.characters import DASH
from collector.text.dates import in_figures
from collector.text.words import capital

Facts = tuple[tuple[str, str], ...]


def meeting_facts(report: Report, meeting: Meeting, board: Text | None, author: str) -> Facts:
    """Board, number in the diary, date of the meeting and author, as far as they are known.

    ``board`` and ``author`` are those of the configuration; the meeting's own come before them.
    """
    language = report.language
    named, by = meeting.board or board, meeting.author
    facts = (
        ("board", named[language] if named else ""),
        ("reference", meeting.reference),
        ("meeting", report.day(meeting.held) if meeting.held else ""),
        ("author", by[language] if by else author),
    )
    return tuple((report.words(name), value) for name, value in facts if value)


def proposal(report: Report, meeting: Meeting) -> list[Block]:
    """The proposed decision; its points are numbered if there are several."""
    points = [each[report.language] for each in meeting.proposal]
    if not points:
        return []
    if len(points) > 1:
        points = [f"{n}. {point}" for n, point in enumerate(points, start=1)]
    title = Run(f"{report.words('proposal')}: ", strong=True)
    return [Paragraph((title, Run(" ".join(points))), kind="lead")]


def facts(report: Report, snapshot: Sealed, amendments: Sequence[Sealed]) -> Facts:
    """Period, age and seal of the figures, and when they were amended."""
    words = report.words
    seal_text = words(
        "seal_text",
        number=snapshot.number,
        seal=short_digits(snapshot.seal),
        chapter=words("chapter_signature"),
    )
    told = [
        (words("period"), f"{report.period} ({_dates(report)})"),
        (words("known_at"), report.instant(report.content.raw["known_at"])),
        (words("seal"), seal_text),
        *_records_since(report),
    ]
    if amendments:
        told.append((words("amended"), ", ".join(report.instant(a.frozen_at) for a in amendments)))
    return tuple(told)


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
    return f" {DASH} ".join(in_figures(day, report.words.locale) for day in days)


def draft(report: Report, uncommented: int, doubts: Sequence[OfficeWarning]) -> tuple[str, ...]:
    """``UTKAST`` and why the document is one; empty if it is finished.

    ``uncommented``: how many missed targets have no comment; ``doubts``: what the office has to
    correct in its files.
    """
    counts = {
        "comment": uncommented,
        "figure": sum(each.kind == "figures" for each in doubts),
        "left_out": sum(each.kind == "left_out" for each in doubts),
    }
    why = [
        report.words(f"draft_{name}" if n == 1 else f"draft_{name}s", n=report.whole(n))
        for name, n in counts.items()
        if n
    ]
    return (report.words("draft"), report.words.listed(why)) if why else ()
