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

from collections.abc import Container, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal

from collector.io.errors import SourceError
from collector.io.http import Answer, HttpClient
from collector.io.login import Login, StaticLogin
from collector.model.bilingual import Text
from collector.model.fields import Strict
from collector.model.page import RejectedRow
from collector.model.records import Status, Unrecorded
from collector.sources.kit import raw
from collector.sources.kit.acts import OWNER, acts_of
from collector.sources.kit.raw import ChangedTicket, RawTicket, Removed
from collector.sources.kit.system import KeysetSystem
from collector.sources.kit.values import (
    Row,
    bad,
    flag,
    instant,
    integer,
    objects,
    rejected,
    required,
    required_instant,
    rows,
    text,
)
from collector.sources.kit.web import ABSENT, TokenOrPassword, absent
from collector.sources.kit.webhook import HookFormat

_STATE_TYPES = (
    *("", "new", "open", "pending reminder", "pending action", "closed", "merged", "removed"),
)
"""By their numbers."""
_NOBODY = ("", "1", None)
"""The user who stands for the system, and for no owner."""


class ZammadFields(Strict):
    """The attribute of a ticket from which each of our fields is taken; null: none."""

    kind: str | None = "type"
    organization: str | None = "organization"
    category: str | None = None


class ZammadOptions(TokenOrPassword):
    """The keys of a ``zammad`` source.

    ``articles``: whether to read articles, for internal notes and for the answers that a merged
    ticket brings. ``robots``: the ids of users that are machines.
    """

    HOOK: ClassVar = HookFormat("X-Hub-Signature")
    implementation = "collector.sources.zammad:Zammad"
    delivers = "tickets"
    title = Text(sv="Zammad", en="Zammad")
    settings_in_words: ClassVar = {
        "articles": Text(sv="Artiklar läses", en="Articles are read"),
        "robots": Text(sv="Maskinkonton", en="Machine accounts"),
    }
    WORDS: ClassVar = {
        "status": {
            **{"new": "new", "open": "open", "closed": "closed", "merged": "merged"},
            **{"pending reminder": "on_hold", "pending action": "on_hold", "removed": "deleted"},
        },
        "priority": {"3 high": "high", "2 normal": "normal", "1 low": "low"},
    }
    REMEDIES: ClassVar = {
        Unrecorded.NOTE: "articles",
        Unrecorded.KIND: "fields.kind",
        Unrecorded.ORGANIZATION: "fields.organization",
        Unrecorded.CATEGORY: "fields.category",
    }

    type: Literal["zammad"]
    fields: ZammadFields = ZammadFields()
    articles: bool = False
    robots: tuple[int, ...] = ()

    def login(self) -> Login:
        """See :class:`~collector.sources.kit.web.WebOptions`."""
        if (token := self.token) is None:
            return super().login()
        return StaticLogin(lambda: {"Authorization": f"Token token={token.reveal()}"})

    def words_of_states(self, states: Sequence[Row]) -> dict[str, str]:
        """Return what each state is called in ``map``, by its id: its own name if that is mapped,
        else that of its type."""
        mapped, words = self.words()["status"], {}
        for state in states:
            name, kind = required(state, "name"), integer(state, "state_type_id") or 0
            of_type = _STATE_TYPES[kind] if 0 < kind < len(_STATE_TYPES) else name
            words[required(state, "id")] = name if name in mapped else of_type
        return words

    def merged(self, row: Row, words: Mapping[str, str]) -> bool:
        """Return whether a ticket is merged into another."""
        word = words.get(text(row, "state_id") or "", "")
        return self.words()["status"].get(word) == Status.MERGED


