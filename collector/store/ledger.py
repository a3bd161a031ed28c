"""What people decided, and when we first saw it: definitions, and figures given by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, insert, select

from collector.store.profiles import take_numbers
from collector.store.schema import definitions, given_values


@dataclass(frozen=True, slots=True)
class Recorded:
    """A definition as it was recorded at an instant (epoch seconds).

    ``restated``: what it changed for the past, each as path, since, before, after; empty where it
    changed nothing there.
    """

    indicator: str
    recorded_at: int
    content: str
    restated: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class GivenValue:
    """A figure given by hand as it was seen at an instant; ``content`` None: taken back."""

    indicator: str
    organization: str | None
    date: str
    recorded_at: int
    content: Mapping[str, Any] | None


class News(NamedTuple):
    """What is to be recorded at once: definitions, values given by hand, and the sources that are
    read anew because other records are made of them now."""

    definitions: list[Recorded]
    values: list[GivenValue]
    read_again: list[str]


def definitions_in_force(connection: Connection) -> dict[str, Recorded]:
    """The latest definition of each indicator that was ever configured."""
    newest = select(func.max(definitions.c.n)).group_by(definitions.c.indicator)
    query = select(definitions).where(definitions.c.n.in_(newest))
    return {row.indicator: _recorded(row) for row in connection.execute(query)}


def first_recorded(connection: Connection) -> int | None:
    """When the first definition of all was recorded (epoch seconds)."""
    return connection.execute(select(func.min(definitions.c.recorded_at))).scalar()


def restatements(connection: Connection, indicator: str) -> list[Recorded]:
    """The definitions that changed an indicator's past, the oldest first."""
    query = select(definitions).where(
        definitions.c.indicator == indicator, definitions.c.restated.is_not(None)
    )
    return [_recorded(row) for row in connection.execute(query.order_by(definitions.c.n))]


def _recorded(row: Any) -> Recorded:
    restated = json.loads(row.restated) if row.restated else []
    return Recorded(row.indicator, row.recorded_at, row.content, tuple(restated))


def record_definitions(connection: Connection, recorded: Sequence[Recorded]) -> None:
    """Adds definitions. Needs the writing transaction."""
    if not recorded:
        return
    first = take_numbers(connection, len(recorded))
    rows = [
        {
            "n": number,
            "indicator": each.indicator,
            "recorded_at": each.recorded_at,
            "content": each.content,
            "restated": json.dumps(list(each.restated), ensure_ascii=False)
            if each.restated
            else None,
        }
        for number, each in enumerate(recorded, first)
    ]
    connection.execute(insert(definitions), rows)


def values_given(connection: Connection, indicator: str | None = None) -> list[GivenValue]:
    """Every figure given by hand as it was ever seen, in the order in which it was."""
    query = select(given_values).order_by(given_values.c.n)
    if indicator is not None:
        query = query.where(given_values.c.indicator == indicator)
    return [
        GivenValue(
            row.indicator,
            row.organization,
            row.date,
            row.recorded_at,
            None if row.content is None else json.loads(row.content),
        )
        for row in connection.execute(query)
    ]


def record_values(connection: Connection, seen: Sequence[GivenValue]) -> None:
    """Adds figures given by hand. Needs the writing transaction."""
    if not seen:
        return
    first = take_numbers(connection, len(seen))
    rows = [
        {
            "n": number,
            "indicator": each.indicator,
            "organization": each.organization,
            "date": each.date,
            "recorded_at": each.recorded_at,
            "content": None
            if each.content is None
            else json.dumps(dict(each.content), ensure_ascii=False, sort_keys=True),
        }
        for number, each in enumerate(seen, first)
    ]
    connection.execute(insert(given_values), rows)
