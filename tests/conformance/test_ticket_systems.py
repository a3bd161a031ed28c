"""The cases that every ticket system over the kit passes, each against a fake of that system.

What is expected is written here by hand, from what happened in the world. A fake names the cases
that cannot apply to its system, with the reason; docs/conformance.md shows them all
(``python -m tests.conformance.system_docs``).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import suppress
from email.utils import formatdate
from urllib.parse import urlsplit

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.io.errors import SourceError
from collector.io.http import Answer, HttpClient
from collector.io.responses import Request
from collector.model.records import Gone, Ticket
from collector.sources.kit.raw import NotVisible, RawTicket, Removed
from collector.sources.kit.system import KeysetSystem, ListedSystem, NumberedSystem, TicketSystem
from collector.sources.kit.unreadable import FIRST
from tests.conformance.system_docs import PAGE, cases, document
from tests.conformance.systems import TYPES, fake_of
from tests.conformance.systems.bench import Bench, bench_of
from tests.conformance.systems.fake import Reply
from tests.worlds.sizes import sample_size
from tests.worlds.ticket_world import AGENT, CUSTOMER, OTHER_AGENT, PEOPLE, TEAMS, World


@pytest.fixture(params=TYPES)
def bench(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    case = request.function.__name__.removeprefix("test_")
    if (reason := fake_of(request.param).left_out.get(case)) is not None:
        pytest.skip(f"{request.param}: {reason}")
    with bench_of(request.param, monkeypatch) as made:
        yield made


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TicketSystem, "PAGE_TICKETS", 3)
    monkeypatch.setattr(TicketSystem, "FEED_ROWS", 5)


# -- reading and following ------------------------------------------------------------------------


@pytest.mark.usefixtures("small_pages")
def test_whole_first_drain(bench: Bench) -> None:
    """All tickets, also if the process ends between any two pages."""
    opened = {bench.world.open(priority="high"): bench.world.now for _ in range(12)}
    pages = list(bench.pages())
    assert {int(n): each.opened_at for n, each in bench.records.items()} == opened
    assert {each.priority for each in bench.records.values()} == {"high"}
    for page in pages:
        rest = bench.source().pages(page.cursor)
        before = {r.id for each in pages[: pages.index(page) + 1] for r in each.records}
        assert before | {r.id for each in rest for r in each.records} == set(bench.records)


def test_nothing_changed(bench: Bench) -> None:
    for _ in range(12):
        bench.world.open()
    bench.world.now += 5
    bench.drain()
    bench.world.now += 3600
    bench.requests()
    assert bench.drain() == set()
    assert bench.requests() <= 4


def test_incremental(bench: Bench) -> None:
    first, second, third = (bench.world.open() for _ in range(3))
    bench.drain()
    bench.world.now += 3600
    bench.world.reply(second)
    replied = bench.world.now
    fourth = bench.world.open()
    assert bench.drain() >= {str(second), str(fourth)}
    bench.expect(second, first_response_at=replied)
    for unanswered in (first, third, fourth):
        bench.expect(unanswered, first_response_at=None)


@pytest.mark.usefixtures("small_pages")
def test_tie_larger_than_a_page(bench: Bench) -> None:
    """While a bulk update is read, one of its tickets changes again: none is lost."""
    for moment in range(1, 13):
        tied = [bench.world.open() for _ in range(12)]
        bench.drain()
        with bench.world.at_once():
            for each in tied:
                bench.world.status(each, "open")

        def move(number: int, at: int = moment, ticket: int = tied[1]) -> None:
            if number == at:
                bench.world.reply(ticket)

        bench.door.requests.clear()
        bench.door.before = move
        bench.drain()
        bench.door.before = None
        bench.drain()
        assert {bench.ticket(each).status for each in tied} == {"open"}
    assert bench.records == bench.everything()  # none of them changed after its own moment


def test_bulk_update_and_quiet_polls(bench: Bench) -> None:
    """At most 1.1 requests for each changed ticket, quiet polls afterwards included."""
    changed = [bench.world.open() for _ in range(131)]
    bench.drain()
    bench.requests()
    with bench.world.at_once():
        for each in changed:
            bench.world.status(each, "resolved")
    bench.world.now += 5
    assert len(bench.drain()) == 131
    for _ in range(5):
        bench.world.now += 10
        assert bench.drain() == set()
    assert bench.requests() <= 1.1 * 131 * bench.fake.requests_per_ticket


def test_late_commit(bench: Bench) -> None:
    """A change becomes visible 20 s after its time, when later ones are already read."""
    first, second = bench.world.open(), bench.world.open()
    bench.drain()
    with bench.world.uncommitted() as late:
        bench.world.reply(first)
        replied = bench.world.now
        opened = bench.world.open(after=0)
    bench.world.reply(second, after=5)
    bench.drain()
    bench.world.now += 15
    late.commit()
    bench.drain()
    bench.expect(first, first_response_at=replied)
    assert bench.ticket(opened).opened_at == replied


def test_duplicates(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A feed that lists everything twice gives each ticket once a page."""
    for base, method in (
        (KeysetSystem, "changed_tickets"),
        (NumberedSystem, "tickets_after"),
        (ListedSystem, "all_tickets"),
    ):
        system = type(bench.source().system)  # type: ignore[attr-defined]
        if issubclass(system, base):
            monkeypatch.setattr(system, method, _twice(getattr(system, method), method))
    tickets = [bench.world.open() for _ in range(4)]
    found = [[record.id for record in page.records] for page in bench.pages()]
    assert all(len(ids) == len(set(ids)) for ids in found)
    assert set(bench.records) == set(map(str, tickets))


