"""Recount a snapshot's figures from its verdicts and report contradictions. Pure.

Recounted are the counts, values and times of every figure and month, and whether a figure's state
agrees with its value and target. Forecasts and comparisons rest on records without stored verdicts.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from collector.business_time.zone import LocalDays
from collector.measuring.figures.distribution import BOUNDS, quantile
from collector.measuring.kinds.base import Kind
from collector.measuring.kinds.table import KINDS
from collector.model.periods import month_index, month_start
from collector.model.quantities import Target
from collector.snapshot.canonical import round_floats
from collector.snapshot.evidence import VerdictLine, VerdictLines, digests, read_line, unpack_lines

_ELIGIBLE = ("met", "missed")
_MONTH = ("good", "eligible", "pending", "value")
_MALFORMED = (KeyError, TypeError, ValueError, AttributeError, IndexError)

Json = dict[str, Any]
Bounds = tuple[float, float]
"""First instant of a span and the one after its end, in epoch seconds."""


def contradictions(content: Json, records: bytes) -> Iterator[str]:
    """Yield a line of text per contradiction in the digests of verdicts or the figures' counts.

    ``records``: the packed verdicts.
    """
    try:
        lines = unpack_lines(records)
        expected = digests(lines)
    except ValueError as error:
        yield f"records: {error}"
        return
    indicators = content.get("indicators")
    if not isinstance(indicators, list):
        yield "indicators is malformed"
        return
    named = {each.get("id") for each in indicators if isinstance(each, dict)}
    for name in expected.keys() - named:
        yield f"{name} is missing, and its verdicts are there"
    for place, each in enumerate(indicators):
        try:
            yield from _of_indicator(each, content, lines, expected)
        except _MALFORMED:
            yield f"indicators[{place}] is malformed"


def _of_indicator(
    each: Json, content: Json, lines: VerdictLines, expected: dict[str, dict[str, object]]
) -> Iterator[str]:
    name = each["id"]
    own = expected.get(name)
    if own is not None and own != each["records"]:
        yield f"{name}.records does not match its verdicts"
    elif own is None and each["records"]["verdicts"]:
        yield f"{name}.records: its verdicts are missing"
    kind = KINDS[each["kind"]]
    if not kind.is_measured:
        if own is not None and own["verdicts"]:
            yield f"{name} says that it is entered by hand, and its verdicts are there"
        return
    spans = [
        (span, figure, _bounds(figure)) for span in ("period", "year_to_date")
        for figure in each[span]
    ]  # fmt: skip
    months = [(m["month"], m, _month(content["timezone"], m["month"])) for m in each["months"]]
    found = _Recount(map(read_line, lines.get(name, ())), [at for *_, at in (*spans, *months)])
    for where, figure, bounds in (*spans, *months):
        counted = found.of(bounds, figure["organization"])
        said = f"{name}.{where} ({figure['organization'] or 'all'}) says"
        whole = where in ("period", "year_to_date")
        for key, n in counted.told(kind, figure, whole=whole).items():
            if figure[key] != n:
                yield f"{said} {key} {_short(figure[key])}, its verdicts {_short(n)}"
        if whole and (fault := _state(each, kind, figure)):
            yield f"{said} {fault}"


def _bounds(figure: Json) -> Bounds:
    start, end = (datetime.fromisoformat(figure[key]).timestamp() for key in ("from", "to"))
    return start, end


def _month(timezone: str, month: str) -> Bounds:
    local, index = LocalDays(timezone), month_index(date.fromisoformat(f"{month}-01"))
    return local.midnight(month_start(index)), local.midnight(month_start(index + 1))


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:60]}…"


@dataclass
class _Counted:
    """The verdicts in a span. ``seconds``: the sum over the met ones; ``times``: by bucket."""

    verdicts: Counter[str] = field(default_factory=Counter)
    excluded: Counter[str] = field(default_factory=Counter)
    times: Counter[int] = field(default_factory=Counter)
    seconds: int = 0

    def told(self, kind: Kind[Any], figure: Json, *, whole: bool) -> Json:
        """What the figure must say. ``whole``: it is no month, and has times and reasons, too."""
        eligible = sum(self.verdicts[each] for each in _ELIGIBLE)
        good = self.seconds if kind.is_mean else self.verdicts["met"]
        told: Json = {"good": good, "eligible": eligible, "pending": self.verdicts["pending"]}
        # none is told where calls are known only by those that were lost (service_level)
        if figure["value"] is not None or "unknown" not in self.excluded:
            told["value"] = kind.value(good, eligible, read=figure["value"] is not None)
        if whole:
            told |= {"excluded": dict(self.excluded)}
        if whole and kind.is_timed:
            told |= self._times()
        return told

    def _times(self) -> Json:
        bounds = [*BOUNDS, None]
        counts = [self.times[place] for place in range(len(bounds))]
        told: Json = {
            "histogram": [[bound, n] for bound, n in zip(bounds, counts, strict=True) if n]
        }
        for key, share in (("median", 0.5), ("p90", 0.9)):
            at = quantile(counts, share)
            told[key] = at and round_floats({"seconds": at.seconds, "low": at.low, "high": at.high})
        return told


class _Recount:
    """An indicator's verdicts, counted between all the instants at which some span begins or
    ends."""

    def __init__(self, lines: Iterable[VerdictLine], spans: Iterable[Bounds]) -> None:
        self._edges = sorted({edge for span in spans for edge in span})
        self._parts: dict[tuple[int, str | None], _Counted] = {}
        for line in lines:
            part = self._parts.setdefault(
                (bisect_right(self._edges, line.counted_at), line.organization), _Counted()
            )
            part.verdicts[line.verdict] += 1
            if line.verdict == "excluded":
                part.excluded[line.reason] += 1
            elif line.seconds is not None and line.verdict in _ELIGIBLE:
                part.times[bisect_left(BOUNDS, line.seconds)] += 1
                part.seconds += line.seconds if line.verdict == "met" else 0

    def of(self, span: Bounds, organization: str | None) -> _Counted:
        """The verdicts in a span, of an organization or (None) all."""
        first, after = (bisect_right(self._edges, edge) for edge in span)
        found = _Counted()
        for (place, whose), part in self._parts.items():
            if first <= place < after and organization in (None, whose):
                found.verdicts += part.verdicts
                found.excluded += part.excluded
                found.times += part.times
                found.seconds += part.seconds
        return found


def _state(each: Json, kind: Kind[Any], figure: Json) -> str:
    """How the state contradicts value and target; empty if it does not."""
    state, value, target = figure["state"], figure["value"], each["target"]
    if state == "stale":
        return ""
    if (state == "no_data") != (value is None):
        return f"state {state} with the value {value}"
    few = kind.has_denominator and value is not None and figure["eligible"] < each["min_n"]
    if (state == "too_few") != few:
        return f"state {state} of {figure['eligible']} records, with min_n {each['min_n']}"
    if target is None or value is None or few:
        return ""
    if figure["threshold"] != target["threshold"] or figure["target"] != target["text"]:
        return f"target {figure['target']}, its indicator {target['text']}"
    parsed = Target.parse(target["text"])
    if kind.is_share and target["threshold"] != float(parsed.number / 100):
        return f"threshold {target['threshold']}, its target {target['text']}"
    if (state == "met") != parsed.reached(value, target["threshold"]):
        return f"state {state}, its value and target the opposite"
    return ""
