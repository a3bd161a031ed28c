"""Thousands of random records, counted again by plain loops that share no code with ours."""

import random
from bisect import bisect_right
from collections import Counter, defaultdict
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from measured import ORGANIZATIONS, TITLE
from samples import save

from collector.indicators.tally import counts
from collector.measuring import Measuring
from collector.records import Call, Change, Outcome, Ticket
from collector.settings import Settings
from collector.store import Store

ZONE = ZoneInfo("Europe/Stockholm")
NOW = int(datetime(2020, 11, 20, 13, 37, 11, tzinfo=ZONE).timestamp())
FIRST, AFTER = date(2020, 1, 1), date(2020, 12, 1)
HOLIDAYS = [
    "2020-01-01", "2020-01-06", "2020-04-10", "2020-04-13", "2020-05-01", "2020-05-21",
    "2020-06-19", "2020-12-24", "2020-12-25", "2020-12-31", "2021-01-01",
]  # fmt: skip
SHORT = {"2020-04-09": ["08:00-12:00"], "2020-10-30": ["08:00-12:00"]}
WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
CALENDARS = {
    "office": {"mon-fri": ["08:00-17:00"]},
    "shifts": {"mon-thu": ["07:30-11:30", "12:15-18:00"], "fri": ["07:30-15:00"]},
    "night": {"mon-sun": ["00:00-06:00", "22:00-24:00"]},
    "always": {"mon-sun": ["00:00-24:00"]},
}
TICKETS, CALLS = 5_000, 5_000

WITHIN = {
    # name: (from, to, seconds or business days, calendar, pauses)
    "answered_30min": ("opened", "first_response", 1800, "office", False),
    "answered_2h": ("opened", "first_response", 7200, "shifts", True),
    "answered_4h": ("opened", "first_response", 4 * 3600, "night", False),
    "answered_1h": ("opened", "first_response", 3600, "always", False),
    "resolved_8h": ("opened", "resolved", 8 * 3600, "office", True),
    "resolved_40h": ("opened", "resolved", 40 * 3600, "always", False),
    "resolved_2d": ("opened", "resolved", "2 business_days", "office", True),
    "resolved_3d": ("opened", "resolved", "3 business_days", "shifts", False),
    "solving_4h": ("first_response", "resolved", 4 * 3600, "shifts", True),
}
MEANS = {"mean_office": ("office", True), "mean_always": ("always", False)}
LEVELS = {
    f"{formula}_{limit}_{short}": (formula, limit, short)
    for formula, limit, short in (
        ("answered_of_offered", 20, 0),
        ("answered_of_offered", 60, 5),
        ("answered_of_answered", 20, 0),
        ("without_early_abandons", 20, 0),
        ("without_early_abandons", 60, 5),
        ("abandons_met", 20, 0),
    )
}


def configuration():
    indicators = {}
    for name, (start, end, limit, calendar, pauses) in WITHIN.items():
        indicators[name] = {
            "kind": "share_within",
            "from": start,
            "to": end,
            "within": limit if isinstance(limit, str) else f"{limit}s",
            "calendar": calendar,
            "rules": {"response_pauses": pauses, "resolution_pauses": pauses},
        }
    for name, (calendar, pauses) in MEANS.items():
        rules = {"resolution_pauses": pauses}
        indicators[name] = {"kind": "mean_duration", "from": "opened", "to": "resolved"}
        indicators[name] |= {"calendar": calendar, "rules": rules}
    for name, (formula, limit, short) in LEVELS.items():
        indicators[name] = {"kind": "service_level", "within": f"{limit}s", "formula": formula}
        indicators[name] |= {"short_abandon": f"{short}s"}
    holidays = {"add": HOLIDAYS, "half_days": SHORT}
    return Settings.model_validate(
        {
            "timezone": "Europe/Stockholm",
            "organizations": ORGANIZATIONS,
            "calendars": {
                name: {"timezone": "Europe/Stockholm", "hours": hours}
                | ({"holidays": holidays} if name in {"office", "shifts"} else {})
                for name, hours in CALENDARS.items()
            },
            "exclude": {"test": {"category": "Test"}},
            "indicators": {name: {"title": TITLE, **each} for name, each in indicators.items()},
        }
    )


# The records


def some_instant(chance):
    """Anywhere in the year, more often near the nights on which the clock is moved, shortly before
    now, and at noon, opening or closing to the second."""
    kind = chance.randrange(6)
    if kind == 2:
        return NOW + 100 - chance.choice([3600, 5 * 86400]) * chance.randrange(1000) // 1000
    if kind == 0:
        day = chance.choice([date(2020, 3, 28), date(2020, 10, 24)])
        start = datetime.combine(day, time(), ZONE).timestamp()
        return int(start) + chance.randrange(3 * 86400)
    day = FIRST + timedelta(days=chance.randrange((AFTER - FIRST).days))
    if kind == 1:
        clock = chance.choice([time(0), time(8), time(12), time(17), time(23, 59, 59)])
        return int(datetime.combine(day, clock, ZONE).timestamp())
    return int(datetime.combine(day, time(), ZONE).timestamp()) + chance.randrange(86400)


