"""The seal of the snapshot behind a document, how to verify it, and what it does not cover."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, Protocol

from collector.report.blocks import (
    Block,
    Cell,
    Column,
    Document,
    Heading,
    Look,
    Notice,
    Paragraph,
    Run,
    Table,
)
from collector.report.content.frozen import Indicator, Json
from collector.report.content.quality import paragraphs
from collector.report.content.report import Report
from collector.snapshot.canonical import digest
from collector.snapshot.seals import LEAST_DIGITS, grouped_digits
from collector.text.characters import DASH


class Sealed(Protocol):
    """A stored snapshot. ``frozen_at`` is in epoch seconds UTC; ``previous`` is the seal of the
    snapshot before it, empty for the first; digests are in hexadecimal."""

    @property
    def number(self) -> int: ...
    @property
    def content(self) -> Json: ...
    @property
    def sha256(self) -> str: ...
    @property
    def frozen_at(self) -> int: ...
    @property
    def previous(self) -> str: ...
    @property
    def seal(self) -> str: ...


def published_before(snapshot: Sealed, others: Sequence[Sealed]) -> list[Json]:
    """The contents of the snapshots that were frozen before one, the oldest first."""
    before = sorted((each for each in others if each.number < snapshot.number), key=_number)
    return [each.content for each in before]


def _number(snapshot: Sealed) -> int:
    return snapshot.number


def short_digits(digest: str) -> str:
    """The first 16 digits of a seal or a digest, in groups of four."""
    return grouped_digits(digest[:LEAST_DIGITS])


def content_digest(document: Document) -> str:
    """The SHA-256 (hexadecimal) of all that a document says, whatever format it is written in.

    Left out are the footer, which bears this digest, and the look.
    """
    said = _plain(replace(document, footer="", look=Look()))
    return digest(json.dumps(said, ensure_ascii=False).encode("utf-8", "surrogatepass"))


def _plain(part: Any) -> Any:
    """A part of a document as lists of plain values, with the names of its blocks."""
    if is_dataclass(part) and not isinstance(part, type):
        return [type(part).__name__, *(_plain(getattr(part, f.name)) for f in fields(part))]
    if isinstance(part, tuple | list):
        return [_plain(each) for each in part]
    return part


def amended_notice(report: Report, amendments: Sequence[Sealed], chapter: str) -> list[Block]:
    """A notice that later snapshots amend this one; empty if none do. ``chapter``: where they
    are."""
    if not amendments:
        return []
    key = "amendments_text" if len(amendments) == 1 else "amendments_texts"
    text = report.words(key, n=len(amendments), chapter=chapter)
    return [Notice("note", report.words("amendments_title"), paragraphs([text]))]


def seal_blocks(report: Report, snapshot: Sealed) -> list[Block]:
    """The complete seal, the digests it is computed from, and the command that verifies it."""
    words = report.words
    # quoted groups can be copied from a page even where the line is broken
    given = f'--seal "{grouped_digits(snapshot.seal)}"'
    command = Paragraph((Run(f"servicedesk-kpi snapshot verify {given}", code=True),))
    rows = (
        (words("number"), str(snapshot.number)),
        (words("frozen"), report.instant(snapshot.frozen_at)),
        (words("known_at"), report.instant(report.content.raw["known_at"])),
        (words("seal"), grouped_digits(snapshot.seal)),
        (words("signature_content"), grouped_digits(snapshot.sha256)),
        (
            words("signature_previous"),
            grouped_digits(snapshot.previous) if snapshot.previous else words("signature_first"),
        ),
    )
    columns = (Column(words("definition_what"), 1), Column(words("value"), 3))
    table = Table(
        words("signature_caption"),
        columns,
        tuple((Cell(name), Cell(value)) for name, value in rows),
        compact=True,
    )
    return [*paragraphs([words("signature_text")]), command, table, _records(report)]


def office_files(report: Report, files: Sequence[tuple[str, str]]) -> list[Block]:
    """The SHA-256 of each of the office's files in the document, which the seal does not cover.

    ``files`` are (name, hexadecimal digest).
    """
    words = report.words
    heading = Heading(words("office_files_title"), 2)
    if not files:
        return [heading, *paragraphs([words("office_files_none")])]
    columns = (Column(words("office_file"), 1.6), Column(words("digest"), 3))
    rows = tuple((Cell(name), Cell(grouped_digits(digest))) for name, digest in files)
    table = Table(words("office_files_caption"), columns, rows, compact=True)
    return [heading, *paragraphs([words("office_files_text")]), table]


def _hidden(report: Report, indicator: Indicator) -> bool:
    """Whether an indicator rests on so few records that even their number is hidden."""
    return report.masks.figure(indicator, "year_to_date", None) is not None


def _records(report: Report) -> Table:
    words = report.words
    columns = (
        Column(words("column_indicator"), 1.6),
        Column(
            words("verdicts", day=report.day(report.content.raw["verdicts_since"])),
            0.9,
            number=True,
        ),
        Column(words("digest"), 3),
    )
    rows = tuple(
        (
            Cell(each.title[report.language]),
            Cell(DASH if _hidden(report, each) else report.whole(each.raw["records"]["verdicts"])),
            Cell(grouped_digits(each.raw["records"]["sha256"])),
        )
        for each in report.content.indicators
        if each.measured
    )
    return Table(words("signature_records"), columns, rows, compact=True)
