"""What panels shall show of the desk of ``boards_desk``, computed without PromQL."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.forecasting import forecasts
from collector.measuring.engine.freshness import stale_after
from collector.measuring.engine.hours import is_open
from collector.measuring.engine.open_work import open_work
from collector.measuring.engine.questions import period_figures
from collector.measuring.figures.distribution import quantile
from collector.measuring.figures.figure import Figure
from collector.model.codes import STATES
from collector.model.periods import EXPORTED
from collector.service.service import Service
from tests.worlds.boards_desk import NOW

Key = tuple[str | None, ...]
Values = dict[Key, float]

SHARES = {"share_within", "share_where", "service_level"}
TICKET_SHARES = SHARES - {"service_level"}
DURATIONS = {"mean_duration"}
VALUES = {"count", "manual"}
CALLS = {"service_level"}
CLOCKS = {"share_within", "mean_duration"}
MEASURED = SHARES | DURATIONS | {"count"}

ABOUT: dict[tuple[str, int], set[str]] = {
    ("today", 5): MEASURED,
    ("response", 5): TICKET_SHARES,
    ("response", 6): DURATIONS,
    ("response", 8): CLOCKS,
    ("response", 9): TICKET_SHARES,
    ("response", 10): TICKET_SHARES | DURATIONS,
    ("response", 11): TICKET_SHARES,
    ("response", 12): DURATIONS,
    ("telephone", 3): CALLS,
    ("telephone", 5): CALLS,
    ("telephone", 10): CALLS,
    ("goals", 3): SHARES,
    ("goals", 4): DURATIONS,
    ("goals", 5): VALUES,
    ("goals", 6): SHARES,
    ("organizations", 3): SHARES,
    ("organizations", 4): SHARES,
    ("organizations", 5): DURATIONS,
    ("organizations", 6): VALUES,
    ("collector", 9): MEASURED,
}
"""Board and panel → the kinds of indicators whose figures it shows."""

BY_ORGANIZATION = {("response", 9), *(("organizations", n) for n in (3, 4, 5, 6))}


def _amount(figure: Figure, number: float | None) -> float | None:
    """In the unit that a figure is shown in: hours for mean durations."""
    return number / 3600 if number is not None and figure.unit == "seconds" else number


def _outlook(bound: str) -> Callable[[Figure], float | None]:
    return lambda f: _amount(f, f.outlook and getattr(f.outlook, bound))


def _percentile(share: float, bound: str) -> Callable[[Figure], float | None]:
    def found(figure: Figure) -> float | None:
        known = quantile(figure.histogram, share)
        number = None if known is None else getattr(known, bound)
        waits = figure.kind == "service_level"
        return number if number is None or waits else number / 3600

    return found


def _of(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _reach(figure: Figure, of: Callable[[list[float]], float], margin: float) -> float | None:
    """How far the scale of a share reaches: five points beyond its value and its target."""
    known = [each for each in (figure.value, figure.threshold) if each is not None]
    return min(max(of(known) + margin, 0), 1) if known else None


def _counted(figure: Figure, number: int) -> int | None:
    return None if figure.kind == "manual" else number


SAYS: dict[str, Callable[[Figure], float | None]] = {
    "now": lambda f: _amount(f, f.value),
    "ratio": lambda f: f.value if f.unit == "ratio" else None,
    "seconds": lambda f: _amount(f, f.value) if f.unit == "seconds" else None,
    "value": lambda f: f.value if f.kind == "count" else None,
    "nothing": lambda f: 0 if f.value is None else None,
    "no_target": lambda f: 0 if f.state is None and f.value is not None else None,
    "n": lambda f: _counted(f, f.eligible),
    "n_reach": lambda f: None if f.kind == "manual" else 6 * f.eligible,
    "reach_low": lambda f: _reach(f, min, -0.05),
    "reach_high": lambda f: _reach(f, max, 0.05),
    "pending": lambda f: _counted(f, f.pending),
    "state": lambda f: STATES.index(f.state) + 1 if f.state else None,
    "target": lambda f: _amount(f, f.threshold),
    "left": lambda f: f.misses_left,
    "required": lambda f: _amount(f, f.required),
    "forecast": _outlook("value"),
    "forecast_low": _outlook("low"),
    "forecast_high": _outlook("high"),
    "by_hand": lambda f: f.outlook and None if f.outlook is None or f.outlook.value is None
    else float(f.outlook.given),
    **{
        f"{name}_{told}": _percentile(share, bound)
        for name, share in (("median", 0.5), ("p90", 0.9))
        for told, bound in (("low", "low"), ("about", "seconds"), ("high", "high"))
    },
    "own": lambda f: _of(f.checks.own_good, f.checks.checked),
    "disagree": lambda f: _of(f.checks.disagree, f.checks.checked),
    "checked": lambda f: f.checks.checked or None,
    "differ": lambda f: _of(f.checks.differ, f.checks.compared),
    "compared": lambda f: f.checks.compared or None,
}  # fmt: skip
"""The name of a query → the number of a figure that it shall give."""


class World:
    """The desk, measured as the command ``measure`` does it; nothing of it went through metrics."""

    def __init__(self, service: Service) -> None:
        measuring = Measuring(service.settings, service.store)
        self.settings = service.settings
        self.figures: dict[str, list[Figure]] = {}
        for name in EXPORTED:
            period = measuring.period(name, NOW)
            self.figures[name] = period_figures(measuring, period, NOW, None)[0]
        self.figures["year_to_date"] = forecasts(measuring, NOW, None)[0]
        self.open_work = open_work(measuring, NOW, service.store.polls.states())
        self.open = {name: is_open(measuring, name, NOW) for name in measuring.settings.calendars}
        self.sources = service.store.polls.states()
        self.day_start = measuring.local.midnight(measuring.today(NOW))

    def of(self, kinds: set[str], period: str, *, parts: bool) -> list[Figure]:
        """Figures of some kinds, of the whole desk or of its parts; what is given by hand for the
        whole has no parts."""
        return [
            figure
            for figure in self.figures[period]
            if figure.kind in kinds
            and (figure.organization is not None) is parts
            and not (parts and figure.kind == "manual" and figure.value is None)
        ]


def says(world: World, panel: tuple[str, int], name: str, period: str) -> Values:
    """What a query of a panel about figures shall give, by indicator and organization."""
    parts = panel in BY_ORGANIZATION and name != "target"
    found = {}
    for figure in world.of(ABOUT[panel], period, parts=parts):
        if panel == ("collector", 9) and not (figure.checks.checked and figure.kind in SHARES):
            continue
        if (number := SAYS[name](figure)) is not None:
            own = (figure.organization,) if parts else ()
            found[figure.indicator, *own] = number
    return found


def _tickets(name: str, by: str) -> Callable[[World, float], Values]:
    def added(world: World, _: float) -> Values:
        found: Values = {}
        for (priority, organization), each in world.open_work.tickets.items():
            labels = {"priority": priority or None, "organization": organization}
            key = tuple(labels[label] for label in by.split(", ") if label)
            found[key] = found.get(key, 0) + getattr(each, name)
        return found

    return added


def _desk_rows(world: World, _: float) -> Values:
    """Each row's place: priorities, and organizations among them, as configured."""
    places = {n: 1000 * i for i, n in enumerate([*world.settings.priorities, "other", None], 1)}
    whose = {n: i for i, n in enumerate([*world.settings.organizations, "other", None], 1)}
    return {
        (priority or "–", organization): places[priority or None] + whose[organization or None]
        for priority, organization in world.open_work.tickets
    }


