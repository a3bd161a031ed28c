"""TLS, passwords and the proxy's header: who is let in, and what a wrong file does."""

import base64
import logging
import shutil
import socket
import ssl
import subprocess
from ipaddress import ip_network

import bcrypt
import pytest
import requests
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from collector.config.server import ServerSettings
from collector.config.web_file import load_web_file
from collector.io.errors import UserFacingError
from collector.io.yaml import FaultyFile
from collector.web import gate as gate_module
from collector.web import web_file as web_file_module
from collector.web.gate import MOST_FAILURES, Gate
from collector.web.web_file import CannotServe, WebFileInForce, tls_context
from tests.worlds.commands import run_here
from tests.worlds.programs import absent
from tests.worlds.serving import behind_entrance, served

HASH = "$2b$04$abcdefghijklmnopqrstuua1kk8EPGkSHbWt7XiGEPDGNQWLno8Ja"
"""Of sesam."""
OTHER = "$2b$04$abcdefghijklmnopqrstuu0HtfOlPbTiymk5tcV.3TsFPDd3SYZqu"
"""Of other."""
LOCAL = ip_network("127.0.0.0/8")


def page(request):
    return PlainTextResponse("anonymous" if request.scope.get("anonymous") else "in")


APP = Starlette(routes=[Route(path, page) for path in ("/", "/readyz", "/hooks/desk", "/hooked")])


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "web.yml"
    path.write_text(f"basic_auth_users:\n  anna: {HASH}\n")
    return path


@pytest.fixture
def address(file, clock):
    gate = Gate(APP, WebFileInForce(file), ("/readyz", "/hooks/"), clock=clock)
    with served(gate) as found:
        yield found


def status(address, path="/", **more):
    return requests.get(address + path, timeout=30, **more).status_code


def test_who_has_the_password_is_let_in(address):
    assert status(address, auth=("anna", "sesam")) == 200
    assert status(address, auth=("anna", "sesam")) == 200, "and is known the next time"
    found = requests.get(address, timeout=30)
    assert (found.status_code, found.headers["WWW-Authenticate"][:5]) == (401, "Basic")
    for wrong in (("anna", "other"), ("nobody", "sesam"), ("anna", ""), ("", "sesam")):
        assert status(address, auth=wrong) == 401


@pytest.mark.parametrize(
    "header",
    ["Basic", "Basic %%%", "Bearer sesam", "Basic " + base64.b64encode(b"anna").decode(),
     "Basic " + base64.b64encode(b"\xff:\xff").decode(), "Basic " + "x" * 8000],
)  # fmt: skip
def test_what_is_no_password(address, header):
    assert status(address, headers={"Authorization": header}) == 401


def test_a_password_longer_than_bcrypt_looks_at_is_not_cut(file, clock):
    long = "x" * 72
    hashed = bcrypt.hashpw(long.encode(), bcrypt.gensalt(4)).decode()
    file.write_text(f"basic_auth_users: {{anna: {hashed}}}\n")
    with served(Gate(APP, WebFileInForce(file), (), clock=clock)) as address:
        assert status(address, auth=("anna", long)) == 200
        assert status(address, auth=("anna", long + "y")) == 401


def test_what_needs_no_password_knows_that_nobody_is_there(address):
    for path, text in (("/readyz", "anonymous"), ("/hooks/desk", "anonymous")):
        assert requests.get(address + path, timeout=30).text == text
    assert requests.get(address + "/readyz", auth=("anna", "sesam"), timeout=30).text == "in"
    assert status(address, "/hooked") == 401
    assert status(address, "/readyz/../") == 401


def test_after_many_wrong_passwords_none_is_checked(address, clock, monkeypatch):
    assert status(address, auth=("anna", "sesam")) == 200
    wrong = [status(address, auth=("anna", f"guess{n}")) for n in range(MOST_FAILURES + 3)]
    assert wrong == [401] * MOST_FAILURES + [429] * 3
    refused = requests.get(address, auth=("bertil", "x"), timeout=30)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")
    assert status(address, auth=("anna", "sesam")) == 200, "who is known is not locked out"
    clock.now += gate_module.FAILURE_SECONDS + 1
    assert status(address, auth=("anna", "guess")) == 401


