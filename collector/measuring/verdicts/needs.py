"""What an indicator needs to know of a record, compared with what its source records. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from collector.config.rules import Rules, TicketFilter
from collector.model.records import Unrecorded

FILTERED = {
    "kind": Unrecorded.KIND,
    "priority": Unrecorded.PRIORITY,
    "team": Unrecorded.TEAM,
    "organization": Unrecorded.ORGANIZATION,
    "category": Unrecorded.CATEGORY,
    "status": Unrecorded.STATUS,
}
"""The fact that each field of a filter of tickets looks at."""

_ANSWERS = {
    "reply": Unrecorded.FIRST_RESPONSE,
    "note": Unrecorded.NOTE,
    "status": Unrecorded.STATUS_CHANGE,
    "assigned": Unrecorded.ASSIGNMENT,
}


_OF_CALLS = {Unrecorded.WAIT: "unknown_wait", Unrecorded.OUTCOME: "unknown"}


class Need(NamedTuple):
    """A fact that decides whether a record is met; each of ``any_of`` gives it.

    ``essential``: without it a record cannot be measured; otherwise it is measured by what is known
    instead, and the formula says so.
    """

    fact: Unrecorded
    any_of: frozenset[Unrecorded]
    essential: bool = True

    @property
    def reason(self) -> str:
        """The reason for which a record without it is excluded, one of ``codes.REASONS``."""
        return _OF_CALLS.get(self.fact) or f"unrecorded_{self.fact}"


def need(fact: Unrecorded, *others: Unrecorded) -> Need:
    """Return the need of a fact that ``others`` give as well."""
    return Need(fact, frozenset((fact, *others)))


def response_need(rules: Rules) -> Need:
    """Return the need of a first response: any of the answers that the rules accept."""
    return Need(Unrecorded.FIRST_RESPONSE, frozenset(_ANSWERS[each] for each in rules.answers))


def filter_needs(chosen: TicketFilter) -> Iterator[Need]:
    """Yield what a filter looks at."""
    for field, fact in FILTERED.items():
        if getattr(chosen, field) is not None:
            yield need(fact)


def counting_needs(rules: Rules) -> Iterator[Need]:
    """Yield what decides the period in which a ticket counts."""
    if rules.counted_by == "responded":
        yield response_need(rules)
    if rules.counted_by == "resolved":
        yield need(Unrecorded.RESOLUTION)


def lacking(needs: Iterable[Need], unrecorded: Collection[str]) -> list[Need]:
    """Return the essential ``needs`` that a source cannot meet which records none of
    ``unrecorded``."""
    return [each for each in needs if each.essential and each.any_of <= set(unrecorded)]
