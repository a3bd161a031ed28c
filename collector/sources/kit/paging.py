"""Long lists that come in pages: by the place of a row, or by the token of the next page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from collector.io.errors import SourceError
from collector.sources.kit.values import Row, flag, integer, rows, text


def by_start(ask: Callable[[int], tuple[Sequence[Row], bool]], start: int = 0) -> Iterator[Row]:
    """Yield the rows of a list from a place on, whose pages may be smaller than asked for.

    ``ask`` returns the rows from a place on, and whether more follow.
    """
    more = True
    while more:
        some, more = ask(start)
        yield from some
        start += len(some)
        more = more and len(some) > 0


def by_total(ask: Callable[[int], Row], name: str) -> Iterator[Row]:
    """Yield the rows of a list, each of whose answers, from a place on, has their ``total``."""

    def page(start: int) -> tuple[Sequence[Row], bool]:
        answer = ask(start)
        some = list(rows(answer, name))
        return some, start + len(some) < (integer(answer, "total") or 0)

    return by_start(page)


def by_token(ask: Callable[[Mapping[str, str]], Row], name: str) -> Iterator[Row]:
    """Yield the rows of a list each of whose answers has the ``nextPageToken``, or ``isLast``.

    ``ask`` takes what is asked besides: nothing or the token. Raises SourceError if a page leads to
    itself.
    """
    asked: dict[str, str] = {}
    while True:
        answer = ask(asked)
        yield from rows(answer, name)
        token = text(answer, "nextPageToken")
        if token is None or flag(answer, "isLast"):
            return
        if token == asked.get("nextPageToken"):
            raise SourceError(
                "a list leads from a page to the same page; the next poll will try again"
            )
        asked = {"nextPageToken": token}
