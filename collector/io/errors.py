"""What can go wrong outside the program, in words for the people who run it.

Every error whose text is meant for a person derives from :class:`UserFacingError`, so that
whoever talks to people (the command line, the poll log, the jobs of the service) catches one
class, and anything else is a fault of the program.
"""

from __future__ import annotations


class UserFacingError(Exception):
    """Something went wrong that somebody can do something about.

    The text says what and what to do; it holds neither secrets nor personal data nor anything
    that a server answered. ``permanent``: trying again is of no use before the configuration,
    the rights or the files have been changed; where an error does not say, its class does.
    """

    permanent: bool = False

    def __init__(self, message: str, *, permanent: bool | None = None) -> None:
        super().__init__(message)
        if permanent is not None:
            self.permanent = permanent


class SourceError(UserFacingError):
    """A source could not be read."""
