"""Zammad 5 to 7 through its REST interface, followed by the time of change of its tickets.

Nothing was recorded from a running Zammad. Documented: tokens, tickets, states, articles, and the
search by condition with its sorting and paging. Read in its source: a condition is answered from
the database (a ``query`` from Elasticsearch, which lags and ends at 10,000 rows); ``after
(absolute)`` includes its instant; ``first_response_at`` is set once, by the first public article of
an agent that is no note; a merge moves the articles and touches both tickets. From memory: the
numbers of the types of states, and the answer 403 for a ticket in none of the user's groups.

The interface cannot leave out titles, people and the texts of articles; they are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, Literal

from collector.sources import kit
from collector.sources.kit import HttpClient, Position, Row, Rows, Text, required, text

_STATES = ("new", "open", "pending reminder", "pending action", "closed", "merged", "removed")
"""The types of states, whose numbers begin with 1."""
Words = Mapping[str, str]
_COLUMNS = kit.Columns(
    opened_at="created_at",
    resolved_at=("last_close_at", "close_at"),
    changed_at="updated_at",
    values={"priority": "priority", "team": "group", "status": "state"},
    response=kit.Deadline(
        *("first_response_escalation_at", "first_response_at"), left="first_response_diff_in_min"
    ),
    resolution=kit.Deadline("close_escalation_at", left="close_diff_in_min"),
)
_HISTORY = kit.Entries(
    *("created_at", "created_by_id", "attribute", "value_from", "value_to"),
    ours={"state": "status", "priority": "priority", "group": "team", "owner": kit.OWNER},
    ids=("id_from", "id_to"),
    only={"object": "Ticket", "type": "updated"},
)


class ZammadFields(kit.Strict):
    """The attribute of a ticket from which each of our fields is taken; null: none."""

    kind: str | None = "type"
    organization: str | None = "organization"
    category: str | None = None


class ZammadOptions(kit.TokenOrPassword, kit.Robots):
    """The keys of a ``zammad`` source.

    ``articles``: whether to read articles, for internal notes and for the answers that a merged
    ticket brings. ``robots``: the ids of users that are machines.
    """

    implementation = "collector.sources.zammad:Zammad"
    title = Text(sv="Zammad", en="Zammad")
    settings_in_words: ClassVar = {"articles": Text(sv="Artiklar läses", en="Articles are read")}
    SCHEME = "Token token={}"
    HOOK: ClassVar = kit.HookFormat("X-Hub-Signature")
    WORDS: ClassVar = {
        "status": {
            **{"new": "new", "open": "open", "closed": "closed", "merged": "merged"},
            **{"pending reminder": "on_hold", "pending action": "on_hold", "removed": "deleted"},
        },
        "priority": {"3 high": "high", "2 normal": "normal", "1 low": "low"},
    }
    REMEDIES: ClassVar = {kit.Unrecorded.NOTE: "articles", **kit.told_by(ZammadFields)}

    type: Literal["zammad"]
    fields: ZammadFields = ZammadFields()
    articles: bool = False

    def words_of_states(self, states: Rows) -> dict[str, str]:
        """Return what each state is called in ``map``, by its id."""
        types, words = dict(enumerate(_STATES, 1)), {}
        for state in states:
            name, kind = required(state, "name"), kit.integer(state, "state_type_id") or 0
            words[required(state, "id")] = self.status_word(name, types.get(kind, name))
        return words

    def merged(self, row: Row, words: Words) -> bool:
        """Return whether a ticket is merged into another."""
        word = words.get(text(row, "state_id") or "", "")
        return self.words()["status"].get(word) == kit.Status.MERGED


class Zammad(kit.KeysetSystem[HttpClient], kit.SingleTickets):
    """A Zammad, whose tickets are searched by their time of change."""

    options: ZammadOptions
    ROOT, PATH = "api/v1", "tickets/{}"
    PARAMS: ClassVar = {"expand": "true"}

    def check(self, connection: HttpClient) -> str:
        """Return up to which number tickets are visible; also if a field does not exist."""
        self._states(connection)
        newest = search(connection, sort_by="id", order_by="desc", per_page=1)
        if not newest:
            return "Zammad, no ticket is visible: the user needs ticket.agent and groups to read"
        for ours, theirs in self.options.fields:
            if theirs is not None and theirs not in newest[0]:
                line = f"fields.{ours}: tickets have no attribute of this name; correct it"
                raise kit.SourceError(line, permanent=True)
        return f"Zammad, tickets up to id {required(newest[0], 'id')} are visible"

    def changed_tickets(self, connection: HttpClient, position: Position, size: int) -> kit.Lines:
        order: dict[str, Any] = {"sort_by": "updated_at,id", "order_by": "asc,asc"}
        page = 1 + position.skip // size
        found = search(connection, position.at, per_page=size, page=page, **order)
        lines = kit.lines(found, "updated_at")
        if any(line.at < position.at for line in lines):
            raise kit.SourceError("Zammad ignores the condition of a search", permanent=True)
        return lines

    def existing(self, connection: HttpClient, ids: Sequence[str]) -> set[str]:
        words, found = self._states(connection), search(connection, ids=ids, per_page=len(ids))
        return {required(row, "id") for row in found if not self.options.merged(row, words)}

    def fetch(self, connection: HttpClient, ids: Sequence[str]) -> Iterator[kit.Fetched]:
        found = kit.by_id(search(connection, ids=ids, per_page=len(ids)))
        for number, row in found.items():
            yield kit.translated(number, partial(self.ticket, connection, row))
        yield from super().fetch(connection, [each for each in ids if each not in found])

    def ticket(self, connection: HttpClient, row: Row) -> kit.Fetched:
        number, articles = required(row, "id"), None
        history = connection.get(f"ticket_history/{number}").body
        if self.options.articles:
            articles = kit.listed(connection, f"ticket_articles/by_ticket/{number}")
        told, words = list(kit.rows(history, "history")), self._states(connection)
        return ticket_of(row, told, articles, self.options, words)

    @kit.once_a_poll
    def _states(self, connection: HttpClient) -> Words:
        """Return the words of states."""
        return self.options.words_of_states(kit.listed(connection, "ticket_states"))


def search(connection: HttpClient, since: int = 0, ids: Any = (), **more: Any) -> list[Row]:
    """Return the rows of tickets, with names, that changed at an instant (epoch seconds) or later,
    or those with these ``ids``; ``more``: order, paging."""
    changed = {"operator": "after (absolute)", "value": kit.iso(since)}
    listed = {"operator": "is", "value": list(ids)}
    condition = {"ticket.id": listed} if ids else {"ticket.updated_at": changed}
    asked = {"condition": condition, "expand": True, **more}
    return kit.objects(connection.post("tickets/search", json=asked, kind=list).body)


def ticket_of(
    row: Row, entries: Rows, articles: Rows | None, options: ZammadOptions, words: Words
) -> kit.RawTicket | kit.Removed:
    """Return a ticket of its row, its history, its articles if they are read, and the words of
    states. Raises RejectedRow if it cannot be used."""
    number, creator = required(row, "id"), text(row, "created_by_id") or ""
    history = kit.History(
        outside={text(row, "customer_id") or "", *options.machines},
        nobody=("", "1", None),  # the user 1 stands for the system, and for no owner
        words={"status": words},
    )
    history.read(entries, _HISTORY.and_also({options.fields.kind: "kind"}))
    if options.merged(row, words):
        ends = [each.at for each in history.changes if each.field == "status"]
        return kit.Removed(number, kit.Status.MERGED, ends[-1] if ends else None)
    history.opened(kit.required_instant(row, "created_at"), creator, text(row, "owner_id"))
    if articles is None:
        history.answered(kit.instant(row, "first_response_at"))
    for each in articles or ():
        if text(each, "sender") == "Agent":
            internal = kit.flag(each, "internal") or text(each, "type") == "note"
            at, by = kit.required_instant(each, "created_at"), text(each, "created_by_id") or ""
            history.act(at, by, "note" if internal else "reply")
    fields = {name: kit.present(row, theirs) for name, theirs in options.fields if theirs}
    fields |= {"status": words.get(required(row, "state_id"), text(row, "state"))}
    return _COLUMNS.ticket(row, history, f"{options.url}/#ticket/zoom/{number}", fields=fields)
