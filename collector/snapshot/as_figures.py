"""A frozen figure as the program's own again, to be shown by the same words as a live one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from collector.measuring.figures.figure import Figure
from collector.measuring.figures.outlook import Outlook
from collector.model.bilingual import Text
from collector.model.periods import Period
from collector.model.quantities import Target
from collector.snapshot.sentences import no_forecast


def figures_of(said: dict[str, Any], span: str) -> list[Figure]:
    """The figures of ``period`` or ``year_to_date`` in a content; histograms, comparisons and what
    a source calculated itself stay behind."""
    first, last = (date.fromisoformat(day) for day in _dates(said, span))
    after = last + timedelta(days=1)
    period = Period(said["period"]["name"], first, after, after)
    return [each for known in said["indicators"] for each in _of(known, span, period)]


def _dates(said: dict[str, Any], span: str) -> tuple[str, str]:
    if span == "period":
        return said["period"]["first"], said["period"]["last"]
    return said["year"]["first"], said["year"]["to"]


def _of(known: dict[str, Any], span: str, period: Period) -> Iterator[Figure]:
    label, shown_in = known["unit_label"], known["shown_in"]
    for each in known[span]:
        yield Figure(
            indicator=known["id"],
            title=Text(**known["title"]),
            kind=known["kind"],
            period=period,
            organization=each["organization"],
            good=each["good"],
            eligible=each["eligible"],
            pending=each["pending"],
            excluded=each["excluded"],
            value=each["value"],
            unit=each["unit"],
            target=None if each["target"] is None else Target.parse(each["target"]),
            threshold=each["threshold"],
            state=each["state"],
            formula=each["formula"],
            shown_in=None if shown_in is None else (shown_in[0], shown_in[1]),
            unit_label=None if label is None else Text(**label),
            misses_left=each["misses_left"],
            left=each["left"],
            required=each["required"],
            outlook=_outlook(each["forecast"]),
            comment=each["comment"],
        )


def _outlook(forecast: dict[str, Any] | None) -> Outlook | None:
    if forecast is None:
        return None
    return Outlook(
        value=forecast["value"],
        low=forecast["low"],
        high=forecast["high"],
        chance=forecast["chance"],
        months=forecast["months"],
        reason=no_forecast(forecast["reason"]),
        given=forecast["given"],
        set_by=forecast["set_by"],
        since=_date(forecast["since"]),
        comment=forecast["comment"],
        computed=forecast["computed"],
        odd_month=_date(forecast["odd_month"]),
        odd_by=forecast["odd_by"],
    )


def _date(iso: str | None) -> date | None:
    return None if iso is None else date.fromisoformat(iso)
