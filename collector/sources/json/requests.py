"""What is asked of a REST interface, as the configuration says it. No I/O.

In ``path``, ``params`` and ``body`` stand placeholders, written as ``:since``. What is used says
how the interface is walked: ``:page`` counts pages, ``:offset`` counts rows, ``:cursor`` is what
the expression ``cursor`` found in the page before, and ``next`` finds the address of the next page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self
from urllib.parse import quote

from pydantic import AfterValidator, Field, model_validator

from collector.model.fields import Strict
from collector.sources.mapped.expressions import Expression
from collector.sources.mapped.options import Acts, Changes

Value = str | int
"""What takes the place of a placeholder."""

PLACEHOLDERS = ("since", "page", "offset", "size", "cursor", "id")
_PLACEHOLDER = re.compile(r"(?<![\w:]):(" + "|".join(PLACEHOLDERS) + r")\b")


def _relative(path: str) -> str:
    if "://" in path or "?" in path or "#" in path:
        raise ValueError("write a path below url; what follows a question mark belongs in params")
    return path


class Request(Strict):
    """One request. ``body``: sent as JSON with POST. ``size``: rows a page, as ``:size``.

    ``first_page``: the number of the first page. ``next``, ``cursor``: see above. ``more``: whether
    pages follow, where the interface says so; else they end with one that is empty, without a
    cursor or without a next address. ``rows``: where the rows stand in an answer, ``@`` for all of
    it. ``error``: finds something only in an answer that is an error.
    """

    method: Literal["GET", "POST"] = "GET"
    path: Annotated[str, Field(min_length=1), AfterValidator(_relative)]
    params: dict[str, str | int | bool | list[str]] = {}
    body: dict[str, Any] | list[Any] | None = None
    size: Annotated[int, Field(ge=1, le=10_000)] = 100
    first_page: Annotated[int, Field(ge=0, le=1)] = 1
    next: Expression | None = None
    cursor: Expression | None = None
    more: Expression | None = None
    rows: Expression | None = None
    error: Expression | None = None

    @property
    def uses(self) -> frozenset[str]:
        """The names of its placeholders."""
        return frozenset(
            name for text in _texts([self.path, self.params, self.body]) for name in _names(text)
        )

    @model_validator(mode="after")
    def _one_way_to_walk(self) -> Self:
        if self.body is not None and self.method != "POST":
            raise ValueError("a body needs method: POST")
        ways = [f":{name}" for name in ("page", "offset", "cursor") if name in self.uses]
        if self.next is not None:
            ways.append("next")
        if len(ways) > 1:
            raise ValueError(f"has two ways to the next page, {ways[0]} and {ways[1]}: keep one")
        if (self.cursor is not None) != (":cursor" in ways):
            raise ValueError(
                "needs both or neither: cursor, which finds it in an answer, and :cursor"
            )
        if ways and ways[0] in (":page", ":offset") and self.more is None and self.rows is None:
            raise ValueError(f"{ways[0]} needs rows or more, by which the last page is known")
        if self.more is not None and not ways:
            raise ValueError("more needs a way to the next page: :page, :offset, :cursor or next")
        return self

    def address(self, values: Mapping[str, Value]) -> str:
        """Return the path with its placeholders replaced."""
        return _PLACEHOLDER.sub(lambda found: quote(str(values[found[1]]), safe=""), self.path)

    def query(self, values: Mapping[str, Value]) -> list[tuple[str, str]]:
        """Return the parameters; without those whose placeholder has no value yet."""
        pairs: list[tuple[str, str]] = []
        for name, value in self.params.items():
            filled = (
                _filled(each, values) for each in (value if isinstance(value, list) else [value])
            )
            pairs += [(name, _plain(each)) for each in filled if each is not None]
        return pairs

    def content(self, values: Mapping[str, Value]) -> Any:
        """Return the body, as :meth:`query`; a placeholder that stands alone keeps its type."""
        return _filled(self.body, values)


class Listing(Request):
    """The request for tickets, a row each."""

    rows: Expression

    @model_validator(mode="after")
    def _no_single_ticket(self) -> Self:
        if "id" in self.uses:
            raise ValueError(":id is for requests about one ticket")
        return self


class Single(Request):
    """The request for one ticket; ``row``: where it stands in the answer, by default all of it."""

    row: Expression | None = None

    @model_validator(mode="after")
    def _of_a_ticket(self) -> Self:
        if self.uses != {"id"}:
            raise ValueError("needs :id, and no other placeholder")
        return self


class _Asked(Strict):
    """A section of the history. ``request``: what is asked for each ticket; without it the rows are
    found in the ticket's own."""

    request: Request | None = None

    @model_validator(mode="after")
    def _of_a_ticket(self) -> Self:
        if self.request is not None and ("id" not in self.request.uses):
            raise ValueError("request needs :id, that of the ticket")
        if self.request is not None and "since" in self.request.uses:
            raise ValueError("request must not use :since: a history is read as a whole")
        return self


class AskedChanges(_Asked, Changes):
    """See :class:`Changes`; with a request, ``rows`` of each of its answers."""


class AskedActs(_Asked, Acts):
    """See :class:`Acts`; with a request, ``rows`` of each of its answers."""


def _names(text: str) -> list[str]:
    return _PLACEHOLDER.findall(text)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)


def _filled(value: Any, values: Mapping[str, Value]) -> Any:
    """Return a value of the configuration with its placeholders replaced; None if one has none."""
    if isinstance(value, dict):
        filled = {name: _filled(each, values) for name, each in value.items()}
        return {name: each for name, each in filled.items() if each is not None}
    if isinstance(value, list):
        return [_filled(each, values) for each in value]
    if not isinstance(value, str):
        return value
    if any(name not in values for name in _names(value)):
        return None
    if alone := _PLACEHOLDER.fullmatch(value):
        return values[alone[1]]
    return _PLACEHOLDER.sub(lambda found: str(values[found[1]]), value)


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
