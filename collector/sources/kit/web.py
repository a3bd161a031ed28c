"""What systems over HTTP have in common: their address, their login and their budget."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar, Self
from zoneinfo import ZoneInfo

from pydantic import Field, PrivateAttr, model_validator

from collector.io.budget import Budget, Requests
from collector.io.errors import SourceError
from collector.io.files import ConfigPath
from collector.io.http import Answer, HttpClient, HttpUrl
from collector.io.login import Login, StaticLogin, basic, bearer
from collector.io.secrets import Secret
from collector.model.bilingual import Text
from collector.model.codes import Fault
from collector.model.fields import TimeZoneName
from collector.model.records import Status
from collector.sources.kit.raw import NotVisible, Removed
from collector.sources.kit.system import TicketOptions


@dataclass(slots=True)
class _Kept:
    """What lasts from poll to poll, also for copies of the options."""

    login: Login | None = None
    budget: Budget | None = None


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

    _kept: _Kept = PrivateAttr(default_factory=_Kept)

    def login(self) -> Login:
        """Return how to log in, as ``bearer(self.token)``; see ``io.login``. Called once."""
        return StaticLogin(dict)

    def allowance(self) -> Requests | None:
        """See :class:`SourceOptions`."""
        return None if self._kept.budget is None else self._kept.budget.standing()

    def is_scarce(self) -> bool:
        """See :class:`TicketOptions`."""
        return self._kept.budget is not None and self._kept.budget.is_scarce()

    def client(self, path: str = "") -> HttpClient:
        """Return a client for one poll, below ``url`` and ``path``.

        Sessions and budgets last from poll to poll.
        """
        kept = self._kept
        kept.login = kept.login or self.login()
        kept.budget = kept.budget or Budget(self.requests_per_minute)
        base = f"{self.url}/{path.strip('/')}".rstrip("/")
        return HttpClient(base, kept.login, budget=kept.budget, ca_file=self.ca_file)


ABSENT = frozenset({403, 404, 410})
"""Statuses to accept of the answer about a single ticket, for :func:`absent`."""


def refuse_page(answer: Answer) -> None:
    """Raise SourceError if a web page says that a ticket is not there: a proxy's, during
    maintenance, says so of every ticket, and none of them is deleted."""
    if answer.status in ABSENT and "html" in answer.headers.get("Content-Type", "").lower():
        raise SourceError(
            f"a ticket was answered with status {answer.status} and a web page instead of data; "
            "the next poll will try again; if it stays so, check url",
            fault=Fault.WEB_PAGE,
        )


def absent(number: str, status: int) -> Removed | NotVisible | None:
    """Return what became of a ticket that is not there, by the status of the answer; else None."""
    if status == 403:
        return NotVisible(number)
    return Removed(number, Status.DELETED) if status in ABSENT else None


class TokenOrPassword(WebOptions):
    """The keys of a source that logs in by a token, or by a user and a password.

    ``SCHEME``: the word before the token.
    """

    ACCESS: ClassVar[frozenset[str]] = WebOptions.ACCESS | {"token", "user", "password"}
    SCHEME: ClassVar[str] = "Bearer"

    token: Secret | None = None
    user: str | None = None
    password: Secret | None = None

    @model_validator(mode="after")
    def _one_way_to_log_in(self) -> Self:
        by_password = self.user is not None and self.password is not None
        if (self.token is None) != by_password or (self.user is None) != (self.password is None):
            raise ValueError("give either token, or user and password")
        return self

    def login(self) -> Login:
        """See :class:`WebOptions`."""
        if self.token is not None:
            return bearer(self.token, self.SCHEME)
        assert self.user is not None and self.password is not None
        return basic(self.user, self.password)


class LocalTimes(WebOptions):
    """The keys of a source whose times are local, without an offset.

    ``timezone``: that of its times.
    """

    settings_in_words: ClassVar = {"timezone": Text(sv="Tidszon", en="Time zone")}

    timezone: TimeZoneName

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of its times."""
        return ZoneInfo(self.timezone)

    @property
    def overlap(self) -> int:
        """How long before the last change a feed by time is asked from, in seconds: an hour more
        where the clocks are set back in autumn."""
        offsets = {datetime(2026, m, 1, tzinfo=self.zone).utcoffset() for m in range(1, 13)}
        return 120 if len(offsets) == 1 else 3720
