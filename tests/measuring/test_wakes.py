"""A verdict knows until when it holds: second by second none changes before then."""

import random

import numpy as np
import pytest

from collector.config.calendars import Calendars
from collector.measuring.judge import judge
from collector.measuring.verdicts.timeline import NEVER, Verdict, timelines
from tests.worlds.lives import CallLife, Life
from tests.worlds.measured import (
    CALLS,
    DAYS,
    FIRST_LINE,
    LOCAL,
    MEAN,
    RESOLUTION,
    RESPONSE,
    at,
    call_table,
    settings_of,
    ticket_table,
)
from tests.worlds.sizes import sample_size

MINUTES = sample_size(6, 10, 16)
"""Around a midnight: with ten of them every opening, closing and gap of HOURS but the outermost is
looked at from before and after."""
BEGIN = at("2020-07-15 00:00") - 60 * MINUTES // 2
END = BEGIN + 60 * (MINUTES + 1)
HOURS = {"tue": ["23:53-23:57", "23:58-24:00"], "wed": ["00:00-00:03", "00:04-00:08"]}
NIGHT = {"timezone": "Europe/Stockholm", "hours": HOURS}
NOTES = {"answers": ["note", "assigned"]}
TURN = "2020-07-15"
TICKETS = {
    "answered": {**RESPONSE, "within": "2min", "rules": {"response_pauses": True}},
    "noted": {**RESPONSE, "within": "1min", "rules": {**NOTES, "phone_solved_within": "3min"}},
    "escalated": {
        **RESPONSE,
        "within": "1min",
        "records": {"priority": ["urgent", "normal"]},
        "rules": {**NOTES, "phone_solved_within": "3min", "priority": "at_response"},
    },
    "turned": {
        **RESPONSE,
        "within": "30s",
        "rules": {"counted_by": "responded"},
        "versions": [{"valid_from": TURN, "within": "3min", "calendar": "always"}],
    },
    "resolved": {**RESOLUTION, "within": "4min", "rules": {"closed_pauses": True}},
    "at_first": {
        **RESOLUTION,
        "within": "3min",
        "rules": {"counted_by": "resolved", "resolution": "first", "closed_pauses": True},
    },
    "in_days": {**DAYS, "within": "1 business_days", "rules": {"closed_pauses": True}},
    "solving": {
        **RESOLUTION,
        "from": "first_response",
        "within": "2min",
        "rules": {**NOTES, "resolution_pauses": False},
    },
    "closed": {**RESOLUTION, "to": "closed", "within": "5min"},
    "mean": {**MEAN, "rules": {"counted_by": "resolved", "closed_pauses": True}},
    "mean_response": {**MEAN, "to": "first_response", "rules": {"response_pauses": True}},
    "first_line": {**FIRST_LINE, "rules": {"counted_by": "resolved"}},
    "number": {"kind": "count", "rules": {"counted_by": "responded"}},
}
SERVED = {
    **{
        formula: {**CALLS, "formula": formula, "short_abandon": "5s"}
        for formula in ("answered_of_offered", "answered_of_answered", "without_early_abandons")
    },
    "abandons_met": {**CALLS, "formula": "abandons_met"},
    "short_abandons_met": {**CALLS, "formula": "short_abandons_met", "short_abandon": "5s"},
    "lost": {"kind": "count", "of": "calls", "records": {"outcome": ["abandoned", "timeout"]}},
    "waiting": {"kind": "count", "of": "calls", "records": {"outcome": "open"}},
}


class Hurried(Life):
    """All of it in some minutes."""

    STEPS = [0, 1, 20, 60, 120]
    SPREAD = 60


def state(judged, size):
    """All that sums are made of, one row a record; a record that does not count is a row of -1."""
    found, checks = judged
    met = found.verdict == Verdict.MET
    columns = [found.verdict, found.reason, found.counted_at, found.final]
    columns.append(np.where(met | found.final, found.seconds, 0))
    columns += [] if checks is None else checks
    rows = np.stack([np.asarray(column, dtype=np.int64) for column in columns], axis=1)
    rows[found.verdict == Verdict.LATER] = -1
    every = np.full((size, rows.shape[1]), -1, dtype=np.int64)
    every[found.row] = rows
    return every


def changes(timeline, table):
    """How often a verdict changed; each time at an instant named the last time one looked."""
    before, wakes_at, seen = None, None, 0
    for now in range(BEGIN, END):
        judged = judge(timeline, table, now, LOCAL)
        after = state(judged, len(table))
        following = np.full(len(table), NEVER, dtype=np.int64)
        following[judged.verdicts.row] = judged.verdicts.wakes_at
        assert (following > now).all()
        if before is not None:
            changed = (before != after).any(axis=1)
            unforeseen = np.flatnonzero(changed & (wakes_at > now))
            assert not unforeseen.size, (timeline.id, now, unforeseen)
            seen += int(changed.sum())
            following = np.where(wakes_at <= now, following, wakes_at)
        before, wakes_at = after, following
    return seen


@pytest.mark.parametrize("name", TICKETS)
def test_no_ticket_changes_unforeseen(name):
    """Whatever is to come is known to the record already, as when the source's clock is ahead."""
    settings = settings_of(
        {name: TICKETS[name]},
        calendars={"office": NIGHT, "always": {**NIGHT, "hours": {"mon-sun": ["00:00-24:00"]}}},
        exclude={"network": {"team": "Network", "kind": "request"}},
    )
    chance, marks = random.Random(name), [BEGIN + 60 * minute for minute in range(1, MINUTES + 1)]
    table = ticket_table([Hurried(chance, n, BEGIN - 300, marks).told() for n in range(150)])
    assert changes(timelines(settings, Calendars())[0], table) > 4 * MINUTES


@pytest.mark.parametrize("name", SERVED)
def test_no_call_changes_unforeseen(name):
    chance, marks = random.Random(name), [BEGIN + 60 * minute for minute in range(1, MINUTES + 1)]
    table = call_table([CallLife(chance, n, BEGIN, marks).told() for n in range(200)])
    assert (
        changes(timelines(settings_of({name: SERVED[name]}), Calendars())[0], table) > 2 * MINUTES
    )
