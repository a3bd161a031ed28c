"""One wording for names that the configuration refers to but does not define."""

from __future__ import annotations

from collections.abc import Iterable


def unknown(what: str, name: str, configured: Iterable[str]) -> str:
    """The message for a name of a calendar, source or the like (``what``) that does not exist."""
    return f"there is no {what} {name!r}; configured: {', '.join(configured) or 'none'}"
