"""A hundred thousand random tickets and calls, counted again by the oracle: every number agrees."""

import random
from collections import Counter, defaultdict
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from oracle import Oracle, Story
from samples import save

from collector.indicators.distribution import BOUNDS
from collector.indicators.tally import counts
from collector.measuring import Measuring
from collector.records import Call, Change, Outcome, Ticket
from collector.settings import Settings
from collector.store import Store

ZONES = ["Europe/Stockholm", "Australia/Sydney", "America/St_Johns"]
ZONE = ZoneInfo(ZONES[0])
FIRST, AFTER = date(2019, 12, 1), date(2024, 12, 1)
ORGANIZATIONS = ["Askersund", "Hallsberg", "Laxå"]
CHUNKS, TICKETS, CALLS = 10, 6_000, 4_000

# The configurations

HOLIDAYS = [date(year, *day) for year in range(2018, 2026) for day in ((1, 1), (5, 1), (12, 25))]
HOLIDAYS += [date(2020, 4, 10), date(2020, 4, 13), date(2020, 6, 19), date(2024, 3, 29)]
SHORT = {
    date(2020, 4, 9): ["08:00-12:00"],
    date(2020, 12, 25): ["08:00-12:00"],  # a holiday all the same
    date(2020, 2, 29): ["09:00-15:00"],  # a Saturday
    date(2024, 2, 29): ["08:00-09:30", "11:00-12:00"],
    date(2022, 12, 23): [],
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
        "holidays": {"add": [date(2020, 1, 27), date(2021, 1, 1)]},
    },
    "newfoundland": {
        "timezone": ZONES[2],
        "hours": {"mon-sat": ["08:30-12:00", "12:30-16:30", "23:00-24:00"], "sun": ["02:30-05:00"]},
        "versions": [{"valid_from": date(2022, 1, 1), "hours": {"sun-sat": []}}],
    },
    "gap": {"timezone": ZONES[0], "hours": {"sat": ["23:00-24:00"], "sun": ["02:00-03:00"]}},
}
CALENDARS["newfoundland"]["versions"][0]["hours"] = {"tue-sun": ["00:00-24:00"]}
TO_RESPONSE, SOLVING = ("opened", "first_response"), ("first_response", "resolved")
CLOCKS = [TO_RESPONSE, TO_RESPONSE, ("opened", "resolved"), ("opened", "closed"), SOLVING]
CLOCKS += [("opened", "resolved"), ("first_response", "closed")]
LIMITS = ["1800s", "3600s", "7200s", "14400s", "28800s", "144000s", "0s"]
LIMITS += ["1 business_days", "2 business_days", "5 business_days"]
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
]
ANSWERS = [["reply"], ["reply"], ["note", "reply"], ["status"], ["assigned"], ["note", "assigned"]]
FORMULAS = ["answered_of_offered", "answered_of_answered", "without_early_abandons"]
FORMULAS += ["abandons_met", "short_abandons_met"]


def deck(chance, options, size):
    """So many of the options in any order, none of them much more often than another."""
    cards = [options[n % len(options)] for n in range(size)]
    chance.shuffle(cards)
    return cards


def kept(rules):
    """What does not change with time beside these rules.

    The date that a ticket counts on decides its version, so nothing that decides the date may
    change. The priority at the response is that at the reply: it goes with no other answers.
    """
    fixed = set()
    if rules.get("counted_by") == "responded":
        fixed |= {"answers", "phone_solved_within"}
    if rules.get("counted_by") == "resolved":
        fixed |= {"resolution"}
    if rules.get("priority") == "at_response":
        fixed |= {"answers", "phone_solved_within"}
    return fixed


def some_rules(chance, fixed=()):
    """Rules that may stand for all, for one indicator, or from a date on."""
    rules = {
        "priority": chance.choice(["at_open", "at_response", "strictest"]),
        "response_pauses": chance.random() < 0.5,
        "resolution_pauses": chance.random() < 0.5,
        "closed_pauses": chance.random() < 0.5,
        "resolution": chance.choice(["first", "last"]),
        "answers": chance.choice(ANSWERS),
        "phone_solved_within": chance.choice(["0s", "60s", "1800s", "7200s"]),
        "withdrawn": chance.choice(["unanswered", "callback"]),
    }
    if "answers" not in fixed:
        rules["priority"] = chance.choice(["at_open", "strictest"])
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
    kinds = ["share_within"] * 7 + ["mean_duration"] * 4 + ["share_where"] * 3 + ["count"] * 2
    size = len(kinds)
    clocks = [*deck(chance, CLOCKS, 7), *deck(chance, CLOCKS, 4)]
    calendars = [*deck(chance, list(CALENDARS), 7), *deck(chance, list(CALENDARS), 4)]
    counted = deck(chance, ["opened", "opened", "responded", "resolved"], size)
    policies = deck(chance, ["at_open", "at_response", "strictest"], size)
    chosen = deck(chance, FILTERS, size)
    limits, where = deck(chance, LIMITS, 7), deck(chance, WHERE, 3)
    for n, kind in enumerate(kinds):
        rules = some_rules(chance) | {"counted_by": counted[n], "priority": policies[n]}
        if "answers" in kept(rules):
            rules["answers"] = ["reply"]
        if policies[n] == "at_response":
            rules["phone_solved_within"] = "0s"
        one = {"kind": kind, "records": chosen[n], "rules": rules}
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
        yield f"{kind}_{n}", with_versions(chance, one, records=FILTERS, **may)


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
        yield formula, with_versions(chance, one, records=queues, **may)
    some = {"kind": "count", "of": "calls", "records": {"outcome": ["answered", "abandoned"]}}
    yield "calls", with_versions(chance, some, records=[{}, {"queue": "hr"}])


