"""Why a connection failed, by the types of an error and of what caused it."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

from collector.model.codes import Fault


def causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what it was made of, each once: libraries wrap the system's own error in
    several of theirs."""
    waiting, seen = [error], set[int]()
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        more = (*each.args, getattr(each, "reason", None), each.__cause__, each.__context__)
        waiting += [cause for cause in more if isinstance(cause, BaseException)]


def fault_of(error: BaseException) -> Fault:
    """Return the kind of fault."""
    for each in causes(error):
        if isinstance(each, socket.gaierror):
            return Fault.NAME_UNKNOWN
        if isinstance(each, ConnectionRefusedError):
            return Fault.REFUSED
        if isinstance(each, ssl.SSLError):
            return Fault.UNTRUSTED
    return Fault.CONNECTION
