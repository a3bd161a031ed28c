"""What is delivered, and what may go wrong with it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from collector.io.errors import UserFacingError
from collector.model.bilingual import Language


class DeliveryError(UserFacingError):
    """A delivery failed. One line for people, without secrets or what a server answered.

    ``permanent``: trying again without a change is of no use. ``unclear``: it may have arrived.
    """

    def __init__(self, message: str, *, permanent: bool = False, unclear: bool = False) -> None:
        super().__init__(message, permanent=permanent)
        self.unclear = unclear


@dataclass(frozen=True, slots=True)
class Parcel:
    """Files made of one snapshot in one language.

    ``period``: as people read it in that language (``juli 2020``); ``files``: name and content.
    """

    seal: str
    period: str
    language: Language
    files: tuple[tuple[str, bytes], ...]

    @property
    def digests(self) -> dict[str, str]:
        """SHA-256 of each file, in hexadecimal."""
        return {name: hashlib.sha256(content).hexdigest() for name, content in self.files}

    def mark(self, target: str) -> str:
        """What tells this delivery from every other, the same however often it is tried."""
        whole = "\n".join((self.seal, self.language, target))
        return hashlib.sha256(whole.encode()).hexdigest()[:40]
