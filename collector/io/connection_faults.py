"""Why a connection failed, by the types of an error and of what caused it."""

from __future__ import annotations

import socket
import ssl

from collector.model.codes import Fault


def fault_of(error: BaseException) -> Fault:
    """Return the kind of fault; libraries wrap the system's own error in several of theirs."""
    seen: set[int] = set()
    ahead: list[object] = [error]
    while ahead:
        each = ahead.pop()
        if not isinstance(each, BaseException) or id(each) in seen:
            continue
        seen.add(id(each))
        if isinstance(each, socket.gaierror):
            return Fault.NAME_UNKNOWN
        if isinstance(each, ConnectionRefusedError):
            return Fault.REFUSED
        if isinstance(each, ssl.SSLError):
            return Fault.UNTRUSTED
        ahead += [each.__cause__, each.__context__, getattr(each, "reason", None), *each.args]
    return Fault.CONNECTION