def _twice(ask, method):  # type: ignore[no-untyped-def]
    def asked(*args):  # type: ignore[no-untyped-def]
        if method == "all_tickets":
            return ([line for line in lines for _ in (1, 2)] for lines in ask(*args))
        return [line for line in ask(*args) for _ in (1, 2)]

    return asked


def test_clock_set_back(bench: Bench) -> None:
    """The system's clock is set back by an hour: what happens then is read all the same."""
    first, second = bench.world.open(), bench.world.open()
    bench.drain()
    bench.world.now -= 3600
    bench.world.status(first, "open")
    bench.drain()
    bench.world.status(second, "resolved")
    resolved = bench.world.now
    bench.drain()
    bench.drain()
    assert bench.ticket(first).status == "open"
    assert (bench.ticket(second).status, resolved < bench.ticket(second).opened_at) == (
        "resolved",
        True,
    )


def test_future_date(bench: Bench) -> None:
    """A ticket dated a year ahead does not take the cursor along."""
    now = bench.world.now
    ahead = bench.world.open(after=365 * 86400)
    bench.world.now = now
    bench.drain()
    later = bench.world.open()
    assert str(later) in bench.drain()
    assert str(ahead) in bench.records


@pytest.mark.parametrize("seed", range(sample_size(5, 10, 20)))
def test_walk_simulation(bench: Bench, seed: int, small_pages: None) -> None:
    """Tickets change while they are read, and some changes are committed up to 20 s late."""
    rng, world = random.Random(seed), bench.world
    for _ in range(6):
        world.open()
    for _ in range(4):
        late = _busy(rng, world)
        moments = {rng.randrange(1, 9) for _ in range(2)}
        bench.door.requests.clear()
        bench.door.before = lambda n, at=moments: n in at and _busy_moment(rng, world)
        bench.drain()
        bench.door.before = None
        world.now += rng.randrange(20)
        late.commit()
    bench.drain()
    bench.drain()
    assert bench.records == bench.everything(), "none missing, none stale"


