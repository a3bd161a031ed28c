"""The socket that the service listens on."""

from __future__ import annotations

import socket

from collector.io.errors import UserFacingError


class CannotListen(UserFacingError):
    """The address is taken or not ours; the text says what to do."""

    permanent = True


def listen(host: str, port: int, where: str = "under server.port") -> socket.socket:
    """A bound socket. Raises CannotListen, which says ``where`` to choose another port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio switches Nagle off; without it each answer costs 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        reason = error.strerror or "not possible"
        raise CannotListen(
            f"cannot listen on {host} port {port}: {reason}; choose another {where}"
        ) from None
    return listener
