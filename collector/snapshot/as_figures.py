"""Turn frozen figures back into ``Figure`` objects, so that they are shown like live ones."""

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


def figures_of(content: dict[str, Any], span: str) -> list[Figure]:
    """Return the figures of a snapshot's content; ``span`` is ``period`` or ``year_to_date``.

    Histograms, comparisons and the source's own calculation are not restored.
    """
    first, last = (date.fromisoformat(day) for day in _dates(content, span))
    after = last + timedelta(days=1)
    period = Period(content["period"]["name"], first, after, after)
    return [each for indicator in content["indicators"] for each in _of(indicator, span, period)]


def _dates(content: dict[str, Any], span: str) -> tuple[str, str]:
    if span == "period":
        return content["period"]["first"], content["period"]["last"]
    return content["year"]["first"], content["year"]["to"]


def _of(indicator: dict[str, Any], span: str, period: Period) -> Iterator[Figure]:
    label, shown_in = indicator["unit_label"], indicator["shown_in"]
    for each in indicator[span]:
        yield Figure(
            indicator=indicator["id"],
            title=Text.of(indicator["title"]),
            kind=indicator["kind"],
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
            unit_label=None if label is None else Text.of(label),
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
