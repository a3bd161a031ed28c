"""What the options of all ticket systems have in common: their keys, and what they declare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pydantic import BaseModel

from collector.model.records import Status, Unrecorded
from collector.sources.kit.contract import Source, SourceOptions, imported
from collector.sources.kit.mapping import DEFAULT, Mapper
from collector.sources.kit.reconcile import Reconcile
from collector.sources.kit.webhook import HookFormat, Webhook

_BY_VALUE = {
    Unrecorded.KIND: "kind",
    Unrecorded.PRIORITY: "priority",
    Unrecorded.TEAM: "team",
    Unrecorded.ORGANIZATION: "organization",
    Unrecorded.CATEGORY: "category",
}


class TicketOptions(SourceOptions):
    """The keys and the description of a ticket system over the kit.

    ``implementation`` names the TicketSystem. ``WORDS``: the system's own values that everybody's
    has, by our field names, to ours (``{"status": {"4": "on_hold"}}``); ``map`` in the
    configuration adds to them and wins. ``HOOK``: the messages that it sends by itself.
    ``reconcile``: when the sweep runs; ``webhook``: how its messages are accepted, if at all.

    What it can tell is declared by what it cannot: ``UNRECORDED`` is never known, and what stands
    in ``REMEDIES`` is known once the key is set that it names: ``comments`` (true), ``fields.kind``
    (not null), ``map.kind`` (with a default), ``map.status`` (a status that means closed). The
    table in docs/sources.md and the warnings of ``check`` come from this.
    """

    ACCESS: ClassVar[frozenset[str]] = frozenset({"reconcile", "webhook", "allow_empty"})
    HOOK: ClassVar[HookFormat] = HookFormat()
    delivers = "tickets"
    SOURCE: ClassVar[str] = "collector.sources.kit.source:TicketSource"
    WORDS: ClassVar[Mapping[str, Mapping[str, str]]] = {}

    reconcile: Reconcile = Reconcile()
    webhook: Webhook | None = None
    allow_empty: bool = False

    def source(self, name: str, organizations: Sequence[str]) -> Source:
        system = imported(self.implementation)(self)
        source: Source = imported(self.SOURCE)(name, self, system, organizations)
        return source

    def is_scarce(self) -> bool:
        """Return whether few requests are left, so that what can wait should."""
        return False

    def words(self) -> dict[str, Mapping[str, str]]:
        """Return the value maps in force: WORDS, and ``map`` over them."""
        names = (*self.WORDS, *self.map)
        return {name: {**self.WORDS.get(name, {}), **self.map.get(name, {})} for name in names}

    def status_word(self, name: str, otherwise: str) -> str:
        """Return what a status is called in ``map``: its own name if that is mapped, else that of
        its type."""
        return name if name in self.words().get("status", {}) else otherwise

    def mapper(self, organizations: Sequence[str] = ()) -> Mapper:
        """Return what translates the system's values to ours."""
        return Mapper(self.words(), organizations)

    @property
    def overlap(self) -> int:
        """How long before the last change a feed by time is asked from at least, in seconds."""
        return 0

    @property
    def unrecorded(self) -> frozenset[Unrecorded]:
        silent = {fact for fact, key in self.REMEDIES.items() if not self._knows(fact, key)}
        if Unrecorded.TEAM in silent:
            silent.add(Unrecorded.TEAMS)
        return self.UNRECORDED | silent

    def _knows(self, fact: Unrecorded, key: str) -> bool:
        if DEFAULT in self.map.get(_BY_VALUE.get(fact, ""), {}):
            return True
        if fact is Unrecorded.CLOSING and key == "map.status":
            return Status.CLOSED in self.words().get("status", {}).values()
        value: Any = self
        for name in key.split("."):
            value = getattr(value, name, None)
        return bool(value)


def told_by(fields: type[BaseModel]) -> Mapping[Unrecorded, str]:
    """Return the remedies of a source whose ``fields`` say where each of our fields is taken from:
    a fact is known once its field is set."""
    return {Unrecorded(name): f"fields.{name}" for name in fields.model_fields}


def unrecorded(*facts: str) -> frozenset[Unrecorded]:
    """Return these facts, by their values, for ``UNRECORDED``."""
    return frozenset(map(Unrecorded, facts))


def numbers(*words: str) -> dict[str, str]:
    """Return a map of values that are numbers from 1 on, for ``WORDS``."""
    return {str(number): word for number, word in enumerate(words, 1)}
