"""Paths as a configuration writes them, and files that are there whole or not at all."""

from __future__ import annotations

from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo


def beside_configuration(path: str, info: ValidationInfo) -> str:
    """The path; a relative one begins at the configuration file's folder, which the validation's
    context names. Raises ValueError for what no path can hold."""
    if "\0" in path:
        raise ValueError("holds a character that no path can have; remove it")
    return str(Path((info.context or {}).get("folder", "")) / path)


ConfigPath = Annotated[str, Field(min_length=1), AfterValidator(beside_configuration)]
"""A path in the configuration; a relative one begins at the configuration file's folder."""


def write_file(path: Path, content: str | bytes) -> bool:
    """Write ``content`` (text as UTF-8) in one step, so that nobody ever reads half of it.

    Returns whether it was written: not where the file holds it already. Raises OSError.
    """
    whole = content.encode() if isinstance(content, str) else content
    if path.is_file() and path.read_bytes() == whole:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("wb", dir=path.parent, delete=False) as file:
        temporary = Path(file.name)
        try:
            file.write(whole)
            file.close()
            temporary.chmod(0o644)  # others read it: Grafana, Prometheus, the secretary
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    return True
