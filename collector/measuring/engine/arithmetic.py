"""."""

from __future__ import annotations

from collections.abc import Iterator

from collector.measuring.engine.explain import Explanation
from collector.measuring.verdicts.clocks import STOPPED
from collector.text.dates import LocalTimes
from collector.text.durations import duration
from collector.text.words.reasons import day_words

_SEGMENTS = 4


def arithmetic(each: Explanation, when: LocalTimes) -> Iterator[str]:
    """How a clock was read, a line a step; only for records that have one."""
    assert each.start is not None
    if each.calendar is None:  # a call
        limit = "" if each.limit is None else f", limit {each.limit} s"
        wait = "unknown" if each.elapsed is None else f"{each.elapsed} s"
        yield f"entered {when(each.start)}, waited {wait}{limit}"
        return
    assert each.until is not None
    assert each.elapsed is not None
    ended = "ended" if each.end is not None else "still runs, read"
    yield f"started {when(each.start)}, {ended} {when(each.until)}, calendar {each.calendar}"
    if each.counted:
        yield "open    " + _segments(each.counted, when)
    for day, special in each.closed[:_SEGMENTS]:
        yield f"closed  {day:%a %Y-%m-%d} {day_words(special, 'en')}"
    if len(each.closed) > _SEGMENTS:
        yield f"closed  … and {len(each.closed) - _SEGMENTS} more days"
    for start, end, state in each.paused:
        yield f"{STOPPED[state]} {when(start)} to {when(end)}, taken off"
    compared = ""
    if each.verdict == "excluded":
        pass  # its clock decides nothing
    elif each.limit is not None:
        sign = "<=" if each.elapsed <= each.limit else ">"
        compared = f" {sign} {duration(each.limit)} limit"
    elif each.due is not None:
        sign = "<=" if each.until <= each.due else ">"
        compared = f"; {when(each.until)} {sign} due {when(each.due)}"
    yield f"elapsed {duration(each.elapsed)}{compared}"


def _segments(spans: tuple[tuple[int, int], ...], when: LocalTimes) -> str:
    """The open windows that passed and how long each is; the middle of a long list in one sum."""

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
