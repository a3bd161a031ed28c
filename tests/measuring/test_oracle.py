"""Random tickets and calls, ten thousand a seed, counted again by the oracle: all numbers agree."""

import random
from collections import Counter, defaultdict
from copy import deepcopy
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from collector.config.settings import Settings
from collector.measuring.engine.engine import Measuring
from collector.measuring.figures.distribution import BOUNDS
from collector.measuring.figures.tally import counts
from collector.model.records import Call, CallOutcome, Change, Ticket, Unrecorded
from collector.store import Store
from tests.worlds.oracle import Oracle
from tests.worlds.samples import save
from tests.worlds.sizes import sample_size

ZONES = ["Europe/Stockholm", "Australia/Sydney", "America/St_Johns"]
ZONE = ZoneInfo(ZONES[0])
FIRST, AFTER = date(2019, 12, 1), date(2024, 12, 1)
ORGANIZATIONS = ["Askersund", "Hallsberg", "Laxå"]
SEEDS = (0, 1, 2, 3, 4, 6, 8, 9, 10, 11)[: sample_size(2, 6, 10)]
"""With those left out the random settings let some reason occur less than three times."""
TICKETS, CALLS = sample_size(3_000, 6_000), sample_size(2_000, 4_000)

# The configurations

HOLIDAYS = [date(year, *day) for year in range(2018, 2026) for day in ((1, 1), (5, 1), (12, 25))]
HOLIDAYS += [date(2020, 4, 10), date(2020, 4, 13), date(2020, 6, 19), date(2024, 3, 29)]
SHORT = {
    date(2020, 4, 9): ["08:00-12:00"],
    date(2020, 12, 25): ["08:00-12:00"],  # a holiday all the same
    date(2020, 2, 29): ["09:00-15:00"],  # a Saturday
    date(2024, 2, 29): ["08:00-09:30", "11:00-12:00"],
    date(2022, 12, 23): [],
    **{
        date(year, *day): ["08:00-12:00"]
        for year in range(2020, 2025)
        for day in ((4, 30), (6, 22), (10, 31))
    },
}
TURNS = [
    date(2020, 2, 29), date(2020, 3, 29), date(2020, 10, 25), date(2021, 1, 1), date(2021, 7, 14),
    date(2022, 3, 27), date(2022, 12, 31), date(2024, 2, 29), date(2024, 4, 7),
]  # fmt: skip
CALENDARS = {
    "office": {
        "timezone": ZONES[0],
        "hours": {"mon-fri": ["08:00-17:00"]},
        "holidays": {"add": [*HOLIDAYS, date(2021, 6, 6)], "remove": [date(2021, 6, 6)]}
        | {"half_days": SHORT},
        "versions": [
            {"valid_from": date(2021, 3, 28), "hours": {"mon-thu": ["07:00-16:30"]}},
            {"valid_from": date(2022, 7, 1), "holidays": {"add": [date(2022, 12, 26)]}},
            {"valid_from": date(2023, 10, 29), "timezone": ZONES[1]},
        ],
    },
    "shifts": {
        "timezone": ZONES[0],
        "hours": {"mon-thu": ["07:30-11:30", "12:15-18:00"], "fri": ["07:30:15-15:00"]}
        | {"sun": ["00:00-02:30", "03:00-06:00"]},
        "holidays": {"add": HOLIDAYS, "half_days": SHORT},
    },
    "night": {"timezone": ZONES[0], "hours": {"mon-sun": ["22:00-24:00", "00:00-06:00"]}},
    "always": {"timezone": ZONES[0], "hours": {"mon-sun": ["00:00-24:00"]}},
    "sydney": {
        "timezone": ZONES[1],
        "hours": {"mon-fri": ["09:00-17:30"], "sun": ["01:00-03:00"]},
        "holidays": {"add": [date(2020, 1, 27), *HOLIDAYS], "half_days": SHORT},
    },
    "newfoundland": {
        "timezone": ZONES[2],
        "hours": {"mon-sat": ["08:30-12:00", "12:30-16:30", "23:00-24:00"], "sun": ["02:30-05:00"]},
        "holidays": {"half_days": SHORT},
        "versions": [{"valid_from": date(2022, 1, 1), "hours": {"tue-sun": ["00:00-24:00"]}}],
    },
    "gap": {"timezone": ZONES[0], "hours": {"sat": ["23:00-24:00"], "sun": ["02:00-03:00"]}},
}
TO_RESPONSE, SOLVING = ("opened", "first_response"), ("first_response", "resolved")
TO_RESOLVED, TO_CLOSED = ("opened", "resolved"), ("opened", "closed")
CLOCKS = [TO_RESPONSE, TO_RESPONSE, TO_RESOLVED, TO_RESOLVED, TO_CLOSED, SOLVING]
CLOCKS += [("first_response", "closed")]
MEANS = [TO_RESPONSE, TO_RESOLVED, TO_CLOSED, SOLVING]
SECONDS = ["1800s", "3600s", "7200s", "14400s", "28800s", "144000s", "0s"]
BUSINESS_DAYS = ["1 business_days", "2 business_days", "5 business_days"]
LIMITS = [*SECONDS, *BUSINESS_DAYS]
FILTERS = [
    {},
    {},
    {"priority": "urgent"},
    {"priority": ["urgent", "high"]},
    {"priority": ["normal", "odd"], "kind": ["incident", "request"]},
    {"kind": "incident"},
    {"team": ["Servicedesk", "Nät"]},
    {"organization": ["Laxå", "Hallsberg"], "category": ["Net", "Test"]},
    {"status": ["open", "on_hold", "resolved"]},
    {"source": "desk"},
]
WHERE = [
    {"only_teams": ["Servicedesk"]},
    {"only_teams": ["Servicedesk", "Nät"], "category": ["Net"]},
    {"priority": ["urgent", "high"]},
    {"kind": "incident", "team": ["Servicedesk", "Robots"]},
    {"status": ["resolved"]},
    {"own_response": "met"},
    {"own_resolution": "missed", "kind": "incident"},
]
ANSWERS = [["reply"], ["reply"], ["note", "reply"], ["status"], ["assigned"], ["note", "assigned"]]
PAUSES = ["response_pauses", "resolution_pauses", "closed_pauses"]
FORMULAS = ["answered_of_offered", "answered_of_answered", "without_early_abandons"]
FORMULAS += ["abandons_met", "short_abandons_met"]


