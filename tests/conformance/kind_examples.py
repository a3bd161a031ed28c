"""One example of every kind, counted by hand: its settings, records, verdicts and figure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from collector.model.records import Call, CallOutcome, Ticket
from tests.worlds.measured import call, ticket

MON, TUE = "2020-07-13", "2020-07-14"
NOW = f"{TUE} 12:00"
PERIOD = "2020-07"


@dataclass(frozen=True)
class Example:
    """An indicator with its records at NOW, and what a person makes of them.

    ``verdicts``: of each record, with the reason of an exclusion. ``arithmetic``: what the
    explanation of the first record says. ``bad``: settings that the configuration refuses.
    """

    settings: dict[str, Any]
    value: float
    good: int
    eligible: int
    state: str
    formula: str
    bad: dict[str, Any]
    records: tuple[Ticket | Call, ...] = ()
    verdicts: tuple[str, ...] = ()
    arithmetic: str = ""
    pending: int = 0
    excluded: dict[str, int] = field(default_factory=dict)


def _solved(number: str, opened: str, resolved: str | None = None, **more: Any) -> Ticket:
    own = {} if resolved is None else {"resolved_at": resolved}
    return ticket(opened, number, organization="Laxå", **own, **more)


_HELD = ((f"{MON} 08:00", "team", "Servicedesk"),)
_PASSED_ON = (*_HELD, (f"{MON} 08:30", "team", "Network"))

EXAMPLES = {
    # Office hours are 8 to 17. 25 min, 31 min, open for 13 h, open since a quarter of an hour:
    # 1 of the 3 that are decided.
    "share_within": Example(
        settings={
            "from": "opened",
            "to": "first_response",
            "within": "30min",
            "calendar": "office",
            "target": ">= 90%",
        },
        records=(
            _solved("1", f"{MON} 16:50", first_response_at=f"{TUE} 08:15"),
            _solved("2", f"{MON} 09:00", first_response_at=f"{MON} 09:31"),
            _solved("3", f"{MON} 08:00"),
            _solved("4", f"{TUE} 11:45"),
        ),
        verdicts=("met", "missed", "missed", "pending"),
        arithmetic="elapsed 0:25:00 <= 0:30:00 limit",
        value=1 / 3,
        good=1,
        eligible=3,
        pending=1,
        state="missed",
        formula="elapsed <= 30min / all due; opened to first_response, calendar office, no pauses",
        bad={"from": "first_response"},
    ),
    # Solved by the first line, passed on and solved, still open there, never with any team.
    "share_where": Example(
        settings={"where": {"only_teams": ["Servicedesk"]}, "target": ">= 45%"},
        records=(
            _solved("1", f"{MON} 08:00", f"{MON} 10:00", changes=_HELD),
            _solved("2", f"{MON} 08:00", f"{MON} 10:00", changes=_PASSED_ON),
            _solved("3", f"{MON} 08:00", changes=_HELD),
            _solved("4", f"{MON} 08:00", f"{MON} 10:00"),
        ),
        verdicts=("met", "missed", "pending", "excluded no_team"),
        value=1 / 2,
        good=1,
        eligible=2,
        pending=1,
        excluded={"no_team": 1},
        state="met",
        formula="true at resolution / all resolved; counted by opened, priority at_open",
        bad={"where": {}},
    ),
    # 2 h and 10 h (8 on Monday, 2 on Tuesday): 12 h by 2; one is open, one was closed unresolved.
    "mean_duration": Example(
        settings={"from": "opened", "to": "resolved", "calendar": "office", "target": "<= 7h"},
        records=(
            _solved("1", f"{MON} 08:00", f"{MON} 10:00"),
            _solved("2", f"{MON} 09:00", f"{TUE} 10:00"),
            _solved("3", f"{TUE} 09:00"),
            _solved("4", f"{MON} 08:00", closed_at=f"{MON} 09:00"),
        ),
        verdicts=("met", "met", "pending", "excluded no_resolved_at"),
        arithmetic="elapsed 2:00:00",
        value=6 * 3600,
        good=12 * 3600,
        eligible=2,
        pending=1,
        excluded={"no_resolved_at": 1},
        state="met",
        formula="sum of seconds / records; opened to resolved, calendar office, on hold pauses",
        bad={"unit": "pieces"},
    ),
    # Answered after 20 s and after 21 s, hung up, a key pressed: 1 of 3.
    "service_level": Example(
        settings={"within": "20s", "target": ">= 70%"},
        records=(
            call(CallOutcome.ANSWERED, 20, number="1", organization="Laxå"),
            call(CallOutcome.ANSWERED, 21, number="2", organization="Laxå"),
            call(CallOutcome.ABANDONED, 5, number="3", organization="Laxå"),
            call(CallOutcome.KEY_EXIT, 5, number="4", organization="Laxå"),
        ),
        verdicts=("met", "missed", "missed", "excluded key_exit"),
        arithmetic="waited 20 s, limit 20 s",
        value=1 / 3,
        good=1,
        eligible=3,
        excluded={"key_exit": 1},
        state="missed",
        formula="answered_of_offered (wait <= 20 s)",
        bad={"formula": "short_abandons_met"},
    ),
    # Three came in, one of them is no case for anybody.
    "count": Example(
        settings={"target": "<= 2"},
        records=(
            _solved("1", f"{MON} 08:00"),
            _solved("2", f"{MON} 09:00", f"{MON} 10:00"),
            _solved("3", f"{MON} 09:00", mark="spam"),
        ),
        verdicts=("met", "met", "excluded spam"),
        value=2,
        good=2,
        eligible=2,
        excluded={"spam": 1},
        state="met",
        formula="number of tickets",
        bad={"records": {"queue": "it"}},
    ),
    # The later of two values; that of another organization and that of tomorrow do not count.
    "manual": Example(
        settings={
            "unit": "%",
            "target": "< baseline 5%",
            "values": [
                {"date": "2020-03-31", "value": 4.8},
                {"date": "2020-07-01", "value": 5.2},
                {"date": "2020-07-02", "value": 3, "organization": "Laxå"},
                {"date": "2020-07-15", "value": 9},
            ],
        },
        value=5.2,
        good=0,
        eligible=0,
        state="missed",
        formula="given by hand",
        bad={"target": "yes"},
    ),
}
