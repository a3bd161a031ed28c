"""The part of TicketSQL and TransactionSQL that a poller uses: AND, OR, comparisons, parentheses.

A query is compiled to a predicate and to the ids that can satisfy it, so that a query for a few of
very many rows only looks at those few.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

Value = int | str
Getter = Callable[[Any], Value]
Lookup = Callable[[int], Iterable[int]]

_TOKEN = re.compile(
    r"\s*(?:(?P<op><=|>=|!=|=|<|>|\(|\))|'(?P<text>(?:[^'\\]|\\.)*)'|(?P<word>[\w.]+))"
)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ENDLESS = 1 << 62


class QueryError(Exception):
    """A query that cannot be parsed; the text is the server's error message."""


@dataclass(frozen=True, slots=True)
class Table:
    """The fields of one kind of row that queries can use.

    ``numbers``, ``texts``, ``dates``: field → how to read it from a row; dates are epoch seconds.
    ``lookups``: field → the few ids of the rows with a value. Naive dates in queries are in
    ``zone``, the user's time zone.
    """

    numbers: Mapping[str, Getter]
    texts: Mapping[str, Getter]
    dates: Mapping[str, Getter]
    lookups: Mapping[str, Lookup]
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Query:
    """A compiled query. Only ids in ``span`` (inclusive), and in ``few`` unless None, can match."""

    matches: Callable[[Any], bool]
    span: tuple[int, int] = (0, _ENDLESS)
    few: frozenset[int] | None = None

    def candidates(self, size: int, *, descending: bool) -> Iterable[int]:
        """The ids from 1 to ``size`` that may match, in order."""
        low, high = max(1, self.span[0]), min(size, self.span[1])
        if self.few is not None:
            return sorted([i for i in self.few if low <= i <= high], reverse=descending)
        ids = range(low, high + 1)
        return reversed(ids) if descending else ids


def compile_query(text: str, table: Table) -> Query:
    """Compile a query. Raises QueryError when it cannot be parsed or names an unknown field."""
    tokens = _tokens(text)
    query = _either(tokens, table)
    if tokens:
        raise QueryError(f"unexpected {tokens[0][1]!r}")
    return query


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    place, text = 0, text.rstrip()
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise QueryError(f"cannot read the query at {place}")
        kind = match.lastgroup or ""
        tokens.append((kind, match[kind]))
        place = match.end()
    return tokens


def _take(tokens: list[tuple[str, str]], *, word: str | None = None) -> bool:
    """Remove the next token if it is this word or operator; whether it was."""
    if tokens and tokens[0][0] in ("word", "op") and tokens[0][1].upper() == word:
        tokens.pop(0)
        return True
    return False


def _list(tokens: list[tuple[str, str]], table: Table) -> Query | None:
    """Compiles a list as in ``Type = 'Set' OR Type = 'Status'`` to one set lookup, since such lists
    are long and frequent; None for anything else."""
    field = tokens[0] if tokens else ("", "")
    end = 3
    while tokens[end : end + 3] == [("word", "OR"), field, ("op", "=")]:
        end += 4
    if end == 3 or tokens[1] != ("op", "=") or tokens[end : end + 1] not in ([], [("op", ")")]):
        return None
    values = [value for _, value in tokens[2:end:4]]
    read = table.texts.get(field[1])
    allowed: frozenset[Value] = frozenset(values)
    few: frozenset[int] | None = None
    if read is None:
        read = table.numbers.get(field[1])
        if read is None or not all(map(str.isdigit, values)):
            return None
        allowed = frozenset(map(int, values))
        if lookup := table.lookups.get(field[1]):
            few = frozenset(chain.from_iterable(map(lookup, map(int, values))))
    del tokens[:end]
    getter = read
    return Query(lambda row: getter(row) in allowed, few=few)


def _either(tokens: list[tuple[str, str]], table: Table) -> Query:
    if found := _list(tokens, table):
        return found
    parts = [_both(tokens, table)]
    while _take(tokens, word="OR"):
        parts.append(_both(tokens, table))
    if len(parts) == 1:
        return parts[0]
    tests = [part.matches for part in parts]
    few: frozenset[int] | None = frozenset()
    for part in parts:
        few = None if few is None or part.few is None else few | part.few
    span = (min(part.span[0] for part in parts), max(part.span[1] for part in parts))

    def matches(row: Any) -> bool:
        for test in tests:  # noqa: SIM110  (a loop, since any() costs twice the time here)
            if test(row):
                return True
        return False

    return Query(matches, span, few)


def _both(tokens: list[tuple[str, str]], table: Table) -> Query:
    parts = [_one(tokens, table)]
    while _take(tokens, word="AND"):
        parts.append(_one(tokens, table))
    if len(parts) == 1:
        return parts[0]
    tests = [part.matches for part in parts]
    few = min((part.few for part in parts if part.few is not None), key=len, default=None)
    span = (max(part.span[0] for part in parts), min(part.span[1] for part in parts))

    def matches(row: Any) -> bool:
        for test in tests:  # noqa: SIM110  (a loop, since all() costs twice the time here)
            if not test(row):
                return False
        return True

    return Query(matches, span, few)


def _one(tokens: list[tuple[str, str]], table: Table) -> Query:
    if _take(tokens, word="("):
        query = _either(tokens, table)
        if not _take(tokens, word=")"):
            raise QueryError("a parenthesis is not closed")
        return query
    if len(tokens) < 3 or tokens[0][0] != "word" or tokens[1][1] not in _COMPARE:
        raise QueryError("a comparison is expected")
    (_, field), (_, sign), (_, value) = tokens[:3]
    del tokens[:3]
    return _comparison(field, sign, value, table)


def _comparison(field: str, sign: str, value: str, table: Table) -> Query:
    compare = _COMPARE[sign]
    wanted: Value = value
    if getter := table.texts.get(field):
        pass
    elif getter := table.dates.get(field):
        wanted = _naive(value, table.zone)
    elif getter := table.numbers.get(field):
        if not value.isdigit():
            raise QueryError(f"{field} is compared with a number")
        wanted = int(value)
    else:
        raise QueryError(f"Unknown field: {field}")
    read = getter
    span, few = (0, _ENDLESS), None
    if isinstance(wanted, int) and field == "id":
        span = _span(sign, wanted)
    if isinstance(wanted, int) and field in table.lookups and sign == "=":
        few = frozenset(table.lookups[field](wanted))
    return Query(lambda row: compare(read(row), wanted), span, few)


def _span(sign: str, value: int) -> tuple[int, int]:
    low = value + (sign == ">") if sign in ("=", ">", ">=") else 0
    high = value - (sign == "<") if sign in ("=", "<", "<=") else _ENDLESS
    return low, high


def _naive(value: str, zone: ZoneInfo) -> int:
    try:
        return int(datetime.fromisoformat(value).replace(tzinfo=zone).timestamp())
    except ValueError:
        raise QueryError("a date is written YYYY-MM-DD HH:MM:SS") from None
