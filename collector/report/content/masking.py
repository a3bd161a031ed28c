"""Which figures rest on so few records that they could reveal something about individuals.

See :class:`Masks` for the rule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from collector.model.periods import month_index, month_start
from collector.report.content.frozen import Content, Indicator, Json, Span, read_content
from collector.report.content.suppression import hidden_figures
from collector.report.content.timeline_sums import Dates, FigureKey, HiddenReason, Shown

_MONTH, _PERIOD, _YEAR = range(3)
_DAY = timedelta(days=1)


class Masks:
    """The figures that are hidden in a document (small-number suppression).

    The rule: no sum or difference of shown figures may rest on 1 to ``min_n`` - 1 records, and none
    that is all good or all missed may hold a figure that is hidden for its size. Shown are the
    whole desk's months, period and year so far, and each organization's period and year so far, in
    this document and in those of the same fiscal year before it. As long as a sum breaks the rule,
    one more figure of this document is hidden:

    - the figure itself, if it is small (``too_few``),
    - otherwise the smallest of those that give it away (``protected``): months before the period,
      the period before the year so far; organizations before the desk.

    Records without an organization count as one that is never shown. If the whole desk is hidden in
    a span, so are its organizations. That there were no records is no secret. Nor is what a shown
    figure says by itself: where all of a desk is good, so is every part. Figures entered by hand
    and plain counts of records reveal nothing and stay.

    ``published``: the contents of the documents before this one, the oldest first. They are taken
    to have been masked by the same rule, each against those before it.
    """

    def __init__(self, content: Content, published: Sequence[Json] = ()) -> None:
        self._content = content
        self._hidden: dict[str, Mapping[FigureKey, HiddenReason]] = {}
        year = content.raw["year"]["first"]
        earlier = [read_content(each) for each in published if each["year"]["first"] == year]
        documents = [*earlier, content]
        for each in content.indicators:
            if each.has_denominator and each.min_n:
                self._hidden[each.id] = _hidden_in_the_last(documents, each.id)

    def figure(
        self, indicator: Indicator, span: Span, organization: str | None
    ) -> HiddenReason | None:
        """Why a figure is hidden; None if it is shown. ``organization`` None: the whole desk."""
        dates = _span_dates(self._content, span)
        return self._hidden.get(indicator.id, {}).get((organization, dates))

    def month(self, indicator: Indicator, month: str) -> HiddenReason | None:
        """Why the whole desk's figure of a month (``2020-07``) is hidden; None if it is shown."""
        return self._hidden.get(indicator.id, {}).get((None, _month_dates(self._content, month)))


def _hidden_in_the_last(
    documents: Sequence[Content], name: str
) -> Mapping[FigureKey, HiddenReason]:
    """What the last of some documents hides of an indicator, each masked against those before."""
    figures: list[list[Shown]] = []
    masked: list[Mapping[FigureKey, HiddenReason]] = []
    for content in documents:
        for each in content.indicators:
            if each.id == name and each.has_denominator:
                own = _figures(content, each)
                masked.append(hidden_figures(own, each.min_n, figures, masked))
                figures.append(own)
    return masked[-1]


def _span_dates(content: Content, span: Span) -> Dates:
    if span == "period":
        return content.first, content.last
    return content.year[0], content.year[2]


def _month_dates(content: Content, month: str) -> Dates:
    first = date.fromisoformat(f"{month}-01")
    return first, min(content.last, month_start(month_index(first) + 1) - _DAY)


def _figures(content: Content, indicator: Indicator) -> list[Shown]:
    """All figures of an indicator that a document would show. The widest come first, and a month
    that is also the period or the year so far is ranked as that."""
    figures: dict[FigureKey, Shown] = {}
    spans: tuple[tuple[Span, int], ...] = (("year_to_date", _YEAR), ("period", _PERIOD))
    for span, rank in spans:
        for each in indicator.raw[span]:
            made = _shown(indicator, each, _span_dates(content, span), rank)
            figures.setdefault(made.key, made)
    for each in reversed(indicator.months()):
        made = _shown(indicator, each, _month_dates(content, each["month"]), _MONTH)
        figures.setdefault(made.key, made)
    return list(figures.values())


def _shown(indicator: Indicator, figure: Json, dates: Dates, rank: int) -> Shown:
    good = figure["good"] if indicator.is_share else None
    return Shown(figure["organization"], dates, figure["eligible"], rank, good)