def some_ticket(chance, number):
    opened = some_instant(chance)

    def after(*spans):
        limit = chance.choice([None, *spans])
        exact = chance.choice([0, 1800, 1801, 3600, 7200, 4 * 3600, 8 * 3600, 40 * 3600])
        if limit is None:
            return None
        return opened + (exact if chance.random() < 0.3 else chance.randrange(-60, limit))

    responded, resolved = after(900, 7200, 86400), after(7200, 86400, 5 * 86400, 30 * 86400)
    closed = after(86400) if chance.random() < 0.1 else None
    changes, when = [Change(opened, "status", "open")], opened
    for _ in range(chance.choice([0, 0, 1, 3])):
        when += chance.randrange(20 * 3600)
        changes.append(Change(when, "status", "on_hold"))
        when += chance.choice([0, chance.randrange(60 * 3600)])
        if chance.random() < 0.9:
            changes.append(Change(when, "status", "open"))
    return Ticket(
        source="desk",
        id=str(number),
        opened_at=opened,
        first_response_at=responded,
        first_resolved_at=resolved,
        resolved_at=resolved,
        closed_at=closed,
        organization=chance.choice([*ORGANIZATIONS, None]),
        category=chance.choice(["Net", "Test", None, None]),
        mark=chance.choice([None] * 9 + ["merged", "spam"]),
        changes=tuple(changes),
    )


def some_call(chance, number):
    outcome = chance.choice([*Outcome, Outcome.ANSWERED, Outcome.ANSWERED, Outcome.ABANDONED])
    wait = chance.choice([0, 5, 6, 20, 21, 60, 61, chance.randrange(300)])
    entered = chance.choice([some_instant(chance), NOW - chance.randrange(-5, 80)])
    return Call(
        source="phone",
        id=str(number),
        queue="it",
        entered_at=entered,
        outcome=outcome,
        organization=chance.choice([*ORGANIZATIONS, None]),
        wait_seconds=None if outcome in {Outcome.OPEN, Outcome.UNKNOWN} else wait,
    )


# The second count


def clock_of(text):
    hour, minute = map(int, text.split(":"))
    return hour * 60 + minute


