"""The building blocks of indicators: limits, filters of records, and the rules of measuring."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar, get_type_hints

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, create_model

from collector.model.fields import Day, Duration, Strict, parse_duration, small_number

_BUSINESS_DAYS = re.compile(r"\s*(\d+)\s*business_days?\s*", re.ASCII)

MOST_BUSINESS_DAYS = 2600
"""The longest limit in business days, about ten years."""

R = TypeVar("R", bound=Strict)


class Within(Strict):
    """A limit, as written in ``text``: either ``seconds`` of business time, or the end of the
    n-th business day after the start (``business_days``)."""

    text: str
    seconds: int | None = None
    business_days: int | None = None


def _within(value: object) -> object:
    if isinstance(value, Within):
        return value
    if isinstance(value, str) and (match := _BUSINESS_DAYS.fullmatch(value)):
        days = small_number(match[1])
        if not 1 <= days <= MOST_BUSINESS_DAYS:
            raise ValueError(f"{value!r}: write 1 to {MOST_BUSINESS_DAYS} business_days")
        return Within(text=value.strip(), business_days=days)
    try:
        return Within(text=str(value).strip(), seconds=parse_duration(value))
    except ValueError as error:
        raise ValueError(str(error).replace("30s or 2h", "30s, 2h or 2 business_days")) from None


Limit = Annotated[Within, BeforeValidator(_within), WithJsonSchema({"type": "string"})]


def _as_list(value: object) -> object:
    return value if isinstance(value, list) else [value]


_VALUES_SCHEMA = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}

Values = Annotated[list[str], BeforeValidator(_as_list), WithJsonSchema(_VALUES_SCHEMA)]


class TicketFilter(Strict):
    """Selects tickets: each field that is set must have one of the listed values."""

    source: Values | None = None
    kind: Values | None = None
    priority: Values | None = None
    organization: Values | None = None
    category: Values | None = None
    team: Values | None = None
    status: Values | None = None


OwnVerdict = Literal["met", "missed"]
"""What a source says of a limit of its own."""


class TicketPredicate(TicketFilter):
    """The condition that a ticket must meet.

    ``only_teams``: no team but these ever held it. ``own_response``, ``own_resolution``: what the
    source itself says of the first response and of the resolution.
    """

    only_teams: Values | None = None
    own_response: OwnVerdict | None = None
    own_resolution: OwnVerdict | None = None


class CallFilter(Strict):
    """Selects calls: each field that is set must have one of the listed values."""

    source: Values | None = None
    queue: Values | None = None
    organization: Values | None = None
    outcome: Values | None = None


class RecordFilter(TicketFilter, CallFilter):
    """Selects tickets or calls: it has the fields of both."""


CountedBy = Literal["opened", "responded", "resolved"]
PriorityPolicy = Literal["at_open", "at_response", "strictest"]
Answer = Literal["reply", "note", "status", "assigned"]


def _not_empty(answers: list[Answer]) -> list[Answer]:
    if not answers:
        raise ValueError("is empty: nothing would ever count as an answer")
    return answers


Answers = Annotated[
    list[Answer],
    BeforeValidator(_as_list),
    AfterValidator(_not_empty),
    WithJsonSchema(_VALUES_SCHEMA),
]
"""What counts as a first response by staff: a public reply, an internal note, a change of status,
or the assignment to an owner."""


class Rules(Strict):
    """The rules that decide how figures are measured, with their defaults.

    ``phone_solved_within``: seconds of clock time once it is loaded. ``before_opening``: whether a
    first response before the opening counts as one after 0 s. ``min_n``: shares and means
    of fewer records than this are not judged.
    """

    counted_by: CountedBy = "opened"
    priority: PriorityPolicy = "at_open"
    response_pauses: bool = False
    resolution_pauses: bool = True
    closed_pauses: bool = False
    resolution: Literal["last", "first"] = "last"
    answers: Answers = ["reply"]
    phone_solved_within: Duration = 30 * 60
    before_opening: Literal["by_source", "exclude", "zero"] = "by_source"
    withdrawn: Literal["unanswered", "callback"] = "unanswered"
    refused: Literal["apart", "unanswered"] = "apart"
    min_n: Annotated[int, Field(ge=0)] = 5


class _Overrides(Strict):
    def over(self, rules: R) -> R:
        """A copy of ``rules`` in which the rules that are set here replace the others."""
        own = self.model_dump(exclude_none=True, exclude={"valid_from"})
        return rules.model_copy(update=own)


def _own_rules() -> type[_Overrides]:
    """The fields of Rules, each of which may be absent."""
    hints = get_type_hints(Rules, include_extras=True)
    fields: dict[str, Any] = {name: (hints[name] | None, None) for name in Rules.model_fields}
    text = "An indicator's own rules; a rule that is absent is taken from the general ones."
    return create_model(
        "OwnRules", __base__=_Overrides, __module__=__name__, __doc__=text, **fields
    )


if TYPE_CHECKING:
    OwnRules = _Overrides
else:
    OwnRules = _own_rules()


class RulesVersion(OwnRules):
    """Rules that apply from a date on."""

    valid_from: Day
