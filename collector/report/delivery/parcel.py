"""What is delivered, and the error for failed deliveries."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

from collector.io.errors import UserFacingError
from collector.model.bilingual import Language


class DeliveryError(UserFacingError):
    """A delivery failed. The message is one line, without secrets or text from a server.

    ``permanent``: retrying is useless unless something is changed. ``unclear``: the delivery may
    have arrived.
    """

    def __init__(self, message: str, *, permanent: bool = False, unclear: bool = False) -> None:
        super().__init__(message, permanent=permanent)
        self.unclear = unclear


@dataclass(frozen=True, slots=True)
class Parcel:
    """Files made of one snapshot in one language.

    ``period``: its name in that language (``juli 2020``); ``files``: name and content of each;
    ``purpose``: a report to be read, or a seal to be kept; ``result``: the report's result in a
    line (``Av 12 indikatorer: 6 når målet, …``); ``draft``: whether the files are a draft.
    """

    seal: str
    period: str
    language: Language
    files: tuple[tuple[str, bytes], ...]
    purpose: Literal["report", "seal"] = "report"
    result: str = ""
    draft: bool = False

    @property
    def digests(self) -> dict[str, str]:
        """By file name, the SHA-256 in hexadecimal."""
        return {name: hashlib.sha256(content).hexdigest() for name, content in self.files}

    def mark(self, target: str) -> str:
        """The id of this delivery to a target, 40 hexadecimal digits, the same on every attempt.
        That of a draft is another: a recipient who drops duplicates is to get the finished one."""
        text = "\n".join((self.seal, self.language, target, *["draft"] * self.draft))
        return hashlib.sha256(text.encode()).hexdigest()[:40]