def _tiles(found: Callable[[World, float], Values]) -> Callable[[World, float], Values]:
    """A ticket without a priority is called –."""
    return lambda world, at: {(k[0] or "–", *k[1:]): v for k, v in found(world, at).items()}


def _due(nothing: float | None, by: str) -> Callable[[World, float], Values]:
    def found(world: World, at: float) -> Values:
        ahead: dict[Key, list[int]] = {}
        for (priority, organization), each in world.open_work.tickets.items():
            labels = {"priority": priority or None, "organization": organization}
            key = tuple(labels[label] for label in by.split(", "))
            ahead.setdefault(key, [])
            if each.next_deadline is not None:
                ahead[key].append(each.next_deadline)
        return {
            key: min(known) - at if known else nothing
            for key, known in ahead.items()
            if known or nothing is not None
        }  # type: ignore[misc]

    return found


_OUTCOMES = {
    "offered": ".+",
    "answered": "answered",
    "lost": "abandoned|timeout|empty|withdrawn|unanswered",
    "apart": "key_exit|callback|unknown",
}


def _calls(name: str, *, by_queue: bool) -> Callable[[World, float], Values]:
    def added(world: World, _: float) -> Values:
        found: Values = {}
        for (queue, outcome), n in world.open_work.calls.items():
            if re.fullmatch(_OUTCOMES[name], outcome):
                key: Key = (queue,) if by_queue else ()
                found[key] = found.get(key, 0) + n
        return found

    return added