def deck(chance, options, size):
    """So many of the options in any order, none of them twice before all have been taken."""
    cards = []
    while len(cards) < size:
        cards += chance.sample(options, len(options))
    return cards[:size]


def kept(rules):
    """What does not change with time beside these rules.

    The date that a ticket counts on decides its version, so nothing that decides the date may
    change.
    """
    fixed = set()
    if rules.get("counted_by") == "responded":
        fixed |= {"answers", "phone_solved_within", "before_opening"}
    if rules.get("counted_by") == "resolved":
        fixed |= {"resolution"}
    return fixed


def some_rules(chance, fixed=()):
    """Rules that may stand for all, for one indicator, or from a date on."""
    rules = {
        "priority": chance.choice(["at_open", "strictest"]),
        "response_pauses": chance.random() < 0.5,
        "resolution_pauses": chance.random() < 0.5,
        "closed_pauses": chance.random() < 0.5,
        "resolution": chance.choice(["first", "last"]),
        "answers": chance.choice(ANSWERS),
        "phone_solved_within": chance.choice(["0s", "60s", "1800s", "7200s"]),
        "withdrawn": chance.choice(["unanswered", "callback"]),
        "refused": chance.choice(["apart", "unanswered"]),
        "before_opening": chance.choice(["exclude", "zero"]),
    }
    return {k: v for k, v in rules.items() if k not in fixed and chance.random() < 0.6}


def with_versions(chance, indicator, **keys):
    """The indicator, and what may change of it: some of it changes on some dates."""
    fixed = kept(indicator.get("rules", {}))
    indicator["versions"] = [
        {"valid_from": turn}
        | {key: chance.choice(options) for key, options in keys.items() if chance.random() < 0.5}
        | ({"rules": some_rules(chance, fixed)} if chance.random() < 0.6 else {})
        for turn in sorted(chance.sample(TURNS, chance.choice([0, 1, 2, 3])))
    ]
    return indicator