class Zammad(KeysetSystem[HttpClient]):
    """A Zammad. See :class:`~collector.sources.kit.system.KeysetSystem`."""

    options: ZammadOptions

    def __init__(self, options: ZammadOptions) -> None:
        super().__init__(options)
        self._words: dict[str, str] = {}

    def connect(self) -> HttpClient:
        """See :class:`~collector.sources.kit.system.TicketSystem`."""
        self._words = {}
        return self.options.client("api/v1")

    def check(self, connection: HttpClient) -> str:
        """Return up to which number tickets are visible; also if a field does not exist."""
        self._states(connection)
        newest = search(connection, changed_since(0), sort_by="id", order_by="desc", per_page=1)
        if not newest:
            return "Zammad, no ticket is visible: the user needs ticket.agent and groups to read"
        for ours, theirs in self.options.fields:
            if theirs is not None and theirs not in newest[0]:
                line = f"fields.{ours}: tickets have no attribute of this name; correct it"
                raise SourceError(line, permanent=True)
        return f"Zammad, tickets up to id {required(newest[0], 'id')} are visible"

    def changed_tickets(
        self, connection: HttpClient, position: raw.Position, page_size: int
    ) -> Sequence[ChangedTicket]:
        """See :class:`~collector.sources.kit.system.KeysetSystem`."""
        order = {"sort_by": "updated_at,id", "order_by": "asc,asc"}
        pages = {"per_page": page_size, "page": 1 + position.skip // page_size}
        found = search(connection, changed_since(position.at), **order, **pages)
        lines = [ChangedTicket(required(r, "id"), required_instant(r, "updated_at")) for r in found]
        if any(line.at < position.at for line in lines):
            raise SourceError("Zammad ignores the condition of a search", permanent=True)
        return lines

    def existing(self, connection: HttpClient, ids: Sequence[str]) -> set[str]:
        """See :class:`~collector.sources.kit.system.TicketSystem`."""
        words, listed = self._states(connection), self._listed(connection, ids)
        return {number for number, row in listed.items() if not self.options.merged(row, words)}

    def fetch(self, connection: HttpClient, ids: Sequence[str]) -> Iterator[raw.Fetched]:
        """See :class:`~collector.sources.kit.system.TicketSystem`."""
        words, listed = self._states(connection), self._listed(connection, ids)
        for number in ids:
            row = listed.get(number)
            if row is None:
                asked = _asked(connection, number)
                if gone := absent(number, asked):
                    yield gone
                    continue
                row = asked.body
            history = connection.get(f"ticket_history/{number}").body
            try:
                articles = self._articles(connection, number)
                yield ticket_of(row, list(rows(history, "history")), articles, self.options, words)
            except RejectedRow as error:
                yield rejected(number, error)

    def finds(self, connection: HttpClient, number: str) -> bool:
        """See :class:`~collector.sources.kit.system.TicketSystem`: no search tells it."""
        return not absent(number, _asked(connection, number))

    def _articles(self, connection: HttpClient, number: str) -> list[Row] | None:
        if not self.options.articles:
            return None
        return objects(connection.get(f"ticket_articles/by_ticket/{number}", kind=list).body)

    def _listed(self, connection: HttpClient, ids: Sequence[str]) -> dict[str, Row]:
        condition = {"ticket.id": {"operator": "is", "value": list(ids)}}
        return {required(r, "id"): r for r in search(connection, condition, per_page=len(ids))}

    def _states(self, connection: HttpClient) -> Mapping[str, str]:
        """Return the words of states, which are asked for once in a poll."""
        if not self._words:
            states = connection.get("ticket_states", kind=list).body
            self._words = self.options.words_of_states(objects(states))
        return self._words


def _asked(connection: HttpClient, number: str) -> Answer:
    return connection.get(f"tickets/{number}", {"expand": "true"}, accept=ABSENT)


def changed_since(at: int) -> Mapping[str, Any]:
    """Return the condition of a search for what changed at an instant (epoch seconds) or later."""
    since = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"ticket.updated_at": {"operator": "after (absolute)", "value": since}}