def _busy(rng: random.Random, world: World):  # type: ignore[no-untyped-def]
    for _ in range(rng.randrange(5)):
        _busy_moment(rng, world)
    world.now += 1  # of two changes in one second, a late one looks like none: left to the sweep
    with world.uncommitted() as late:
        for _ in range(rng.randrange(3)):
            _busy_moment(rng, world)
    return late


def _busy_moment(rng: random.Random, world: World) -> None:
    ticket, after = rng.randrange(1, 7), rng.randrange(3)
    match rng.randrange(5):
        case 0:
            world.open(after=after)
        case 1:
            world.reply(ticket, rng.choice(PEOPLE), after=after)
        case 2:
            world.status(ticket, rng.choice(("open", "resolved")), after=after)
        case 3:
            world.priority(ticket, rng.choice(("urgent", "low")), after=after)
        case 4:
            world.note(ticket, after=after)


# -- what happened to a ticket --------------------------------------------------------------------


def test_note_before_the_reply(bench: Bench) -> None:
    ticket = bench.world.open()
    bench.world.reply(ticket, CUSTOMER)
    bench.world.note(ticket)
    noted = bench.world.now
    bench.world.reply(ticket)
    replied = bench.world.now
    bench.world.reply(ticket)
    bench.drain()
    bench.expect(ticket, first_note_at=noted, first_response_at=replied)


def test_assignment_without_an_answer(bench: Bench) -> None:
    ticket = bench.world.open()
    bench.world.assign(ticket)
    assigned = bench.world.now
    bench.drain()
    bench.expect(ticket, first_assigned_at=assigned, first_response_at=None)


def test_solved_on_the_phone(bench: Bench) -> None:
    """The person who registered it resolves it, without writing."""
    solved, passed_on = bench.world.open(AGENT), bench.world.open(AGENT)
    bench.world.status(solved, "resolved", AGENT)
    resolved = bench.world.now
    bench.world.status(passed_on, "resolved", OTHER_AGENT)
    bench.drain()
    bench.expect(solved, solved_by_registrar=True, first_response_at=None, resolved_at=resolved)
    bench.expect(passed_on, solved_by_registrar=False)


def test_hold(bench: Bench) -> None:
    ticket = bench.world.open()
    bench.world.status(ticket, "on_hold")
    held = bench.world.now
    bench.world.status(ticket, "open")
    bench.drain()
    history = [(c.at, c.value) for c in bench.ticket(ticket).changes if c.field == "status"]
    assert history[1:] == [(held, "on_hold"), (held + 60, "open")]


def test_reopened_and_not_resolved_again(bench: Bench) -> None:
    ticket = bench.world.open()
    bench.world.status(ticket, "resolved")
    resolved = bench.world.now
    bench.world.status(ticket, "open")
    bench.drain()
    bench.expect(ticket, first_resolved_at=resolved, resolved_at=None, reopened=1, status="open")
    bench.world.status(ticket, "resolved")
    bench.drain()
    bench.expect(ticket, first_resolved_at=resolved, resolved_at=bench.world.now, reopened=1)


def test_priority_and_team_as_they_were(bench: Bench) -> None:
    ticket = bench.world.open(priority="low")
    bench.world.priority(ticket, "urgent")
    raised = bench.world.now
    bench.world.team(ticket, TEAMS[1])
    bench.drain()
    bench.expect(ticket, priority="urgent", team=TEAMS[1])
    found = bench.ticket(ticket)
    moves = [(c.at, c.field, c.value) for c in found.changes]
    if "priorities" not in found.unrecorded:
        assert (raised - 60, "priority", "low") in moves and (raised, "priority", "urgent") in moves
    if "teams" not in found.unrecorded:
        assert (raised - 60, "team", TEAMS[0]) in moves and (raised + 60, "team", TEAMS[1]) in moves


