"""The amendments of a snapshot: when they were frozen, and every figure that they have otherwise.

A figure has changed if anything of it has: its value, what it rests on, its assessment, its target,
its forecast. What the document hides before or after stays hidden, and is counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from collector.report.blocks import Block, Cell, Column, Table
from collector.report.content.frozen import Indicator, Json, Span
from collector.report.content.goals import forecast_text, target_cell
from collector.report.content.quality import excluded_text, texts
from collector.report.content.report import Report
from collector.report.content.seals import Sealed, grouped
from collector.text import dates
from collector.text.characters import DASH
from collector.text.measures import Amounts
from collector.text.words import capital

Row = tuple[Cell, ...]
_Pair = tuple[Indicator, Indicator]


def amendments_table(report: Report, amendments: Sequence[Sealed]) -> list[Block]:
    """Every amendment, when it was frozen and its seal; then what each changed."""
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
    words = report.words
    changes = _Changes(report, Report(amendment.content, report.language, report.own_words))
    rows = tuple(changes.rows())
    caption = words("amendment_caption", number=amendment.number)
    found: list[Block] = []
    if rows:
        columns = (
            Column(words("column_indicator"), 2.4),
            Column(words("period"), 1.5),
            Column(words("definition_what"), 1.1),
            Column(words("before"), 1.3),
            Column(words("after"), 1.3),
        )
        found.append(Table(caption, columns, rows, compact=True))
    if n := changes.unseen:
        key = "amendment_unseen_one" if n == 1 else "amendment_unseen"
        told = words(key, n=report.whole(n))
        found += texts([told if rows else f"{caption}. {told}"])
    return found or list(texts([f"{caption}: {words('amendment_same')}"]))


class _Changes:
    """What is otherwise in ``after``. ``unseen``: how many figures changed of which no row tells,
    known when all rows were asked for."""

    def __init__(self, before: Report, after: Report) -> None:
        self._before = before
        self._after = after
        self._words = before.words
        self.unseen = 0

    def rows(self) -> Iterator[Row]:
        """A row for each thing that changed, in the order of the indicators."""
        was = {each.id: each for each in self._before.content.indicators}
        now = {each.id: each for each in self._after.content.indicators}
        for name in dict.fromkeys([*was, *now]):
            if name in was and name in now:
                yield from self._indicator((was[name], now[name]))
            else:
                title = (was.get(name) or now[name]).title[self._before.language]
                yield self._there(title, DASH, there=name in was)

    def _indicator(self, pair: _Pair) -> Iterator[Row]:
        was, now = pair
        rows = list[Row]()
        for span in reversed(self._before.content.spans):
            known, later = _by_organization(was, span), _by_organization(now, span)
            for name in dict.fromkeys([*known, *later]):
                if name in known and name in later:
                    rows += self._figure(pair, span, name)
                else:
                    title, period = self._named(was, name), self._before.span(span)
                    rows.append(self._there(title, period, there=name in known))
        yield from rows
        yield from self._months(pair)

    def _months(self, pair: _Pair) -> Iterator[Row]:
        """The months of charts; that of the period is told as the period."""
        was, now = pair
        later = {each["month"]: each for each in now.months()}
        own = self._before.content.raw["period"]["name"]
        period_told = was.figure("period") != now.figure("period")
        for each in was.months():
            other = later.get(each["month"])
            if other is None or other == each or (each["month"] == own and period_told):
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
                self.unseen += 1
                continue
            month = capital(
                dates.month(date.fromisoformat(f"{each['month']}-01"), self._before.language)
            )
            title = self._named(was, None)
            yield (Cell(title), Cell(month), Cell(self._words("value")), *cells)

    def _figure(self, pair: _Pair, span: Span, name: str | None) -> Sequence[Row]:
        """The rows of a figure; one that differs and has none, or is hidden, is counted."""
        was, now = pair
        hidden = (
            self._before.masks.figure(was, span, name) is not None
            or self._after.masks.figure(now, span, name) is not None
        )
        title, period = Cell(self._named(was, name)), Cell(self._before.span(span))
        aspects = [] if hidden else self._aspects(pair, span, name)
        if span == "year_to_date" and name is None:
            cells = target_cell(self._before, was), target_cell(self._after, now)
            same = cells[0].text == cells[1].text  # then what the rest must bring is otherwise
            what = self._words("amendment_required" if same else "column_target")
            aspects.insert(0, (what, *cells))
        rows = [
            (title, period, Cell(what), before, after)
            for what, before, after in aspects
            if before != after
        ]
        if was.figure(span, name) != now.figure(span, name) and (hidden or not rows):
            self.unseen += 1
        return rows

    def _aspects(self, pair: _Pair, span: Span, name: str | None) -> list[tuple[str, Cell, Cell]]:
        """What of a figure is shown somewhere, with its cells before and after."""
        (was, now), words = pair, self._words
        states = (
            self._before.shown_state(was, span, name), self._after.shown_state(now, span, name)
        )  # fmt: skip
        shown = [Cell(self._before.state(each)) for each in states]
        excluded = [
            Cell(excluded_text(self._before, each.figure(span, name)["excluded"])) for each in pair
        ]
        found = [
            (words("value"), *self._values(pair, span, name)),
            (words("column_state"), shown[0], shown[1]),
            (words("quality_excluded"), excluded[0], excluded[1]),
        ]
        if span == "year_to_date" and name is None:
            told = forecast_text(self._before, was), forecast_text(self._after, now)
            found.append((words("given_forecast"), Cell(*told[0]), Cell(*told[1])))
        return found

    def _values(self, pair: _Pair, span: Span, name: str | None) -> tuple[Cell, Cell]:
        """The values, with as many decimals as tell one from the other."""
        before, after = (
            self._before.value(pair[0], span, name), self._after.value(pair[1], span, name)
        )  # fmt: skip
        one, other = (each.figure(span, name)["value"] for each in pair)
        if before.text != after.text or one == other or None in (one, other):
            return before, after
        # numbers are written so that they are told from their target: here from each other
        texts_apart = (
            Amounts(replace(pair[0].measure, threshold=other), self._words).text(one),
            Amounts(replace(pair[1].measure, threshold=one), self._words).text(other),
        )
        return replace(before, text=texts_apart[0]), replace(after, text=texts_apart[1])

    def _named(self, indicator: Indicator, name: str | None) -> str:
        title = indicator.title[self._before.language]
        return title if name is None else f"{title} · {name}"

    def _there(self, title: str, period: str, *, there: bool) -> Row:
        """What is only before (``there``) or only after."""
        cells = Cell(self._words("amendment_there")), Cell(DASH)
        return (Cell(title), Cell(period), Cell(DASH), *(cells if there else reversed(cells)))


def _by_organization(indicator: Indicator, span: Span) -> Mapping[str | None, Json]:
    return {each["organization"]: each for each in indicator.raw[span]}
