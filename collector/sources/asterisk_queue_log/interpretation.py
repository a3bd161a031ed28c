"""What the configuration says of events and calls; the log's file and its table are read alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from collector.model.page import RejectedRow
from collector.model.records import Call, CallOutcome
from collector.sources.asterisk_queue_log.events import Event
from collector.sources.kit.batch import Batch
from collector.sources.kit.mapping import DEFAULT, Mapper, ValueMap


@dataclass(slots=True)
class CallBatch(Batch):
    """A batch that keeps each call once, in its latest state, with where it was read."""

    calls: dict[str, tuple[Call, str]] = field(default_factory=dict)


class Interpretation:
    """The maps of a queue log. ``events``: names of events, theirs to ours, in upper case."""

    def __init__(self, maps: Mapping[str, ValueMap], organizations: Sequence[str]) -> None:
        self.events = {
            theirs.upper(): ours.upper() for theirs, ours in maps.get("event", {}).items()
        }
        self._maps = maps
        self._mapper = Mapper(maps, organizations)

    def remark(self, event: Event, where: str, batch: Batch) -> None:
        """Note what is used although it is doubtful."""
        if event.odd:
            batch.doubt(
                "bad_number",
                where,
                f"a duration of {event.name} is not whole seconds: taken from the instants",
            )
        if event.is_unknown:
            batch.remark(
                "unknown_event",
                where,
                f"the event {event.name[:40]!r} is not known; a caller who was waiting counts as"
                " unanswered unless a known event follows: name it under map.event",
            )

    def add_records(self, batch: CallBatch) -> None:
        """Make records of the calls of a batch."""
        for call, where in batch.calls.values():
            try:
                batch.records.append(self._translated(call))
            except RejectedRow as error:
                batch.reject(where, error)

    def _translated(self, call: Call) -> Call:
        # The mapper rejects values that a map does not list. That is right for organizations, but
        # queues and outcomes that are not listed keep their names
        queues, outcomes = self._maps.get("queue", {}), self._maps.get("outcome", {})
        organization = None
        if "organization" in self._maps:
            organization = self._mapper("organization", call.queue)
        return replace(
            call,
            queue=queues.get(call.queue, queues.get(DEFAULT, call.queue)),
            organization=organization,
            outcome=CallOutcome(outcomes.get(call.outcome, call.outcome)),
        )