def ticket_indicators(chance):
    """Of each kind some; every rule and clock is there in each configuration."""
    kinds = ["share_within"] * 7 + ["mean_duration"] * 4 + ["share_where"] * 4 + ["count"] * 2
    size = len(kinds)
    clocks = [*deck(chance, CLOCKS, 7), *deck(chance, MEANS, 4)]
    calendars = [*deck(chance, list(CALENDARS), 7), *deck(chance, list(CALENDARS), 4)]
    counted = deck(chance, ["opened", "opened", "responded", "resolved"], size)
    answers = deck(chance, ANSWERS, size)
    policies = deck(chance, ["at_open", "at_response", "strictest"], size)
    chosen = deck(chance, FILTERS, size)
    limits = [*deck(chance, SECONDS, 4), *deck(chance, BUSINESS_DAYS, 3)]
    where = [*deck(chance, WHERE[:2], 1), *deck(chance, WHERE[2:5], 2)]
    where += deck(chance, WHERE[5:], 1)
    for n, kind in enumerate(kinds):
        rules = some_rules(chance) | {"counted_by": counted[n], "priority": policies[n]}
        rules["answers"] = ["reply"] if "answers" in kept(rules) else answers[n]
        only = {"source": ["desk", "shop"]} if counted[n] == "resolved" else {}  # see between
        one = {"kind": kind, "records": chosen[n] | only, "rules": rules}
        if kind in {"share_within", "mean_duration"}:
            one |= dict(zip(("from", "to"), clocks[n], strict=True))
            one |= {"calendar": calendars[n]}
        if kind == "share_within":
            one["within"] = limits[n]
        if kind == "share_where":
            one["where"] = where[n - 11]
        may = {
            "share_within": {"within": LIMITS, "calendar": list(CALENDARS)},
            "mean_duration": {"calendar": list(CALENDARS)},
            "share_where": {"where": WHERE},
            "count": {},
        }[kind]
        yield (
            f"{kind}_{n}",
            with_versions(chance, one, records=[each | only for each in FILTERS], **may),
        )


def call_indicators(chance):
    """One of each formula, and numbers of calls."""
    queues = [{}, {"queue": "it"}, {"queue": ["it", "hr"]}, {"organization": ["Laxå"]}]
    for formula in FORMULAS:
        one = {
            "kind": "service_level",
            "formula": formula,
            "records": chance.choice(queues),
            "within": chance.choice(["20s", "60s"]),
            "short_abandon": "5s"
            if formula == "short_abandons_met"
            else chance.choice(["0s", "5s"]),
            "rules": {"withdrawn": chance.choice(["unanswered", "callback"])},
        }
        may = {"formula": FORMULAS, "within": ["20s", "21s", "60s"], "short_abandon": ["6s", "10s"]}
        with_versions(chance, one, records=queues, **may)
        if any(each.get("formula") == "short_abandons_met" for each in one["versions"]):
            one["short_abandon"] = "5s"
        yield formula, one
    for name, outcomes in (("calls", ["answered", "abandoned"]), ("waiting", "open")):
        some = {"kind": "count", "of": "calls", "records": {"outcome": outcomes}}
        yield name, with_versions(chance, some, records=[{}, {"queue": "hr"}])


def configuration(chance):
    general, turns = some_rules(chance), sorted(chance.sample(TURNS, 2))
    other = {name: not general.get(name, name == "resolution_pauses") for name in PAUSES}
    callback = general.get("withdrawn") == "callback"
    general["versions"] = [
        {"valid_from": turns[0], **other, "withdrawn": ["callback", "unanswered"][callback]},
        {"valid_from": turns[1], "withdrawn": ["unanswered", "callback"][callback]},
    ]
    return {
        "timezone": ZONES[0],
        "organizations": ORGANIZATIONS,
        "calendars": CALENDARS,
        "rules": general,
        "exclude": {
            "test": {"category": ["Test", "Trial"]},
            "robots": {"team": "Robots", "kind": ["request", "order"]},
        },
        "indicators": {**dict(ticket_indicators(chance)), **dict(call_indicators(chance))},
    }


# The records


def midnight(day):
    return int(datetime.combine(day, time(), ZONE).timestamp())


@cache
def clock_changes():
    """The instants at which the clocks of the three zones are moved."""
    found, half_hour, day = [], 1800, 86400
    for zone in map(ZoneInfo, ZONES):

        def offset(at, zone=zone):
            return datetime.fromtimestamp(at, zone).utcoffset()

        for start in range(midnight(FIRST), midnight(AFTER), day):
            if offset(start) != offset(start + day):
                within = range(start + half_hour, start + day + half_hour, half_hour)
                found += [at for at in within if offset(at - half_hour) != offset(at)]
    return found