def configuration(chance):
    general = some_rules(chance)
    turns = sorted(chance.sample(TURNS, 2))
    general["versions"] = [{"valid_from": turn} | some_rules(chance) for turn in turns]
    for version in general["versions"]:
        for key in ("answers", "resolution", "phone_solved_within"):
            version.pop(key, None)  # what decides where a ticket counts
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


def clock_changes():
    """The instants at which the clocks of the three zones are moved."""
    found = []
    for zone in map(ZoneInfo, ZONES):
        at, before = midnight(FIRST), None
        while at < midnight(AFTER):
            offset = datetime.fromtimestamp(at, zone).utcoffset()
            if before not in {None, offset}:
                found.append(at)
            at, before = at + 1800, offset
    return found


MOVED = clock_changes()


class Records:
    """Random records for a configuration: crowded where rules say something else than before."""

    def __init__(self, chance, oracle, nows, plain):
        self.chance, self.nows, self.plain = chance, nows, plain
        self.ways = [way for ways in oracle.ways.values() for way in ways if hasattr(way, "to")]
        leaps = [date(year, *day) for year in (2020, 2024) for day in ((2, 29), (3, 1))]
        ends = [date(year, 1, 1) for year in range(2020, 2025)]
        turns = [*TURNS, *(way.first for way in self.ways if way.first > FIRST)]
        self.nights = [midnight(day) for day in [*leaps, *ends, *turns]]

    def instant(self):
        """Anywhere in the years; more often where clocks move, years end, doors open, or now."""
        chance = self.chance
        kind = chance.randrange(8)
        if kind == 0:
            return chance.choice(MOVED) + chance.choice([-1, 0, 1, chance.randrange(-90000, 90000)])
        if kind == 1:
            return chance.choice(self.nights) + chance.choice(
                [-1, 0, chance.randrange(-9000, 9000)]
            )
        if kind == 2:
            door = chance.choice(chance.choice(chance.choice(self.ways).opening.windows))
            if midnight(FIRST) <= door < midnight(AFTER):
                return door + chance.choice([-1, 0, 1])
        if kind in {3, 4}:
            before = chance.choice([-100, 3600, 86400, 5 * 86400, 20 * 86400])
            return chance.choice(self.nows) - int(before * chance.random())
        day = FIRST + timedelta(days=chance.randrange((AFTER - FIRST).days))
        return midnight(day) + chance.randrange(86400)

    def later(self, start, holds=()):
        """An instant after ``start``: often exactly when some limit is reached, or beside it."""
        chance = self.chance
        kind = chance.random()
        if kind < 0.25:
            way = chance.choice(self.ways)
            seconds, _, days = getattr(way, "within", "3600s").partition(" ")
            if days:
                exact = way.opening.closing(start, int(seconds))
            else:
                exact = way.opening.reached(start, int(seconds.removesuffix("s")), holds)
            return exact + chance.choice([-1, 0, 0, 1])
        if kind < 0.35:
            return start + chance.choice([0, 0, 1, 60, 1800, -1, -3600])
        return start + chance.randrange(chance.choice([900, 7200, 86400, 5 * 86400, 30 * 86400]))

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
        pairs = zip(statuses, statuses[1:], strict=False)
        holds = [(a.at, b.at) for a, b in pairs if a.value == "on_hold"]

        def maybe(share=0.7):
            return self.later(opened, holds) if chance.random() < share else None

        mark = chance.choice([None] * 27 + ["merged", "deleted", "spam"])
        if mark and chance.random() < 0.6:
            changes.append(Change(max(statuses[-1].at, self.later(opened)), "status", mark))
            last["status"] = mark
        done = [change.value in {"resolved", "closed"} for change in statuses]
        if chance.random() < 0.5:  # the instants are those of the history
            steps = [*zip(done, done[1:], statuses[1:], strict=False)]
            solved = [change.at for before, after, change in steps if after and not before]
            reopened = sum(before and not after for before, after, _ in steps)
            first = solved[0] if solved else None
            resolved = solved[-1] if done[-1] else None
            closed = max((each.at for each in statuses if each.value == "closed"), default=None)
        else:
            times = sorted(at for at in (maybe(), maybe(0.4)) if at is not None)
            first, resolved = (times[0], times[-1]) if times else (None, None)
            reopened, closed = int(len(times) == 2), maybe(0.3)
            if reopened and chance.random() < 0.3:
                resolved = None
        spans = zip(statuses, statuses[1:], done, strict=False)
        if resolved is None and any(
            a.at <= now < b.at for a, b, solved in spans if solved for now in self.plain
        ):
            resolved = statuses[-1].at + 86400  # see kept(): it is found by a resolution to come
        responded = maybe()
        own = chance.choice([None, maybe(1), responded])
        if own is not None and chance.random() < 0.5:
            own += chance.choice([-61, -60, 0, 59, 60, 61])
        return Ticket(
            source=chance.choice(["desk", "desk", "shop"]),
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
            organization=chance.choice([*ORGANIZATIONS, *ORGANIZATIONS, None]),
            category=chance.choice(["Net", "Net", "Trial", None, None, None, None]),
            kind=last.get("kind"),
            priority=last.get("priority"),
            team=last.get("team"),
            status=last.get("status"),
            mark=mark,
            own_first_response_at=own,
            own_response_met=chance.choice([None, True, False]),
            own_resolution_met=chance.choice([None, True, False]),
            changes=() if plain else tuple(sorted(changes, key=lambda change: change.at)),
        )

    def call(self, number):
        chance = self.chance
        outcome = chance.choice([*Outcome, Outcome.ANSWERED, Outcome.ANSWERED, Outcome.ABANDONED])
        entered = chance.choice(
            [self.instant(), chance.choice(self.nows) - chance.randrange(-5, 80)]
        )
        wait = chance.choice([0, 5, 6, 10, 20, 21, 60, 61, chance.randrange(300)])
        if outcome in {Outcome.OPEN, Outcome.UNKNOWN}:
            wait = None
        elif outcome != Outcome.ANSWERED and chance.random() < 0.1:
            wait = None
        left = None if wait is None else entered + wait
        return Call(
            source="phone",
            id=str(number),
            queue=chance.choice(["it", "it", "hr", "växel"]),
            entered_at=entered,
            outcome=outcome,
            organization=chance.choice([*ORGANIZATIONS, None]),
            wait_seconds=wait,
            answered_at=left if outcome == Outcome.ANSWERED else None,
            left_at=None if outcome == Outcome.ANSWERED else left,
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
            words.update(seconds=c.seconds, minutes=c.minutes, squares=c.squares)
            words.update(checked=k.checked, ours=k.good, theirs=k.own_good, disagree=k.disagree)
            words.update(compared=k.compared, differ=k.differ)
            words.update({("excluded", reason): n for reason, n in c.excluded.items()})
            words.update({("bucket", n): size for n, size in enumerate(c.histogram)})
            organization = [*ORGANIZATIONS, None][place]
            found[timeline.id, FIRST + timedelta(days=day), organization] = +words
    return found


def differences(found, wanted):
    keys = found.keys() | wanted.keys()
    return {
        key: (found.get(key), wanted.get(key)) for key in keys if found.get(key) != wanted.get(key)
    }


@pytest.mark.parametrize("seed", range(CHUNKS))
def test_the_oracle_agrees(sqlite_url, seed):
    chance = random.Random(seed)
    raw = configuration(chance)
    oracle = Oracle(raw, BOUNDS)
    now = midnight(date(2024, 5, 1)) + chance.randrange(200 * 86400)
    past = chance.choice(MOVED) + chance.choice([0, -1, 1, chance.randrange(-7200, 7200)])
    known_at = past if seed % 2 else None
    records = Records(chance, oracle, [now, past], [now] if known_at else [now, past])
    tickets = [records.ticket(n) for n in range(TICKETS)]
    calls = [records.call(n) for n in range(CALLS)]
    settings = Settings.model_validate(raw)
    with Store.open(sqlite_url) as store:
        for source in ("desk", "shop"):
            save(store, *(each for each in tickets if each.source == source), source=source)
        save(store, *calls, source="phone")
        wanted = {k: +c for k, c in oracle.count(tickets, calls, FIRST, AFTER, now).items()}
        assert differences(measured(settings, store, now), wanted) == {}
        again = oracle.count(tickets, calls, FIRST, AFTER, past, known_at)
        wanted = {k: +c for k, c in again.items()}
        assert differences(measured(settings, store, past, known_at), wanted) == {}
