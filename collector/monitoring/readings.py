"""What is known of the reading of sources beside the store: examples of what could not be used, and
whether a source is being read just now. It is kept since the service started."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock

from collector.model.page import Page, Rejected

EXAMPLES = 5
"""So many of each reason are kept, the newest."""
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Example:
    """An entry that could not be used, or that was doubtful: ``where`` it is, and what is wrong
    with it, in one line."""

    where: str
    message: str


@dataclass(frozen=True, slots=True)
class Reading:
    """The reading of a source. ``under_way``: it is being read just now. ``examples``: by reason,
    the newest first."""

    under_way: bool = False
    examples: Mapping[str, Sequence[Example]] = field(default_factory=dict)


class Readings:
    """Collects :class:`Reading` while sources are read, in several threads."""

    def __init__(self) -> None:
        self._under_way: dict[str, int] = {}
        self._examples: dict[str, dict[str, dict[str, Example]]] = {}
        self._lock = Lock()

    @contextmanager
    def of(self, source: str) -> Iterator[None]:
        """Note that a source is being read in this block."""
        self._count(source, 1)
        try:
            yield
        finally:
            self._count(source, -1)

    def saw(self, source: str, page: Page) -> None:
        """Keep examples of what is wrong in a page. An entry that is read again is one example."""
        wrong = (*page.rejected, *page.left_out, *page.remarks)
        if not wrong:
            return
        with self._lock:
            by_reason = self._examples.setdefault(source, {})
            for each in wrong:
                _keep(by_reason.setdefault(each.reason, {}), each)

    def current(self) -> dict[str, Reading]:
        """Return the reading of each source of which anything is known."""
        with self._lock:
            return {
                name: Reading(
                    under_way=self._under_way.get(name, 0) > 0,
                    examples={
                        reason: tuple(reversed(each.values()))
                        for reason, each in self._examples.get(name, {}).items()
                    },
                )
                for name in {*self._under_way, *self._examples}
            }

    def _count(self, source: str, change: int) -> None:
        with self._lock:
            self._under_way[source] = self._under_way.get(source, 0) + change


def _keep(examples: dict[str, Example], wrong: Rejected) -> None:
    examples.pop(wrong.where, None)
    while len(examples) >= EXAMPLES:
        del examples[next(iter(examples))]
    message = " ".join(wrong.message.split())[:_LONGEST]
    examples[wrong.where] = Example(" ".join(wrong.where.split())[:_LONGEST], message)
