"""."""

from __future__ import annotations


class SourceError(Exception):
    """A source could not be read.

    ``permanent``: trying again without a change of configuration or rights is of no use. The text
    is for people and holds neither secrets nor anything a response said.
    """

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent
