"""Times as exports write them: ISO 8601, epoch seconds, or a strptime format. Pure."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

FULL_DATE = "write iso, epoch, epoch_ms, or a format with a full date as in '%d/%m/%Y %H:%M'"

PLAIN = frozenset({"iso", "epoch", "epoch_ms"})
"""Formats that are no strptime formats; epoch_ms counts milliseconds."""

_DIRECTIVE = re.compile(r"%[-#]?(.)")
_TIME_OF_DAY = frozenset("HIMSpfzT")
_EPOCH = re.compile(r"-?\d{1,15}([.,]\d+)?")
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d|\d{8}")
_ISO_ZONE = re.compile(r"\s+(?=[+-]\d\d(:?\d\d)?$)|\s*(UTC|GMT|Z)$")
_ONE_DIGIT_HOUR = re.compile(r"(?<=\d\d[ T])(?=\d:)")


def format_problem(form: str) -> str | None:
    """Return why a strptime format cannot be used, or None: it must read all that it is given.

    Python ignores the zone that ``%Z`` reads, and the half of the day without ``%p`` or ``%I``.
    """
    letters = set(_DIRECTIVE.findall(form))
    if "Z" in letters:
        return (
            "%Z reads the name of a zone and ignores it: write that name as it stands, as in "
            "'%H:%M UTC', and set timezone; or use %z for +02:00"
        )
    if local := sorted(letters & set("cxX")):
        return f"%{local[0]} depends on the machine: write out day, month and year"
    if "I" in letters and "p" not in letters:
        return "%I is the hour of a 12-hour clock: add %p, or use %H"
    if "p" in letters and "I" not in letters:
        return "%p changes nothing without %I, the hour of a 12-hour clock"
    sample = datetime(2020, 7, 31, 13, 45, 59, tzinfo=UTC)
    try:
        read = datetime.strptime(sample.strftime(form), form)  # noqa: DTZ007 only its parts
    except (ValueError, re.error):  # re.error: a directive that occurs twice
        return FULL_DATE
    if not letters or read.date() != sample.date():
        return FULL_DATE
    clock = (read.hour, read.minute, read.second)
    if clock not in {(13, 45, 59), (13, 45, 0), (13, 0, 0), (0, 0, 0)}:
        return "minutes need the hour, and seconds the minutes"
    return None


def two_digit_year(form: str) -> bool:
    """Whether a format reads years of two digits, of which 69 and more mean 1969 and more."""
    return "y" in _DIRECTIVE.findall(form)


def date_only(form: str) -> bool:
    """Whether a format holds no time of the day."""
    return form not in PLAIN and not _TIME_OF_DAY & set(_DIRECTIVE.findall(form))


def read_time(value: str, form: str, language: str | None = None) -> datetime | date:
    """Return a time, without a zone if the value has none; a date if it has no time of the day.

    ``form``: one of PLAIN, or a strptime format, whose words may be those of ``language`` (by
    default of any of ``words.LANGUAGES``). Raises ValueError or OverflowError if it cannot be read.
    """
    if form in {"epoch", "epoch_ms"}:
        if not _EPOCH.fullmatch(value):
            raise ValueError
        whole = int(re.split("[.,]", value)[0])
        return datetime.fromtimestamp(whole // 1000 if form == "epoch_ms" else whole, UTC)
    if form == "iso":
        return _iso(value)
    try:
        return _strptime(value, form)
    except ValueError:
        if (day_form := _date_part(form)) and (day := _maybe(value, day_form, language)):
            return day.date()
        if found := _maybe(value, form, language):
            return found.date() if date_only(form) else found
        raise


def real_time(value: str) -> datetime | date | None:
    """Return the time of a workbook's cell that holds one, which is in ISO form; else None."""
    try:
        return _iso(value) if "-" in value else None
    except ValueError:
        return None


def _strptime(value: str, form: str) -> datetime | date:
    read = datetime.strptime(value, form)  # noqa: DTZ007 the zone is added by the caller
    return read.date() if date_only(form) else read


def _maybe(value: str, form: str, language: str | None) -> datetime | None:
    from collector.sources.csv.words import in_english  # noqa: PLC0415 Babel is heavy to load

    short = form.replace("%B", "%b").replace("%A", "%a")
    english = in_english(value, form, language)
    close = short.replace(" %p", "%p")  # 12:30PM
    for text, its_form in ((value, form), (english, short), (english, close)):
        try:
            return datetime.strptime(text, its_form)  # noqa: DTZ007 the caller adds the zone
        except ValueError:
            continue
    return None


def _iso(value: str) -> datetime | date:
    try:
        if _ISO_DATE.fullmatch(value):
            return date.fromisoformat(value)
        return _with_a_clock(value)
    except ValueError:
        plainer = _ISO_ZONE.sub(lambda found: "+00:00" if found[2] else "", value)
        return _with_a_clock(_ONE_DIGIT_HOUR.sub("0", plainer))


def _with_a_clock(value: str) -> datetime:
    if ":" not in value and "T" not in value:
        raise ValueError
    return datetime.fromisoformat(value)


@lru_cache(maxsize=64)
def _date_part(form: str) -> str | None:
    """The beginning of a format that is a full date, if its time of the day comes after it."""
    end = 0
    for found in _DIRECTIVE.finditer(form):
        if found[1] in _TIME_OF_DAY:
            return form[:end] if format_problem(form[:end]) is None else None
        end = found.end()
    return None


def instant(moment: datetime, zone: str, *, later: bool = False) -> int:
    """Return a time as epoch seconds, rounded down; without a zone of its own it is in ``zone``.

    A time that the clock skips in spring moves forward. One that it shows twice in autumn is the
    first, or with ``later`` the second. Raises OverflowError near the ends of the calendar.
    """
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(zone), fold=int(later and _twice(moment, zone)))
    return int(moment.timestamp() // 1)


def _twice(moment: datetime, zone: str) -> bool:
    """Whether the clock of a zone shows a local time twice."""
    first, second = (moment.replace(tzinfo=ZoneInfo(zone), fold=n) for n in (0, 1))
    return first.timestamp() < second.timestamp()
