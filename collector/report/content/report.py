"""What every part of the document needs: the snapshot's content, the words and the masks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cached_property

from collector.model.bilingual import Language, Text
from collector.model.codes import State
from collector.model.periods import month_index
from collector.report.blocks import Cell
from collector.report.content.frozen import Content, Indicator, Json, Span, read_content, state_of
from collector.report.content.masking import Masks
from collector.sources import SOURCES
from collector.text import dates, numbers
from collector.text.characters import DASH
from collector.text.measures import Amounts
from collector.text.numbers import unbroken
from collector.text.period_names import period_title
from collector.text.vocabulary import state_text
from collector.text.words import Words


class Report:
    """A snapshot's content with the formatters of one language, and of one country's dates.

    ``published``: the contents of the documents of the same fiscal year before this one, the oldest
    first; nothing is shown that could be subtracted from them to find a small group. Raises
    KeyError when ``content`` lacks a key of a snapshot.
    """

    def __init__(
        self,
        content: Json,
        language: Language,
        own_words: Mapping[str, Text] | None = None,
        locale: str | None = None,
        published: Sequence[Json] = (),
    ) -> None:
        self.content: Content = read_content(content)
        self.own_words = own_words
        self.words = Words(language, own_words, locale)
        self.language: Language = language
        self.masks = Masks(self.content, published)
        self.timezone: str = content["timezone"]

    def amounts(self, indicator: Indicator) -> Amounts:
        """The formatter of an indicator's numbers."""
        return Amounts(indicator.measure, self.words)

    def instant(self, at: str | int) -> str:
        """An instant (ISO 8601, or epoch seconds UTC) written in the reporting time zone."""
        return dates.instant(at, self.timezone, self.language, self.words.locale)

    def day(self, iso: str | date) -> str:
        """A date (or its ISO 8601 text) as the language writes it."""
        when = date.fromisoformat(iso) if isinstance(iso, str) else iso
        return dates.day(when, self.language, self.words.locale)

    @cached_property
    def period(self) -> str:
        """The period's title: ``juli 2020``, ``1 januari–31 juli 2020``."""
        content = self.content
        name = content.raw["period"]["name"]
        return period_title(
            content.first, content.last, self.words, name=name, year=content.year[:2]
        )

    def span(self, span: Span) -> str:
        """The title of a span."""
        if span == "period":
            return self.period
        first, last, to = self.content.year
        return period_title(first, to, self.words, year=(first, last))

    def span_as_known(self, span: Span) -> str:
        """The title of a span, with the day of the data if the span was not over by then."""
        title = self.span(span)
        last = self.content.last if span == "period" else self.content.year[2]
        known_at = datetime.fromisoformat(self.content.raw["known_at"]).date()
        if known_at > last:
            return title
        return self.words("span_known", span=title, day=self.day(known_at))

    def other_span(self, dates: str) -> str:
        """The title of dates such as ``2019-07-01..2019-07-31``; fiscal years are not named."""
        first, last = (date.fromisoformat(each) for each in dates.split(".."))
        return period_title(first, last, self.words)

    def whole(self, number: int) -> str:
        """A number of records, formatted."""
        return numbers.number(number, self.language)

    def records(self, indicator: Indicator, n: int) -> str:
        """``1 ärende``, ``13 samtal``: so many of the records that an indicator is measured on."""
        key = "n_call" if indicator.on_calls else "n_ticket"
        return unbroken(self.words(key if n == 1 else f"{key}s", n=self.whole(n)))

    def source(self, name: str) -> str:
        """``Request Tracker (desk)``: the title of a source's system, with its name."""
        kinds = {each["name"]: each["type"] for each in self.content.raw["sources"]}
        found = SOURCES.get(kinds.get(name, ""))
        return name if found is None else f"{found.title[self.language]} ({name})"

    def aim(self, indicator: Indicator) -> str:
        """``målet är minst 90 %``, ``målet är att öka från 71,13``; empty without a target."""
        target = self.amounts(indicator).target()
        if not target or indicator.target is None:
            return ""
        key = "definition_aim" if indicator.target.baseline else "definition_target"
        return self.words(key, target=target)

    def state(self, state: State | None) -> str:
        """The symbol and word of a state; a dash for None."""
        return DASH if state is None else state_text(state, self.language)

    def value(self, indicator: Indicator, span: Span, organization: str | None = None) -> Cell:
        """A figure's value, with its number of records and of pending ones below it.

        A hidden figure says only that it is hidden. Raises KeyError when there is no such figure.
        """
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
            text,
            ", ".join(
                filter(
                    None,
                    [
                        self.rests_on(indicator, figure),
                        self._waiting(figure),
                        self._begins(indicator, span),
                        self._as_of(indicator, figure, span),
                    ],
                )
            ),
        )

    def rests_on(self, indicator: Indicator, figure: Json) -> str:
        """``av 143``: the denominator of a figure; empty if the figure has none."""
        if not indicator.has_denominator:
            return ""
        n = self.whole(figure["eligible"])
        key = "of_n" if indicator.unit == "ratio" else "n_tickets"
        return unbroken(self.words(key, n=n))

    def _begins(self, indicator: Indicator, span: Span) -> str:
        """``från 10 mars``: the first record's date, if it is a month or more into the span."""
        first = self.content.first if span == "period" else self.content.year[0]
        begins = self.content.records_since(indicator)
        if begins is None or month_index(begins) <= month_index(first):
            return ""
        return unbroken(self.words("begins", day=self.day(begins)))

    def _as_of(self, indicator: Indicator, figure: Json, span: Span) -> str:
        """``per 31 juli 2020``: the date of a value entered by hand, if it is not of the span's
        last month and so says nothing of it."""
        given_on = None if indicator.measured else figure.get("given_on")
        if given_on is None:
            return ""
        day = date.fromisoformat(given_on)
        last = self.content.last if span == "period" else self.content.year[2]
        if month_index(day) == month_index(last):
            return ""
        return unbroken(self.words("value_as_of", day=self.day(day)))

    def _waiting(self, figure: Json) -> str:
        n = figure["pending"]
        return unbroken(self.words("pending", n=self.whole(n))) if n else ""

    def shown_state(
        self, indicator: Indicator, span: Span, organization: str | None = None
    ) -> State | None:
        """The state that a figure is shown with; ``too_few`` for every hidden figure."""
        if self.masks.figure(indicator, span, organization) is not None:
            return "too_few"
        return state_of(indicator.figure(span, organization))
