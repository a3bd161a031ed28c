"""The names of erased records, which lead to nothing."""

from __future__ import annotations

import re

_FORM = re.compile(r"erased-[0-9a-f]{16}")


def pseudonym(number: int) -> str:
    """Return the name for a random number of 64 bits, such as ``erased-3f9a0c61d2b74e85``."""
    return f"erased-{number:016x}"


def is_pseudonym(id: str) -> bool:  # noqa: A002 - the record's own word
    """Return whether an id is such a name."""
    return _FORM.fullmatch(id) is not None
