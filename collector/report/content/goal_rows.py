"""The rows of the table of goals in their order: by area, council goal and board goal. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from collector.report.content.frozen import Goal, Indicator
from collector.report.content.report import Report
from collector.text.characters import DASH


@dataclass(frozen=True, slots=True)
class GoalRow:
    """A row: an indicator under its goals. A goal's title stands only in its first row
    and is empty in the rows after it; a dash means that the indicator has no goal of that level."""

    council: str
    board: str
    indicator: Indicator


def goal_rows(report: Report) -> Iterator[GoalRow | str]:
    """The rows in their order; where goals belong to areas, each area's title before its rows."""
    goals, language = report.content.goals, report.language
    areas = [goal for goal in goals if goal.level == "area"]
    for area in areas:
        if rows := list(_of_councils(report, [goal for goal in goals if goal.under == area.id])):
            yield area.title[language]
            yield from rows
    area_ids = {area.id for area in areas}
    others = [goal for goal in goals if goal.level == "council" and goal.under not in area_ids]
    rest = [*_of_councils(report, others), *_without_council(report)]
    if areas and rest:
        yield report.words("other_goals")
    yield from rest


def _of_councils(report: Report, councils: Sequence[Goal]) -> Iterator[GoalRow]:
    goals, of = report.content.goals, _by_goal(report)
    for council in councils:
        boards = [goal for goal in goals if goal.under == council.id]
        yield from _of_council(council.title[report.language], boards, of, of[council.id], report)


def _by_goal(report: Report) -> dict[str, list[Indicator]]:
    indicators = report.content.indicators
    return {
        goal.id: [each for each in indicators if each.goal == goal.id]
        for goal in report.content.goals
    }


def _without_council(report: Report) -> Iterator[GoalRow]:
    """The rows of board goals under no goal of the council, then those of indicators without a
    goal."""
    goals, of = report.content.goals, _by_goal(report)
    for board in (goal for goal in goals if goal.level == "board" and goal.under not in of):
        yield from _of_council(DASH, [board], of, [], report)
    without = [each for each in report.content.indicators if each.goal not in of]
    for index, each in enumerate(without):
        first = "" if index else report.words("no_goal")
        yield GoalRow(first, "" if index else DASH, each)


def _of_council(
    title: str,
    boards: Sequence[Goal],
    of: dict[str, list[Indicator]],
    own: Sequence[Indicator],
    report: Report,
) -> Iterator[GoalRow]:
    """The rows of a council goal: those of its board goals, then its own indicators."""
    for board in boards:
        for index, each in enumerate(of[board.id]):
            yield GoalRow(title, "" if index else board.title[report.language], each)
            title = ""
    for index, each in enumerate(own):
        yield GoalRow(title, "" if index else DASH, each)
        title = ""
