"""Tickets that are asked for one by one, each at an address of its own."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import ClassVar
from urllib.parse import quote

from collector.io.http import Answer, HttpClient
from collector.sources.kit.raw import Fetched
from collector.sources.kit.system import TicketSystem
from collector.sources.kit.values import Row, translated
from collector.sources.kit.web import ABSENT, absent


class SingleTickets(TicketSystem[HttpClient]):
    """Adds to a feed that its tickets are asked for one by one.

    ``PATH``: that of a ticket, with ``{}`` for its id. ``PARAMS``: what is asked for with it.
    ``ABSENT``: with which statuses the system says that there is none.
    """

    PATH: ClassVar[str]
    PARAMS: ClassVar[Mapping[str, str]] = {}
    ABSENT: ClassVar[frozenset[int]] = ABSENT

    @abstractmethod
    def ticket(self, connection: HttpClient, row: Row) -> Fetched:
        """Return what the row of a ticket is, asking for what else is needed.

        Raises RejectedRow if it cannot be used.
        """

    def path(self, number: str) -> str:
        """Return the path of a ticket."""
        return self.PATH.format(quote(number, safe=""))

    def asked(self, connection: HttpClient, number: str) -> Answer:
        """Return the answer about a ticket, which may not be there."""
        return connection.get(self.path(number), self.PARAMS, accept=self.ABSENT)

    def existing(self, connection: HttpClient, ids: Sequence[str]) -> set[str]:
        """See :class:`TicketSystem`: without what else is needed of them."""
        return {each for each in ids if self.finds(connection, each)}

    def finds(self, connection: HttpClient, number: str) -> bool:
        return absent(number, self.asked(connection, number)) is None

    def fetch(self, connection: HttpClient, ids: Sequence[str]) -> Iterator[Fetched]:
        for number in ids:
            answer = self.asked(connection, number)
            read = partial(self.ticket, connection, answer.body)
            yield absent(number, answer) or translated(number, read)
