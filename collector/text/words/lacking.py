"""Words for records that an indicator leaves out for want of data."""

from __future__ import annotations

from collections.abc import Mapping

from collector.model.bilingual import Language
from collector.model.records import OF_CALLS, Unrecorded
from collector.text.words.definitions import exclusion_reason
from collector.text.words.facts import FACT_WORDS


def left_out_text(reasons: Mapping[str, int], of: int, on: str, language: Language) -> str:
    """Return how many ``of`` all records an indicator leaves out for want of data, by reason (those
    of ``codes.LACKING``). ``on``: what it measures, calls or tickets."""
    parts = (f"{n} {exclusion_reason(reason, language, n)}" for reason, n in reasons.items())
    total, listed = sum(reasons.values()), ", ".join(parts)
    if language == "sv":
        what = "samtal" if on == "calls" else "ärenden"
        return f"{total} av {of} {what} räknas inte med: {listed}"
    return f"{total} of {of} {on} are left out of the figure: {listed}"


def partly_text(source: str, fact: Unrecorded, n: int, of: int, language: Language) -> str:
    """Return that ``n`` of the ``of`` first records of a source do not tell a fact that an
    indicator needs."""
    what = FACT_WORDS[fact][language]
    if language == "sv":
        some = "samtal" if fact in OF_CALLS else "ärenden"
        return f"{n} av {of} {some} i {source} saknar {what} och räknas inte med"
    some = "calls" if fact in OF_CALLS else "tickets"
    return f"{n} of {of} {some} of {source} do not tell: {what}; they are left out of the figure"
