"""Time travel: what was known at an instant that lies back, texts included."""

import pytest

from collector.measuring.engine.engine import Measuring
from collector.model.columns import ABSENT
from collector.model.records import Change, Gone
from collector.model.rewind import profile_at, rewind_tickets
from collector.store.rows import ticket_row
from tests.worlds.measured import FIRST_LINE, RESOLUTION, RESPONSE, at, settings_of, ticket
from tests.worlds.samples import save

MON, TUE = "2020-07-13", "2020-07-14"
LATER = at("2020-07-20 12:00")


def moved(number="1", **more):
    """Passed on to the network team on Tuesday, raised to urgent, solved."""
    given = {
        "team": "Network",
        "priority": "urgent",
        "kind": "incident",
        "status": "resolved",
        "resolved_at": f"{TUE} 15:00",
        "changes": [
            (f"{MON} 09:00", "team", "Servicedesk"),
            (f"{MON} 09:00", "priority", "normal"),
            (f"{MON} 09:00", "status", "new"),
            (f"{MON} 09:00", "kind", "request"),
            (f"{MON} 10:00", "status", "open"),
            (f"{TUE} 09:00", "team", "Network"),
            (f"{TUE} 10:00", "priority", "urgent"),
            (f"{TUE} 11:00", "kind", "incident"),
            (f"{TUE} 15:00", "status", "resolved"),
        ],
    }
    return ticket(f"{MON} 09:00", number, **{**given, **more})


def then(one, when):
    return profile_at(ticket_row(one)[1], one.changes, when)


def test_the_texts_of_a_ticket_through_time():
    one = moved()
    for when, status, team, priority, kind in (
        (f"{MON} 08:59", "new", "Servicedesk", "normal", "request"),
        (f"{MON} 09:00", "new", "Servicedesk", "normal", "request"),
        (f"{MON} 09:59:59", "new", "Servicedesk", "normal", "request"),
        (f"{MON} 10:00", "open", "Servicedesk", "normal", "request"),
        (f"{TUE} 09:00", "open", "Network", "normal", "request"),
        (f"{TUE} 10:00", "open", "Network", "urgent", "request"),
        (f"{TUE} 14:59:59", "open", "Network", "urgent", "incident"),
        (f"{TUE} 15:00", "resolved", "Network", "urgent", "incident"),
    ):
        found = then(one, at(when))
        assert (found.status, found.team, found.kind) == (status, team, kind), when
        assert found.priority == priority
    assert then(one, at(f"{MON} 12:00")).teams == ("Servicedesk",)
    assert then(one, at(f"{TUE} 09:00")).teams == ("Servicedesk", "Network")
    assert then(one, at(f"{TUE} 09:59")).priorities == ("normal",)
    assert then(one, at(f"{TUE} 10:00")).priorities == ("normal", "urgent")
    assert then(one, LATER) == ticket_row(one)[1]


@pytest.mark.parametrize(
    ("facts", "course"),
    [
        ({"first_response_at": f"{TUE} 09:30"}, ["normal", "normal", "normal"]),
        ({"first_response_at": f"{TUE} 10:30"}, ["normal", "urgent", "urgent"]),
        ({}, ["normal", "urgent", "urgent"]),
        # not solved on the phone until Tuesday 15:00, and then answered at its opening
        ({"solved_by_registrar": True}, ["normal", "urgent", "normal"]),
    ],
)
def test_the_priority_at_the_response_is_that_of_then(sqlite_store, facts, course):
    """While unanswered it is the one in force."""
    save(sqlite_store, moved(**facts))
    rules = {"priority": "at_response", "phone_solved_within": "48h"}
    found = []
    for now in map(at, (f"{MON} 12:00", f"{TUE} 12:00", f"{TUE} 15:00")):
        numbers = {
            priority: measured(sqlite_store, {"kind": "count", "records": {"priority": priority},
                                      "rules": rules}, now, now)[0]
            for priority in ("normal", "urgent")
        }  # fmt: skip
        found += [priority for priority, number in numbers.items() if number]
    assert found == course