def test_right_passwords_are_no_failures(file, clock):
    file.write_text("basic_auth_users:\n" + "".join(f"  u{n}: {HASH}\n" for n in range(30)))
    with served(Gate(APP, WebFileInForce(file), (), clock=clock)) as address:
        assert {status(address, auth=(f"u{n}", "sesam")) for n in range(30)} == {200}


def test_a_file_written_by_half_opens_no_door(address, file, caplog):
    file.write_text("basic_auth_users: {}\n")
    assert status(address) == 401
    assert status(address, auth=("anna", "sesam")) == 200
    assert "passwords cannot be switched off while the service runs" in caplog.text


@pytest.mark.parametrize("cost", ["04", "12"])
def test_who_does_not_exist_takes_as_long_as_who_does(file, cost, monkeypatch):
    file.write_text(f"basic_auth_users: {{anna: {HASH.replace('$04', f'${cost}')}}}\n")
    asked = []

    def checkpw(_, against):
        asked.append(against.split(b"$")[2].decode())
        return False

    monkeypatch.setattr(bcrypt, "checkpw", checkpw)
    for user in ("anna", "nobody"):
        assert not WebFileInForce(file).verify(user, "guess")
    assert asked == [cost, cost]


def test_a_changed_file_is_in_force_at_once(address, file, caplog):
    assert status(address, auth=("anna", "sesam")) == 200
    file.write_text(f"basic_auth_users: {{anna: {OTHER}, bertil: {HASH}}}\n")
    assert status(address, auth=("anna", "sesam")) == 401, "also who was known before"
    assert status(address, auth=("anna", "other")) == 200
    with caplog.at_level(logging.ERROR):
        file.write_text("basic_auth_users: {anna: unhashed}\n")
        assert status(address, auth=("anna", "other")) == 200, "a faulty one changes nothing"
        assert status(address) == 401
        file.unlink()
        assert status(address) == 401
    assert "what was in force before stays" in caplog.messages[0]
    assert "unhashed" not in caplog.text


def test_a_proxy_names_its_user(file, clock):
    gate = Gate(APP, WebFileInForce(None), ("/readyz",), "X-Remote-User", [LOCAL], clock=clock)
    with served(gate) as address:
        assert status(address, headers={"X-Remote-User": "anna"}) == 200
        assert status(address, headers={"X-Remote-User": ""}) == 401
        assert status(address) == 401
        forged = {"X-Remote-User": "anna", "X-Forwarded-For": "10.0.0.1"}
        assert status(address, headers=forged) == 200, "the address is that of the connection"
    elsewhere = [ip_network("10.0.0.0/8"), ip_network("::1/128")]
    gate = Gate(APP, WebFileInForce(file), (), "X-Remote-User", elsewhere, clock=clock)
    with served(gate) as address:
        forged = {"X-Remote-User": "anna", "X-Forwarded-For": "10.0.0.1"}
        assert status(address, headers=forged) == 403
        assert status(address, headers=forged, auth=("anna", "sesam")) == 403
        assert status(address, auth=("anna", "sesam")) == 200


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "has neither tls_server_config nor basic_auth_users"),
        ("basic_auth_users: {anna: sesam}", "basic_auth_users.anna: is not a bcrypt hash"),
        (f"basic_auth_users: {{anna: {HASH.replace('$04', '$31')}}}", "has a cost of 31"),
        (f"basic_auth_users: {{'an:na': {HASH}}}", "basic_auth_users"),
        (f"basic_auth_users: {{anna: {HASH.replace('stuu', 'stuz')}}}", "is not a bcrypt hash"),
        ("basic_auth: {anna: x}", "basic_auth: is not a known key"),
        ("tls_server_config: {cert_file: a.pem}", "key_file: is missing"),
        ("tls_server_config: {cert_file: a, key_file: b, min_version: TLS11}", "min_version"),
        ("tls_server_config: {cert_file: a, key_file: b, client_ca_file: c}", "belong together"),
    ],
)  # fmt: skip
def test_a_faulty_file_is_refused_with_its_place(tmp_path, text, words):
    path = tmp_path / "web.yml"
    path.write_text(text)
    with pytest.raises(FaultyFile) as refused:
        load_web_file(path)
    assert words in str(refused.value)
    assert str(path) in str(refused.value)
    assert "sesam" not in str(refused.value)


