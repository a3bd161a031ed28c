"""Where a content contradicts the verdicts it rests on: counted anew from these. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from collector.measuring.kinds.table import KINDS
from collector.snapshot.evidence import Line, Lines, digests, read_line, unpacked

_ELIGIBLE = frozenset({"met", "missed"})


def contradictions(said: dict[str, Any], records: bytes) -> Iterator[str]:
    """What does not fit, a line each: digests of verdicts, and the counts of the figures."""
    try:
        lines = unpacked(records)
        known = digests(lines)
    except ValueError as error:
        yield f"records: {error}"
        return
    indicators = said.get("indicators")
    if not isinstance(indicators, list):
        yield "indicators has another form"
        return
    for place, each in enumerate(indicators):
        try:
            yield from _of_indicator(each, lines, known)
        except (KeyError, TypeError, ValueError, AttributeError):
            yield f"indicators[{place}] has another form"


def _of_indicator(
    each: dict[str, Any], lines: Lines, known: dict[str, dict[str, object]]
) -> Iterator[str]:
    name = each["id"]
    own = known.get(name)
    if own is not None and own != each["records"]:
        yield f"{name}.records is not that of its verdicts"
    elif own is None and each["records"]["verdicts"]:
        yield f"{name}.records: its verdicts are not there"
    if not KINDS[each["kind"]].is_measured:
        return
    found = list(map(read_line, lines.get(name, ())))
    for span in ("period", "year_to_date"):
        for figure in each[span]:
            counted = _counted(found, figure)
            for key, n in counted.items():
                if figure[key] != n:
                    where = figure["organization"] or "all"
                    yield f"{name}.{span} ({where}) says {key} {figure[key]}, its verdicts {n}"


def _counted(lines: list[Line], figure: dict[str, Any]) -> dict[str, object]:
    """The counts that a figure's verdicts give."""
    start, end = (datetime.fromisoformat(figure[key]).timestamp() for key in ("from", "to"))
    organization = figure["organization"]
    own = [
        line
        for line in lines
        if start <= line.counted_at < end
        and (organization is None or line.organization == organization)
    ]
    verdicts = Counter(line.verdict for line in own)
    kind, good = KINDS[figure["kind"]], verdicts["met"]
    if kind.is_mean:
        good = sum(line.seconds or 0 for line in own if line.verdict == "met")
    eligible = sum(verdicts[each] for each in _ELIGIBLE)
    return {
        "good": good,
        "eligible": eligible,
        "pending": verdicts["pending"],
        "excluded": dict(Counter(line.reason for line in own if line.verdict == "excluded")),
        "value": kind.value(good, eligible),
    }
