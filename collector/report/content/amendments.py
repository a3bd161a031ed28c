"""The amendments of a snapshot: when they were frozen, and every figure that they changed.

A figure has changed if any part of it has: its value, the records behind it, its state, its target
or its forecast. A figure that is masked before or after the change stays masked and is only
counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from collector.report.blocks import Block, Cell, Column, Table
from collector.report.content.frozen import Indicator, Json, Span
from collector.report.content.goals import forecast_text, target_cell
from collector.report.content.quality import excluded_text, paragraphs
from collector.report.content.report import Report
from collector.report.content.seals import Sealed, published_before
from collector.snapshot.seals import grouped_digits
from collector.text import dates
from collector.text.characters import DASH
from collector.text.measures import Amounts
from collector.text.words import capital

_Row = tuple[Cell, ...]
_Pair = tuple[Indicator, Indicator]


def amendments_table(
    report: Report, amendments: Sequence[Sealed], others: Sequence[Sealed] = ()
) -> list[Block]:
    """A table of the amendments with their times and seals, then a table of changes for each.

    ``others``: all snapshots of the fiscal year, against which figures are masked.
    """
    words = report.words
    if not amendments:
        return list(paragraphs([words("amendments_none")]))
    columns = (
        Column(words("number"), 0.6, number=True),
        Column(words("frozen"), 1.8),
        Column(words("seal"), 3),
    )
    rows = tuple(
        (
            Cell(str(each.number)),
            Cell(report.instant(each.frozen_at)),
            Cell(grouped_digits(each.seal)),
        )
        for each in amendments
    )
    blocks: list[Block] = [Table(words("amendments_caption"), columns, rows, compact=True)]
    for each in amendments:
        blocks += _changes(report, each, others)
    return blocks


def _changes(report: Report, amendment: Sealed, others: Sequence[Sealed]) -> list[Block]:
    words = report.words
    published = published_before(amendment, others)
    after = Report(
        amendment.content, report.language, report.own_words, report.words.locale, published
    )
    changes = _Changes(report, after)
    rows = tuple(changes.rows())
    caption = words("amendment_caption", number=amendment.number)
    blocks: list[Block] = []
    if rows:
        columns = (
            Column(words("column_indicator"), 2.4),
            Column(words("period"), 1.5),
            Column(words("definition_what"), 1.1),
            Column(words("before"), 1.3),
            Column(words("after"), 1.3),
        )
        blocks.append(Table(caption, columns, rows, compact=True))
    if n := changes.unlisted:
        key = "amendment_unseen_one" if n == 1 else "amendment_unseen"
        sentence = words(key, n=report.whole(n))
        blocks += paragraphs([sentence if rows else f"{caption}. {sentence}"])
    return blocks or list(paragraphs([f"{caption}: {words('amendment_same')}"]))


class _Changes:
    """The differences between two versions of a report.

    ``unlisted`` is the number of changed figures that have no row of their own (masked, or equal
    as displayed). It is complete only after ``rows()`` is exhausted.
    """

    def __init__(self, before: Report, after: Report) -> None:
        self._before = before
        self._after = after
        self._words = before.words
        self.unlisted = 0

    def rows(self) -> Iterator[_Row]:
        """One row for each change, in the order of the indicators."""
        was = {each.id: each for each in self._before.content.indicators}
        now = {each.id: each for each in self._after.content.indicators}
        for name in dict.fromkeys([*was, *now]):
            if name in was and name in now:
                yield from self._indicator((was[name], now[name]))
            else:
                title = (was.get(name) or now[name]).title[self._before.language]
                yield self._only_in_one(title, DASH, only_before=name in was)

    def _indicator(self, pair: _Pair) -> Iterator[_Row]:
        was, now = pair
        rows = list[_Row]()
        for span in reversed(self._before.content.spans):
            before, after = _by_organization(was, span), _by_organization(now, span)
            for name in dict.fromkeys([*before, *after]):
                if name in before and name in after:
                    rows += self._figure(pair, span, name)
                else:
                    title, period = self._title(was, name), self._before.span(span)
                    rows.append(self._only_in_one(title, period, only_before=name in before))
        yield from rows
        yield from self._months(pair)

    def _months(self, pair: _Pair) -> Iterator[_Row]:
        """The changed months of the chart; the month that is the period itself has a row as the
        period."""
        was, now = pair
        later = {each["month"]: each for each in now.months()}
        own = self._before.content.raw["period"]["name"]
        period_changed = was.figure("period") != now.figure("period")
        for each in was.months():
            other = later.get(each["month"])
            if other is None or other == each or (each["month"] == own and period_changed):
                continue
            cells = tuple(
                Cell(report.amounts(indicator).text(month["value"]))
                for report, indicator, month in (
                    (self._before, was, each), (self._after, now, other),
                )
            )  # fmt: skip
            hidden = any(
                report.masks.month(indicator, each["month"])
                for report, indicator in ((self._before, was), (self._after, now))
            )
            if hidden or cells[0] == cells[1]:
                self.unlisted += 1
                continue
            month = capital(
                dates.month(date.fromisoformat(f"{each['month']}-01"), self._before.language)
            )
            title = self._title(was, None)
            yield (Cell(title), Cell(month), Cell(self._words("value")), *cells)

    def _figure(self, pair: _Pair, span: Span, name: str | None) -> Sequence[_Row]:
        """The rows of one figure. A figure that changed but is masked or has no row is counted."""
        was, now = pair
        hidden = (
            self._before.masks.figure(was, span, name) is not None
            or self._after.masks.figure(now, span, name) is not None
        )
        title, period = Cell(self._title(was, name)), Cell(self._before.span(span))
        aspects = [] if hidden else self._aspects(pair, span, name)
        if span == "year_to_date" and name is None:
            cells = target_cell(self._before, was), target_cell(self._after, now)
            # the same target text means that only the share required for the rest of the year
            # changed
            same = cells[0].text == cells[1].text
            what = self._words("amendment_required" if same else "column_target")
            aspects.insert(0, (what, *cells))
        rows = [
            (title, period, Cell(what), before, after)
            for what, before, after in aspects
            if before != after
        ]
        if was.figure(span, name) != now.figure(span, name) and (hidden or not rows):
            self.unlisted += 1
        return rows

    def _aspects(self, pair: _Pair, span: Span, name: str | None) -> list[tuple[str, Cell, Cell]]:
        """The parts of a figure that the document shows: (name, cell before, cell after)."""
        (was, now), words = pair, self._words
        states = (
            self._before.shown_state(was, span, name), self._after.shown_state(now, span, name)
        )  # fmt: skip
        shown = [Cell(self._before.state(each)) for each in states]
        excluded = [
            Cell(excluded_text(self._before, each.figure(span, name)["excluded"])) for each in pair
        ]
        aspects = [
            (words("value"), *self._values(pair, span, name)),
            (words("column_state"), shown[0], shown[1]),
            (words("quality_excluded"), excluded[0], excluded[1]),
        ]
        if span == "year_to_date" and name is None:
            forecasts = forecast_text(self._before, was), forecast_text(self._after, now)
            aspects.append((words("given_forecast"), Cell(*forecasts[0]), Cell(*forecasts[1])))
        return aspects

    def _values(self, pair: _Pair, span: Span, name: str | None) -> tuple[Cell, Cell]:
        """The two values, with enough decimals to tell them apart."""
        before, after = (
            self._before.value(pair[0], span, name), self._after.value(pair[1], span, name)
        )  # fmt: skip
        one, other = (each.figure(span, name)["value"] for each in pair)
        if before.text != after.text or one == other or None in (one, other):
            return before, after
        # Amounts adds decimals until a value differs from its threshold: use the other value as one
        texts_apart = (
            Amounts(replace(pair[0].measure, threshold=other), self._words).text(one),
            Amounts(replace(pair[1].measure, threshold=one), self._words).text(other),
        )
        return replace(before, text=texts_apart[0]), replace(after, text=texts_apart[1])

    def _title(self, indicator: Indicator, name: str | None) -> str:
        title = indicator.title[self._before.language]
        return title if name is None else f"{title} · {name}"

    def _only_in_one(self, title: str, period: str, *, only_before: bool) -> _Row:
        """The row of something that exists only before (``only_before``) or only after."""
        cells = Cell(self._words("amendment_there")), Cell(DASH)
        return (Cell(title), Cell(period), Cell(DASH), *(cells if only_before else reversed(cells)))


def _by_organization(indicator: Indicator, span: Span) -> Mapping[str | None, Json]:
    return {each["organization"]: each for each in indicator.raw[span]}
