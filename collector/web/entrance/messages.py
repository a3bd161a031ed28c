"""What the entrance and the service tell each other, over a pair of sockets that has no name.

A message is one JSON object and one packet; the end of either process is the end of the other's
socket.

- To the entrance: ``{"follow": SETTINGS}``, see ``Settings``, and ``{"end": true}``: accept no
  more, and finish the answers that are on their way.
- To the service: ``{"follows": null}`` or why not; ``{"line": true}`` with a socket, over which one
  request comes; ``{"log": [LEVEL, LOGGER, TEXT]}``.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, TypedDict

Message = dict[str, Any]

_LONGEST = 262_144
_MOST_SOCKETS = 4


class Settings(TypedDict):
    """Who is let in: the web configuration file, the header in which a proxy names its user, and
    the networks of such proxies."""

    web_config: str | None
    header: str | None
    proxies: list[str]


def pair() -> tuple[socket.socket, socket.socket]:
    """Return the two ends."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def tell(end: socket.socket, message: Message, sockets: Sequence[socket.socket] = ()) -> None:
    """Send a message. Raises OSError: the other process is gone, or has stopped reading."""
    socket.send_fds(end, [json.dumps(message).encode()], [each.fileno() for each in sockets])


def hear(end: socket.socket) -> tuple[Message, list[socket.socket]] | None:
    """Receive a message and its sockets; None once the other process is gone.

    Raises BlockingIOError where there is none, if the end does not block.
    """
    data: bytes = b""
    numbers: list[int] = []
    with suppress(ConnectionError):
        data, numbers, _, _ = socket.recv_fds(end, _LONGEST, _MOST_SOCKETS)
    sockets = [socket.socket(fileno=each) for each in numbers]
    return (json.loads(data), sockets) if data else None