# TLS


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """A folder with two certificates for 127.0.0.1, each with its key."""
    if shutil.which("openssl") is None:
        absent("openssl", "apt-get install openssl")
    folder = tmp_path_factory.mktemp("tls")
    for name in ("one", "two"):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-days", "2", "-subj", f"/CN={name}", "-addext",
             "subjectAltName=IP:127.0.0.1", "-keyout", folder / f"{name}.key", "-out",
             folder / f"{name}.pem"],
            check=True, capture_output=True,
        )  # fmt: skip
    return folder


@pytest.fixture
def tls(certificates, tmp_path):
    """A file with TLS, and the certificate in use beside it."""
    for name in ("pem", "key"):
        shutil.copyfile(certificates / f"one.{name}", tmp_path / f"server.{name}")
    file = tmp_path / "web.yml"
    file.write_text("tls_server_config: {cert_file: server.pem, key_file: server.key}\n")
    return file


def test_tls_and_a_silent_connection(tls, certificates):
    in_force = WebFileInForce(tls)
    with served(Gate(APP, in_force, ()), in_force.context) as address:
        host, port = address.removeprefix("https://").split(":")
        with socket.create_connection((host, int(port)), timeout=30):
            found = requests.get(address, verify=certificates / "one.pem", timeout=30)
            assert found.text == "in"
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(address, verify=certificates / "two.pem", timeout=30)
        with pytest.raises(requests.ConnectionError):
            requests.get(address.replace("https", "http"), timeout=30)


def test_old_tls_is_refused(tls, certificates):
    in_force = WebFileInForce(tls)
    with served(Gate(APP, in_force, ()), in_force.context) as address:
        host, port = address.removeprefix("https://").split(":")
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
        old.set_ciphers("ALL:@SECLEVEL=0")
        with pytest.warns(DeprecationWarning, match="TLSv1_1"):
            old.maximum_version = ssl.TLSVersion.TLSv1_1
        with (
            socket.create_connection((host, int(port)), timeout=30) as sock,
            pytest.raises((ssl.SSLError, ConnectionError)),
        ):
            old.wrap_socket(sock)


def test_a_renewed_certificate_is_used_without_a_restart(tls, certificates, caplog):
    in_force = WebFileInForce(tls)
    with served(Gate(APP, in_force, ()), in_force.context) as address:
        assert requests.get(address, verify=certificates / "one.pem", timeout=30).text == "in"
        shutil.copyfile(certificates / "two.pem", tls.with_name("server.pem"))
        assert requests.get(address, verify=certificates / "one.pem", timeout=30).text == "in", (
            "the key does not fit yet"
        )
        shutil.copyfile(certificates / "two.key", tls.with_name("server.key"))
        assert requests.get(address, verify=certificates / "two.pem", timeout=30).text == "in"
        tls.write_text(f"basic_auth_users: {{anna: {HASH}}}\n")
        assert requests.get(address, verify=certificates / "two.pem", timeout=30).text == "in", (
            "TLS is not switched off unseen"
        )
    assert "TLS cannot be switched off" in caplog.text


def test_a_certificate_that_is_exchanged_while_it_is_read_is_read_again(
    tls, certificates, monkeypatch
):
    """The key's half of a renewal arrives between our reading of the two and the look after it."""
    in_force = WebFileInForce(tls)
    before, read = in_force.context(), []

    def renew(name):
        shutil.copyfile(certificates / f"two.{name}", tls.with_name(f"server.{name}"))

    def slow(options):
        try:
            read.append(options)
            return tls_context(options)
        finally:
            if len(read) == 1:
                renew("key")

    monkeypatch.setattr(web_file_module, "tls_context", slow)
    renew("pem")
    assert in_force.context() is before, "the key did not fit yet"
    assert in_force.context() is not before
    in_force.context()
    assert len(read) == 2, "and once is enough"


