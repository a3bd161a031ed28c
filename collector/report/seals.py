"""The seal of the snapshot that a document is made of, how to verify it, and its amendments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from collector.report.frozen import Indicator, Json, Span
from collector.report.model import Block, Cell, Column, Notice, Paragraph, Run, Table
from collector.report.numbers import DASH
from collector.report.quality import texts
from collector.report.report import Report

_SHOWN = 16


class Sealed(Protocol):
    """A snapshot as the store has it. ``frozen_at`` in epoch seconds; ``previous``: the seal of the
    one before it, empty for the first."""

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


def short(snapshot: Sealed) -> str:
    """The beginning of its seal, in groups of four."""
    return grouped(snapshot.seal[:_SHOWN])


def grouped(digits: str) -> str:
    """``3f2a 91c0 …``: groups of four, which a person can compare."""
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def amended(report: Report, amendments: Sequence[Sealed], chapter: str) -> list[Block]:
    """The notice that later snapshots amend this one; none where there are none."""
    if not amendments:
        return []
    key = "amendments_text" if len(amendments) == 1 else "amendments_texts"
    text = report.words(key, n=len(amendments), chapter=chapter)
    return [Notice("note", report.words("amendments_title"), texts([text]))]


def amendments_table(report: Report, amendments: Sequence[Sealed]) -> list[Block]:
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
        found += _changes(report, each)
    return found


def _changes(report: Report, amendment: Sealed) -> list[Block]:
    """The figures that an amendment has otherwise; those hidden before or after stay out."""
    words = report.words
    after = Report(amendment.content, report.language, report.own_words)
    now = {each.id: each for each in after.content.indicators}
    rows = [
        row
        for indicator in report.content.indicators
        if indicator.id in now
        for span in reversed(report.content.spans)
        for row in _changed(report, after, (indicator, now[indicator.id]), span)
    ]
    caption = words("amendment_caption", number=amendment.number)
    if not rows:
        return list(texts([f"{caption}: {words('amendment_same')}"]))
    columns = (
        Column(words("column_indicator"), 2.4),
        Column(words("period"), 1.6),
        Column(words("before"), 1.2, number=True),
        Column(words("after"), 1.2, number=True),
    )
    return [Table(caption, columns, tuple(rows), compact=True)]


def _changed(
    report: Report, after: Report, pair: tuple[Indicator, Indicator], span: Span
) -> Iterator[tuple[Cell, ...]]:
    before, now = pair
    known = {each["organization"] for each in now.raw[span]}
    for figure in before.raw[span]:
        name = figure["organization"]
        if name not in known or _alike(figure, now.figure(span, name)):
            continue
        hidden = (report.masks.figure(before, span, name), after.masks.figure(now, span, name))
        if any(why is not None for why in hidden):
            continue
        title = before.title[report.language]
        yield (
            Cell(title if name is None else f"{title} · {name}"),
            Cell(report.span(span)),
            report.value(before, span, name),
            after.value(now, span, name),
        )


def _alike(one: Json, other: Json) -> bool:
    return all(one[key] == other[key] for key in ("value", "good", "eligible", "pending"))


def signature(report: Report, snapshot: Sealed) -> list[Block]:
    """The whole seal, the digests it is made of, and the command that verifies them."""
    words = report.words
    period = report.content.raw["period"]["name"]
    command = Paragraph((Run(f"servicedesk-kpi snapshot verify {period}", code=True),))
    rows = (
        (words("number"), str(snapshot.number)),
        (words("frozen"), report.instant(snapshot.frozen_at)),
        (words("known_at"), report.instant(report.content.raw["known_at"])),
        (words("seal"), grouped(snapshot.seal)),
        (words("signature_content"), grouped(snapshot.sha256)),
        (
            words("signature_previous"),
            grouped(snapshot.previous) if snapshot.previous else words("signature_first"),
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


def _hidden(report: Report, indicator: Indicator) -> bool:
    """Whether so few records are behind an indicator that their number is not told."""
    return report.masks.figure(indicator, "year_to_date", None) is not None


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
            Cell(DASH if _hidden(report, each) else report.whole(each.raw["records"]["verdicts"])),
            Cell(grouped(each.raw["records"]["sha256"])),
        )
        for each in report.content.indicators
        if each.measured
    )
    return Table(words("signature_records"), columns, rows, compact=True)
