"""Prints how the clock of one record was read, for ``explain``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from functools import cache, lru_cache

from collector.measuring.engine.explain import Explanation
from collector.model.bilingual import Language
from collector.model.codes import SpecialDay
from collector.text.dates import LocalTimes
from collector.text.durations import duration
from collector.text.vocabulary import short_weekday
from collector.text.words.reasons import day_words
from collector.text.words.records import ARITHMETIC, PAUSE_WORDS

_SEGMENTS = 4


def arithmetic(explanation: Explanation, when: LocalTimes, language: Language) -> Iterator[str]:
    """Yield how a record's clock was read, one line per step.

    It must have a clock (``start`` is set). ``when`` prints instants in local time, in the
    same language.
    """

    said, words, clock = _formats(language), _words(language), explanation.clock
    assert clock.start is not None
    if clock.calendar is None:  # a call
        wait = words["unknown"] if clock.elapsed is None else f"{clock.elapsed} s"
        limit = "" if clock.limit is None else said["limit_of_call"](limit=clock.limit)
        yield said["entered"](at=when(clock.start), wait=wait) + limit
        return
    assert clock.until is not None
    assert clock.elapsed is not None
    read, until = words["runs" if clock.end is None else "ended"], when(clock.until)
    start, calendar = when(clock.start), clock.calendar
    yield said["started"](start=start, read=read, until=until, calendar=calendar)
    if clock.counted:
        yield words["open"] + _segments(clock.counted, when, language)
    for day, special in clock.closed[:_SEGMENTS]:
        yield _closed(day, special, language)
    if len(clock.closed) > _SEGMENTS:
        yield words["closed"] + said["more_days"](n=len(clock.closed) - _SEGMENTS)
    for begin, end, why in clock.paused:
        yield said["paused"](why=PAUSE_WORDS[why][language], start=when(begin), end=when(end))
    compared = ""
    if explanation.verdict == "excluded":
        pass  # its clock decides nothing
    elif clock.limit is not None:
        sign = "<=" if clock.elapsed <= clock.limit else ">"
        compared = said["limit"](sign=sign, limit=duration(clock.limit))
    elif clock.due is not None:
        sign = "<=" if clock.until <= clock.due else ">"
        compared = said["due"](until=until, sign=sign, due=when(clock.due))
    yield said["elapsed"](time=duration(clock.elapsed)) + compared


@cache
def _words(language: Language) -> dict[str, str]:
    return {key: text[language] for key, text in ARITHMETIC.items()}


@cache
def _formats(language: Language) -> dict[str, Callable[..., str]]:
    return {key: text[language].format for key, text in ARITHMETIC.items()}


@lru_cache(maxsize=1024)
def _closed(day: date, special: SpecialDay, language: Language) -> str:
    weekday = short_weekday(day.weekday(), language)
    return f"{ARITHMETIC['closed'][language]}{weekday} {day} {day_words(special, language)}"


def _segments(spans: tuple[tuple[int, int], ...], when: LocalTimes, language: Language) -> str:
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
        ARITHMETIC["more_windows"][language].format(n=len(middle), time=between),
        one(spans[-1]),
    ]
    return "\n            + ".join(parts)