def test_merged_both_ways(bench: Bench) -> None:
    """An earlier ticket into a later one and a later into an earlier; the target stays."""
    pairs = []
    for order in (1, -1):
        source, target = [bench.world.open(), bench.world.open()][::order]
        bench.world.reply(source)
        pairs.append((source, target, bench.world.now))
    bench.drain()
    for source, target, _ in pairs:
        bench.world.merge(source, target)
    bench.drain()
    for source, target, replied in pairs:
        assert bench.mark(source) == "merged"
        gained = replied if bench.fake.merge_moves_replies else None
        bench.expect(target, first_response_at=gained, resolved_at=None)


def test_child_closed_by_its_parent(bench: Bench) -> None:
    parent = bench.world.open()
    child = bench.world.open(parent=parent)
    bench.drain()
    bench.world.status(parent, "resolved")
    resolved = bench.world.now
    bench.drain()
    bench.expect(child, resolved_at=resolved, status="resolved")
    bench.expect(parent, resolved_at=resolved, status="resolved")


def test_deleted(bench: Bench) -> None:
    kept, deleted = bench.world.open(), bench.world.open()
    bench.drain()
    bench.world.delete(deleted)
    bench.drain()
    assert isinstance(bench.records[str(deleted)], Gone) and bench.mark(deleted) == "deleted"
    assert bench.mark(kept) is None


def test_purged(bench: Bench) -> None:
    """A ticket that is gone without a trace is told from one that is there."""
    kept, purged = bench.world.open(), bench.world.open()
    bench.drain()
    bench.world.purge(purged)
    assert _looked_up(bench, kept, purged) == {str(kept): RawTicket, str(purged): Removed}


def test_right_lost(bench: Bench) -> None:
    """A ticket that this user may no longer see is not taken for deleted."""
    kept, hidden = bench.world.open(), bench.world.open()
    bench.drain()
    bench.world.hide(hidden)
    assert _looked_up(bench, kept, hidden) == {str(kept): RawTicket, str(hidden): NotVisible}


def _looked_up(bench: Bench, *numbers: int) -> dict[str, type]:
    """What a sweep finds: those that exist, and what became of the others."""
    system = bench.source().system  # type: ignore[attr-defined]
    ids = [str(number) for number in numbers]
    with system.connect() as connection:
        existing = system.existing(connection, ids)
        found = {each.id: type(each) for each in system.fetch(connection, ids)}
    assert existing == {number for number, each in found.items() if each is RawTicket}
    return found


# -- the sweep: what no feed tells ----------------------------------------------------------------


def _quiet_desk(bench: Bench) -> list[int]:
    """Twelve tickets that were read, of which nothing was heard for a day."""
    tickets = [bench.world.open() for _ in range(12)]
    bench.drain()
    bench.world.now += 2 * 86400
    return tickets


def test_swept_purged(bench: Bench) -> None:
    """A ticket that is gone without a trace is found and marked as deleted, and no other."""
    tickets = _quiet_desk(bench)
    before = dict(bench.records)
    bench.world.purge(tickets[4])
    assert bench.sweep() == {"deleted": 1}
    assert bench.mark(tickets[4]) == "deleted"
    del before[str(tickets[4])]
    assert before.items() <= bench.records.items()
    assert bench.sweep() == {}, "once is enough"


def test_swept_out_of_sight(bench: Bench) -> None:
    """A ticket moved out of sight is told from a deleted one, and comes back when it is shown."""
    tickets = _quiet_desk(bench)
    before = dict(bench.records)
    bench.world.hide(tickets[4])
    assert bench.sweep() == {"not_visible": 1}
    assert bench.mark(tickets[4]) == "not_visible"
    bench.world.now += 100 * 86400
    assert bench.sweep() == {}
    bench.world.show(tickets[4])
    assert bench.sweep() == {"visible_again": 1}
    assert bench.records == before