class Records:
    """Random records for a configuration: crowded where rules say something else than before."""

    def __init__(self, chance, oracle, nows):
        self.chance, self.nows = chance, nows
        self.silence = random.Random(len(oracle.ways))
        self.ways = [way for ways in oracle.ways.values() for way in ways if hasattr(way, "to")]
        leaps = [date(year, *day) for year in (2020, 2024) for day in ((2, 29), (3, 1))]
        ends = [date(year, 1, 1) for year in range(2020, 2025)]
        turns = [*TURNS, *(way.first for way in self.ways if way.first > FIRST)]
        free = [day for day in [*HOLIDAYS, *SHORT] if FIRST < day < AFTER]
        self.nights = [midnight(day) for day in [*leaps, *leaps, *ends, *ends, *turns, *free]]

    def instant(self):
        """Anywhere in the years; more often where clocks move, years end, doors open, or now."""
        chance = self.chance
        kind = chance.randrange(8)
        if kind == 0:
            moved = chance.choice(clock_changes())
            beside = chance.choice([-1, 0, 1, chance.randrange(-90000, 90000)])
            return moved + beside
        if kind == 1:
            night = chance.choice(self.nights)
            return night + chance.choice([-1, 0, chance.randrange(-9000, 60000)])
        if kind == 2:
            door = chance.choice(chance.choice(chance.choice(self.ways).opening.windows))
            if midnight(FIRST) <= door < midnight(AFTER):
                return door + chance.choice([-1, 0, 1])
        if kind in {3, 4}:
            before = chance.choice([-100, 3600, 86400, 5 * 86400, 20 * 86400])
            return chance.choice(self.nows) - int(before * chance.random())
        day = FIRST + timedelta(days=chance.randrange((AFTER - FIRST).days))
        return midnight(day) + chance.randrange(86400)

    def later(self, event, opened, responded=None, holds=()):
        """When an event may have come: often just as a limit is reached, or a second beside it."""
        chance, kind = self.chance, self.chance.random()
        day = datetime.fromtimestamp(opened, ZONE).date()
        ways = [way for way in self.ways if way.to == event and way.first <= day < way.after]
        ways = [way for way in ways if hasattr(way, "within")] or ways
        if kind < 0.3 and ways:
            way = chance.choice(ways)
            start = opened if getattr(way, "from") == "opened" else responded or opened
            number, _, days = getattr(way, "within", "3600s").partition(" ")
            if days:
                exact = way.opening.closing(start, int(number))
            else:
                pausing = event == "first_response" and way.response_pauses
                pausing |= event != "first_response" and way.resolution_pauses
                seconds = int(number.removesuffix("s"))
                exact = way.opening.reached(start, seconds, holds if pausing else ())
            return exact + chance.choice([-1, 0, 0, 1])
        if kind < 0.4:
            return opened + chance.choice([0, 0, 1, 60, 1800, -1, -3600])
        return opened + chance.randrange(chance.choice([900, 7200, 86400, 5 * 86400, 30 * 86400]))

    def history(self, opened):
        """A walk through statuses, and the other fields now and then."""
        chance, changes = self.chance, [Change(opened, "status", "new")]
        at = opened
        for _ in range(chance.choice([0, 1, 2, 4, 7])):
            at += chance.choice([0, 1, 60, chance.randrange(7200), chance.randrange(4 * 86400)])
            status = chance.choice(["open", "on_hold", "on_hold", "waiting", "resolved", "closed"])
            changes.append(Change(at, "status", status))
        for field, values in (
            ("priority", ["urgent", "high", "normal", "low", "odd"]),
            ("team", ["Servicedesk", "Servicedesk", "Servicedesk", "Nät", "Robots"]),
            ("kind", ["incident", "request", "order"]),
        ):
            at = opened
            for _ in range(chance.choice([0, 1, 1, 2, 3])):
                changes.append(Change(at, field, chance.choice(values)))
                at += chance.choice([0, 1, chance.randrange(7200), chance.randrange(4 * 86400)])
        return changes

    def ticket(self, number):
        chance, opened = self.chance, self.instant()
        changes = self.history(opened)
        last = {change.field: change.value for change in changes}
        plain = chance.random() < 0.1  # a source that tells no history
        statuses = [change for change in changes if change.field == "status"]
        holds = [(a.at, b.at) for a, b in pairwise(statuses) if a.value == "on_hold"]

        def maybe(share, event="first_response", responded=None):
            if chance.random() < share:
                return self.later(event, opened, responded, holds)
            return None

        responded = maybe(0.7)
        mark = chance.choice([None] * 27 + ["merged", "deleted", "spam"])
        if mark and chance.random() < 0.6:
            changes.append(
                Change(max(statuses[-1].at, self.later("closed", opened)), "status", mark)
            )
            last["status"] = mark
        done = [change.value in {"resolved", "closed"} for change in statuses]
        told = chance.random() < 0.5
        if told:  # the instants are those of the history
            steps = [*zip(done, done[1:], statuses[1:], strict=False)]
            solved = [change.at for before, after, change in steps if after and not before]
            reopened = sum(before and not after for before, after, _ in steps)
            first = solved[0] if solved else None
            resolved = solved[-1] if done[-1] else None
            closed = max((each.at for each in statuses if each.value == "closed"), default=None)
        else:
            times = [maybe(share, "resolved", responded) for share in (0.7, 0.4)]
            times = sorted(at for at in times if at is not None)
            first, resolved = (times[0], times[-1]) if times else (None, None)
            reopened, closed = int(len(times) == 2), maybe(0.4, "closed", responded)
            if reopened and chance.random() < 0.3:
                resolved = None
        every = [change for change in changes if change.field == "status"]
        spans = [*zip(every, every[1:], done, strict=False)]
        between = any(x and a.at <= now < b.at for a, b, x in spans for now in self.nows)
        if between and not told:
            resolved = every[-1].at + 86400
            begun = next(change.at for change, x in zip(statuses, done, strict=True) if x)
            first = begun if first is None else min(first, begun)
        own = chance.choice([None, maybe(1), responded])
        if own is not None and chance.random() < 0.5:
            own += chance.choice([-61, -60, 0, 59, 60, 61])
        return Ticket(
            source="annex" if between else chance.choice(["desk", "desk", "shop"]),
            id=str(number),
            opened_at=opened,
            first_response_at=responded,
            first_note_at=maybe(0.5),
            first_status_at=maybe(0.5),
            first_assigned_at=maybe(0.5),
            first_resolved_at=first,
            resolved_at=resolved,
            closed_at=closed,
            reopened=reopened,
            solved_by_registrar=chance.random() < (0.1 if responded else 0.6),
            organization=chance.choice([*ORGANIZATIONS, *ORGANIZATIONS, None, "Örebro"]),
            category=chance.choice(["Net", "Net", "Trial", None, None, None, None]),
            kind=last.get("kind"),
            priority=last.get("priority"),
            team=last.get("team"),
            status=last.get("status"),
            mark=mark,
            unrecorded=self.unrecorded(),
            own_first_response_at=own,
            own_response_met=chance.choice([None, True, False]),
            own_resolution_met=chance.choice([None, True, False]),
            changes=() if plain else tuple(sorted(changes, key=lambda change: change.at)),
        )

    def unrecorded(self):
        """What a source leaves out: nothing, or a fact or several."""
        silence = self.silence
        if silence.random() < 0.7:
            return frozenset()
        return frozenset(silence.sample(list(Unrecorded), silence.choice([1, 2, 5])))

    def call(self, number):
        chance = self.chance
        outcome = chance.choice(
            [*CallOutcome, CallOutcome.ANSWERED, CallOutcome.ANSWERED, CallOutcome.ABANDONED]
        )
        entered = self.instant()
        if chance.random() < 0.2:
            entered = chance.choice(self.nows) - chance.randrange(-5, 80)
        wait = chance.choice([0, 5, 6, 10, 20, 21, 60, 61, chance.randrange(300)])
        if outcome in {CallOutcome.OPEN, CallOutcome.UNKNOWN}:
            wait = None
        left = None if wait is None else entered + wait
        if chance.random() < 0.1:
            wait = None  # only when it ended is known, or not even that
            left = chance.choice([left, None])
        return Call(
            source="phone",
            id=str(number),
            queue=chance.choice(["it", "it", "hr", "växel"]),
            entered_at=entered,
            outcome=outcome,
            organization=chance.choice([*ORGANIZATIONS, None, "Örebro"]),
            wait_seconds=wait,
            answered_at=left if outcome == CallOutcome.ANSWERED else None,
            left_at=None if outcome == CallOutcome.ANSWERED else left,
        )