def _lost_share(world: World, at: float) -> Values:
    offered, lost = (_calls(name, by_queue=True)(world, at) for name in ("offered", "lost"))
    return {queue: lost[queue] / n for queue, n in offered.items() if n and queue in lost}


def _waiting(world: World, _: float) -> Values:
    return {(queue,): each.callers for queue, each in world.open_work.waiting.items()}


def _longest(world: World, at: float) -> Values:
    return {
        (queue,): 0 if each.since is None else at - each.since
        for queue, each in world.open_work.waiting.items()
    }


def _total(found: Callable[[World, float], Values], of: Any = sum) -> Any:
    return lambda world, at: {(): of(found(world, at).values())}


def _state_of(name: str) -> Callable[[World, float], Values]:
    return lambda world, _: {
        (): sum(f.state == name for f in world.of(MEASURED | VALUES, "year_to_date", parts=False))
    }


def _parts_in(name: str) -> Callable[[World, float], Values]:
    def counted(world: World, _: float) -> Values:
        figures = world.of(MEASURED | VALUES, "year_to_date", parts=True)
        judged = [f for f in figures if f.state in {"missed", "at_risk", "met"}]
        return {
            (whose,): sum(f.state == name for f in judged if f.organization == whose)
            for whose in {f.organization for f in judged}
        }

    return counted


def _source(attribute: str) -> Callable[[World, float], Values]:
    return lambda world, _: {
        (name,): value
        for name, state in world.sources.items()
        if (value := getattr(state, attribute)) is not None
    }


def _age(attribute: str) -> Callable[[World, float], Values]:
    found = _source(attribute)
    return lambda world, at: {key: at - value for key, value in found(world, at).items()}


def _limit(world: World, _: float) -> Values:
    return {(name,): stale_after(world.settings, name) for name in world.settings.sources}


def _fresh(world: World, at: float) -> Values:
    ages, limits = _age("last_success")(world, at), _limit(world, at)
    return {key: int(ages[key] > limit) if key in ages else 2 for key, limit in limits.items()}


def _worst_sources_first(world: World, at: float) -> Values:
    fresh = _fresh(world, at)
    return {
        (name,): place - 1000 * fresh[name,] for place, name in enumerate(world.settings.sources, 1)
    }


def _rejected(by: str) -> Callable[[World, float], Values]:
    def found(world: World, _: float) -> Values:
        return {
            ((name, reason) if by else (name,)): n
            for name, state in world.sources.items()
            for reason, n in state.rejected.items()
        }

    return found


