"""The configuration of the sources ``json`` and ``json_calls``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal, Self

from pydantic import model_validator

from collector.model.bilingual import Text
from collector.sources.json.access import JsonAccess
from collector.sources.json.requests import AskedActs, AskedChanges, Listing, Request, Single
from collector.sources.kit.contract import Source, imported
from collector.sources.kit.web import WebOptions
from collector.sources.mapped.options import MappedCallOptions, MappedOptions, OneOrMore


class JsonOptions(MappedOptions, JsonAccess, WebOptions):
    """The keys of a ``json`` source.

    ``tickets``: the request that lists tickets. ``ticket``: the request for one of them, by which a
    sweep finds those that are gone. ``changes`` and ``acts`` may have a ``request`` of their own.
    """

    ACCESS: ClassVar[frozenset[str]] = JsonAccess.ACCESS | WebOptions.ACCESS
    LISTING: ClassVar = "tickets"
    implementation = "collector.sources.json.source:JsonTickets"
    delivers = "tickets"
    title = Text(sv="Ett system med JSON över HTTP", en="A system of JSON over HTTP")

    type: Literal["json"]
    tickets: Listing
    ticket: Single | None = None
    changes: OneOrMore[AskedChanges] = []  # type: ignore[assignment]
    acts: OneOrMore[AskedActs] = []  # type: ignore[assignment]

    @model_validator(mode="after")
    def _followed(self) -> Self:
        follows = self.fields.changed_at is not None
        if not follows and "since" in self.tickets.uses:
            raise ValueError("tickets uses :since, so fields.changed_at is needed")
        if not follows and self.requests():
            raise ValueError(
                "a history by requests needs fields.changed_at, or every poll would ask for that "
                "of every ticket"
            )
        if self.order == "changed" and not (follows and "since" in self.tickets.uses):
            raise ValueError("order: changed needs :since in tickets, and fields.changed_at")
        return self

    def requests(self) -> list[Request]:
        """Return the requests of a ticket's history, each once."""
        found: list[Request] = []
        for section in (*self.changes, *self.acts):
            if section.request is not None and section.request not in found:
                found.append(section.request)
        return found

    def source(self, name: str, organizations: Sequence[str]) -> Source:
        """See :class:`SourceOptions`."""
        system = "JsonTickets" if self.fields.changed_at is not None else "JsonListing"
        made = imported(f"collector.sources.json.source:{system}")(self)
        source: Source = imported(self.SOURCE)(name, self, made, organizations)
        return source


class JsonCallsOptions(MappedCallOptions, JsonAccess):
    """The keys of a ``json_calls`` source.

    ``calls``: the request that lists a row for each stay of a caller in a queue, by ``:since``.
    ``fields.changed_at`` is usually the end of the stay.
    """

    ACCESS: ClassVar[frozenset[str]] = MappedCallOptions.ACCESS | JsonAccess.ACCESS
    LISTING: ClassVar = "calls"
    implementation = "collector.sources.json.calls:JsonCalls"
    delivers = "calls"
    title = Text(sv="Samtal som JSON över HTTP", en="Calls as JSON over HTTP")

    type: Literal["json_calls"]
    calls: Listing

    @model_validator(mode="after")
    def _followed(self) -> Self:
        if "since" not in self.calls.uses:
            raise ValueError(
                "calls does not use :since, from which on calls are asked for: write it in params"
            )
        return self