def test_certificates_as_kubernetes_mounts_them(certificates, tmp_path):
    """Each file is a link by way of ``..data``, which is exchanged; the former one is deleted."""
    folder = tmp_path / "tls"
    folder.mkdir()
    for name in ("one", "two"):
        mounted = folder / f"..{name}"
        mounted.mkdir()
        for part in ("pem", "key"):
            shutil.copyfile(certificates / f"{name}.{part}", mounted / f"server.{part}")
        (mounted / "web.yml").write_text(
            "tls_server_config: {cert_file: server.pem, key_file: ../tls/server.key}\n"
        )
    (folder / "..data").symlink_to("..one")
    for name in ("server.pem", "server.key", "web.yml"):
        (folder / name).symlink_to(f"..data/{name}")
    in_force = WebFileInForce(folder / "web.yml")
    with served(Gate(APP, in_force, ()), in_force.context) as address:
        assert requests.get(address, verify=certificates / "one.pem", timeout=30).text == "in"
        (folder / "..new").symlink_to("..two")
        (folder / "..new").rename(folder / "..data")
        shutil.rmtree(folder / "..one")
        assert requests.get(address, verify=certificates / "two.pem", timeout=30).text == "in"


def test_a_client_shows_its_certificate(tls, certificates):
    tls.write_text(
        "tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n"
        "  client_auth_type: RequireAndVerifyClientCert\n"
        f"  client_ca_file: {certificates}/two.pem\n"
    )
    in_force = WebFileInForce(tls)
    with served(Gate(APP, in_force, ()), in_force.context) as address:
        own = (certificates / "two.pem", certificates / "two.key")
        kept = {"verify": certificates / "one.pem", "timeout": 30}
        assert requests.get(address, cert=own, **kept).text == "in"
        with pytest.raises(requests.ConnectionError):
            requests.get(address, **kept)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda folder: (folder / "server.pem").unlink(), "server.*: cannot be read: No such file"),
        (lambda folder: (folder / "server.pem").write_text("x"), "server.pem: cannot be used for"),
    ],
)
def test_a_certificate_that_cannot_be_used_is_refused_at_start(tls, spoil, words):
    spoil(tls.parent)
    with pytest.raises(CannotServe, match=words):
        WebFileInForce(tls)


def test_check_says_what_is_wrong_with_the_file(desk, tls):
    config = desk / "servicedesk.yaml"
    text = config.read_text().replace("server: {port: 0}", f"server: {{web_config: {tls}}}")
    config.write_text(text)
    done = run_here("check", "--offline")
    assert done.code == 0
    assert "has a web_config but no url" in done.err
    (tls.parent / "server.key").write_text("x")
    done = run_here("check", "--offline")
    assert (done.code, "server.pem: cannot be used for TLS" in done.err) == (2, True)
    tls.write_text("basic_auth_users: {anna: unhashed}\n")
    done = run_here("check", "--offline")
    assert (done.code, f"{tls}:1: basic_auth_users.anna: is not a bcrypt" in done.err) == (2, True)


def test_tls_ends_at_the_entrance_and_cannot_be_dropped_on_the_way(tls, certificates):
    async def scheme(request):
        return PlainTextResponse(request.url.scheme)

    app, wanted = Starlette(routes=[Route("/", scheme)]), ServerSettings(web_config=str(tls))
    with behind_entrance(app, wanted) as (address, server):
        found = requests.get(f"https://{address}", verify=certificates / "one.pem", timeout=60)
        assert found.text == "https"
        with pytest.raises(UserFacingError, match="TLS cannot be switched off"):
            server.follow(ServerSettings())
        found = requests.get(f"https://{address}", verify=certificates / "one.pem", timeout=60)
        assert found.text == "https"
