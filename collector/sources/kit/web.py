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
from collector.io.http import Answer, HttpClient, HttpUrl, Params
from collector.io.login import Login, StaticLogin, basic
from collector.io.secrets import Secret
from collector.model.bilingual import Text
from collector.model.codes import Fault
from collector.model.fields import TimeZoneName
from collector.model.records import Status
from collector.sources.kit.contract import SourceOptions
from collector.sources.kit.options import TicketOptions
from collector.sources.kit.raw import NotVisible, Removed
from collector.sources.kit.values import Row, objects

_CLOCKS_APART = 900
"""Seconds by which clocks may differ; no two zones are nearer to each other."""


@dataclass(slots=True)
class _Kept:
    """What lasts from poll to poll, also for copies of the options."""

    login: Login | None = None
    budget: Budget | None = None


class HttpOptions(SourceOptions):
    """The keys of a source over HTTP; a subclass adds its secrets and says how to log in.

    ``requests_per_minute``: the most requests, beside the limits that the server sets itself.
    """

    ACCESS: ClassVar[frozenset[str]] = frozenset({"url", "ca_file", "requests_per_minute"})

    url: HttpUrl
    ca_file: ConfigPath | None = None
    requests_per_minute: Annotated[int, Field(ge=1)] | None = None

    _kept: _Kept = PrivateAttr(default_factory=_Kept)

    def login(self) -> Login:
        """Return how to log in, by what is in ``io.login``. Called once."""
        return StaticLogin(dict)

    def allowance(self) -> Requests | None:
        return None if self._kept.budget is None else self._kept.budget.standing()

    def is_scarce(self) -> bool:
        """Return whether few requests are left, so that what can wait should."""
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


class WebOptions(HttpOptions, TicketOptions):
    """The keys of a ticket system over HTTP."""


ABSENT = frozenset({403, 404, 410})
"""Statuses to accept of the answer about a single ticket, for :func:`absent`."""


def absent(number: str, answer: Answer) -> Removed | NotVisible | None:
    """Return what became of a ticket that is not there, by the answer to its id; else None.

    Raises SourceError if a web page says so: that is a proxy's, which during maintenance says it of
    every ticket, and none of them is deleted.
    """
    if answer.status not in ABSENT:
        return None
    if "html" in answer.headers.get("Content-Type", "").lower():
        raise SourceError(
            f"a ticket was answered with status {answer.status} and a web page instead of data; "
            "the next poll will try again; if it stays so, check url",
            fault=Fault.WEB_PAGE,
        )
    if answer.status == 403:
        return NotVisible(number)
    return Removed(number, Status.DELETED, missing=True)


def listed(connection: HttpClient, path: str, params: Params = ()) -> list[Row]:
    """Return the objects of an answer that is a list."""
    return objects(connection.get(path, params, kind=list).body)


class UserAndPassword(WebOptions):
    """The keys of a source that logs in by a user and a password."""

    ACCESS: ClassVar[frozenset[str]] = frozenset({"user", "password"})

    user: str
    password: Secret

    def login(self) -> Login:
        return basic(self.user, self.password)


class TokenOrPassword(WebOptions):
    """The keys of a source that logs in by a token, or by a user and a password.

    ``SCHEME``: how the token is written in the header ``HEADER``.
    """

    ACCESS: ClassVar[frozenset[str]] = frozenset({"token", "user", "password"})
    SCHEME: ClassVar[str] = "Bearer {}"
    HEADER: ClassVar[str] = "Authorization"

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
        if (token := self.token) is not None:
            return StaticLogin(lambda: {self.HEADER: self.SCHEME.format(token.reveal())})
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

    def refuse_other_zone(
        self,
        connection: HttpClient,
        theirs: int | None,
        *,
        ago: int = 0,
        only_ahead: bool = False,
    ) -> None:
        """Raise SourceError if a time that the system shows is not the instant that it should be,
        by its HTTP server, which just answered.

        ``theirs``: that time as read in ``zone`` (epoch seconds). ``ago``: how many seconds ago it
        was, by the system itself; ``only_ahead``: it may be any past.
        """
        if theirs is None or connection.server_time is None:
            return
        ahead = theirs - (connection.server_time - ago)
        if ahead > _CLOCKS_APART or (-ahead > _CLOCKS_APART and not only_ahead):
            minutes, name = round(ahead / 60), self.title.en
            text = f"{name}'s times are {minutes} min off in the zone {self.timezone}"
            raise SourceError(f"{text}; correct timezone", permanent=True)

    @property
    def overlap(self) -> int:
        """See :class:`TicketOptions`: over an hour where the clocks are set back in autumn."""
        offsets = {datetime(2026, m, 1, tzinfo=self.zone).utcoffset() for m in range(1, 13)}
        return 120 if len(offsets) == 1 else 3720


class Robots(WebOptions):
    """The keys of a source whose users have numbers.

    ``robots``: ids of users that are machines, such as the one that reads mail.
    """

    settings_in_words: ClassVar = {"robots": Text(sv="Maskinkonton", en="Machine accounts")}

    robots: tuple[int, ...] = ()

    @property
    def machines(self) -> frozenset[str]:
        """``robots`` as they stand in the system's rows."""
        return frozenset(map(str, self.robots))
