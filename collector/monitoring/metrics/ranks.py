"""The order of the configuration as metrics: boards sort by it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from prometheus_client.core import Metric

from collector.config.goal_order import indicators_by_goal
from collector.config.settings import Settings
from collector.measuring.engine.open_work import queues_configured
from collector.model.groups import other_than
from collector.monitoring.metrics.figures import by_language, gauge_family


def rank_families(settings: Settings, queues: Iterable[str]) -> Iterator[Metric]:
    """The place of each priority, organization, source, queue and indicator, from 1 on; after the
    configured priorities and organizations come the group of all others and, with an empty label,
    the tickets that have none. ``queues``: those that are known, of which the ones that the
    configuration does not name come last, by name."""
    configured = queues_configured(settings)
    others = sorted({*queues} - {*configured})
    for label, names in (
        ("priority", [*settings.priorities, other_than(settings.priorities), ""]),
        ("organization", [*settings.organizations, other_than(settings.organizations), ""]),
        ("source", [*settings.sources]),
        ("queue", [*configured, *others]),
    ):
        yield gauge_family(
            f"{label}_rank",
            f"The place of the {label} in the configuration",
            [label],
            _ranks(names),
        )
    by_goal = indicators_by_goal(settings)
    yield gauge_family(
        "indicator_rank",
        "The place of the indicator in the configuration, goal by goal",
        ["indicator"],
        _ranks([name for names in by_goal.values() for name in names]),
    )
    languages = settings.languages
    titles = {name: goal.title.in_languages(languages) for name, goal in settings.goals.items()}
    yield gauge_family(
        "indicator_goal_rank",
        "The place of the indicator's goal, with its title; absent without a goal",
        ["indicator", *by_language("goal", languages)],
        {
            (name, *titles[goal].values()): float(place)
            for place, (goal, names) in enumerate(by_goal.items(), 1)
            if goal is not None
            for name in names
        },
    )


def _ranks(names: Sequence[str]) -> dict[tuple[str, ...], float]:
    return {(name,): float(place) for place, name in enumerate(names, 1)}
