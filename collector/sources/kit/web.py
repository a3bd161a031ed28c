"""What systems over HTTP have in common: their address, their login and their budget."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, PrivateAttr

from collector.io.budget import Budget
from collector.io.files import ConfigPath
from collector.io.http import HttpClient, HttpUrl
from collector.io.login import Login, StaticLogin
from collector.sources.kit.system import TicketOptions


class WebOptions(TicketOptions):
    """The keys of a source over HTTP; a subclass adds its secrets and says how to log in.

    ``requests_per_minute``: the most requests, beside the limits that the server sets itself.
    """

    ACCESS: ClassVar[frozenset[str]] = TicketOptions.ACCESS | {
        *("url", "ca_file", "requests_per_minute"),
    }

    url: HttpUrl
    ca_file: ConfigPath | None = None
    requests_per_minute: Annotated[int, Field(ge=1)] | None = None

    _login: Login | None = PrivateAttr(None)
    _budget: Budget | None = PrivateAttr(None)

    def login(self) -> Login:
        """Return how to log in, as ``bearer(self.token)``; see ``io.login``. Called once."""
        return StaticLogin(dict)

    def client(self, path: str = "") -> HttpClient:
        """Return a client for one poll, below ``url`` and ``path``.

        Sessions and budgets last from poll to poll.
        """
        if self._login is None:
            self._login = self.login()
        if self._budget is None:
            self._budget = Budget(self.requests_per_minute)
        base = f"{self.url}/{path.strip('/')}".rstrip("/")
        return HttpClient(base, self._login, budget=self._budget, ca_file=self.ca_file)
