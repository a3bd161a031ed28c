"""What kind of fault an error is: by its type, and in words of both languages."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from starlette.responses import Response

from collector.io.connection_faults import fault_of
from collector.io.errors import UserFacingError
from collector.io.http import HttpClient, HttpError
from collector.io.responses import fault_of as fault_of_status
from collector.io.secrets import Secret
from collector.model.codes import Fault
from collector.sources.csv.text import matching_files, open_file
from collector.text.words.faults import fault_in_words
from tests.worlds.serving import served
from tests.worlds.smtp_stub import certificate


@contextmanager
def answering(status: int, body: bytes, kind: str) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def fault(address: str, **more: object) -> Fault | None:
    with HttpClient(address, tries=1, **more) as client, pytest.raises(HttpError) as raised:  # type: ignore[arg-type]
        client.get("x")
    return raised.value.fault


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (401, Fault.LOGIN),
        (403, Fault.FORBIDDEN),
        (404, Fault.NOT_FOUND),
        (422, Fault.REJECTED),
        (302, Fault.REDIRECTED),
        (429, Fault.TOO_MANY_REQUESTS),
        (500, Fault.SERVER_FAILING),
        (503, Fault.SERVER_FAILING),
    ],
)
def test_a_status_is_a_kind_of_fault(status: int, expected: Fault) -> None:
    assert fault_of_status(status) is expected
    with answering(status, b"{}", "application/json") as address:
        assert fault(address) is expected


@pytest.mark.parametrize(
    ("body", "kind", "expected"),
    [
        (b"<html>Log in", "text/html", Fault.WEB_PAGE),
        (b'{"cut off', "application/json", Fault.DAMAGED),
        (b"[]", "application/json", Fault.DAMAGED),
        (b"[" + b"1," * 4000 + b"1]", "application/json", Fault.TOO_LARGE),
    ],
)
def test_an_answer_that_is_none_is_a_kind_of_fault(body: bytes, kind: str, expected: Fault) -> None:
    with answering(200, body, kind) as address:
        assert fault(address, max_bytes=5000) is expected


def test_a_connection_that_fails_is_a_kind_of_fault() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    assert fault(f"http://127.0.0.1:{port}") is Fault.REFUSED
    assert fault("http://nobody.invalid") is Fault.NAME_UNKNOWN
    with answering(200, b"{}", "application/json") as address:
        assert fault(address.replace("http:", "https:")) is Fault.UNTRUSTED
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        assert fault(f"http://127.0.0.1:{silent.getsockname()[1]}", deadline=0.2) is Fault.TIMEOUT


def _chained(cause: Exception) -> Exception:
    try:
        try:
            raise cause
        except Exception as error:
            raise RuntimeError("a library's own") from error
    except RuntimeError as error:
        return error


@pytest.mark.parametrize(
    ("cause", "expected"),
    [
        (socket.gaierror(-2, "unknown"), Fault.NAME_UNKNOWN),
        (ConnectionRefusedError(), Fault.REFUSED),
        (ssl.SSLCertVerificationError(), Fault.UNTRUSTED),
        (ConnectionResetError(), Fault.CONNECTION),
    ],
)
def test_the_cause_is_found_behind_a_librarys_error(cause: Exception, expected: Fault) -> None:
    assert fault_of(_chained(cause)) is expected


def test_what_is_missing_here_is_a_kind_of_fault(tmp_path: Path) -> None:
    def opened() -> None:
        with open_file(tmp_path / "none.csv"):
            pass

    asked: dict[Fault, Callable[[], object]] = {
        Fault.CREDENTIALS_MISSING: Secret("${NO_SUCH_SECRET}").reveal,
        Fault.FILE_MISSING: opened,
    }
    for expected, ask in asked.items():
        with pytest.raises(UserFacingError) as raised:
            ask()
        assert raised.value.fault is expected
    with pytest.raises(UserFacingError) as raised:
        matching_files(f"{tmp_path}/*.csv")
    assert raised.value.fault is Fault.FILE_MISSING


def test_every_kind_has_words_in_both_languages() -> None:
    for each in Fault:
        swedish, english = fault_in_words(each, "sv"), fault_in_words(each, "en")
        assert swedish != english
        assert swedish.endswith(".")
        assert english.endswith(".")
    assert fault_in_words(None, "sv") == fault_in_words("of a later release", "sv") == ""


def test_a_certificate_that_is_not_trusted_is_said_at_once(tmp_path: Path) -> None:
    """Trying again does not help, and nothing was asked of whoever answers there."""
    file, key = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, key)
    with served(Response("{}", media_type="application/json"), lambda: context) as address:
        url = address.replace("127.0.0.1", "localhost")
        with HttpClient(url, tries=5) as client, pytest.raises(HttpError) as raised:
            client.get("x")
        assert "the TLS certificate is not trusted; set ca_file" in str(raised.value)
        assert (raised.value.fault, raised.value.permanent) == (Fault.UNTRUSTED, True)
        with HttpClient(url, tries=1, ca_file=str(file)) as client:
            assert client.get("x").body == {}


def test_a_server_that_stays_silent_is_told_apart_from_one_that_is_not_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        assert fault(address, deadline=0.3) is Fault.TIMEOUT
    assert fault(address) is Fault.REFUSED
