"""The configuration of a Request Tracker source."""

from __future__ import annotations

from typing import ClassVar, Literal

from collector.model.bilingual import Text
from collector.model.records import Unrecorded
from collector.sources.kit.web import TokenOrPassword
from collector.sources.request_tracker.rows import Fields

_FIELDS = (
    *(Unrecorded.KIND, Unrecorded.PRIORITY, Unrecorded.TEAM),
    *(Unrecorded.ORGANIZATION, Unrecorded.CATEGORY),
)


class RequestTrackerOptions(TokenOrPassword):
    """The keys of a ``request_tracker`` source.

    ``comments``: whether to read internal notes; the user then needs the right ShowTicketComments.
    ``sla``: whether to read the deadlines set by the tracker. ``robots``: accounts that are
    machines.
    """

    ACCESS = frozenset({"sla"})
    SCHEME = "token {}"

    implementation = "collector.sources.request_tracker.source:RequestTracker"
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
    fields: Fields = Fields()
    queues: tuple[str, ...] = ()
    comments: bool = False
    sla: bool = True
    robots: tuple[str, ...] = ()
