"""Values out of a system's rows, checked: for the pure function from rows to a RawTicket.

All take a row (a JSON object) and the name of a field, and raise RejectedRow if the value is not
what it should be, so that such a function never meets a surprise. A missing field counts as null.
In a feed or ``check``, where no single ticket can be rejected, the kit makes a SourceError of it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from collector.model.page import Rejected, RejectedRow
from collector.sources.kit.raw import ChangedTicket, Event, Fetched

Row = Mapping[str, Any]
"""A JSON object."""
Rows = Sequence[Row]

_MOST_DIGITS = 18
_DAY = re.compile(r"([0-9]{4})-[0-9]{2}-[0-9]{2}(?![0-9])")
_DAY_ZERO = "1970-01-01"
_YEARS = range(1970, 2200)
"""Those in which something can have happened, or be due."""


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


def by_id(rows: Iterable[Row], name: str = "id") -> dict[str, Row]:
    """Return rows by their ids."""
    return {required(row, name): row for row in rows}


def lines(
    rows: Iterable[Row], changed_at: str, read: Callable[[Row], Fetched] | None = None
) -> list[ChangedTicket]:
    """Return rows as lines of a feed, by their ``id`` and their time of change.

    ``read``: makes a ticket of a row, asking for what else is needed.
    """
    return [
        ChangedTicket(
            required(row, "id"),
            required_instant(row, changed_at),
            read=read and partial(read, row),
        )
        for row in rows
    ]


def events(rows: Iterable[Row], ticket: str, at: str, zone: ZoneInfo | None = None) -> list[Event]:
    """Return rows as entries of a numbered feed, by their ``id``, their ticket and their time."""
    return [
        Event(
            integer(row, "id"),
            None if (number := integer(row, ticket)) is None else str(number),
            instant(row, at, zone),
        )
        for row in rows
    ]


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
    return valid_text(str(value), name).strip() or None


def valid_text(value: str, name: str) -> str:
    """Return a text as it is, unless it cannot be written as UTF-8: JSON may hold half a pair."""
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise bad(name) from None
    return value


def required(row: Row, name: str) -> str:
    """Return a text that is not empty."""
    value = text(row, name)
    if value is None:
        raise bad(name)
    return value


def present(row: Row, name: str) -> str | None:
    """Return a text, which may be null but not missing."""
    if name not in row:
        raise bad(name)
    return text(row, name)


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
    row: Row, name: str, zone: ZoneInfo | None = None, since: int | None = None
) -> int | None:
    """Return a time in ISO form as epoch seconds; None for null, an empty text, and the dates that
    systems write for none: 0000-00-00, 0001-01-01, 1970-01-01, 9999-12-31.

    ``zone``: that of times without an offset, which are refused without one. Of an hour that comes
    twice it is the first, unless that lies before ``since`` (epoch seconds).
    """
    value = row.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise bad(name)
    if (day := _DAY.match(value)) and (int(day[1]) not in _YEARS or day[0] == _DAY_ZERO):
        return None
    try:
        at = datetime.fromisoformat(value)
        if at.tzinfo is None:
            if zone is None:
                raise bad(name)
            at = at.replace(tzinfo=zone)
            if since is not None and at.timestamp() < since:  # the second is later, or the same
                return int(max(at.timestamp(), at.replace(fold=1).timestamp()))
        return int(at.timestamp())
    except (ValueError, OverflowError):
        raise bad(name) from None


def required_instant(
    row: Row,
    names: str | Sequence[str],
    zone: ZoneInfo | None = None,
    since: int | None = None,
) -> int:
    """Return a time that is set, as :func:`first_instant`."""
    at = first_instant(row, names, zone, since)
    if at is None:
        raise bad(names if isinstance(names, str) else names[0])
    return at


def first_instant(
    row: Row,
    names: str | Iterable[str] | None,
    zone: ZoneInfo | None = None,
    since: int | None = None,
) -> int | None:
    """Return the first of these times that is set, as :func:`instant`; None without names."""
    each = (names,) if isinstance(names, str) else names or ()
    return next((at for name in each if (at := instant(row, name, zone, since)) is not None), None)


def iso(at: int) -> str:
    """Return an instant (epoch seconds) in ISO form, in UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def epoch(row: Row, name: str, *, milliseconds: bool = False) -> int | None:
    """Return a time written as a number since 1970, as epoch seconds; None for none and 0."""
    value = integer(row, name)
    if not value:
        return None
    value = value // 1000 if milliseconds else value
    try:
        possible = datetime.fromtimestamp(value, UTC).year in _YEARS
    except (ValueError, OverflowError, OSError):
        possible = False
    if not possible:
        raise bad(name)
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
