"""Files that are there whole or not at all."""

from __future__ import annotations

from pathlib import Path
from tempfile import NamedTemporaryFile


def write_file(path: Path, content: str | bytes) -> bool:
    """Whether it was written: not where it is there already. Raises OSError."""
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
