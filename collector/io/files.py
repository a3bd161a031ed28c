"""Paths in the configuration, and atomic writing of files."""

from __future__ import annotations

from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo


def resolve_path(path: str, info: ValidationInfo) -> str:
    """Return the path, resolving a relative one against the configuration file's folder.

    The folder is ``folder`` in the validation's context. Raises ValueError for a NUL character.
    """
    if "\0" in path:
        raise ValueError("contains a NUL character, which no path can contain; remove it")
    return str(Path((info.context or {}).get("folder", "")) / path)


ConfigPath = Annotated[str, Field(min_length=1), AfterValidator(resolve_path)]
"""A path in the configuration; a relative one is resolved against the configuration's folder."""


def write_file(path: Path, content: str | bytes) -> bool:
    """Write ``content`` (text as UTF-8) atomically, so that nobody ever reads a partial file.

    Missing folders are created. Returns False if the file already had this content and was not
    written. Raises OSError if it cannot be written.
    """
    data = content.encode() if isinstance(content, str) else content
    if path.is_file() and path.read_bytes() == data:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("wb", dir=path.parent, delete=False) as file:
        temporary = Path(file.name)
        try:
            file.write(data)
            file.close()
            temporary.chmod(0o644)  # other users read it: Grafana, Prometheus, people
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    return True
