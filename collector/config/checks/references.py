"""What a configuration only refers to: secrets, and files that others keep.

Whoever checks a configuration may lack what the service has, so that nothing of this is an error.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel

from collector.config.settings import Settings
from collector.io.secrets import Secret, SecretUnavailable
from collector.io.yaml import Finding, Place

_REFERENCE = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}")
_FILES = frozenset({"ca_file"})
"""Keys with a file that must be there. Others are read by what checks them: sources, the values
file, logos, templates; and folders are made when they are needed."""


def dangling_references(settings: Settings) -> Iterator[Finding]:
    """Yield every secret and file that is not there, and every ``${NAME}`` that nothing reads."""
    for place, value in _leaves(settings, ()):
        if isinstance(value, Secret):
            try:
                value.reveal()
            except SecretUnavailable as error:
                yield place, str(error)
        elif isinstance(value, str) and _REFERENCE.search(value):
            yield (
                place,
                "contains ${…}, which is only replaced where it is a whole secret: write it out, "
                "or move the secret to a key of its own",
            )
        elif isinstance(value, str) and place[-1] in _FILES and (problem := _unreadable(value)):
            yield place, problem


def _leaves(value: object, place: Place) -> Iterator[tuple[Place, object]]:
    if isinstance(value, BaseModel):
        for key, below in value:
            yield from _leaves(below, (*place, key))
    elif isinstance(value, Mapping):
        for key, below in value.items():
            yield from _leaves(below, (*place, str(key)))
    elif isinstance(value, list | tuple):
        for index, below in enumerate(value):
            yield from _leaves(below, (*place, index))
    else:
        yield place, value


def _unreadable(path: str) -> str | None:
    if not Path(path).is_file():
        return f"there is no file {path}: check the path"
    if not os.access(path, os.R_OK):
        return f"{path} may not be read: allow the user that runs this program to read it"
    return None
