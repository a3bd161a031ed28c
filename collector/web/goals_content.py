"""The content of the first page: every goal with its indicators, and what is open now. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from collector.config.settings import Goal, sources_delivering
from collector.measuring.engine.live import LiveSnapshot
from collector.model.bilingual import Language
from collector.model.codes import State
from collector.model.periods import month_index, month_start
from collector.report.blocks import Drawing
from collector.text.measures import target_text
from collector.web.desk import Desk
from collector.web.standing import (
    Expected,
    MonthPoint,
    Rest,
    Standing,
    expected,
    month_points,
    rest,
    spark,
    standing,
)
from collector.web.waiting import WaitingNow, waiting_now

WORST_FIRST: tuple[State | None, ...] = (
    "missed", "at_risk", "stale", "no_data", "too_few", None, "met",
)  # fmt: skip
YEAR, MONTH = "year_to_date", "month"
_MONTHS = 13
"""How many months can be chosen, with the present one."""


@dataclass(frozen=True, slots=True)
class GoalRow:
    """An indicator: ``now`` in the period asked for, this month, and the year to date."""

    indicator: str
    title: str
    target: str
    now: Standing
    month: Standing
    year_to_date: Standing
    forecast: Expected
    rest: Rest
    months: list[MonthPoint]


@dataclass(frozen=True, slots=True)
class GoalGroup:
    """A goal's indicators, the worst first. ``council`` and ``board``: the goals' titles; None
    where there is none of that level."""

    council: str | None
    board: str | None
    rows: list[GoalRow]


@dataclass(frozen=True, slots=True)
class OpenNow:
    """The open tickets. ``stale``: the numbers are old; ``next_due``: the next deadline ahead."""

    open: int
    overdue: int
    unanswered: int
    next_due: datetime | None
    next_due_in: int | None
    stale: bool


@dataclass(frozen=True, slots=True)
class CallsNow:
    """Today's calls. They are those of the whole desk: queues belong to no organization."""

    today: int
    answered: int
    stale: bool


@dataclass(frozen=True, slots=True)
class GoalsContent:
    """The first page. ``states``: how many indicators are in each state in the period, the worst
    first. ``open`` and ``calls`` are None where the sources were not read yet or there are none;
    ``waiting``, of the whole desk as ``calls`` are, is None where it is not known. ``has_waiting``:
    whether there is a source that can tell it.
    ``measured_at``: when the figures were measured; None before the first time."""

    period: str
    organization: str | None
    measured_at: datetime | None
    states: dict[State, int]
    groups: list[GoalGroup]
    open: OpenNow | None
    waiting: WaitingNow | None
    calls: CallsNow | None
    has_tickets: bool
    has_calls: bool
    has_waiting: bool


def goals_content(
    desk: Desk, period: str, organization: str | None, language: Language
) -> GoalsContent:
    """What the first page says. ``period``: an exported one or one of the last months."""
    rows = _rows(desk, period, organization, language)
    counted = Counter(each.now.state for each in rows.values())
    published = desk.published
    return GoalsContent(
        period=period,
        organization=organization,
        measured_at=None if published is None else desk.moment(published.now),
        states={state: counted[state] for state in WORST_FIRST if state and counted[state]},
        groups=list(_groups(desk, rows, language)),
        open=None if published is None else _open(desk, published, organization),
        waiting=waiting_now(desk),
        calls=None if published is None else _calls(published),
        has_tickets=bool(sources_delivering(desk.settings, "tickets")),
        has_calls=bool(sources_delivering(desk.settings, "calls")),
        has_waiting=any(sources_delivering(desk.settings, each) for each in ("calls", "queues")),
    )


def sparklines(desk: Desk, content: GoalsContent, language: Language) -> dict[str, Drawing | None]:
    """The drawing of each indicator's months."""
    year = desk.figures(YEAR, content.organization)
    return {
        row.indicator: spark(row.months, year[row.indicator], language)
        for group in content.groups
        for row in group.rows
    }


def months_ago(desk: Desk, months: int) -> str:
    """The month so many months before the present one, as in ``2020-07``."""
    return f"{month_start(month_index(desk.today) - months):%Y-%m}"


def choosable_months(desk: Desk) -> list[str]:
    """The months whose figures are published, the present one first."""
    return [months_ago(desk, n) for n in range(_MONTHS)]


def _rows(
    desk: Desk, period: str, organization: str | None, language: Language
) -> dict[str, GoalRow]:
    now, month, year = (desk.figures(each, organization) for each in (period, MONTH, YEAR))
    present = months_ago(desk, 0)
    return {
        name: GoalRow(
            indicator=name,
            title=figure.title[language],
            target=target_text(figure.measure, language),
            now=standing(figure, language),
            month=standing(month[name], language),
            year_to_date=standing(year[name], language),
            forecast=expected(year[name], language),
            rest=rest(year[name], language),
            months=month_points(desk.months(name, organization), present),
        )
        for name, figure in now.items()
    }


def _groups(desk: Desk, rows: dict[str, GoalRow], language: Language) -> Iterator[GoalGroup]:
    """The goals in the order of the configuration, those of a board below their council's;
    indicators without a goal come last."""
    goals, today = desk.settings.goals, desk.today
    served: dict[str | None, list[GoalRow]] = {}
    for name, row in rows.items():
        own = desk.settings.indicator(name, today).goal
        served.setdefault(own if own in goals else None, []).append(row)
    for name in _in_order(goals):
        if name in served:
            goal = goals[name]
            above = goals.get(goal.under or "")
            council = goal if goal.level == "council" else above
            board = goal if goal.level == "board" else None
            yield GoalGroup(
                None if council is None else council.title[language],
                None if board is None else board.title[language],
                _worst_first(served[name]),
            )
    if None in served:
        yield GoalGroup(None, None, _worst_first(served[None]))


def _in_order(goals: dict[str, Goal]) -> Iterator[str]:
    for name, goal in goals.items():
        if goal.level == "council":
            yield from (below for below, each in goals.items() if each.under == name)
            yield name
    yield from (n for n, each in goals.items() if each.level == "board" and each.under not in goals)


def _worst_first(rows: Sequence[GoalRow]) -> list[GoalRow]:
    return sorted(rows, key=lambda each: WORST_FIRST.index(each.now.state))


def _open(desk: Desk, published: LiveSnapshot, organization: str | None) -> OpenNow | None:
    stale = published.stale.get("tickets")
    if stale is None:
        return None
    own = [
        each
        for (_, group), each in published.open_work.tickets.items()
        if organization in (None, group)
    ]
    due = min((each.next_deadline for each in own if each.next_deadline is not None), default=None)
    return OpenNow(
        open=sum(each.open for each in own),
        overdue=sum(each.overdue for each in own),
        unanswered=sum(each.unanswered for each in own),
        next_due=None if due is None else desk.moment(due),
        next_due_in=None if due is None else max(0, due - desk.now),
        stale=stale,
    )


def _calls(published: LiveSnapshot) -> CallsNow | None:
    stale = published.stale.get("calls")
    if stale is None:
        return None
    calls = published.open_work.calls
    return CallsNow(
        today=sum(n for (_, outcome), n in calls.items() if outcome != "open"),
        answered=sum(n for (_, outcome), n in calls.items() if outcome == "answered"),
        stale=stale,
    )