def test_swept_silent_edit(bench: Bench) -> None:
    """What changed without a new time of change and without an entry is found at night."""
    tickets = _quiet_desk(bench)
    bench.world.edit_silently(tickets[4], "urgent")
    bench.drain()
    by_the_poll = bench.ticket(tickets[4]).priority == "urgent"
    assert bench.sweep() == ({} if by_the_poll else {"changed": 1})
    bench.expect(tickets[4], priority="urgent")
    bench.expect(tickets[5], priority="normal")


def test_swept_silent_edit_of_a_finished_ticket(bench: Bench) -> None:
    """Tickets that are not open are read again within a week."""
    tickets = _quiet_desk(bench)
    bench.world.status(tickets[4], "resolved")
    bench.drain()
    bench.world.edit_silently(tickets[4], "urgent")
    for _ in range(7):
        bench.world.now += 86400
        bench.drain()
        bench.sweep()
    bench.expect(tickets[4], priority="urgent", status="resolved")


def test_swept_right_lost_for_everything(bench: Bench) -> None:
    """That very many tickets are gone at once is not believed: nothing is marked."""
    tickets = _quiet_desk(bench)
    before = dict(bench.records)
    for each in tickets:
        bench.world.hide(each)
    with suppress(SourceError):  # it may tell that by itself
        bench.drain()
    with pytest.raises(SourceError, match="12 of 12 tickets are gone at once"):
        bench.sweep()
    assert bench.records == before
    for each in tickets:
        bench.world.show(each)
    assert bench.sweep() == {}
    assert bench.records == before
    for each in tickets:
        bench.world.hide(each)
    found = bench.sweep(accept=True)
    assert found.total() == 12
    assert not {bench.mark(each) for each in tickets} - {"deleted", "not_visible"}


@pytest.mark.usefixtures("small_pages")
def test_swept_in_parts(bench: Bench) -> None:
    """A sweep that has to stop after every step goes on there, to the same end."""
    tickets = _quiet_desk(bench)
    bench.world.purge(tickets[4])
    bench.world.edit_silently(tickets[8], "urgent")
    found, parts = bench.sweep(steps=1), 1
    while bench.going_on:
        found += bench.sweep(steps=1)
        parts += 1
    gone = bench.mark(tickets[4])
    assert gone in ("deleted", "not_visible")
    assert (found[gone], parts >= 2) == (1, True)
    bench.drain()
    bench.expect(tickets[8], priority="urgent")


def test_swept_without_a_cursor(bench: Bench) -> None:
    """A sweep and a targeted read say nothing about how far the feed was read."""
    tickets = _quiet_desk(bench)
    cursor = bench.cursor
    bench.sweep()
    bench.world.reply(tickets[2])
    source = bench.source()
    ids = [str(tickets[2]), "999999"]
    pages = list(source.tickets(ids, {"as": "it was"}))  # type: ignore[attr-defined]
    assert {page.cursor["as"] for page in pages} == {"it was"}
    found = {record.id: record for page in pages for record in page.records}
    assert isinstance(found.pop(str(tickets[2])), Ticket)
    assert all(isinstance(each, Gone) for each in found.values())
    assert not [each for page in pages for each in page.rejected]
    assert bench.cursor == cursor
    assert str(tickets[2]) in bench.drain()


# -- values that cannot be used -------------------------------------------------------------------


def test_unknown_value(bench: Bench) -> None:
    """A priority that nobody mapped rejects its ticket, and no other."""
    known, unknown = bench.world.open(), bench.world.open(priority="whatever")
    bench.drain()
    assert set(bench.records) == {str(known)}
    assert bench.rejected == {f"ticket {unknown}": "unmapped_priority"}


@pytest.mark.parametrize("value", [None, True, 12.5, "yesterday", "", [], {"a": 1}, "9" * 400])
def test_damaged_value(bench: Bench, value: object) -> None:
    """An opening that is no time rejects its ticket, and no other."""
    known, damaged = bench.world.open(), bench.world.open()
    bench.world.spoiled[damaged] = value
    bench.drain()
    assert set(bench.records) == {str(known)}
    assert list(bench.rejected) == [f"ticket {damaged}"]
    del bench.world.spoiled[damaged]
    bench.world.reply(damaged)
    assert str(damaged) in bench.drain()


