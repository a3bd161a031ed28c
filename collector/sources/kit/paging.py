"""Long lists that come in pages: by the place of a row, or by the token of the next page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from collector.io.errors import SourceError
from collector.sources.kit.values import Row, text


def by_start(ask: Callable[[int], tuple[Sequence[Row], bool]], start: int = 0) -> Iterator[Row]:
    """Yield the rows of a list from a place on, whose pages may be smaller than asked for.

    ``ask`` returns the rows from a place on, and whether more follow.
    """
    more = True
    while more:
        rows, more = ask(start)
        yield from rows
        start += len(rows)
        more = more and len(rows) > 0


def by_token(ask: Callable[[str | None], Row], name: str = "nextPageToken") -> Iterator[Row]:
    """Yield the answers of a list, each of which names the token of the next one, if any.

    ``ask`` returns the answer to a token; None: the first. Raises SourceError if a page leads to
    itself.
    """
    token: str | None = None
    while True:
        answer = ask(token)
        yield answer
        following = text(answer, name)
        if following is None:
            return
        if following == token:
            raise SourceError(
                "a list leads from a page to the same page; the next poll will try again"
            )
        token = following
