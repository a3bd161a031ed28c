"""Long lists that come in pages: by the place of a row, or by the token of the next page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from collector.io.errors import SourceError
from collector.sources.kit.values import Row, flag, integer, rows, text


def by_start(ask: Callable[[int], tuple[Sequence[Row], bool]], start: int = 0) -> Iterator[Row]:
    """Yield the rows of a list from a place on, whose pages may be smaller than asked for.

    ``ask`` returns the rows from a place on, and whether more follow. Raises SourceError if two
    pages are the same: what stands between was never shown.
    """
    more, before = True, None
    while more:
        some, more = ask(start)
        if some and some == before:
            raise SourceError(
                f"a list shows the same {len(some)} rows again where those from {start} on were "
                "asked for, as behind a proxy that drops parameters; the next poll will try again"
            )
        yield from some
        before = some
        start += len(some)
        more = more and len(some) > 0


def by_total(ask: Callable[[int], Row], name: str) -> Iterator[Row]:
    """Yield the rows of a list, each of whose answers, from a place on, has their ``total``.

    Raises SourceError without a total, or with one that is less than what is shown: where the list
    ends is not known then.
    """

    def page(start: int) -> tuple[Sequence[Row], bool]:
        answer = ask(start)
        some = list(rows(answer, name))
        total, shown = integer(answer, "total"), start + len(some)
        if total is None or (some and shown > total):
            raise SourceError(
                f"a list shows {shown} rows and says that there are {total or 0}: its end is not "
                "known; the next poll will try again"
            )
        return some, shown < total

    return by_start(page)


def by_token(ask: Callable[[Mapping[str, str]], Row], name: str) -> Iterator[Row]:
    """Yield the rows of a list each of whose answers has the ``nextPageToken``, or ``isLast``.

    ``ask`` takes what is asked besides: nothing or the token. Raises SourceError if a page leads to
    itself or back to an earlier one.
    """
    asked: dict[str, str] = {}
    seen: set[str] = set()
    while True:
        answer = ask(asked)
        yield from rows(answer, name)
        token = text(answer, "nextPageToken")
        if token is None or flag(answer, "isLast"):
            return
        if token in seen:
            raise SourceError(
                "a list leads from a page back to an earlier one; the next poll will try again"
            )
        seen.add(token)
        asked = {"nextPageToken": token}
