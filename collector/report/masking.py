"""Which figures rest on so few records that they would tell of single people.

A figure of 1 to ``min_n`` - 1 records is not shown. Nor is what would give it away: where the whole
is shown, the parts that are hidden must not come down to one of them or to fewer than ``min_n``
records, so further ones are hidden, the smallest first. The same holds for the rest of a year
beside its part. Figures given by hand and mere numbers of records tell nothing and stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal, TypeVar

from collector.report.frozen import Content, Indicator, Json, Span

Why = Literal["too_few", "protected"]
"""``too_few``: small itself. ``protected``: hidden so that no small one can be computed."""

Name = TypeVar("Name")


class Masks:
    """What is hidden in a document."""

    def __init__(self, content: Content) -> None:
        first, _, to = content.year
        inside = first <= content.first and content.last <= to
        self._figures: dict[tuple[str, Span, str | None], Why] = {}
        self._months: dict[tuple[str, str], Why] = {}
        for each in content.indicators:
            if each.kind in {"manual", "count"} or not each.min_n:
                continue
            for span in content.spans:
                for organization, why in _of_span(each, span, part=inside).items():
                    self._figures[each.id, span, organization] = why
            own = f"{content.first:%Y-%m}"
            single = own == f"{content.last:%Y-%m}" and not content.is_year_so_far
            for month, why in _of_months(each, first, to, own if single else None).items():
                self._months[each.id, month] = why
                if single and month == own:
                    self._figures.setdefault((each.id, "period", None), why)

    def figure(self, indicator: Indicator, span: Span, organization: str | None) -> Why | None:
        """Why a figure is not shown; None where it is."""
        return self._figures.get((indicator.id, span, organization))

    def month(self, indicator: Indicator, month: str) -> Why | None:
        """Why the whole desk's figure of a month is not shown; None where it is."""
        return self._months.get((indicator.id, month))


def _of_span(indicator: Indicator, span: Span, *, part: bool) -> dict[str | None, Why]:
    """``part``: the period lies within the year so far, whose rest must not be small either."""
    whole = indicator.figure(span)["eligible"]
    if 0 < whole < indicator.min_n:
        return {
            None: "too_few",
            **{each["organization"]: "too_few" for each in _some(indicator, span)},
        }
    parts = {each["organization"]: each["eligible"] for each in indicator.figures(span)}
    also: set[str | None] = set()
    if span == "period" and part:
        also = {
            each["organization"]
            for each in indicator.raw["year_to_date"]
            if _small_rest(indicator, each["organization"], each["eligible"])
        }
    found: dict[str | None, Why] = dict(
        hidden(parts, whole, indicator.min_n, {name for name in also if name is not None})
    )
    if None in also:
        found[None] = "protected"
    return found


def _some(indicator: Indicator, span: Span) -> list[Json]:
    return [each for each in indicator.figures(span) if each["eligible"]]


def _small_rest(indicator: Indicator, organization: str | None, year: int) -> bool:
    rest: int = year - indicator.figure("period", organization)["eligible"]
    return 0 < rest < indicator.min_n


def _of_months(indicator: Indicator, first: date, to: date, period: str | None) -> dict[str, Why]:
    """The months of the year so far add up to it; those before it stand alone. The month that is
    the ``period`` itself is the last to be hidden for others."""
    months = {each["month"]: each["eligible"] for each in indicator.months()}
    within = {m: n for m, n in months.items() if f"{first:%Y-%m}" <= m <= f"{to:%Y-%m}"}
    before = {m: n for m, n in months.items() if m not in within}
    found: dict[str, Why] = {m: "too_few" for m, n in before.items() if 0 < n < indicator.min_n}
    whole = indicator.figure("year_to_date")["eligible"]
    return found | hidden(within, whole, indicator.min_n, last=period)


def hidden(
    parts: Mapping[Name, int],
    whole: int,
    min_n: int,
    also: set[Name] | None = None,
    last: Name | None = None,
) -> dict[Name, Why]:
    """Which of the parts of a shown whole are hidden, and why; ``also`` are so in any case, and
    ``last`` is the last one to be hidden for the others.

    What of the whole belongs to no part is not shown anywhere, so it hides like one.
    """
    found: dict[Name, Why] = {name: "protected" for name in also or () if parts.get(name)}
    found |= {name: "too_few" for name, n in parts.items() if 0 < n < min_n}
    if not found:
        return found
    nobody = max(0, whole - sum(parts.values()))
    rest = [name for name, n in parts.items() if n and name not in found]
    rest.sort(key=lambda name: (name == last, parts[name], str(name)))
    while rest and _gives_away(parts, found, nobody, min_n):
        found[rest.pop(0)] = "protected"
    return found


def _gives_away(
    parts: Mapping[Name, int], found: Mapping[Name, Why], nobody: int, min_n: int
) -> bool:
    members = len(found) + (nobody > 0)
    return members < 2 or sum(parts[name] for name in found) + nobody < min_n