def test_what_has_no_history_stays():
    plain = ticket(f"{MON} 09:00", team="Network", priority="high", organization="Laxå")
    assert then(plain, at(f"{MON} 10:00")) == ticket_row(plain)[1]


def test_a_mark_goes_where_its_instant_is_known():
    merged = moved(mark="merged", status="merged", changes=[
        (f"{MON} 09:00", "status", "new"), (f"{TUE} 12:00", "status", "merged"),
    ])  # fmt: skip
    before, after = (then(merged, at(f"{TUE} {clock}")) for clock in ("11:59:59", "12:00"))
    assert (before.mark, before.status) == (None, "new")
    assert (after.mark, after.status) == ("merged", "merged")
    unknown = moved(mark="merged", status="merged")
    assert then(unknown, at(f"{MON} 12:00")).mark == "merged"
    assert then(unknown, at(f"{MON} 12:00")).status == "merged"


def test_tables_share_profiles_and_leave_others_alone(sqlite_store):
    save(sqlite_store, moved("1"), moved("2"), ticket(f"{MON} 09:00", "3", team="Servicedesk"))
    table = sqlite_store.records.tickets("opened", (at(f"{MON} 00:00"), at(f"{TUE} 00:00")))
    noon = at(f"{MON} 12:00")
    histories = sqlite_store.records.changed_since(table.key, noon)
    names = sqlite_store.records.ticket_names(table.key)
    assert {names[key][1] for key in histories} == {"1", "2"}
    assert all(len(history) == 9 for history in histories.values())
    back = rewind_tickets(table, histories, noon)
    teams = {
        names[k][1]: back.profiles[c].teams
        for k, c in zip(back.key.tolist(), back.profile, strict=True)
    }
    assert teams == {"1": ("Servicedesk",), "2": ("Servicedesk",), "3": ("Servicedesk",)}
    assert len(set(back.profile.tolist())) == 2
    assert table.profiles[table.profile[0]].teams == ("Servicedesk", "Network")
    assert rewind_tickets(table, {}, noon) is table
    # where nothing happened since, the texts of today stay, whatever the history
    tuesday = rewind_tickets(table, histories, at(f"{TUE} 15:00"))
    assert [tuesday.profiles[c] for c in tuesday.profile] == [
        table.profiles[c] for c in table.profile
    ]
    assert sqlite_store.records.changed_since(table.key, at(f"{TUE} 15:00")) == {}
    assert set(sqlite_store.records.changed_since(table.key, at(f"{TUE} 14:59:59"))) == set(
        histories
    )


def measured(store, indicator, now, known_at, period="2020-07"):
    measuring = Measuring(settings_of({"one": indicator}), store, known_at=known_at)
    chosen = measuring.period(period, now)
    tallies = measuring.tallies(chosen.first, chosen.after, now)
    figure = next(measuring.figures(tallies, chosen, now, {}))
    return figure.good, figure.eligible, figure.pending, figure.excluded


def test_first_line_solved_it_as_far_as_was_known(sqlite_store):
    """Resolved on Monday by first line, opened again on Tuesday and passed on."""
    save(
        sqlite_store,
        ticket(
            f"{MON} 09:00",
            first_resolved_at=f"{MON} 10:00",
            resolved_at=f"{TUE} 15:00",
            reopened=1,
            team="Network",
            status="resolved",
            changes=[
                (f"{MON} 09:00", "team", "Servicedesk"),
                (f"{MON} 09:00", "status", "open"),
                (f"{MON} 10:00", "status", "resolved"),
                (f"{TUE} 09:00", "status", "open"),
                (f"{TUE} 09:00", "team", "Network"),
                (f"{TUE} 15:00", "status", "resolved"),
            ],
        ),
    )
    monday, tuesday = at(f"{MON} 12:00"), at(f"{TUE} 12:00")
    assert measured(sqlite_store, FIRST_LINE, monday, monday) == (1, 1, 0, {})
    assert measured(sqlite_store, FIRST_LINE, tuesday, tuesday) == (0, 1, 0, {})
    assert measured(sqlite_store, FIRST_LINE, monday, None) == (
        0,
        1,
        0,
        {},
    )  # with the teams of today
    by_resolution = {**FIRST_LINE, "rules": {"counted_by": "resolved"}}
    assert measured(sqlite_store, by_resolution, monday, monday, MON) == (1, 1, 0, {})
    assert measured(sqlite_store, by_resolution, LATER, LATER, MON) == (0, 0, 0, {})


