"""The keys that say which value of a row of JSON is which of our fields, by JMESPath."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import BeforeValidator

from collector.model.fields import Strict
from collector.model.records import Unrecorded
from collector.sources.csv.options import MAPPED_OF_CALLS, MAPPED_OF_TICKETS, RowOptions
from collector.sources.mapped.expressions import Expression
from collector.sources.mapped.facts import OF_HISTORY, calls_unrecorded, remedies, unrecorded

T = TypeVar("T")


def _listed(value: object) -> object:
    return value if isinstance(value, list) else [value]


OneOrMore = Annotated[list[T], BeforeValidator(_listed)]
"""A list in the configuration, or its only element."""


class Fields(Strict):
    """Where each of our fields stands in a ticket's row; None: the rows do not have it."""

    id: Expression
    opened_at: Expression
    changed_at: Expression | None = None
    status: Expression | None = None
    kind: Expression | None = None
    priority: Expression | None = None
    organization: Expression | None = None
    category: Expression | None = None
    team: Expression | None = None
    first_response_at: Expression | None = None
    first_note_at: Expression | None = None
    first_status_at: Expression | None = None
    first_assigned_at: Expression | None = None
    resolved_at: Expression | None = None
    closed_at: Expression | None = None
    registered_by: Expression | None = None
    registered_by_staff: Expression | None = None
    url: Expression | None = None
    own_first_response_at: Expression | None = None
    own_response_due_at: Expression | None = None
    own_response_met: Expression | None = None
    own_resolution_due_at: Expression | None = None
    own_resolution_met: Expression | None = None


class Changes(Strict):
    """Where a ticket's changes stand: ``rows`` of them in its row, and the fields of each."""

    rows: Expression
    at: Expression
    field: Expression
    old: Expression
    new: Expression
    changed_by: Expression | None = None


class Acts(Strict):
    """Where it stands what people did to a ticket, as :class:`Changes`."""

    rows: Expression
    at: Expression
    act: Expression
    by_staff: Expression


class MappedOptions(RowOptions):
    """The keys of a source of JSON: ``fields``, and ``changes`` and ``acts`` of the history.

    In the rows of a history ``_ticket`` is the ticket's own row.
    """

    MAPPED = MAPPED_OF_TICKETS | OF_HISTORY
    FIELDS = frozenset(Fields.model_fields) | {"at"}
    REMEDIES: ClassVar = remedies("fields.{}", "changes", "acts")

    fields: Fields
    changes: OneOrMore[Changes] = []
    acts: OneOrMore[Acts] = []

    def places(self) -> Iterator[tuple[str, Expression]]:
        """Yield the expressions of rows, each with its path in the configuration."""
        yield from expressions("fields", self.fields)
        for name, sections in (("changes", self.changes), ("acts", self.acts)):
            for number, section in enumerate(sections):
                yield from expressions(f"{name}[{number}]", section)

    @property
    def unrecorded(self) -> frozenset[Unrecorded]:
        """See :class:`SourceOptions`: what no expression gives, by its own word or by ``map``."""
        given = {name for name, each in self.fields if each is not None}
        changed = {word for each in self.changes for word in each.field.words()}
        changed |= {"changed_by" for each in self.changes if each.changed_by is not None}
        done = {word for each in self.acts for word in each.act.words()}
        history = changed if self.changes else None, done if self.acts else None
        return unrecorded(given, *history, self.map)


class CallFields(Strict):
    """Where each of our fields stands in a call's row, as :class:`Fields`."""

    id: Expression
    queue: Expression
    entered_at: Expression
    changed_at: Expression
    outcome: Expression | None = None
    organization: Expression | None = None
    wait_seconds: Expression | None = None
    answered_at: Expression | None = None
    left_at: Expression | None = None
    talk_seconds: Expression | None = None
    call_id: Expression | None = None


class MappedCallOptions(RowOptions):
    """The keys of a source of calls as JSON: ``fields``."""

    MAPPED = MAPPED_OF_CALLS
    FIELDS = frozenset(CallFields.model_fields)
    REMEDIES: ClassVar = {
        Unrecorded.WAIT: "fields.wait_seconds",
        Unrecorded.OUTCOME: "fields.outcome",
    }

    fields: CallFields

    def places(self) -> Iterator[tuple[str, Expression]]:
        """Yield the expressions of rows, each with its path in the configuration."""
        yield from expressions("fields", self.fields)

    @property
    def unrecorded(self) -> frozenset[Unrecorded]:
        """See :class:`SourceOptions`: waits and outcomes, if no expression gives them."""
        return calls_unrecorded({name for name, each in self.fields if each is not None})


def expressions(place: str, section: Strict) -> Iterator[tuple[str, Expression]]:
    """Yield the expressions of a section, each with its path in the configuration."""
    value: Any
    for name, value in section:
        if isinstance(value, Expression):
            yield f"{place}.{name}", value