# The comparison


def measured(settings, store, now, known_at=None):
    """What the service counts: one Counter per indicator, date and organization."""
    measuring = Measuring(settings, store, known_at=known_at)
    tallies = measuring.tallies(FIRST, AFTER, now)
    found = {}
    for timeline in measuring.timelines:
        sums = tallies.sums[timeline.id]
        for day, place in np.argwhere(sums.any(axis=2)).tolist():
            c = counts(timeline, sums[day, place])
            k = c.checks
            words = Counter(good=c.good, eligible=c.eligible, pending=c.pending)
            words.update(seconds=c.seconds, squares=c.squares)
            words.update(checked=k.checked, ours=k.good, theirs=k.own_good, disagree=k.disagree)
            words.update(compared=k.compared, differ=k.differ)
            words.update({("excluded", reason): n for reason, n in c.excluded.items()})
            words.update({("bucket", n): size for n, size in enumerate(c.histogram)})
            organization = [*ORGANIZATIONS, None][place]
            found[timeline.id, FIRST + timedelta(days=day), organization] = +words
    return found


def differences(one, other):
    """Where two counts are not the same."""
    none = Counter()
    return {
        key: (one.get(key, none), other.get(key, none))
        for key in one.keys() | other.keys()
        if one.get(key, none) != other.get(key, none)
    }


