"""Settings, instants and tables for the tests of what is measured."""

from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np

from collector.business_time.zone import LocalDays
from collector.config.calendars import Calendars
from collector.config.settings import Settings
from collector.measuring.judge import judge
from collector.measuring.verdicts.timeline import NEVER, Verdict, timelines
from collector.model.columns import ABSENT, CallTable, Facts, TicketTable
from collector.model.records import Call, CallOutcome, Change, Ticket
from collector.store import PollResult
from collector.store.rows import call_number, call_row, ticket_row

STOCKHOLM = ZoneInfo("Europe/Stockholm")
LOCAL = LocalDays("Europe/Stockholm")
ORGANIZATIONS = ["Askersund", "Laxå"]
TITLE = {"sv": "Mått", "en": "Measure"}
OFFICE = {
    "timezone": "Europe/Stockholm",
    "hours": {"mon-fri": ["08:00-17:00"]},
    "holidays": {"add": ["2020-06-19"], "half_days": {"2020-12-23": ["08:00-12:00"]}},
}
ALWAYS = {"timezone": "Europe/Stockholm", "hours": {"mon-sun": ["00:00-24:00"]}}
RESPONSE = {
    "kind": "share_within",
    "from": "opened",
    "to": "first_response",
    "within": "30min",
    "calendar": "office",
    "target": ">= 90%",
}
RESOLUTION = {**RESPONSE, "to": "resolved", "within": "8h"}
DAYS = {**RESOLUTION, "within": "2 business_days"}
MEAN = {
    "kind": "mean_duration",
    "from": "opened",
    "to": "resolved",
    "calendar": "office",
    "target": "<= 10 business_days",
}
FIRST_LINE = {"kind": "share_where", "where": {"only_teams": ["Servicedesk"]}, "target": ">= 45%"}
CALLS = {"kind": "service_level", "within": "20s", "target": ">= 70%"}


def at(text):
    """Epoch seconds of a local time in Stockholm, as in ``2020-07-14 08:00``."""
    moment = datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=STOCKHOLM)).timestamp())


def settings_of(indicators, **more):
    named = {name: {"title": TITLE, **each} for name, each in indicators.items()}
    given = {
        "timezone": "Europe/Stockholm",
        "organizations": ORGANIZATIONS,
        "calendars": {"office": OFFICE, "always": ALWAYS},
        "sources": {
            "desk": {"type": "csv_tickets", "path": "tickets.csv"},
            "phone": {"type": "csv_calls", "path": "calls.csv"},
        },
        "indicators": named,
    }
    return Settings.model_validate({**given, **more})


WITH_HISTORY = {
    "desk": {
        "type": "request_tracker",
        "url": "https://rt.example.org",
        "token": "${RT_TOKEN}",
        "comments": True,
        "map": {"status": {"closed": "closed"}},
    },
    "phone": {"type": "csv_calls", "path": "calls.csv"},
}
"""Sources that tell all that a ticket can have."""


def timeline_of(indicator, rules=None, **more):
    more.setdefault("sources", WITH_HISTORY)
    settings = settings_of({"one": {**indicator, "rules": rules or {}}}, **more)
    return timelines(settings, Calendars())[0]


def ticket(opened, number="1", **more):
    """Instants are local times; ``changes`` are (local time, field, value)."""
    instants = ("first_response_at", "first_resolved_at", "resolved_at", "closed_at")
    for name in instants:
        if isinstance(more.get(name), str):
            more[name] = at(more[name])
    if "resolved_at" in more:
        more.setdefault("first_resolved_at", more["resolved_at"])
    more["changes"] = tuple(Change(at(when), *what) for when, *what in more.get("changes", ()))
    opened = at(opened) if isinstance(opened, str) else opened
    return Ticket(source="desk", id=number, opened_at=opened, **more)


def holds(opened, *spans):
    """Changes of a ticket that was on hold in the given spans; the last may still last."""
    found = [(opened, "status", "open")]
    for start, *end in spans:
        found.append((start, "status", "on_hold"))
        found += [(each, "status", "open") for each in end]
    return found


def call(outcome=CallOutcome.ANSWERED, wait=None, entered="2020-07-14 09:00", number="1", **more):
    return Call(
        source="phone",
        id=number,
        queue=more.pop("queue", "it"),
        entered_at=at(entered) if isinstance(entered, str) else entered,
        outcome=outcome,
        wait_seconds=wait,
        **more,
    )


def polled(store, name, when, ok=True, clock_skew=None):
    """A source was read to its end at an instant, or was asked in vain."""
    error = None if ok else "no answer"
    instants = {"started_at": when, "finished_at": when}
    store.polls.record(
        PollResult(source=name, **instants, ok=ok, error=error, clock_skew=clock_skew)
    )


def _column(values):
    return np.array([ABSENT if v is None else v for v in values], dtype=np.int64)


def _coded(profiles):
    known = list(dict.fromkeys(profiles))
    return np.array([known.index(p) for p in profiles], dtype=np.int32), known


def ticket_table(tickets):
    rows = [ticket_row(each) for each in tickets]
    codes, profiles = _coded([profile for _, profile in rows])
    numbers = [[int(each) for each in (row[-2] or "").split(",") if each] for row, _ in rows]
    flat = [(i, *own[k : k + 3]) for i, own in enumerate(numbers) for k in range(0, len(own), 3)]
    facts = [np.array([each[k] for each in flat], dtype=np.int64) for k in range(4)]
    instants = ("opened_at", "first_response_at", "first_resolved_at", "resolved_at", "closed_at")
    return TicketTable(
        np.arange(len(tickets)),
        *(_column([getattr(t, name) for t in tickets]) for name in instants),
        codes,
        profiles,
        Facts(*facts),
    )


def call_table(calls):
    codes, profiles = _coded([call_row(each)[1] for each in calls])
    instants = ("entered_at", "answered_at", "left_at", "wait_seconds")
    return CallTable(
        np.arange(len(calls)),
        *(_column([getattr(c, name) for c in calls]) for name in instants),
        _column([call_number(c) for c in calls]),
        codes,
        profiles,
    )


def measure(timeline, records, now):
    """The table of the records and the verdicts on them."""
    now = at(now) if isinstance(now, str) else now
    table = call_table(records) if timeline.clock == "entered" else ticket_table(records)
    return table, judge(timeline, table, now, LOCAL).verdicts


def verdict(timeline, record, now):
    """(verdict, reason, seconds, wakes_at) of one record in words; NEVER is None."""
    _, found = measure(timeline, [record], now)
    if not len(found.row):
        return None
    seconds, wakes_at = int(found.seconds[0]), int(found.wakes_at[0])
    return (
        Verdict(found.verdict[0]).name.lower(),
        timeline.reasons[found.reason[0]],
        None if seconds == ABSENT else seconds,
        None if wakes_at == NEVER else wakes_at,
    )


def word(timeline, record, now):
    """The verdict with its reason, as in ``excluded no_team``."""
    found = verdict(timeline, record, now)
    return found and " ".join(found[:2]).strip()


def flips(timeline, record, now, to="missed"):
    """A pending record's ``wakes_at``, after checking that it is the first second of ``to``."""
    state, _, _, wakes_at = verdict(timeline, record, now)
    assert state == "pending"
    assert wakes_at is not None
    assert word(timeline, record, wakes_at - 1) == "pending"
    assert word(timeline, record, wakes_at) == to
    return wakes_at
