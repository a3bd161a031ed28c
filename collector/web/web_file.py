"""The web configuration file in force: its TLS context and its passwords, read again on change."""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
import ssl
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import bcrypt

from collector.io.errors import UserFacingError
from collector.io.stamps import stamp_of

if TYPE_CHECKING:
    from collector.config.web_file import TlsServer, WebFile

log = logging.getLogger(__name__)

_REMEMBERED = 256
"""Right passwords whose hash is not computed again."""

_LONGEST_PASSWORD = 72
"""Bytes that bcrypt looks at."""

_CHEAPEST = 4
"""The least cost that bcrypt knows."""

_KEY = secrets.token_bytes(32)

_VERSIONS = {"TLS12": ssl.TLSVersion.TLSv1_2, "TLS13": ssl.TLSVersion.TLSv1_3}


class CannotServe(UserFacingError):
    """The certificate or its key cannot be used."""

    permanent = True


def tls_context(options: TlsServer) -> ssl.SSLContext:
    """Return the context of a server. Raises CannotServe, naming the file that cannot be used."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = _VERSIONS[options.min_version]
    context.maximum_version = _VERSIONS[options.max_version]
    file = options.cert_file
    try:
        context.load_cert_chain(options.cert_file, options.key_file)
        if options.client_ca_file is not None:
            file = options.client_ca_file
            context.load_verify_locations(file)
            context.verify_mode = ssl.CERT_REQUIRED
    except ssl.SSLError as error:
        reason = (error.reason or "not PEM").replace("_", " ").lower()
        raise CannotServe(f"{file}: cannot be used for TLS: {reason}") from None
    except OSError as error:
        raise CannotServe(f"{error.filename or file}: cannot be read: {error.strerror}") from None
    return context


class WebFileInForce:
    """A web configuration file and what it leads to; read again when it or a certificate changes.

    A change that has faults is logged, and what was in force stays. Without a file there is neither
    TLS nor a password.
    """

    def __init__(self, file: Path | None) -> None:
        """Raises FaultyFile, CannotServe."""
        self._file = file
        self._stamp: object = None
        self._passwords: OrderedDict[bytes, None] = OrderedDict()
        self.users: Mapping[str, str] = {}
        self._context: ssl.SSLContext | None = None
        self._of_nobody = ""
        self._options: WebFile | None = None
        if file is not None:
            self._read(file)

    @property
    def uses_tls(self) -> bool:
        """Whether the service is reached by https."""
        return self._context is not None

    def refuse_without(self, after: WebFileInForce) -> None:
        """Raise CannotServe if another file would switch off what this one asks for."""
        refuse_without(self._options, after._options)

    def context(self) -> ssl.SSLContext | None:
        """Return the TLS context for a new connection."""
        self.refresh()
        return self._context

    def refresh(self) -> None:
        """Read the file again if it has changed."""
        if self._file is None or _stamps(self._file, self._options) == self._stamp:
            return
        # A stamp is that of before the reading: what changes meanwhile is read again.
        self._stamp = _stamps(self._file, self._options)
        try:
            self._read(self._file)
            log.info("%s was read again", self._file)
        except UserFacingError as error:
            log.error("%s: what was in force before stays: %s", self._file, error)

    def _read(self, file: Path) -> None:
        # only where there is a file: this import takes longer than all others of the entrance
        from collector.config.web_file import load_web_file  # noqa: PLC0415

        own = stamp_of(str(file))
        options = load_web_file(file)
        stamp = (own, *_stamps(file, options)[1:])
        tls = options.tls_server_config
        context = None if tls is None else tls_context(tls)
        refuse_without(self._options, options)
        self._options, self._context, self.users = options, context, options.basic_auth_users
        self._stamp = stamp
        self._passwords.clear()
        self._of_nobody = _hash_of_nobody(self.users)

    def knows(self, user: str, password: str) -> bool:
        """Whether this password was found right before, without computing its hash again."""
        return self._key(user, password) in self._passwords

    def verify(self, user: str, password: str) -> bool:
        """Whether the password is that of the user. As slow for a user who does not exist."""
        expected, given = self.users.get(user), password.encode()
        fits = len(given) <= _LONGEST_PASSWORD
        right = bcrypt.checkpw(given if fits else b"", (expected or self._of_nobody).encode())
        if not (right and fits and expected is not None):
            return False
        self._passwords[self._key(user, password)] = None
        while len(self._passwords) > _REMEMBERED:
            self._passwords.popitem(last=False)
        return True

    def _key(self, user: str, password: str) -> bytes:
        """A keyed digest, so that no password stays in memory."""
        parts = (user, password, self.users.get(user, ""))
        return hmac.digest(_KEY, "\0".join(parts).encode(), hashlib.sha256)


def refuse_without(before: WebFile | None, after: WebFile | None) -> None:
    """Raise CannotServe if TLS or passwords would be switched off in a service that runs: a file
    that was written by half must open no door."""
    if before is None:
        return
    if before.tls_server_config and not (after and after.tls_server_config):
        raise CannotServe("TLS cannot be switched off while the service runs; restart it")
    if before.basic_auth_users and not (after and after.basic_auth_users):
        raise CannotServe("passwords cannot be switched off while the service runs; restart it")


def _stamps(file: Path, options: WebFile | None) -> tuple[object, ...]:
    tls = options and options.tls_server_config
    files = (tls.cert_file, tls.key_file, tls.client_ca_file) if tls else ()
    return tuple(stamp_of(None if each is None else str(each)) for each in (file, *files))


def _hash_of_nobody(users: Mapping[str, str]) -> str:
    """What the password of a user who does not exist is compared with. It takes as long as the
    costliest of those who do: its time must not tell who exists."""
    costliest = max((int(each.split("$")[2]) for each in users.values()), default=_CHEAPEST)
    return bcrypt.gensalt(costliest).decode() + 31 * "."  # of no password that anybody knows
