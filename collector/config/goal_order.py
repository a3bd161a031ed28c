"""The order of goals that pages, boards and documents share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from collector.config.settings import Goal, Settings


def goals_in_order(goals: Mapping[str, Goal]) -> Iterator[str]:
    """The names of the goals as configured, those of a board before the council's that they serve;
    at the end those of a board that serve none."""
    for name, goal in goals.items():
        if goal.level == "council":
            yield from (below for below, each in goals.items() if each.under == name)
            yield name
    yield from (n for n, each in goals.items() if each.level == "board" and each.under not in goals)


def indicators_by_goal(settings: Settings) -> dict[str | None, list[str]]:
    """Goal → its indicators, both in their order; those without a goal come last, under None."""
    served: dict[str | None, list[str]] = {}
    for name, indicator in settings.indicators.items():
        own = indicator.goal if indicator.goal in settings.goals else None
        served.setdefault(own, []).append(name)
    order: list[str | None] = [*goals_in_order(settings.goals), None]
    return {goal: served[goal] for goal in order if goal in served}
