"""A mail server on a loopback port of its own, with the faults that a test asks for."""

from __future__ import annotations

import base64
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.worlds.programs import program


@dataclass
class Mailbox:
    """What a server was told, and how it shall behave.

    ``replies``: to a command (``MAIL``, ``RCPT``, ``DATA``; ``END`` is the end of a mail), one
    after the other; without any it agrees. ``tls``: from the beginning. ``drips``: never comes to
    its first word. ``hang_up``: commands after which it is gone.
    ``said``: every command, in order; ``mails``: what it took.
    """

    certificate: tuple[Path, Path] | None = None
    starttls: bool = True
    tls: bool = False
    drips: bool = False
    login: tuple[str, str] | None = None
    size: int = 0
    replies: dict[str, list[str]] = field(default_factory=dict)
    hang_up: set[str] = field(default_factory=set)
    said: list[str] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    mails: list[bytes] = field(default_factory=list)
    port: int = 0
    stopped: threading.Event = field(default_factory=threading.Event)


class _Handler(socketserver.StreamRequestHandler):
    box: Mailbox

    def handle(self) -> None:
        self.secure = False
        if self.box.drips:
            self._drip()
            return
        if self.box.tls:
            self._encrypt()
        self._say("220 stub")
        while line := self.rfile.readline(2000):
            words = line.decode().split()
            command = words[0].upper() if words else ""
            self.box.said.append(command)
            self.box.encrypted.append(self.secure)
            if command in self.box.hang_up:
                return
            if not self._answer(command, words):
                return

    def _drip(self) -> None:
        """A greeting that never ends, a byte now and then."""
        with suppress(OSError):
            while not self.box.stopped.wait(0.05):
                self.wfile.write(b"2")

    def _answer(self, command: str, words: list[str]) -> bool:
        match command:
            case "EHLO":
                offers = ["AUTH PLAIN"] if self.box.login else []
                offers += ["STARTTLS"] if self.box.starttls and not self.secure else []
                offers += [f"SIZE {self.box.size}"] if self.box.size else []
                self._say("250-stub", *[f"250-{each}" for each in offers], "250 8BITMIME")
            case "STARTTLS":
                self._say("220 go")
                self._encrypt()
            case "AUTH":
                given = base64.b64decode(words[2]).decode().split("\0")[1:]
                right = tuple(given) == self.box.login
                self._say("235 ok" if right else "535 no")
            case "DATA":
                return self._mail()
            case "QUIT":
                self._say("221 bye")
                return False
            case _:
                self._say(self._reply(command, "250 ok"))
        return True

    def _mail(self) -> bool:
        reply = self._reply("DATA", "354 go on")
        self._say(reply)
        if not reply.startswith("354"):
            return True
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b"."))
        if "END" in self.box.hang_up:
            return False
        reply = self._reply("END", "250 taken")
        if reply.startswith("250"):
            self.box.mails.append(b"".join(lines))
        self._say(reply)
        return True

    def _reply(self, command: str, usual: str) -> str:
        waiting = self.box.replies.get(command, [])
        return waiting.pop(0) if waiting else usual

    def _encrypt(self) -> None:
        assert self.box.certificate is not None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.box.certificate)
        try:
            self.request = context.wrap_socket(self.request, server_side=True)
        except OSError:
            self.rfile = self.request.makefile("rb")
            return
        self.rfile = self.request.makefile("rb")
        self.wfile = self.request.makefile("wb", buffering=0)
        self.secure = True

    def _say(self, *lines: str) -> None:
        with suppress(OSError):
            self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())

    def finish(self) -> None:
        with suppress(OSError):
            super().finish()
        self.request.close()


@contextmanager
def mail_server(box: Mailbox) -> Iterator[Mailbox]:
    """The server, running."""
    handler = type("Handler", (_Handler,), {"box": box})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
        box.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield box
        finally:
            box.stopped.set()
            server.shutdown()
            thread.join(10)


def certificate(folder: Path, name: str = "localhost") -> tuple[Path, Path]:
    """A self-signed certificate and its key."""
    openssl = program("openssl")
    file, key = folder / f"{name}.pem", folder / f"{name}.key"
    made = subprocess.run(
        [
            *(openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "2", "-subj", f"/CN={name}"),
            *("-addext", f"subjectAltName=DNS:{name}"),
            *("-keyout", str(key), "-out", str(file)),
        ],
        capture_output=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    return file, key
