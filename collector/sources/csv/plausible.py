"""What in the records of a file is hardly possible, so that its keys are probably wrong. Pure.

Such a file is read without a fault, and gives a wrong figure.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from statistics import median

from collector.model.records import Call, CallOutcome, Ticket

Where = tuple[str, ...]

ODD_SHARE = 0.05
"""More than this share of records that contradict themselves is doubtful."""
FEWEST = 5
"""Fewer values than this say nothing about all."""
MONTHS = 12
FEWEST_ALIKE, ALIKE = 20, 0.9
"""From so many tickets on, more than this share with the same time to the second is doubtful."""
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


def answered_by_default(words: Counter[str]) -> Iterator[tuple[Where, str]]:
    """Yield that several ``words`` for an outcome only count as answered by the map's default."""
    if len(words) > 1:
        listed = ", ".join(f"{word} {n}" for word, n in words.most_common(8))
        yield (
            ("map", "outcome"),
            f"its default makes calls of several outcomes answered ({listed}): map each, so that "
            "no lost call is among them",
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
