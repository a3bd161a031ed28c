"""What every part of the document draws on: the snapshot's content, the words, what is hidden."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import cached_property

from collector.model.bilingual import Language, Text
from collector.report.blocks import Cell
from collector.report.content.frozen import Content, Indicator, Json, Span, read
from collector.report.content.masking import Masks
from collector.text import numbers
from collector.text.amounts import Amounts
from collector.text.numbers import NBSP
from collector.text.period_names import span_title
from collector.text.vocabulary import STATE_WORDS
from collector.text.words import Words


class Report:
    """A snapshot's content on its way to a document in one language."""

    def __init__(
        self, content: Json, language: Language, own_words: Mapping[str, Text] | None = None
    ) -> None:
        self.content: Content = read(content)
        self.own_words = own_words
        self.words = Words(language, own_words)
        self.language: Language = language
        self.masks = Masks(self.content)
        self.timezone: str = content["timezone"]

    def amounts(self, indicator: Indicator) -> Amounts:
        """What writes the numbers of an indicator."""
        return Amounts(indicator, self.words)

    def instant(self, at: str | int) -> str:
        """An instant in the reporting zone."""
        return numbers.instant(at, self.timezone, self.language)

    def day(self, iso: str | date) -> str:
        """A date, as ISO 8601 has it."""
        when = date.fromisoformat(iso) if isinstance(iso, str) else iso
        return numbers.day(when, self.language)

    @cached_property
    def period(self) -> str:
        """The period's title: ``juli 2020``, ``1 januari–31 juli 2020``."""
        return span_title(
            self.content.first,
            self.content.last,
            self.content.year,
            self.content.raw["period"]["name"],
            self.words,
        )

    def span(self, span: Span) -> str:
        """What a span is called."""
        if span == "period":
            return self.period
        first, _, to = self.content.year
        return span_title(first, to, self.content.year, "", self.words)

    def span_as_known(self, span: Span) -> str:
        """What a span is called, with the day up to which it is known where it was not over."""
        title = self.span(span)
        last = self.content.last if span == "period" else self.content.year[2]
        known = datetime.fromisoformat(self.content.raw["known_at"]).date()
        if known > last:
            return title
        return self.words("span_known", span=title, day=self.day(known))

    def other_span(self, dates: str) -> str:
        """What ``2019-07-01..2019-07-31`` is called; nothing is named after a fiscal year."""
        first, last = (date.fromisoformat(each) for each in dates.split(".."))
        return span_title(first, last, (date.max, date.max, date.max), "", self.words)

    def whole(self, number: int) -> str:
        """A number of records."""
        return numbers.number(number, self.language)

    def state(self, state: str | None) -> str:
        """Symbol and word of a state; a dash for none."""
        return numbers.DASH if state is None else unbroken_first(STATE_WORDS[state][self.language])

    def value(self, indicator: Indicator, span: Span, organization: str | None = None) -> Cell:
        """A figure's value with what it rests on below it; what is hidden says so and no more."""
        figure = indicator.figure(span, organization)
        why = self.masks.figure(indicator, span, organization)
        if why == "protected":
            return Cell(self.words("protected"), self.words("protected_why"), "too_few")
        if why == "too_few":
            return Cell(self.state("too_few"), self.words("too_few", n=indicator.min_n), "too_few")
        if figure["value"] is None:
            return Cell(self.state("no_data"), self._waiting(figure), "no_data")
        text = self.amounts(indicator).text(figure["value"])
        return Cell(
            text, ", ".join(filter(None, [self.rests_on(indicator, figure), self._waiting(figure)]))
        )

    def rests_on(self, indicator: Indicator, figure: Json) -> str:
        """``av 143``: the n of a figure; nothing where the figure is a number of records."""
        if not indicator.has_denominator:
            return ""
        n = self.whole(figure["eligible"])
        key = "of_n" if indicator.unit == "ratio" else "n_tickets"
        return self.words(key, n=n).replace(" ", NBSP)

    def _waiting(self, figure: Json) -> str:
        n = figure["pending"]
        return self.words("pending", n=self.whole(n)).replace(" ", NBSP) if n else ""

    def shown_state(
        self, indicator: Indicator, span: Span, organization: str | None = None
    ) -> str | None:
        """The state that a figure is shown with: hidden ones have too few."""
        if self.masks.figure(indicator, span, organization) is not None:
            return "too_few"
        found: str | None = indicator.figure(span, organization)["state"]
        return found


def unbroken_first(text: str) -> str:
    """A symbol stays with the word behind it."""
    return text.replace(" ", NBSP, 1)
