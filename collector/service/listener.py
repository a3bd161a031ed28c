"""The socket that the service listens on."""

from __future__ import annotations

import socket

from collector.io.errors import UserFacingError


class CannotListen(UserFacingError):
    """The service's address is in use or does not belong to this machine."""

    permanent = True


def listen(host: str, port: int, where: str = "under server.port") -> socket.socket:
    """Return a bound socket.

    Raises CannotListen if it cannot be bound; its text says ``where`` to choose another port.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With an explicit protocol asyncio disables Nagle; otherwise each response takes 40 ms longer.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        reason = error.strerror or "unknown reason"
        raise CannotListen(
            f"cannot listen on {host} port {port}: {reason}; choose another {where}"
        ) from None
    return listener