def search(connection: HttpClient, condition: Mapping[str, Any], **more: Any) -> list[Row]:
    """Return the rows of tickets, with names, that a condition selects; ``more``: order, paging."""
    asked = {"condition": condition, "expand": True, **more}
    return objects(connection.post("tickets/search", json=asked, kind=list).body)


def ticket_of(
    row: Row,
    history: Sequence[Row],
    articles: Sequence[Row] | None,
    options: ZammadOptions,
    words: Mapping[str, str],
) -> RawTicket | Removed:
    """Return a ticket of its row, its history, its articles if they are read, and the words of
    states. Raises RejectedRow if it cannot be used."""
    number, opened_at = required(row, "id"), required_instant(row, "created_at")
    creator = text(row, "created_by_id") or ""
    silent = {"", "1", text(row, "customer_id") or "", *map(str, options.robots)}
    ours = {"state": "status", "priority": "priority", "group": "team", "owner": OWNER}
    ours |= {options.fields.kind: "kind"} if options.fields.kind else {}
    changes = [
        raw.RawChange(
            required_instant(entry, "created_at"),
            ours[name],
            _end(entry, name, "from", words),
            _end(entry, name, "to", words),
            text(entry, "created_by_id") or "",
        )
        for entry in history
        if (text(entry, "object"), text(entry, "type")) == ("Ticket", "updated")
        and (name := text(entry, "attribute")) in ours
    ]
    if options.merged(row, words):
        ends = [each.at for each in changes if each.field == "status"]
        return Removed(number, Status.MERGED, ends[-1] if ends else None)
    owner = text(row, "owner_id")
    actions = [*acts_of(changes, opened_at, creator, owner, silent, _NOBODY)]
    answered_at = instant(row, "first_response_at")
    if articles is not None:
        actions += [each for article in articles for each in _written(article, silent)]
    elif answered_at is not None:
        actions.append(raw.Action(answered_at, "reply", by_staff=True))
    return RawTicket(
        id=number,
        opened_at=opened_at,
        fields={
            "status": words.get(required(row, "state_id"), text(row, "state")),
            "priority": text(row, "priority"),
            "team": text(row, "group"),
            **{name: _attribute(row, theirs) for name, theirs in options.fields if theirs},
        },
        changes=changes,
        actions=sorted(actions, key=lambda each: each.at),
        resolved_at=instant(row, "last_close_at") or instant(row, "close_at"),
        registered_by=creator,
        registered_by_staff=creator not in silent,
        url=f"{options.url}/#ticket/zoom/{number}",
        changed_at=instant(row, "updated_at"),
        own=raw.OwnSla(
            response_due_at=instant(row, "first_response_escalation_at"),
            response_met=_met(row, "first_response_diff_in_min"),
            resolution_due_at=instant(row, "close_escalation_at"),
            resolution_met=_met(row, "close_diff_in_min"),
            first_response_at=answered_at,
        ),
    )


def _end(entry: Row, name: str, end: str, words: Mapping[str, str]) -> str | None:
    """Return a value before or after a change: an owner's id, a state's word, else a name."""
    number, value = text(entry, f"id_{end}"), text(entry, f"value_{end}")
    if name == "owner":
        return number
    return words.get(number or "", value or "") if name == "state" else value


def _written(article: Row, silent: Container[str]) -> Iterator[raw.Action]:
    """Yield what an article of an agent is: internal or a note, or else an answer."""
    if text(article, "sender") == "Agent" and (text(article, "created_by_id") or "") not in silent:
        note = flag(article, "internal") or text(article, "type") == "note"
        yield raw.Action(required_instant(article, "created_at"), "note" if note else "reply", True)


def _attribute(row: Row, name: str) -> str | None:
    if name not in row:
        raise bad(name)
    return text(row, name)


def _met(row: Row, name: str) -> bool | None:
    """Return whether minutes were left of a deadline; None while Zammad does not say."""
    left = integer(row, name)
    return None if left is None else left >= 0
