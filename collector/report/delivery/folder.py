"""Deliver files into a folder: each is written completely or not at all, and none is replaced."""

from __future__ import annotations

from pathlib import Path

from collector.config.delivery import FolderTarget
from collector.io.files import write_file
from collector.report.delivery.parcel import DeliveryError, Parcel


def write_to_folder(parcel: Parcel, target: FolderTarget, again: bool = False) -> None:
    """Write the files of a parcel; identical files that exist already are fine.

    Unless ``again``, a different file of the same name is kept and nothing is written. Raises
    DeliveryError if there is such a file (permanent) or the folder cannot be written.
    """
    folder = Path(target.path)
    try:
        for name, content in parcel.files:
            file = folder / name
            if not again and file.exists() and file.read_bytes() != content:
                text = f"{file}: a different file of that name exists; move it away"
                raise DeliveryError(text, permanent=True)
        for name, content in parcel.files:
            write_file(folder / name, content)
    except OSError as error:
        raise DeliveryError(f"{folder}: cannot be written ({error.strerror})") from None