def chunk(seed, tickets=TICKETS, calls=CALLS):
    """A configuration, records for it, and two instants: one late, and one by a moved clock."""
    chance = random.Random(seed)
    raw = configuration(chance)
    oracle = Oracle(raw, BOUNDS)
    now = midnight(date(2024, 5, 1)) + chance.randrange(200 * 86400)
    past = chance.choice(clock_changes()) + chance.choice([0, -1, 1, chance.randrange(-7200, 7200)])
    records = Records(chance, oracle, [now, past])
    found = [records.ticket(n) for n in range(tickets)]
    return oracle, found, [records.call(n) for n in range(calls)], now, past


@pytest.mark.parametrize("seed", SEEDS)
def test_the_oracle_agrees(sqlite_url, seed):
    """Every number, as known now and at an instant that lies back, also by the texts of then."""
    oracle, tickets, calls, now, past = chunk(seed)
    settings = Settings.model_validate(oracle.settings)
    with Store.open(sqlite_url) as store:
        for source in ("desk", "shop", "annex"):
            save(store, *(each for each in tickets if each.source == source), source=source)
        save(store, *calls, source="phone")
        wanted = oracle.count(tickets, calls, FIRST, AFTER, now)
        assert differences(measured(settings, store, now), wanted) == {}
        known_at = past if seed % 2 else None
        earlier = oracle.count(tickets, calls, FIRST, AFTER, past, known_at)
        assert differences(measured(settings, store, past, known_at), earlier) == {}
    everything_occurs(oracle, wanted)


REASONS = {
    "tickets": {"merged", "deleted", "spam", "test", "robots"}
    | {f"unrecorded_{field}" for field in ("kind", "priority", "team", "organization", "status")},
    "share_within": {"ends_before_start", "no_resolved_at", "unanswered"}
    | {f"unrecorded_{fact}" for fact in ("first_response", "resolution", "closing")},
    "mean_duration": {"ends_before_start", "no_resolved_at"},
    "share_where": {"no_team", "no_own_verdict"},
    "service_level": {
        "unknown",
        "unknown_wait",
        "key_exit",
        "callback",
        "refused",
        "short_abandon",
        "unanswered",
    }
    | {"early_abandon"},
}


