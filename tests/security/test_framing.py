"""Requests that a proxy and we could read differently."""

import socket

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from collector.web.framing import OneFraming
from tests.worlds.serving import served

SMUGGLED = b"GET /secret HTTP/1.1\r\nHost: x\r\nX-Remote-User: anna\r\n\r\n"

CODINGS = (b"Content-Length: 0\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n")


@pytest.mark.parametrize("order", [1, -1])
def test_a_second_request_inside_a_first_one_is_not_heard(order):
    asked = []

    def page(request):
        asked.append(request.url.path)
        return PlainTextResponse("")

    methods = ["GET", "POST"]
    routes = [Route(f"/{name}", page, methods=methods) for name in ("hook", "secret")]
    app = Starlette(routes=routes, middleware=[Middleware(OneFraming)])
    lengths = [b"Content-Length: %d" % (5 + len(SMUGGLED)), b"Transfer-Encoding: chunked"][::order]
    head = b"\r\n".join([b"POST /hook HTTP/1.1", b"Host: x", *lengths])
    with served(app) as address:
        host, port = address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=30) as sock:
            sock.sendall(head + b"\r\n\r\n0\r\n\r\n" + SMUGGLED)
            answer = b""
            while some := sock.recv(65536):
                answer += some
    assert answer.startswith(b"HTTP/1.1 400")
    assert answer.count(b"HTTP/1.1") == 1
    assert asked == []


def test_a_request_with_one_length_is_heard():
    def page(_):
        return PlainTextResponse("heard")

    app = Starlette(
        routes=[Route("/", page, methods=["POST"])], middleware=[Middleware(OneFraming)]
    )
    with served(app) as address:
        host, port = address.removeprefix("http://").split(":")
        for coding in (
            b"Content-Length: 0\r\n\r\n",
            b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ):
            with socket.create_connection((host, int(port)), timeout=30) as sock:
                sock.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + coding)
                assert b"heard" in sock.makefile("rb").read()