def day_windows(calendar, day):
    """The windows of a date as instants."""
    holidays = HOLIDAYS if calendar in {"office", "shifts"} else []
    windows = []
    for days, texts in CALENDARS[calendar].items():
        first, _, last = days.partition("-")
        if WEEKDAYS.index(first) <= day.weekday() <= WEEKDAYS.index(last or first):
            windows = texts
    if calendar in {"office", "shifts"}:
        windows = SHORT.get(day.isoformat(), windows)
    if day.isoformat() in holidays:
        windows = []
    found = []
    for text in windows:
        bounds = []
        for end in text.split("-"):
            minutes = clock_of(end)
            date_of = day + timedelta(days=minutes // 1440)
            wall = datetime.combine(date_of, time(minutes // 60 % 24, minutes % 60), ZONE)
            bounds.append(int(wall.timestamp()))
        found.append(tuple(bounds))
    return found


class Hours:
    def __init__(self, calendar):
        first = date(2019, 12, 1)
        self.days = [first + timedelta(days=n) for n in range(500)]
        self.of_day = {day: day_windows(calendar, day) for day in self.days}
        self.windows = [w for day in self.days for w in self.of_day[day]]
        self.ends = [end for _, end in self.windows]

    def open_parts(self, start, pauses):
        """The open intervals from ``start`` on, without the pauses."""
        for low, high in self.windows[bisect_right(self.ends, start) :]:
            at = max(low, start)
            for pause, resume in pauses:
                if pause < high and resume > at:
                    if pause > at:
                        yield at, pause
                    at = max(at, resume)
            if at < high:
                yield at, high

    def worked(self, start, end, pauses=()):
        if end < start:
            return -self.worked(end, start)
        total = 0
        for low, high in self.open_parts(start, pauses):
            if low >= end:
                break
            total += min(high, end) - low
        return total

    def reached(self, start, seconds, pauses):
        """When so many seconds have been worked."""
        for low, high in self.open_parts(start, pauses):
            if seconds <= high - low:
                return low + seconds
            seconds -= high - low
        raise AssertionError("beyond the years of the test")

    def closing(self, start, days):
        day = datetime.fromtimestamp(start, ZONE).date()
        while days:
            day += timedelta(days=1)
            days -= bool(self.of_day[day])
        return self.of_day[day][-1][1]


HOURS = {name: Hours(name) for name in CALENDARS}


def pauses_of(one):
    found, since = [], None
    for change in one.changes:
        if change.at > NOW:
            break
        if change.value == "on_hold":
            since = change.at if since is None else since
        elif since is not None:
            found.append((since, change.at))
            since = None
    return found if since is None else [*found, (since, NOW)]


def known(instant):
    return instant if instant is not None and instant <= NOW else None


def left_out(one):
    return one.mark or ("test" if one.category == "Test" else None)


def clock_verdict(one, start, end, to_resolved):
    """What decides before any limit does; None where the limit decides."""
    if left_out(one):
        return left_out(one)
    if to_resolved and end is None and known(one.closed_at) is not None:
        return "no_resolved_at"
    if start is None:
        return "pending" if end is None else "unanswered"
    return "ends_before_start" if end is not None and end < start else None


def within(one, start_name, end_name, limit, calendar, pausing):
    hours, pauses = HOURS[calendar], pauses_of(one) if pausing else []
    start = one.opened_at if start_name == "opened" else known(one.first_response_at)
    end = known(one.first_response_at if end_name == "first_response" else one.resolved_at)
    if decided := clock_verdict(one, start, end, end_name == "resolved"):
        return decided, 0
    until = NOW if end is None else end
    seconds = hours.worked(start, until, pauses)
    if isinstance(limit, str):
        allowed = hours.worked(start, hours.closing(start, int(limit.split()[0])))
        late = until > hours.reached(start, allowed, pauses)
    else:
        late = seconds > limit
    if late:
        return "missed", 0
    return ("pending", 0) if end is None else ("met", seconds)


def mean(one, calendar, pausing):
    end = known(one.resolved_at)
    if decided := clock_verdict(one, one.opened_at, end, to_resolved=True):
        return decided, 0
    if end is None:
        return "pending", 0
    return "met", HOURS[calendar].worked(one.opened_at, end, pauses_of(one) if pausing else [])


def level(one, formula, limit, short):
    outcome, wait = str(one.outcome), one.wait_seconds
    if outcome == "unknown":
        return "unknown", 0
    if outcome == "open" or one.entered_at + wait > NOW:
        if formula == "answered_of_answered" or NOW - one.entered_at <= limit:
            return "pending", 0
        return "missed", 0
    if outcome in {"key_exit", "callback"}:
        return outcome, 0
    if outcome == "answered":
        return ("met", wait) if wait <= limit else ("missed", 0)
    if short and outcome == "abandoned" and wait <= short:
        return "short_abandon", 0
    if formula == "answered_of_answered":
        return "unanswered", 0
    if formula == "without_early_abandons" and outcome == "abandoned" and wait <= limit:
        return "early_abandon", 0
    if formula == "abandons_met" and wait <= limit:
        return "met", wait
    return "missed", 0


def recount(tickets, calls):
    """Per indicator, local date and organization: how many of each verdict, and good seconds."""
    found = defaultdict(Counter)

    def add(name, one, instant, verdict, seconds):
        if instant <= NOW:
            day = datetime.fromtimestamp(instant, ZONE).date()
            found[name, day, one.organization].update({verdict: 1, "seconds": seconds})

    for one in tickets:
        for name, how in WITHIN.items():
            add(name, one, one.opened_at, *within(one, *how))
        for name, how in MEANS.items():
            add(name, one, one.opened_at, *mean(one, *how))
    for one in calls:
        for name, how in LEVELS.items():
            add(name, one, one.entered_at, *level(one, *how))
    return {key: +counter for key, counter in found.items()}


def measured(store):
    measuring = Measuring(configuration(), store)
    tallies = measuring.tallies(FIRST, AFTER, NOW)
    found = {}
    for timeline in measuring.timelines:
        for n, day in enumerate(tallies.sums[timeline.id]):
            for organization, sums in zip([*ORGANIZATIONS, None], day, strict=True):
                if sums.any():
                    c = counts(timeline, sums)
                    words = Counter(met=c.good, missed=c.eligible - c.good, pending=c.pending)
                    words.update(c.excluded, seconds=c.seconds)
                    found[timeline.id, FIRST + timedelta(days=n), organization] = +words
    return found


@pytest.mark.parametrize("seed", [2020])
def test_a_second_count_agrees(sqlite_url, seed):
    chance = random.Random(seed)
    tickets = [some_ticket(chance, n) for n in range(TICKETS)]
    calls = [some_call(chance, n) for n in range(CALLS)]
    wanted = recount(tickets, calls)
    with Store.open(sqlite_url) as store:
        save(store, *tickets, source="desk")
        save(store, *calls, source="phone")
        found = measured(store)
    assert found.keys() == wanted.keys()
    assert {key for key in wanted if found[key] != wanted[key]} == set()
    # every verdict occurs for every indicator that can have it
    seen = defaultdict(set)
    for (name, *_), counter in wanted.items():
        seen[name] |= counter.keys()
    for name in WITHIN:
        assert seen[name] >= {"met", "missed", "pending", "merged", "spam", "test"}
    for name in LEVELS:
        assert seen[name] >= {"met", "pending", "key_exit", "callback", "unknown"}
        assert "missed" in seen[name]
