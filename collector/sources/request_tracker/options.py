"""The configuration of a Request Tracker source."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import model_validator

from collector.io.login import Login, basic, bearer
from collector.io.secrets import Secret
from collector.model.bilingual import Text
from collector.model.records import Unrecorded
from collector.sources.kit.web import WebOptions
from collector.sources.request_tracker.rows import Fields

_FIELDS = (
    *(Unrecorded.KIND, Unrecorded.PRIORITY, Unrecorded.TEAM),
    *(Unrecorded.ORGANIZATION, Unrecorded.CATEGORY),
)


class RequestTrackerOptions(WebOptions):
    """The keys of a ``request_tracker`` source.

    ``comments``: whether to read internal notes; the user then needs the right ShowTicketComments.
    ``sla``: whether to read the deadlines set by the tracker. ``robots``: accounts that are
    machines.
    """

    ACCESS = WebOptions.ACCESS | {"token", "user", "password", "sla"}

    implementation = "collector.sources.request_tracker.source:RequestTracker"
    delivers = "tickets"
    title = Text(sv="Request Tracker", en="Request Tracker")
    settings_in_words = {"comments": Text(sv="Kommentarer läses", en="Comments are read")}
    REMEDIES: ClassVar = {
        Unrecorded.NOTE: "comments",
        Unrecorded.CLOSING: "map.status",
        **{fact: f"fields.{fact}" for fact in _FIELDS},
    }
    WORDS: ClassVar = {
        "status": {
            "new": "new",
            "open": "open",
            "stalled": "on_hold",
            "resolved": "resolved",
            "rejected": "resolved",
            "deleted": "deleted",
        }
    }
    """The statuses of Request Tracker's default lifecycle."""

    type: Literal["request_tracker"]
    token: Secret | None = None
    user: str | None = None
    password: Secret | None = None
    fields: Fields = Fields()
    queues: tuple[str, ...] = ()
    comments: bool = False
    sla: bool = True
    robots: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _one_way_to_log_in(self) -> Self:
        by_password = self.user is not None and self.password is not None
        if (self.token is None) != by_password or (self.user is None) != (self.password is None):
            raise ValueError("give either token, or user and password")
        return self

    def login(self) -> Login:
        """See :class:`WebOptions`."""
        if self.token is not None:
            return bearer(self.token, "token")
        assert self.user is not None and self.password is not None
        return basic(self.user, self.password)