def everything_occurs(oracle, wanted):
    """Else it would mean little that two counts agree."""
    found, days = defaultdict(Counter), defaultdict(Counter)
    for (name, day, _), counter in wanted.items():
        kind = oracle.settings["indicators"][name]["kind"]
        for each in (kind, "all", *({"tickets"} if kind not in {"service_level"} else ())):
            found[each].update(counter)
        days[day].update(counter)
    for kind, reasons in REASONS.items():
        seldom = {reason for reason in reasons if found[kind]["excluded", reason] < 3}
        assert not seldom, kind
    for kind in ("share_within", "share_where", "service_level"):
        counter = found[kind]
        assert min(counter["good"], counter["eligible"] - counter["good"]) > 300, kind
        assert counter["pending"] > 100, kind
    for kind in ("share_within", "mean_duration", "service_level"):
        assert len([word for word in found[kind] if word[0] == "bucket"]) > 12, kind
    checks = ("checked", "ours", "theirs", "disagree", "compared", "differ")
    assert min(found["all"][word] for word in checks) > 100
    assert min(oracle.seen[what, ""] for what in ("on the limit", "a second late")) > 20
    assert min(oracle.seen[what, "business_days"] for what in ("on the limit", "a second late")) > 2
    reached = [oracle.seen[name, n] for name, ways in oracle.ways.items() for n in range(len(ways))]
    assert sum(number > 10 for number in reached) > 0.9 * len(reached)
    for day in (date(2020, 2, 29), date(2024, 2, 29), date(2020, 12, 31), date(2021, 1, 1)):
        assert days[day]["eligible"] > 10, day


def with_rule(raw, rule, value):
    """The configuration with one value of a rule throughout."""
    raw["rules"][rule] = value
    for each in raw["indicators"].values():
        each["rules"] = each.get("rules", {}) | {rule: value}
        for version in each["versions"]:
            version.get("rules", {}).pop(rule, None)
    for version in raw["rules"]["versions"]:
        version.pop(rule, None)


def with_key(raw, key, value):
    """The configuration with one value of a key of its indicators throughout."""
    for each in raw["indicators"].values():
        for keys in (each, *each["versions"]):
            if key in keys:
                keys[key] = value


def with_calendars(raw, change):
    """The configuration with other calendars."""
    for each in raw["calendars"].values():
        for keys in (each, *each.get("versions", ())):
            change(keys)


def without(key):
    return lambda keys: keys.pop(key, None)


OTHERWISE = {
    **{
        f"{rule} {value}": lambda raw, rule=rule, value=value: with_rule(raw, rule, value)
        for rule, value in (
            ("counted_by", "opened"),
            ("priority", "at_open"),
            ("priority", "strictest"),
            ("response_pauses", False),
            ("resolution_pauses", False),
            ("closed_pauses", False),
            ("resolution", "first"),
            ("answers", ["reply"]),
            ("phone_solved_within", "0s"),
            ("phone_solved_within", "1800s"),
            ("before_opening", "exclude"),
            ("before_opening", "zero"),
            ("withdrawn", "callback"),
            ("refused", "unanswered"),
        )
    },
    **{
        f"{key} {value}": lambda raw, key=key, value=value: with_key(raw, key, value)
        for key, value in (
            *(("formula", formula) for formula in FORMULAS),
            ("short_abandon", "5s"),
            ("records", {}),
            ("where", {"only_teams": ["Servicedesk"]}),
            ("versions", []),
        )
    },
    "no exclusions": lambda raw: raw.update(exclude={}),
    "no general versions": lambda raw: raw["rules"].update(versions=[]),
    "no holidays": lambda raw: with_calendars(
        raw, lambda keys: keys.get("holidays", {}).update(add=[])
    ),
    "no half days": lambda raw: with_calendars(
        raw, lambda keys: keys.get("holidays", {}).pop("half_days", None)
    ),
    "no versions of calendars": lambda raw: with_calendars(raw, without("versions")),
    "winter time for ever": lambda raw: with_calendars(
        raw, lambda keys: "timezone" in keys and keys.update(timezone="Etc/GMT-1")
    ),
    "days of UTC": lambda raw: raw.update(timezone="UTC"),
    "other priorities": lambda raw: raw.update(priorities=["low", "normal", "high", "urgent"]),
}


def test_each_rule_is_seen_in_the_records():
    """Under another value of any rule the same records give other numbers."""
    oracle, tickets, calls, now, _ = chunk(0, sample_size(1_800, 2_500), 3_000)
    parts = [(tickets[n::10], calls[n::10]) for n in range(10)]
    usual = [oracle.count(*part, FIRST, AFTER, now) for part in parts]
    for what, change in OTHERWISE.items():
        raw = deepcopy(oracle.settings)
        change(raw)
        other, seen = Oracle(raw, BOUNDS, oracle.openings), 0
        for part, before in zip(parts, usual, strict=True):
            seen += len(differences(before, other.count(*part, FIRST, AFTER, now)))
            if seen > 5:
                break
        assert seen > 5, what
