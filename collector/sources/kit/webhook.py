"""Messages of a system that tickets have changed: who may send them, and which tickets they name.

A message is a hint and no more: the tickets that it names are read from the system itself. What it
says of them is not looked at.
"""

from __future__ import annotations

import base64
import hmac
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from collector.io.secrets import Secret
from collector.model.fields import Strict

LONGEST_MESSAGE = 1024 * 1024
"""The most bytes of a message that are read."""
HOOK_RESULTS = ("accepted", "refused", "no_ticket", "dropped")
"""What becomes of a message, to count by."""
_MOST_TICKETS = 500
_ALGORITHMS = {"sha1": 40, "sha256": 64, "sha512": 128}
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_PATH = r"^[^.\s]+(\.[^.\s]+)*$"
_HEADER = r"^[A-Za-z0-9-]+$"


@dataclass(frozen=True, slots=True)
class HookFormat:
    """How a system signs its messages and names a ticket, unless the configuration says otherwise.

    ``signature``: the header with the HMAC of the body in hexadecimal, with or without its
    algorithm (``sha256=…``). ``timestamp``: the header whose value is signed behind the body, if
    any. ``token``: the header that holds the secret itself, for a system that does not sign.
    ``ticket``: where the ticket's id stands in the body, names with dots between.
    """

    signature: str = "X-Hub-Signature-256"
    timestamp: str | None = None
    ticket: str = "ticket.id"
    token: str | None = None


class BadMessage(Exception):
    """The body is no JSON."""


class Webhook(Strict):
    """How a source is told that tickets have changed, by ``POST /hooks/SOURCE``.

    ``secret``: with which the body is signed, or the token itself. ``signature``: the header of the
    signature; ``token``: a header that holds the secret itself, instead of a signature, also as a
    password (Basic). ``ticket``: where the id stands in the JSON body, as in ``ticket.id``; in a
    list, that of every element. Without these, what the system does by itself.
    """

    secret: Secret
    signature: Annotated[str, Field(pattern=_HEADER)] | None = None
    token: Annotated[str, Field(pattern=_HEADER)] | None = None
    ticket: Annotated[str, Field(pattern=_PATH)] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.signature is not None and self.token is not None:
            raise ValueError("give either signature or token")
        return self

    def is_genuine(self, usual: HookFormat, headers: Mapping[str, str], body: bytes) -> bool:
        """Return whether a message was sent by somebody who knows the secret.

        ``headers`` finds names in any case. Takes as long whatever is wrong with a signature or
        token. Raises SecretUnavailable.
        """
        secret = self.secret.reveal().encode()
        token = self.token or (usual.token if self.signature is None else None)
        if token is not None:
            return hmac.compare_digest(_token(headers.get(token, "")).encode(), secret)
        name = self.signature or usual.signature
        stamp = usual.timestamp if name.lower() == usual.signature.lower() else None
        signed = body + headers.get(stamp, "").encode() if stamp else body
        algorithm, digest = _parsed(headers.get(name, ""))
        expected = hmac.new(secret, signed, algorithm).hexdigest()
        return hmac.compare_digest(digest.encode(), expected.encode())

    def tickets(self, usual: HookFormat, body: bytes) -> list[str]:
        """Return the ids that a message names, each once. Raises BadMessage if it is no JSON, or
        nested too deep."""
        try:
            found = [json.loads(body)]
            for name in (self.ticket or usual.ticket).split("."):
                found = [inner for each in found for inner in _inner(each, name)]
            ids = dict.fromkeys(own for each in found for own in _ids(each))
        except (ValueError, RecursionError):
            raise BadMessage from None
        return list(ids)[:_MOST_TICKETS]


def _token(value: str) -> str:
    """Return the token that a header holds, also as a password (``Basic …``)."""
    scheme, _, rest = value.strip().partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(rest, validate=True).decode().partition(":")[2]
        except ValueError:
            return ""
    return value.strip()


def _parsed(value: str) -> tuple[str, str]:
    """Return the algorithm and the digest of a signature; SHA-256 for what is none."""
    name, _, digest = value.strip().rpartition("=")
    by_length = {length: each for each, length in _ALGORITHMS.items()}
    algorithm = name.lower() or by_length.get(len(digest), "")
    return (algorithm, digest.lower()) if algorithm in _ALGORITHMS else ("sha256", "")


def _inner(value: Any, name: str) -> Iterator[Any]:
    if isinstance(value, list):
        for each in value:
            yield from _inner(each, name)
    elif isinstance(value, dict) and name in value:
        yield value[name]


def _ids(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _ids(each)
    elif type(value) in (int, str) and _ID.fullmatch(str(value)):
        yield str(value)
