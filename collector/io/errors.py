"""Errors whose text is written for the people who run the program.

They all derive from :class:`UserFacingError`, so that the parts which report to people (the command
line, the poll log, the jobs of the service) catch one class. Any other exception is a bug.
"""

from __future__ import annotations

from collector.model.codes import Fault


class UserFacingError(Exception):
    """An error that somebody can do something about.

    The text says what happened and what to do. It never contains secrets, personal data or any
    part of a server's response. ``permanent``: retrying is pointless until the configuration, the
    permissions or the files have changed. ``fault``: what kind of fault it is, for words in other
    languages; None: none that has words of its own. The class attributes are the defaults for their
    instances.
    """

    permanent: bool = False
    fault: Fault | None = None

    def __init__(
        self, message: str, *, permanent: bool | None = None, fault: Fault | None = None
    ) -> None:
        super().__init__(message)
        if permanent is not None:
            self.permanent = permanent
        if fault is not None:
            self.fault = fault


NEXT_POLL = "the next poll will try again"
"""What the service does about an error that may pass; who asks once must not be told it."""


def without_next_poll(text: str) -> str:
    """Return an error's text without what the next poll does about it."""
    for said in (f"{NEXT_POLL}; ", f"; {NEXT_POLL}", f": {NEXT_POLL}"):
        text = text.replace(said, "")
    return text


class SourceError(UserFacingError):
    """A source could not be read."""
