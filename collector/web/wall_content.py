"""The content of the wall: the worst figures first, and what is open now. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import inf

from collector.measuring.figures.figure import Figure
from collector.model.bilingual import Language
from collector.model.codes import State
from collector.text.measures import target_text
from collector.web.desk import Desk, SourceAge, source_ages
from collector.web.goals_content import CallsNow, OpenNow, goals_content
from collector.web.standing import Standing, standing
from collector.web.waiting import WaitingNow

MOST = 12
"""So many figures can be read from three metres; of the others the states are counted."""

_ORDER: tuple[State | None, ...] = (
    "missed", "at_risk", "stale", "no_data", "too_few", "met", None,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class WallTile:
    """An indicator in the period."""

    indicator: str
    title: str
    target: str
    now: Standing


@dataclass(frozen=True, slots=True)
class WallContent:
    """What hangs on the wall at the instant ``at``, by the server's clock.

    ``measured_at``: when the figures were measured; None before the first time. ``tiles``: the
    worst first, at most so many as can be read; ``more``: the states of the others and how many are
    in each, those without a state as none. ``troubled``: the sources whose data are old or missing.
    ``open``, ``waiting`` and ``calls`` are None where that is not known or there are none.
    """

    at: datetime
    period: str
    organization: str | None
    measured_at: datetime | None
    tiles: list[WallTile]
    more: dict[str, int]
    open: OpenNow | None
    waiting: WaitingNow | None
    calls: CallsNow | None
    has_tickets: bool
    has_calls: bool
    has_waiting: bool
    troubled: list[SourceAge]


def wall_content(
    desk: Desk, period: str, organization: str | None, language: Language
) -> WallContent:
    """What the wall shows. ``period``: one of the exported periods. Raises StoreError."""
    goals = goals_content(desk, period, organization, language)
    figures = sorted(desk.figures(period, organization).values(), key=_badness)
    more: dict[str, int] = {}
    for figure in figures[MOST:]:
        state = figure.state or "none"
        more[state] = more.get(state, 0) + 1
    return WallContent(
        at=desk.moment(desk.now),
        period=period,
        organization=organization,
        measured_at=goals.measured_at,
        tiles=[
            WallTile(
                each.indicator,
                each.title[language],
                target_text(each.measure, language),
                standing(each, language),
            )
            for each in figures[:MOST]
        ],
        more=more,
        open=goals.open,
        waiting=goals.waiting,
        calls=goals.calls,
        has_tickets=goals.has_tickets,
        has_calls=goals.has_calls,
        has_waiting=goals.has_waiting,
        troubled=[each for each in source_ages(desk, language) if each.state],
    )


def _badness(figure: Figure) -> tuple[int, float]:
    """The place of a figure: by its state, and by how far it is from its target, as a share of
    that; the farthest first."""
    value, limit, target = figure.value, figure.threshold, figure.target
    if value is None or limit is None or target is None:
        return _ORDER.index(figure.state), inf
    short = (limit - value) if target.higher_is_better else (value - limit)
    return _ORDER.index(figure.state), -short / (abs(limit) or 1.0)
