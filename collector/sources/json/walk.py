"""Asks what the configuration says, page after page, and finds the rows in the answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import count
from urllib.parse import parse_qsl, urljoin, urlsplit

from collector.io.errors import SourceError
from collector.io.http import Answer, HttpClient
from collector.model.records import Status
from collector.sources.json.access import JsonAccess
from collector.sources.json.options import JsonOptions
from collector.sources.json.requests import Request, Value
from collector.sources.kit.raw import ChangedTicket, NotVisible, Removed
from collector.sources.kit.web import ABSENT, absent
from collector.sources.mapped.expressions import Expression
from collector.sources.mapped.rows import Json, RowMapper

_NO_CONTENT = 204
_MOST_PAGES = 100_000


@dataclass(slots=True)
class Visit:
    """One poll.

    ``lines``: what was listed as a whole, from ``since`` (epoch seconds) on. ``stream``: the rest
    of what is listed page by page. ``server_time`` is that of the beginning of a listing, since a
    ticket that changes meanwhile may be missed by it and must be found by the next.
    """

    http: HttpClient
    options: JsonAccess
    rows: RowMapper
    lines: Sequence[ChangedTicket] | None = None
    since: int = 0
    stream: Iterator[Json] = field(default_factory=lambda: iter(()))
    existing: frozenset[str] | None = None
    began: float | None = None

    @property
    def clock_skew(self) -> float | None:
        return self.http.clock_skew

    @property
    def server_time(self) -> float | None:
        return self.http.server_time if self.began is None else self.began

    def listed(self, since: int = 0) -> Iterator[Json]:
        """Yield the rows of all that changed since then (epoch seconds)."""
        request, place = self.options.listing, self.options.LISTING
        values = {"since": self.options.since.text(since)}
        for body in self.pages(request, values, place):
            yield from [] if body is None else _found(request.rows, body, f"{place}.rows")

    def pages(self, request: Request, values: Mapping[str, Value], place: str) -> Iterator[Json]:
        """Yield the answers to a request, page by page.

        ``place``: its path in the configuration. Raises SourceError where they do not end.
        """
        state: dict[str, Value] = {**values, "size": request.size, "offset": 0}
        link: str | None = None
        before: Json = None
        asked: Value | None
        for page in count(request.first_page):
            state["page"] = page
            counts = bool(request.uses & {"page", "offset"})
            beyond = {404} if counts and page > request.first_page else set()
            answer = self.ask(request, state, place, link, {_NO_CONTENT, *beyond})
            if answer.status in beyond:  # some interfaces have no page after the last
                return
            body = answer.body
            yield body
            rows = [] if body is None else _found(request.rows, body, f"{place}.rows")
            if request.more is not None and not request.more.of(body, f"{place}.more"):
                return
            if request.next is not None:
                link, asked = _text(request.next, body, f"{place}.next"), link
                ended = link is None or (link == asked and not rows)
            elif request.cursor is not None:
                cursor, asked = _text(request.cursor, body, f"{place}.cursor"), state.get("cursor")
                state["cursor"] = cursor or ""
                # At the end some interfaces give the place from which to go on another day
                ended = cursor is None or (cursor == asked and not rows)
            else:
                ended = not counts or (not rows and not request.more)
            if ended:
                return
            if (rows and rows == before) or page > _MOST_PAGES:
                raise SourceError(
                    f"{place}: a page holds the same rows as the one before: is the parameter for "
                    "the next page the right one? If the last page is repeated, set more",
                    permanent=True,
                )
            state["offset"] = int(state["offset"]) + len(rows)
            before = rows

    def ask(
        self,
        request: Request,
        values: Mapping[str, Value],
        place: str,
        link: str | None = None,
        accept: Set[int] = frozenset({_NO_CONTENT}),
    ) -> Answer:
        """Return the answer to one request; its body is None if it has no content."""
        path, query = request.address(values), request.query(values)
        if link is not None:
            path, query = self._below(path, link, place)
        headers = self.options.headers
        if request.method == "POST":
            content = request.content(values)
            answer = self.http.post(
                path, params=query, json=content, kind=None, accept=accept, headers=headers
            )
        else:
            answer = self.http.get(path, query, kind=None, accept=accept, headers=headers)
        if request.error is not None and request.error.of(answer.body, f"{place}.error"):
            raise SourceError(f"the answer is an error, as {place}.error says")
        return answer

    def _below(self, path: str, link: str, place: str) -> tuple[str, list[tuple[str, str]]]:
        """Return a link to the next page as a path below ``url``, and its parameters.

        Only these are taken from it: the credentials are for our host alone.
        """
        base = self.options.url
        try:
            parts = urlsplit(urljoin(f"{base}/{path.lstrip('/')}", link))
        except ValueError:
            parts = urlsplit("")
        root = urlsplit(base).path
        if not parts.path.startswith(f"{root}/"):
            text = f"{place}.next leads to an address that is not below url"
            raise SourceError(text, permanent=True)
        query = parse_qsl(parts.query, keep_blank_values=True)
        return parts.path.removeprefix(root), query

    def row_of(self, number: str) -> Json | Removed | NotVisible:
        """Return the row of one ticket, or what became of it."""
        assert isinstance(self.options, JsonOptions)
        request = self.options.ticket
        assert request is not None
        answer = self.ask(request, {"id": number}, "ticket", accept=ABSENT | {_NO_CONTENT})
        if answer.status == _NO_CONTENT:
            return Removed(number, Status.DELETED, missing=True)
        if gone := absent(number, answer):
            return gone
        row = answer.body if request.row is None else request.row.of(answer.body, "ticket.row")
        return row if self.rows.id(row) == number else NotVisible(number)  # or another one's


def _found(rows: Expression | None, body: Json, place: str) -> Sequence[Json]:
    """Return the rows of an answer; all of it is one without an expression.

    Raises SourceError if there is no list of them.
    """
    found = [body] if rows is None else rows.of(body, place)
    if not isinstance(found, list):
        raise SourceError(
            f"{place} finds no list in the answer: correct it; or the answer is an error"
        )
    return found


def _text(expression: Expression, body: Json, place: str) -> str | None:
    """Return what leads to the next page; None if nothing does."""
    found = expression.of(body, place)
    if found is None or found is False or found == "":
        return None
    if isinstance(found, bool) or not isinstance(found, str | int):
        raise SourceError(f"{place}: {expression.text!r} finds neither a text nor a number")
    return str(found)
