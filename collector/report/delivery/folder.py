"""Files into a folder: each is there whole or not at all, and none is written over."""

from __future__ import annotations

from pathlib import Path

from collector.config.delivery import FolderTarget
from collector.io.files import write_file
from collector.report.delivery.parcel import DeliveryError, Parcel


def to_folder(parcel: Parcel, target: FolderTarget, again: bool = False) -> None:
    """Writes the files; what is there already as it shall be stays.

    Another file of the same name is kept, and told, unless ``again``. Raises DeliveryError.
    """
    folder = Path(target.path)
    try:
        for name, content in parcel.files:
            file = folder / name
            if not again and file.exists() and file.read_bytes() != content:
                text = f"{file}: another file of that name is there; move it away"
                raise DeliveryError(text, permanent=True)
        for name, content in parcel.files:
            write_file(folder / name, content)
    except OSError as error:
        raise DeliveryError(f"{folder}: cannot be written ({error.strerror})") from None