THRICE = [
    (f"{MON} 09:00", "open"), (f"{MON} 10:00", "resolved"), (f"{MON} 11:00", "open"),
    (f"{TUE} 10:00", "resolved"), (f"{TUE} 11:00", "closed"), (f"{TUE} 12:00", "open"),
    ("2020-07-15 10:00", "resolved"), ("2020-07-15 11:00", "closed"),
]  # fmt: skip


def thrice(**more):
    """Resolved three times, and closed behind the second and the third."""
    return ticket(
        f"{MON} 09:00",
        first_resolved_at=f"{MON} 10:00",
        resolved_at="2020-07-15 10:00",
        closed_at="2020-07-15 11:00",
        reopened=2,
        status="closed",
        changes=[(when, "status", value) for when, value in THRICE],
        **more,
    )


def test_every_resolution_stood_for_its_time(sqlite_store):
    """Tuesday's is neither the first nor the last: only the history tells of it."""
    save(sqlite_store, thrice())
    solved = {**RESOLUTION, "rules": {"counted_by": "resolved"}}
    for when, on in (
        (f"{MON} 09:59", None), (f"{MON} 10:00", MON), (f"{MON} 11:00", None),
        (f"{TUE} 10:00", TUE), (f"{TUE} 11:59", TUE), (f"{TUE} 12:00", None),
        ("2020-07-15 10:00", "2020-07-15"),
    ):  # fmt: skip
        now = at(when)
        found = {
            day: measured(sqlite_store, solved, now, now, day)[1]
            for day in (MON, TUE, "2020-07-15")
        }
        assert [day for day, number in found.items() if number] == [on] * (on is not None), when


def test_when_it_was_closed(sqlite_store):
    save(sqlite_store, thrice())
    (row,) = sqlite_store.records.tickets("opened", (at(f"{MON} 00:00"), at(f"{TUE} 00:00"))).key
    for when, resolved, closed in (
        (f"{TUE} 10:59", f"{TUE} 10:00", None),
        (f"{TUE} 11:00", f"{TUE} 10:00", f"{TUE} 11:00"),
        (f"{TUE} 12:00", None, None),
        ("2020-07-15 11:00", "2020-07-15 10:00", "2020-07-15 11:00"),
    ):
        then = sqlite_store.records.tickets("opened", (at(f"{MON} 00:00"), at(f"{TUE} 00:00")))
        then = rewind_tickets(then, sqlite_store.records.changed_since([row], at(when)), at(when))
        known = [int(x) if x <= at(when) else ABSENT for x in (*then.resolved_at, *then.closed_at)]
        assert known == [ABSENT if x is None else at(x) for x in (resolved, closed)], when


def test_what_was_deleted_later_counted_then(sqlite_store):
    save(sqlite_store, ticket(f"{MON} 09:00", first_response_at=f"{MON} 09:10",
                      changes=[(f"{MON} 09:00", "status", "open")]))  # fmt: skip
    save(sqlite_store, Gone(source="desk", id="1", mark="deleted", at=at(f"{TUE} 09:00")))
    monday = at(f"{MON} 12:00")
    assert measured(sqlite_store, RESPONSE, monday, monday) == (1, 1, 0, {})
    assert measured(sqlite_store, RESPONSE, LATER, LATER) == (0, 0, 0, {"deleted": 1})
    assert sqlite_store.records.ticket("desk", "1").changes[-1] == Change(
        at(f"{TUE} 09:00"), "status", "deleted"
    )