@settings(suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_json(bench: Bench, data: st.DataObject) -> None:
    """Whatever stands anywhere in its answers, a drain ends, with an error for people if any."""
    if not bench.world.events:
        for _ in range(3):
            bench.world.reply(bench.world.open())
        assert len(bench.drain()) == 3

    def damaged(self: HttpClient, request: Request, _: float) -> Answer:
        headers = {**request.headers, **self._credentials(request).headers}
        path = urlsplit(request.base).path + request.path
        sent = requests.Request(request.method, "http://fake" + path, headers, **{
            name: part for name, part in request.parts.items() if part is not None
        }).prepare()  # fmt: skip
        body = sent.body.encode() if isinstance(sent.body, str) else sent.body or b""
        query = urlsplit(sent.url).query
        status, content = bench.door.ask(request.method, path, query, sent.headers, body)
        if status >= 300 and status not in request.accept:
            raise request.error("refused", status, permanent=True)
        if data.draw(st.booleans()):
            content = _with(data, content)
        if request.kind is not None and not isinstance(content, request.kind):
            raise request.error("another kind of JSON")
        return Answer(content, status, {}, 0.0)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HttpClient, "_try", damaged)
        for ask in (lambda: list(bench.source().pages(None)), bench.source().check):
            with suppress(SourceError):
                ask()


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=3,
)


def _with(data: st.DataObject, body: object) -> object:
    """An answer with anything in the place of one of its values."""
    places = list(_places(body))
    place = places[data.draw(st.integers(0, len(places) - 1))]
    return _replaced(body, place, data.draw(_JSON))


def _places(value: object, here: tuple = ()) -> Iterator[tuple]:
    yield here
    pairs = value.items() if isinstance(value, dict) else ()
    pairs = enumerate(value) if isinstance(value, list) else pairs
    for key, each in pairs:
        yield from _places(each, (*here, key))


def _replaced(value, place, new):  # type: ignore[no-untyped-def]
    if not place:
        return new
    copy = value.copy()
    copy[place[0]] = _replaced(value[place[0]], place[1:], new)
    return copy


# -- servers and proxies that misbehave -----------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "permanent"),
    [
        (Reply(200, body=b"<!DOCTYPE html><html>log in</html>", kind="text/html"), True),
        (Reply(401), True),
        (Reply(403), True),
        (Reply(404), True),
        (Reply(302, {"Location": "http://elsewhere.example/"}), True),
        (Reply(429, {"Retry-After": "3600"}), False),
        (Reply(500), False),
        (Reply(503), False),
        (Reply(200, body=b'{"a": [1, 2', cut=5), False),
        (Reply(200, body=b""), False),
    ],
    ids=["login page", "401", "403", "404", "302", "429", "500", "503", "cut", "empty"],
)
def test_failure(bench: Bench, reply: Reply, permanent: bool) -> None:
    """It is said whether trying again helps; the cursor stays, and the next drain goes on."""
    first = bench.world.open()
    bench.drain()
    before = bench.cursor
    bench.world.reply(first)
    replied = bench.world.now
    bench.door.always = reply
    with pytest.raises(SourceError) as caught:
        bench.drain()
    assert caught.value.permanent is permanent
    assert not [each for each in (*PEOPLE, "secret") if each in str(caught.value)]
    assert bench.cursor == before
    bench.door.always = None
    bench.drain()
    bench.expect(first, first_response_at=replied)


DISGUISES = [
    Reply(204, body=b""),
    Reply(200, body=b""),
    *(Reply(200, body=body) for body in (b"null", b"{}", b"[]", b'""', b"0", b"true", b"[null]")),
    *(Reply(200, body=b'{"%s": []}' % key) for key in (b"items", b"results", b"issues", b"data")),
    Reply(200, body=b'{"total": 0, "count": 0, "items": null, "issues": null, "results": null}'),
]


