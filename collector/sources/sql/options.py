"""The configuration of SQL sources.

A query names its columns as our fields are called, so what a source can tell is read from the text
of its queries: a field that is not selected is one that it does not record.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from collector.io.database import DatabaseUrl
from collector.io.secrets import Secret
from collector.model.bilingual import Text
from collector.model.fields import Interval
from collector.model.records import Unrecorded
from collector.sources.csv.options import (
    MAPPED_OF_CALLS,
    MAPPED_OF_TICKETS,
    CallColumns,
    RowOptions,
    TicketColumns,
)
from collector.sources.kit.contract import Source, imported
from collector.sources.kit.options import TicketOptions
from collector.sources.mapped.facts import OF_HISTORY, calls_unrecorded, remedies, unrecorded

_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_PARAMETER = re.compile(r"(?<![:\w\\]):([A-Za-z_]\w*)")
_SELECT = re.compile(r"\s*(select|with)\b", re.IGNORECASE)
_ORDER = re.compile(r"\border\s+by\b", re.IGNORECASE)

Query = Annotated[str, Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Rule:
    """Which columns a query needs and which it may have, and which parameters."""

    needs: frozenset[str]
    knows: frozenset[str]
    must: frozenset[str] = frozenset()
    may: frozenset[str] = frozenset()

    def problem(self, query: str) -> str | None:
        """Return why a query cannot be used, None if it can."""
        text, used = _COMMENT.sub(" ", query), parameters(query)
        if not _SELECT.match(text):
            return "must be a SELECT"
        if missing := sorted(self.needs - words(query)):
            return f"selects no column {missing[0]}: name it, as in SELECT number AS {missing[0]}"
        if unknown := sorted(used - self.must - self.may):
            return f"has a parameter :{unknown[0]}, which is none of this query's"
        if "changed_at" in self.knows and ("changed_at" in words(query)) != ("since" in used):
            return "needs both or neither: a column changed_at, and changed_at >= :since"
        if missing := sorted(self.must - used):
            return f"does not use :{missing[0]}"
        if "since" in used and not _ORDER.search(text):
            return "must end with ORDER BY changed_at, id"
        return None


def words(query: str) -> set[str]:
    """Return the words of a query in lower case, those in quotes too."""
    return set(re.findall(r"\w+", _COMMENT.sub(" ", query).lower()))


def parameters(query: str) -> set[str]:
    """Return the names of a query's parameters."""
    return set(_PARAMETER.findall(_COMMENT.sub(" ", query)))


class SqlOptions(RowOptions):
    """The keys that both SQL sources share.

    ``url``: the database, as in ``mysql://kpi@db.example.org/osticket``, without a password.
    ``timeout``: the most that a query may take. ``timezone``: the zone of times without one; also
    that of ``:since``, which is a number where the field's format is epoch.
    """

    ACCESS = frozenset({"url", "password", "timeout"})
    RULES: ClassVar[dict[str, Rule]] = {}

    url: DatabaseUrl
    password: Secret | None = None
    timeout: Interval = 60

    @field_validator("tickets", "changes", "acts", "ids", "calls", check_fields=False)
    @classmethod
    def _usable_query(cls, query: str | None, info: ValidationInfo) -> str | None:
        rule = cls.RULES[str(info.field_name)]
        if query is not None and (problem := rule.problem(query)):
            raise ValueError(problem)
        return query


_TICKET_FIELDS = frozenset(TicketColumns.model_fields) | {
    *("changed_at", "registered_by", "registered_by_staff"),
}
_CALL_FIELDS = frozenset(CallColumns.model_fields) | {"changed_at"}
_FOLLOWED = frozenset({"since", "limit"})
_BY_TICKET = frozenset({"ids"})


class SqlTicketsOptions(SqlOptions, TicketOptions):
    """The keys of an ``sql_tickets`` source: its queries.

    ``tickets``: a row a ticket. With ``changed_at``, ``:since`` and an order it follows what
    changes, in pages if it uses ``:limit``; without them every poll reads all. ``changes`` and
    ``acts``: the history of the tickets ``:ids``, a row a change and a row an act. ``ids``: those
    of all tickets that exist, by which deleted ones are found.
    """

    implementation = "collector.sources.sql.tickets:SqlTickets"
    delivers = "tickets"
    title = Text(sv="En databas med ärenden", en="A database of tickets")
    MAPPED = MAPPED_OF_TICKETS | OF_HISTORY
    FIELDS = _TICKET_FIELDS
    RULES: ClassVar = {
        "tickets": Rule(frozenset({"id", "opened_at"}), _TICKET_FIELDS, may=_FOLLOWED),
        "changes": Rule(
            frozenset({"ticket", "at", "field", "old", "new"}),
            frozenset({"ticket", "at", "field", "old", "new", "changed_by"}),
            must=_BY_TICKET,
        ),
        "acts": Rule(
            frozenset({"ticket", "at", "act"}),
            frozenset({"ticket", "at", "act", "by_staff"}),
            must=_BY_TICKET,
        ),
        "ids": Rule(frozenset({"id"}), frozenset({"id"})),
    }
    REMEDIES: ClassVar = remedies("tickets", "changes", "acts")

    type: Literal["sql_tickets"]
    tickets: Query
    changes: Query | None = None
    acts: Query | None = None
    ids: Query | None = None

    @property
    def follows(self) -> bool:
        """Whether tickets are asked for by their time of change."""
        return "since" in parameters(self.tickets)

    def source(self, name: str, organizations: Sequence[str]) -> Source:
        system = "SqlTickets" if self.follows else "SqlListing"
        made = imported(f"collector.sources.sql.tickets:{system}")(self)
        source: Source = imported(self.SOURCE)(name, self, made, organizations)
        return source

    @property
    def unrecorded(self) -> frozenset[Unrecorded]:
        """See :class:`SourceOptions`: what no query selects, by its own name or by ``map``."""
        changed = words(self.changes) if self.changes else None
        done = words(self.acts) if self.acts else None
        return unrecorded(words(self.tickets), changed, done, self.map)


class SqlCallsOptions(SqlOptions):
    """The keys of an ``sql_calls`` source.

    ``calls``: a row for each stay of a caller in a queue, followed by ``changed_at``, which is
    usually its end.
    """

    implementation = "collector.sources.sql.calls:SqlCalls"
    delivers = "calls"
    title = Text(sv="En databas med samtal", en="A database of calls")
    type: Literal["sql_calls"]
    MAPPED = MAPPED_OF_CALLS
    FIELDS = _CALL_FIELDS
    REMEDIES: ClassVar = {Unrecorded.WAIT: "calls", Unrecorded.OUTCOME: "calls"}
    RULES: ClassVar = {
        "calls": Rule(
            frozenset({"id", "queue", "entered_at", "changed_at"}),
            _CALL_FIELDS,
            must=frozenset({"since"}),
            may=_FOLLOWED,
        )
    }

    calls: Query

    @property
    def unrecorded(self) -> frozenset[Unrecorded]:
        """See :class:`SourceOptions`: waits and outcomes, if no column tells them."""
        return calls_unrecorded(words(self.calls))
