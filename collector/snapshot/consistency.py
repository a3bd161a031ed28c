"""Recount a snapshot's figures from its verdicts and report contradictions. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from collector.measuring.kinds.table import KINDS
from collector.snapshot.evidence import VerdictLine, VerdictLines, digests, read_line, unpack_lines

_ELIGIBLE = frozenset({"met", "missed"})


def contradictions(content: dict[str, Any], records: bytes) -> Iterator[str]:
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
    for place, each in enumerate(indicators):
        try:
            yield from _of_indicator(each, lines, expected)
        except (KeyError, TypeError, ValueError, AttributeError):
            yield f"indicators[{place}] is malformed"


def _of_indicator(
    each: dict[str, Any], lines: VerdictLines, expected: dict[str, dict[str, object]]
) -> Iterator[str]:
    name = each["id"]
    own = expected.get(name)
    if own is not None and own != each["records"]:
        yield f"{name}.records does not match its verdicts"
    elif own is None and each["records"]["verdicts"]:
        yield f"{name}.records: its verdicts are missing"
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


def _counted(lines: list[VerdictLine], figure: dict[str, Any]) -> dict[str, object]:
    """A figure's counts and value, recomputed from the verdicts in its period."""
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
        "value": kind.value(good, eligible, read=figure["value"] is not None),
    }
