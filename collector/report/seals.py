"""The seal of the snapshot that a document is made of, how to verify it, and its amendments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from collector.report.model import Block, Cell, Column, Notice, Paragraph, Run, Table
from collector.report.quality import texts
from collector.report.report import Report

_SHOWN = 16


@dataclass(frozen=True, slots=True)
class Seal:
    """What the store knows of a snapshot beside its content. ``frozen_at`` in epoch seconds;
    ``previous``: the seal before it, None for the first. ``why``: of an amendment, in a line each.
    """

    number: int
    kind: Literal["freeze", "amendment"]
    sha256: str
    frozen_at: int
    previous: str | None
    seal: str
    why: tuple[str, ...] = ()

    @property
    def short(self) -> str:
        """Its beginning, in groups of four."""
        return grouped(self.seal[:_SHOWN])


def grouped(digits: str) -> str:
    """``3f2a 91c0 …``: groups of four, which a person can compare."""
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def amended(report: Report, amendments: Sequence[Seal], chapter: str) -> list[Block]:
    """The notice that later snapshots amend this one; none where there are none."""
    if not amendments:
        return []
    key = "amendments_text" if len(amendments) == 1 else "amendments_texts"
    text = report.words(key, n=len(amendments), chapter=chapter)
    return [Notice("note", report.words("amendments_title"), texts([text]))]


def amendments_table(report: Report, amendments: Sequence[Seal]) -> list[Block]:
    """Every amendment, when it was frozen and its seal."""
    words = report.words
    if not amendments:
        return list(texts([words("amendments_none")]))
    columns = (
        Column(words("number"), 0.6, number=True),
        Column(words("frozen"), 1.8),
        Column(words("seal"), 3),
    )
    rows = tuple(
        (Cell(str(each.number)), Cell(report.instant(each.frozen_at)), Cell(grouped(each.seal)))
        for each in amendments
    )
    found: list[Block] = [Table(words("amendments_caption"), columns, rows, compact=True)]
    for each in amendments:
        found += texts([f"{words('number')} {each.number}: {why}" for why in each.why])
    return found


def signature(report: Report, seal: Seal) -> list[Block]:
    """The whole seal, the digests it is made of, and the command that verifies them."""
    words = report.words
    period = report.content.raw["period"]["name"]
    command = Paragraph((Run(f"servicedesk-kpi snapshot verify {period}", code=True),))
    rows = (
        (words("number"), str(seal.number)),
        (words("frozen"), report.instant(seal.frozen_at)),
        (words("known_at"), report.instant(report.content.raw["known_at"])),
        (words("seal"), grouped(seal.seal)),
        (words("signature_content"), grouped(seal.sha256)),
        (
            words("signature_previous"),
            grouped(seal.previous) if seal.previous else words("signature_first"),
        ),
    )
    columns = (Column(words("definition_what"), 1), Column(words("value"), 3))
    table = Table(
        words("signature_caption"),
        columns,
        tuple((Cell(name), Cell(value)) for name, value in rows),
        compact=True,
    )
    return [*texts([words("signature_text")]), command, table, _records(report)]


def _records(report: Report) -> Table:
    words = report.words
    columns = (
        Column(words("column_indicator"), 1.6),
        Column(words("verdicts"), 0.7, number=True),
        Column(words("digest"), 3),
    )
    rows = tuple(
        (
            Cell(each.title[report.language]),
            Cell(report.whole(each.raw["records"]["verdicts"])),
            Cell(grouped(each.raw["records"]["sha256"])),
        )
        for each in report.content.indicators
        if each.measured
    )
    return Table(words("signature_records"), columns, rows, compact=True)