BOARDS = ("today", "response", "telephone", "goals", "organizations", "collector")
OTHERS: dict[tuple[str, int, str], Callable[[World, float], Values]] = {
    ("today", 2, "overdue"): _tiles(_tickets("overdue", "priority")),
    ("today", 3, "due"): _tiles(_due(1e11, "priority")),
    ("response", 2, "open"): _tickets("open", ""),
    ("response", 2, "overdue"): _tickets("overdue", ""),
    ("response", 2, "unanswered_overdue"): _tickets("unanswered", ""),
    ("response", 7, "base"): _desk_rows,
    ("response", 7, "open"): _tiles(_tickets("open", "priority, organization")),
    ("response", 7, "overdue"): _tiles(_tickets("overdue", "priority, organization")),
    ("response", 7, "unanswered_overdue"): _tiles(_tickets("unanswered", "priority, organization")),
    ("response", 7, "due"): _tiles(_due(None, "priority, organization")),
    ("organizations", 2, "base"): lambda w, at: {
        (name,): place
        - 1_000_000 * _parts_in("missed")(w, at).get((name,), 0)
        - 1000 * _parts_in("at_risk")(w, at).get((name,), 0)
        for place, name in enumerate(w.settings.organizations, 1)
    },
    ("organizations", 2, "open"): _tickets("open", "organization"),
    ("organizations", 2, "overdue"): _tickets("overdue", "organization"),
    ("organizations", 2, "unanswered_overdue"): _tickets("unanswered", "organization"),
    **{("organizations", 2, name): _parts_in(name) for name in ("missed", "at_risk", "met")},
    **{("telephone", 2, name): _calls(name, by_queue=False) for name in _OUTCOMES},
    **{("telephone", 9, name): _calls(name, by_queue=True) for name in _OUTCOMES},
    ("telephone", 9, "lost_share"): _lost_share,
    ("telephone", 9, "waiting"): _waiting,
    ("telephone", 9, "base"): lambda w, _: {
        (name,): place for place, name in enumerate(sorted(w.open_work.waiting), 1)
    },
    ("telephone", 9, "longest"): _longest,
    **{
        (board, 4, name): _total(found, of)
        for board in ("today", "telephone")
        for name, found, of in (("waiting", _waiting, sum), ("longest", _longest, max))
    },
    **{("goals", 2, name): _state_of(name) for name in STATES},
    **{(board, 1, "gone"): lambda *_: {(): 1000 * NOW} for board in BOARDS},
    ("collector", 2, "measured"): lambda _, at: {(): at - NOW},
    ("collector", 2, "leader"): lambda *_: {(): 1},
    ("collector", 2, "version"): lambda *_: {(): 1},
    ("collector", 3, "calendars"): lambda w, _: {(n,): int(each) for n, each in w.open.items()},
    ("collector", 4, "up"): lambda w, _: {(n,): int(n in w.sources) for n in w.settings.sources},
    ("collector", 4, "state"): _fresh,
    ("collector", 4, "base"): _worst_sources_first,
    ("collector", 4, "age"): _age("last_success"),
    ("collector", 5, "age"): _age("last_success"),
    ("collector", 4, "limit"): _limit,
    ("collector", 5, "limit"): _limit,
    ("collector", 4, "poll_interval_seconds"): lambda w, _: {
        (name,): options.every for name, options in w.settings.sources.items()
    },
    ("collector", 4, "poll_duration_seconds"): _source("duration"),
    ("collector", 4, "records"): _source("records"),
    ("collector", 4, "clock_skew_seconds"): _source("clock_skew"),
    ("collector", 6, "skew"): _source("clock_skew"),
    ("collector", 4, "newest"): _age("newest_record_at"),
    ("collector", 4, "rejected"): _rejected(""),
    ("collector", 7, "rejected"): _rejected("reason"),
    ("collector", 10, "events"): lambda *_: {(n,): 0 for n in ("missed", "overlapped", "failed")},
}
"""Board, panel and query → what it shall give at an instant, for what is no figure."""


def _up_to_date(of: Callable[[World, float], Values]) -> Callable[[World, float], Values]:
    """A column of a desk whose sources are fresh."""
    return lambda world, at: dict.fromkeys(of(world, at), 0)


OTHERS |= {
    ("response", 7, "stale"): _up_to_date(_tiles(_tickets("open", "priority, organization"))),
    ("organizations", 2, "stale"): _up_to_date(_tickets("open", "organization")),
    ("telephone", 9, "stale"): _up_to_date(_waiting),
}

DESK = {
    ("today", 2): ("overdue",),
    ("today", 3): ("due",),
    ("today", 4): ("waiting", "longest"),
    ("response", 2): ("open", "overdue", "unanswered_overdue"),
    ("telephone", 2): tuple(_OUTCOMES),
    ("telephone", 4): ("waiting", "longest"),
}
"""Panels of numbers about what lies on the desk: each has another query for while it is stale."""

_OLD = "this desk was measured years ago: tested in test_boards_seen"
_YET = "told to the store by provision, of which this desk has seen none"
EMPTY = {
    ("telephone", 6, "offered"): "hour by hour, tested on a history",
    ("telephone", 6, "answered"): "hour by hour, tested on a history",
    ("telephone", 6, "lost"): "hour by hour, tested on a history",
    ("telephone", 7, "offered"): "hour by hour, tested on a history",
    ("telephone", 8, "lost"): "hour by hour, tested on a history",
    ("collector", 7, "hour"): "hour by hour, tested on a history",
    ("collector", 8, "hour"): "hour by hour, tested on a history",
    **{(board, 1, name): _OLD for board in BOARDS for name in ("state", "age")},
    ("collector", 2, "frozen"): "no month is frozen",
    ("collector", 11, "drift"): _YET,
    ("collector", 11, "synced"): _YET,
    ("collector", 11, "failed"): _YET,
    **{(*panel, f"{n}_stale"): "all is fresh" for panel, names in DESK.items() for n in names},
}
"""Queries without an answer here, and why."""
