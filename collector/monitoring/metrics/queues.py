"""The metrics of queues at this moment; absent where they are not known, never 0 then."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import Metric

from collector.monitoring.metrics.figures import gauge_family
from collector.monitoring.queues import BySource

_HELP = {
    "waiting": ("queue_callers_waiting", "Callers in the queue, as the telephone system says now"),
    "longest_wait": (
        "queue_longest_wait_seconds",
        "How long the caller has waited who waits longest; absent where nobody waits",
    ),
    "logged_in": ("queue_agents_logged_in", "Agents of the queue whose telephone can be reached"),
    "ready": ("queue_agents_ready", "Of these the ones that could take a call"),
    "on_call": ("queue_agents_on_call", "Of these the ones that are on a call"),
    "paused": ("queue_agents_paused", "Of these the ones that are paused"),
}


def queue_families(told: BySource) -> Iterator[Metric]:
    """A family for each thing that sources say of their queues."""
    for field, (name, help_text) in _HELP.items():
        values: dict[tuple[str, ...], float] = {
            (source, each.queue): value
            for source, queues in told.items()
            for each in queues
            if (value := getattr(each, field)) is not None
        }
        yield gauge_family(name, help_text, ["source", "queue"], values)