def test_an_empty_answer_in_disguise(bench: Bench) -> None:
    """A proxy, a wrong address or a lost right: no answer without tickets is peace at the desk."""
    tickets = [bench.world.open() for _ in range(3)]
    bench.drain()
    before, source = bench.cursor, bench.source(allow_empty=False)
    for reply in DISGUISES:
        bench.door.always = reply
        with pytest.raises(SourceError):
            source.check()
        with pytest.raises(SourceError):
            list(source.pages(before))
        with suppress(SourceError):
            found = list(source.tickets(list(map(str, tickets)), before))  # type: ignore[attr-defined]
            assert not [record for page in found for record in page.records if record.mark], reply
    bench.door.always = None
    bench.drain()
    assert bench.records == bench.everything()


@pytest.mark.parametrize("only_single_tickets", [False, True], ids=["all", "single"])
def test_not_found_for_everything(bench: Bench, only_single_tickets: bool) -> None:
    """A proxy's or a wrong path's 404, from any request on, deletes and passes over no ticket."""
    tickets = [bench.world.open() for _ in range(3)]
    bench.drain()

    def refuse() -> None:
        bench.door.poisoned, bench.door.poison = set(tickets), 404
        bench.door.always = None if only_single_tickets else Reply(404)

    def unharmed() -> bool:
        bench.door.before, bench.door.always, bench.door.poisoned = None, None, set()
        return {bench.mark(each) for each in tickets} == {None} and not bench.rejected

    for first in (1, 2, 3, 4, 5, 6, 8, 11, 15):
        for each in tickets:
            bench.world.reply(each)
        bench.door.requests.clear()
        bench.door.before = lambda number, at=first: refuse() if number >= at else None
        with suppress(SourceError):
            bench.drain()
        assert unharmed()
        bench.drain()
    assert bench.records == bench.everything()
    source, ids = bench.source(), list(map(str, tickets))
    refuse()
    with suppress(SourceError):
        pages = source.tickets(ids, bench.cursor)  # type: ignore[attr-defined]
        assert not [record for page in pages for record in page.records if record.mark]
    bench.world.now += 2 * 86400
    with suppress(SourceError):
        bench.sweep()
    assert unharmed()


@pytest.mark.parametrize("wait", ["0", "1", "soon", "-5", None, "date"])
def test_retry_after(bench: Bench, wait: str | None) -> None:
    """A short wait is waited, and what is no wait is none."""
    ticket = bench.world.open()
    text = formatdate(bench.world.now + 2, usegmt=True) if wait == "date" else wait
    bench.door.replies = [Reply(429, {} if text is None else {"Retry-After": text})] * 2
    assert bench.drain() == {str(ticket)}


def test_burst_of_errors(bench: Bench) -> None:
    ticket = bench.world.open()
    bench.door.replies = [Reply(500), Reply(502), Reply(503), Reply(504)]
    assert bench.drain() == {str(ticket)}


@pytest.mark.usefixtures("small_pages")
def test_spent_budget(bench: Bench) -> None:
    """A limit reached in the middle ends the drain without an error, and the next goes on."""
    tickets = [bench.world.open() for _ in range(12)]
    bench.drain()
    bench.world.now += 3600
    bench.requests()
    for each in tickets:
        bench.world.reply(each)
    bench.drain()
    whole = bench.requests()
    for each in tickets:
        bench.world.status(each, "open")

    def refuse(number: int) -> None:
        if number >= max(2, whole - 1):
            bench.door.always = Reply(429, {"Retry-After": "3600"})

    bench.door.before = refuse
    pages = list(bench.pages())
    assert pages[-1].more and not any(page.more for page in pages[:-1])
    bench.door.before = bench.door.always = None
    bench.drain()
    assert {bench.ticket(each).status for each in tickets} == {"open"}


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Pacific/Auckland", "Asia/Kathmandu"])
def test_time_zone_of_the_user(bench: Bench, zone: str) -> None:
    bench.world.zone = zone
    bench.fake.world.version += 1
    ticket = bench.world.open()
    opened = bench.world.now
    bench.drain()
    bench.world.reply(ticket)
    bench.drain()
    assert bench.ticket(ticket).opened_at == opened
    bench.expect(ticket, first_response_at=opened + 60)
    assert bench.drain(since=opened) == {str(ticket)}


