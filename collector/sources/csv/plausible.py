"""What in the records of a file is hardly possible, so that its keys are probably wrong. Pure.

Such a file is read without a fault, and gives a wrong figure.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from statistics import median

from collector.model.records import Call, CallOutcome, Ticket
from collector.sources.csv.empties import CLOCK

Where = tuple[str, ...]

ODD_SHARE = 0.05
"""More than this share of records that contradict themselves is doubtful."""
FEWEST = 5
"""Fewer values than this say nothing about all."""
MONTHS = 12
FEWEST_ALIKE, ALIKE = 20, 0.9
"""From so many tickets on, more than this share with the same time to the second is doubtful."""
_YES = ("yes", "true", "1", "ja")
_GOOD = {"outcome": (CallOutcome.ANSWERED,), "own_response_met": _YES, "own_resolution_met": _YES}
ROW_LIMITS = frozenset(
    {1_000, 2_000, 5_000, 10_000, 20_000, 30_000, 50_000, 65_535, 65_536, 100_000, 1_048_575}
)
LONG_WAIT = 3600  # seconds; more than half of the calls never wait that long
_DATE = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{2,4})\b")


def implausible_calls(calls: Sequence[Call]) -> Iterator[tuple[Where, str]]:
    """Yield the key that is probably wrong, and why."""
    waits = [call.wait_seconds for call in calls if call.wait_seconds is not None]
    unit = "set units.wait_seconds to what they count (ms, s, min, h, d, m:s)"
    if len(waits) >= FEWEST and median(waits) > LONG_WAIT:
        hours = median(waits) / 3600
        yield ("units", "wait_seconds"), f"half of the calls waited over {hours:.1f} h: {unit}"
    if len(waits) >= FEWEST and max(waits) == 1:
        yield ("units", "wait_seconds"), f"no call waited over 1 s: {unit}"
    both = [(c.wait_seconds, c.talk_seconds) for c in calls if c.wait_seconds and c.talk_seconds]
    whole = sum(wait >= talk for wait, talk in both)
    if len(both) >= FEWEST_ALIKE and whole > ALIKE * len(both):
        yield (
            ("columns", "wait_seconds"),
            f"in {whole} of {len(both)} calls it is as long as the talk or longer: is it the wait, "
            "rather than the length of the whole call?",
        )
    timed = [call for call in calls if call.wait_seconds is not None and _end(call) is not None]
    longer = sum(_outlasts(call) for call in timed)
    if longer > ODD_SHARE * len(timed):
        yield (
            ("units", "wait_seconds"),
            f"{longer} of {len(timed)} calls waited longer than from their entry to their end: "
            f"{unit}, or name the right columns",
        )
    answered = [call for call in calls if call.outcome is CallOutcome.ANSWERED]
    silent = sum(call.talk_seconds == 0 and call.answered_at is None for call in answered)
    if silent > ODD_SHARE * len(answered):
        yield (
            ("map", "outcome"),
            f"{silent} of {len(answered)} calls are answered by their outcome, but nobody talked: "
            "map those that were lost",
        )


def good_by_default(words: Counter[tuple[str, str, str]]) -> Iterator[tuple[Where, str]]:
    """Yield the fields of which several words only mean a good result by the map's default.

    ``words``: their number by field, our value and word.
    """
    good = {(field, ours) for field, ours, _ in words if ours in _GOOD.get(field, ())}
    for field, ours in sorted(good):
        own = [(word, n) for (*each, word), n in words.most_common() if each == [field, ours]]
        if len(own) > 1:
            listed = ", ".join(f"{word or 'none'} {n}" for word, n in own[:8])
            yield (
                ("map", field),
                f"its default makes several words a good result ({listed}): map each, so that no "
                "bad one is among them",
            )


def only_zero_clocks(
    empty: Iterable[tuple[str, str]], records: Sequence[Ticket | Call]
) -> Iterator[tuple[Where, str]]:
    """Yield the fields of a time of which no record has one, but some hold 0:00:00: it is probably
    a column of durations. ``empty``: (field, value) of what was read as none."""
    found = {field: value for field, value in empty if CLOCK.fullmatch(value)}
    for field, value in sorted(found.items()):
        if field.endswith("_at") and not any(getattr(each, field) for each in records):
            yield (
                ("columns", field),
                f"no record has a time, but {value!r}, which is read as not yet: if it is a "
                "duration, set the column to null, or name another",
            )


def cut_short(rows: int) -> str | None:
    """Return that a file has exactly as many rows as some program exports at most."""
    if rows not in ROW_LIMITS:
        return None
    return f"has exactly {rows} rows, as many as some systems export at most: export less at a time"


def begun_twice(records: Iterable[Ticket | Call]) -> str | None:
    """Return that many ids stand for records that begin at different times: the number of a row,
    which counts from one in every file."""
    begun: dict[str, set[int]] = {}
    for each in records:
        at = each.entered_at if isinstance(each, Call) else each.opened_at
        begun.setdefault(each.id, set()).add(at)
    several = sum(len(instants) > 1 for instants in begun.values())
    if several <= ODD_SHARE * len(begun):
        return None
    return (
        f"{several} of {len(begun)} ids begin at several times, so that the last record replaces "
        "the others: name a column that is unique in all files, rather than a row number"
    )


def _end(call: Call) -> int | None:
    return call.left_at if call.answered_at is None else call.answered_at


def _outlasts(call: Call) -> bool:
    end = _end(call)
    assert end is not None and call.wait_seconds is not None
    return call.wait_seconds > end - call.entered_at + 60  # clocks and rounding


def implausible_tickets(
    tickets: Sequence[Ticket], *, registered_afterwards: bool, dates: Container[str]
) -> Iterator[tuple[Where, str]]:
    """Yield the key that is probably wrong, and why.

    ``registered_afterwards``: a response may come before its opening. ``dates``: the fields that
    hold no time of the day.
    """
    answered = [each for each in tickets if each.first_response_at is not None]
    early = sum(each.first_response_at < each.opened_at for each in answered)  # type: ignore[operator]
    if early > ODD_SHARE * len(answered) and not registered_afterwards:
        yield (
            ("timezones", "first_response_at"),
            f"{early} of {len(answered)} tickets were answered before they were opened: give each "
            "column its own zone, or set registered_afterwards",
        )
    for name in ("first_response_at", "resolved_at"):
        ends = [(each.opened_at, getattr(each, name)) for each in tickets]
        took = Counter(end - start for start, end in ends if end is not None)
        if took.total() < FEWEST_ALIKE or name in dates:
            continue
        ((seconds, n),) = took.most_common(1)
        if seconds >= 0 and n > ALIKE * took.total():
            after = f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02} after"
            yield (
                ("columns", name),
                f"in {n} of {took.total()} tickets it is exactly {after} the opening, as of an "
                "automatic answer or a deadline",
            )
    both = [each for each in tickets if each.resolved_at is not None and each.closed_at is not None]
    swapped = sum(each.resolved_at > each.closed_at for each in both)  # type: ignore[operator]
    if swapped > ODD_SHARE * len(both):
        yield (
            ("columns", "resolved_at"),
            f"{swapped} of {len(both)} tickets are resolved after they were closed: name the right "
            "columns",
        )
    ended = [
        each
        for each in tickets
        if each.first_response_at is not None and each.resolved_at is not None
    ]
    late = sum(each.first_response_at > each.resolved_at for each in ended)  # type: ignore[operator]
    if late > len(ended) / 2:
        yield (
            ("columns", "first_response_at"),
            f"{late} of {len(ended)} tickets were first answered after their resolution: is it the "
            "first response, rather than the last one?",
        )


def ids_of_one(ids: Iterable[str]) -> str | None:
    """Return that two ids are probably those of one record: a spreadsheet drops leading zeros, and
    other programs append ``.0``."""
    known: dict[str, str] = {}
    for number in ids:
        plain = re.sub(r"\.0$|[\s'\u00a0]", "", number).lstrip("0").casefold()
        if known.setdefault(plain, number) != number:
            return (
                f"{known[plain]!r} and {number!r} are probably one record, which counts twice: "
                "export ids as text, always in the same way"
            )
    return None


def exchanged_days(dates: Iterable[str]) -> str | None:
    """Return that dates of which the day could be the month are written in another way than those
    of which it could not.

    A spreadsheet of another country takes the former for dates of its own, with day and month
    exchanged, and leaves the latter as they were.
    """
    styles: dict[bool, Counter[tuple[str, object]]] = {False: Counter(), True: Counter()}
    shown: dict[bool, str] = {}
    for text in dates:
        if (found := _DATE.match(text)) is None:
            return None
        either = int(found[1]) <= MONTHS and int(found[3]) <= MONTHS
        shown.setdefault(either, text)
        after = re.findall(r"\d+", text[found.end() :])
        styles[either]["numbers", len(after)] += 1
        for part, numbers in (("date", (found[1], found[3])), ("clock", after[:1])):
            small = [number for number in numbers if int(number) < 10]
            styles[either].update((part, len(number)) for number in small)
    for part in ("numbers", "date", "clock"):
        clear, open_ = ({k: n for k, n in styles[e].items() if k[0] == part} for e in (False, True))
        enough = min(sum(clear.values()), sum(open_.values())) >= FEWEST
        if enough and not clear.keys() & open_.keys():
            return (
                f"dates as {shown[True]!r}, of which the day could be the month, are written in "
                f"another way than {shown[False]!r}: a spreadsheet has probably exchanged day and "
                "month in them; export without it"
            )
    return None
