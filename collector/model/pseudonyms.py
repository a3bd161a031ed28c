"""The names of erased records: random, so that nothing leads from one to the record it was."""

from __future__ import annotations

import re
import secrets

_FORM = re.compile(r"erased-[0-9a-f]{16}")


def new_pseudonym() -> str:
    """Return a name that no record has, such as ``erased-3f9a0c61d2b74e85``."""
    return f"erased-{secrets.token_hex(8)}"


def is_pseudonym(id: str) -> bool:  # noqa: A002 - the record's own word
    """Return whether an id is such a name."""
    return _FORM.fullmatch(id) is not None
