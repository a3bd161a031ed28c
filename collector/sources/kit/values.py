"""Values out of a system's rows, checked: for the pure function from rows to a RawTicket.

All take a row (a JSON object) and the name of a field, and raise RejectedRow if the value is not
what it should be, so that such a function never meets a surprise. A missing field counts as null.
In a feed or ``check``, where no single ticket can be rejected, the kit makes a SourceError of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from collector.model.page import Rejected, RejectedRow
from collector.sources.kit.raw import Fetched

Row = Mapping[str, Any]
"""A JSON object."""

_MOST_DIGITS = 18


def bad(name: str) -> RejectedRow:
    """Return the error for a field that cannot be used; it does not quote the value."""
    return RejectedRow("bad_field", f"the field {name} is missing or not of the expected type")


def translated(number: str, translate: Callable[[], Fetched]) -> Fetched:
    """Return what became of a ticket, rejected if its rows cannot be used."""
    try:
        return translate()
    except RejectedRow as error:
        return rejected(number, error)


def grouped(rows: Iterable[Row], name: str) -> defaultdict[str, list[Row]]:
    """Return rows by the text of a field, in their order."""
    groups: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[required(row, name)].append(row)
    return groups


def rejected(number: str, error: RejectedRow) -> Rejected:
    """Return what ``fetch`` yields for a ticket that cannot be used."""
    return Rejected(
        error.reason, f"ticket {number}" if number else "a ticket without id", str(error)
    )


def text(row: Row, name: str) -> str | None:
    """Return a text; None for null and for an empty one. Numbers become texts."""
    value = row.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise bad(name)
    if isinstance(value, int) and abs(value) >= 10**_MOST_DIGITS:
        raise bad(name)
    return str(value).strip() or None


def required(row: Row, name: str) -> str:
    """Return a text that is not empty."""
    value = text(row, name)
    if value is None:
        raise bad(name)
    return value


def integer(row: Row, name: str) -> int | None:
    """Return a whole number, also from its digits; None for null and for an empty text."""
    value = text(row, name)
    if value is None:
        return None
    digits = value.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _MOST_DIGITS):
        raise bad(name)
    return int(value)


def required_integer(row: Row, name: str) -> int:
    """Return a whole number, as :func:`integer`, that is set."""
    value = integer(row, name)
    if value is None:
        raise bad(name)
    return value


def flag(row: Row, name: str) -> bool | None:
    """Return a truth value, also from 0, 1, ``yes``, ``no``, ``true`` and ``false``."""
    value = row.get(name)
    if value is None or isinstance(value, bool):
        return value
    word = str(value).strip().lower() if isinstance(value, str | int) else ""
    if word in ("1", "yes", "true"):
        return True
    if word in ("0", "no", "false"):
        return False
    raise bad(name)


def instant(
    row: Row, name: str, zone: ZoneInfo | None = None, *, unset: str = "1970-01-01"
) -> int | None:
    """Return a time in ISO form as epoch seconds; None for null, an empty text and ``unset`` ones.

    ``zone``: that of times without an offset, which are refused without one. Of an hour that comes
    twice it is the first. ``unset``: how times begin that stand for none.
    """
    value = row.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise bad(name)
    if value.startswith(unset):
        return None
    try:
        at = datetime.fromisoformat(value)
        if at.tzinfo is None:
            if zone is None:
                raise bad(name)
            at = at.replace(tzinfo=zone)
        return int(at.timestamp())
    except (ValueError, OverflowError):
        raise bad(name) from None


def required_instant(row: Row, name: str, zone: ZoneInfo | None = None) -> int:
    """Return a time, as :func:`instant`, that is set."""
    at = instant(row, name, zone)
    if at is None:
        raise bad(name)
    return at


def epoch(row: Row, name: str, *, milliseconds: bool = False) -> int | None:
    """Return a time written as a number since 1970, as epoch seconds; None for none and 0."""
    value = integer(row, name)
    if not value:
        return None
    value = value // 1000 if milliseconds else value
    try:
        datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        raise bad(name) from None
    return value


def nested(row: Row, name: str) -> Row:
    """Return an object; an empty one for null."""
    value = row.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise bad(name)
    return value


def objects(body: Any) -> list[Row]:
    """Return the objects of an answer that is a list."""
    return list(rows({"answer": body}, "answer"))


def rows(row: Row, name: str) -> Iterator[Row]:
    """Yield the objects of a list; nothing for null."""
    value = row.get(name)
    if value is None:
        return
    if not isinstance(value, list):
        raise bad(name)
    for each in value:
        if not isinstance(each, dict):
            raise bad(name)
        yield each
