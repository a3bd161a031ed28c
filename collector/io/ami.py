"""The door to Asterisk's manager interface: limited in time and size, and discreet.

An error never holds the secret, nor anything that the server sent: its answers are full of callers.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import md5
from time import monotonic
from typing import Self

from collector.io.connection_faults import fault_of
from collector.io.errors import NEXT_POLL, SourceError
from collector.io.secrets import Secret
from collector.model.codes import Fault

MOST_BYTES = 4 << 20
"""Of all answers of a connection together; a caller takes about 300, an agent 400."""
_ACTION_ID = "kpi"
_CHUNK = 65536
_GREETING = b"Asterisk Call Manager"

Message = Mapping[str, str]
"""An event or a response: its headers."""


class AmiConnection:
    """A connection, as a context manager that logs in. ``version``: that of the protocol.

    ``seconds``: the most that everything may take together. ``ca_file``: certificates to trust
    instead of the system's; TLS is used if ``tls``.
    """

    def __init__(
        self, host: str, port: int, *, tls: bool, ca_file: str | None, seconds: int
    ) -> None:
        self._host, self._port, self._tls, self._ca_file = host, port, tls, ca_file
        self._seconds = seconds
        self._until = 0.0
        self._socket: socket.socket | None = None
        self._buffer = bytearray()
        self._received = 0
        self._where = f"the manager interface at {host}:{port}"
        self.version = ""

    def __enter__(self) -> Self:
        """Raises SourceError if it cannot be reached, or is something else."""
        self._until = monotonic() + self._seconds
        try:
            with self._explained():
                self._socket = socket.create_connection((self._host, self._port), self._seconds)
                if self._tls:
                    self._left()
                    context = ssl.create_default_context(cafile=self._ca_file)
                    self._socket = context.wrap_socket(self._socket, server_hostname=self._host)
                greeting = self._line()
            if not greeting.startswith(_GREETING):
                raise SourceError(
                    f"{self._where} does not answer as Asterisk does: check host, port and tls",
                    permanent=True,
                )
            self.version = greeting.rpartition(b"/")[2].decode("ascii", "replace")[:20].strip()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._socket is not None:
            self._socket.close()

    def login(self, user: str, secret: Secret) -> None:
        """Log in; without TLS by a challenge, so that the secret itself is not sent.

        Raises SourceError if the server refuses, SecretUnavailable if there is no secret.
        """
        revealed = secret.reveal()
        if not revealed.isprintable():
            raise SourceError("the secret holds characters that none can hold", permanent=True)
        proof = {"Secret": revealed}
        if not self._tls:
            challenge = self._response("Challenge", AuthType="MD5").get("Challenge", "")
            key = md5(f"{challenge}{revealed}".encode(), usedforsecurity=False).hexdigest()
            proof = {"AuthType": "MD5", "Key": key}
        self._response("Login", Username=user, Events="off", **proof)

    def events(self, action: str, last: str) -> Iterator[Message]:
        """Yield the events that answer an action, up to that called ``last``.

        Raises SourceError if the server refuses it or the list is not whole.
        """
        count = 0
        self._response(action)
        while True:
            message = self._message()
            if message.get("ActionID") != _ACTION_ID:
                continue
            if message.get("Event") == last:
                expected = message.get("ListItems", "")
                if expected.isdecimal() and int(expected) != count:
                    raise SourceError(f"{self._where} sent a list that is not whole")
                return
            count += 1
            yield message

    def _response(self, action: str, **headers: str) -> Message:
        """Send an action and return the response. Raises SourceError unless it is success."""
        lines = {"Action": action, "ActionID": _ACTION_ID, **headers}
        text = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        with self._explained():
            assert self._socket is not None
            self._socket.settimeout(self._left())
            self._socket.sendall(f"{text}\r\n".encode())
        while True:
            message = self._message()
            if "Response" in message and message.get("ActionID", _ACTION_ID) == _ACTION_ID:
                break
        if message["Response"] == "Success":
            return message
        said = message.get("Message", "").lower()
        if action in {"Login", "Challenge"}:
            raise SourceError(
                f"{self._where} refuses the user or the secret: check user, secret, and permit and"
                " deny of this user in manager.conf",
                permanent=True,
                fault=Fault.LOGIN,
            )
        if "permission" in said:
            raise SourceError(
                f"{self._where} does not let this user ask for {action}: check read and write of"
                " this user in manager.conf",
                permanent=True,
                fault=Fault.FORBIDDEN,
            )
        raise SourceError(f"{self._where} refuses {action}: is app_queue.so loaded?")

    def _message(self) -> Message:
        """The next block of headers; the first of a name counts."""
        found: dict[str, str] = {}
        while True:
            with self._explained():
                line = self._line()
            if not line and found:
                return found
            name, colon, value = line.decode("utf-8", "replace").partition(":")
            if colon:
                found.setdefault(name.strip(), value.strip())

    def _line(self) -> bytes:
        while (end := self._buffer.find(b"\n")) < 0:
            assert self._socket is not None
            self._socket.settimeout(self._left())
            if not (chunk := self._socket.recv(_CHUNK)):
                raise SourceError(f"{self._where} broke off: {NEXT_POLL}", fault=Fault.CONNECTION)
            self._received += len(chunk)
            if self._received > MOST_BYTES:
                raise SourceError(
                    f"{self._where} sends more than {MOST_BYTES >> 20} MiB", fault=Fault.TOO_LARGE
                )
            self._buffer += chunk
        line = bytes(self._buffer[:end]).rstrip(b"\r")
        del self._buffer[: end + 1]
        return line

    def _left(self) -> float:
        """Seconds until the deadline. Raises TimeoutError if it has passed."""
        left = self._until - monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn errors of the network into ours."""
        try:
            yield
        except TimeoutError:
            raise SourceError(
                f"{self._where} does not answer within {self._seconds} s", fault=Fault.TIMEOUT
            ) from None
        except ssl.SSLCertVerificationError:
            raise SourceError(
                f"the certificate of {self._where} is not trusted: set ca_file",
                permanent=True,
                fault=Fault.UNTRUSTED,
            ) from None
        except ssl.SSLError:
            raise SourceError(
                f"{self._where} does not speak TLS: check port and tls", fault=Fault.UNTRUSTED
            ) from None
        except FileNotFoundError:
            raise SourceError(
                f"ca_file {self._ca_file} does not exist", permanent=True, fault=Fault.FILE_MISSING
            ) from None
        except (OSError, UnicodeError) as error:
            raise SourceError(
                f"{self._where} cannot be reached: is it enabled in manager.conf, and reachable"
                " from here?",
                fault=fault_of(error),
            ) from None