def test_poisoned_id(bench: Bench) -> None:
    """A ticket for which the system fails stops no other, alone or not, and is read later."""
    tickets = [bench.world.open() for _ in range(9)]
    bench.drain()
    with bench.world.at_once():
        for each in tickets:
            bench.world.status(each, "resolved")
    bench.door.poisoned = {tickets[4]}
    delivered = bench.drain()
    assert delivered == {str(each) for each in tickets if each != tickets[4]}
    assert bench.rejected == {f"ticket {tickets[4]}": "unreadable"}
    bench.world.now += 60
    bench.door.poisoned = {tickets[6]}
    bench.world.status(tickets[6], "open")
    bench.world.now += 60
    delivered = bench.drain()
    assert str(tickets[6]) not in delivered
    assert set(bench.rejected) == {f"ticket {tickets[n]}" for n in (4, 6)}
    bench.door.poisoned = set()
    bench.world.now += 2 * FIRST
    delivered |= bench.drain()
    assert {str(tickets[n]) for n in (4, 6)} <= delivered, "though nothing names them again"


def test_nobody_is_stored(bench: Bench) -> None:
    ticket = bench.world.open(AGENT)
    bench.world.reply(ticket)
    bench.world.assign(ticket, OTHER_AGENT)
    kept = repr([(page.records, page.cursor) for page in bench.pages()])
    assert not [each for each in (*PEOPLE, "subject", "text of") if each in kept]


# -- the table ------------------------------------------------------------------------------------


def test_the_table_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == document()


@pytest.mark.parametrize("kind", TYPES)
def test_no_case_is_left_out_that_does_not_exist(kind: str) -> None:
    left_out = fake_of(kind).left_out
    assert left_out.keys() <= cases().keys()
    assert all(reason and reason[-1] != "." for reason in left_out.values())


def test_nothing_visible(bench: Bench) -> None:
    """A user who may see nothing is no desk without work: neither a poll nor `check` succeeds."""
    hidden = bench.world.open()
    bench.world.hide(hidden)
    strict = bench.source(allow_empty=False)
    for read in (strict.check, lambda: list(strict.pages(None))):
        bench.requests()
        with pytest.raises(SourceError, match="no ticket is visible"):
            read()
    if not isinstance(strict.system, NumberedSystem):  # type: ignore[attr-defined]
        assert bench.requests() <= 2, "what was just listed is not listed again"
    bench.world.show(hidden)
    strict.check()
    shown = {each.id for page in strict.pages(None) for each in page.records}
    assert shown == {str(hidden)}


def test_nothing_visible_any_more(bench: Bench) -> None:
    """The same once tickets were read: the feed is silent because of a right, not of peace."""
    tickets = [bench.world.open() for _ in range(3)]
    bench.drain()
    for each in tickets:
        bench.world.hide(each)
    strict, known = bench.source(allow_empty=False), bench.source(allow_empty=True)
    known.expect_tickets()  # type: ignore[attr-defined] # as with tickets in the store
    for source in (strict, known):
        with pytest.raises(SourceError):
            list(source.pages(bench.cursor))
        with pytest.raises(SourceError, match="no ticket is visible"):
            source.check()
    for each in tickets:
        bench.world.show(each)
    for source in (strict, known):
        list(source.pages(bench.cursor))
