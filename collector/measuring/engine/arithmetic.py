"""Prints how the clock of one record was read, for ``explain``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from collector.measuring.engine.explain import Explanation
from collector.measuring.verdicts.clocks import PAUSE_WORDS
from collector.model.codes import SpecialDay
from collector.text.dates import LocalTimes
from collector.text.durations import duration
from collector.text.words.reasons import day_words

_SEGMENTS = 4


def arithmetic(explanation: Explanation, when: LocalTimes) -> Iterator[str]:
    """Yield how a record's clock was read, one line per step.

    ``each`` must have a clock (``start`` is set). ``when`` prints instants in local time.
    """
    assert explanation.start is not None
    if explanation.calendar is None:  # a call
        limit = "" if explanation.limit is None else f", limit {explanation.limit} s"
        wait = "unknown" if explanation.elapsed is None else f"{explanation.elapsed} s"
        yield f"entered {when(explanation.start)}, waited {wait}{limit}"
        return
    assert explanation.until is not None
    assert explanation.elapsed is not None
    ended = "ended" if explanation.end is not None else "still runs, read"
    read = f"{ended} {when(explanation.until)}, calendar {explanation.calendar}"
    yield f"started {when(explanation.start)}, {read}"
    if explanation.counted:
        yield "open    " + _segments(explanation.counted, when)
    for day, special in explanation.closed[:_SEGMENTS]:
        yield _closed(day, special)
    if len(explanation.closed) > _SEGMENTS:
        yield f"closed  … and {len(explanation.closed) - _SEGMENTS} more days"
    for start, end, state in explanation.paused:
        yield f"{PAUSE_WORDS[state]} {when(start)} to {when(end)}, taken off"
    compared = ""
    if explanation.verdict == "excluded":
        pass  # its clock decides nothing
    elif explanation.limit is not None:
        sign = "<=" if explanation.elapsed <= explanation.limit else ">"
        compared = f" {sign} {duration(explanation.limit)} limit"
    elif explanation.due is not None:
        sign = "<=" if explanation.until <= explanation.due else ">"
        compared = f"; {when(explanation.until)} {sign} due {when(explanation.due)}"
    yield f"elapsed {duration(explanation.elapsed)}{compared}"


@lru_cache(maxsize=1024)
def _closed(day: date, special: SpecialDay) -> str:
    return f"closed  {day:%a %Y-%m-%d} {day_words(special, 'en')}"


def _segments(spans: tuple[tuple[int, int], ...], when: LocalTimes) -> str:
    """The open windows that passed with their lengths; the middle of a long list as one sum."""

    def one(span: tuple[int, int]) -> str:
        day, date, start = when(span[0]).split(" ")[:3]
        return f"{day} {date} {start}-{when(span[1]).split(' ')[2]} = {duration(span[1] - span[0])}"

    if len(spans) <= _SEGMENTS:
        return "\n            + ".join(one(span) for span in spans)
    middle = spans[2:-1]
    between = duration(sum(end - start for start, end in middle))
    parts = [
        one(spans[0]),
        one(spans[1]),
        f"{len(middle)} more windows = {between}",
        one(spans[-1]),
    ]
    return "\n            + ".join(parts)
