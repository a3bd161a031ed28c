"""The web configuration file in force: its TLS context and its passwords, read again on change."""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
import ssl
from collections import OrderedDict
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import bcrypt

from collector.io.errors import UserFacingError
from collector.io.stamps import stamp_of

if TYPE_CHECKING:
    from collector.config.web_file import TlsServer

log = logging.getLogger(__name__)

_REMEMBERED = 256
"""Right passwords whose hash is not computed again."""

_LONGEST_PASSWORD = 72
"""Bytes that bcrypt looks at."""

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
        self._tls: TlsServer | None = None
        if file is not None:
            self._read(file)

    @property
    def uses_tls(self) -> bool:
        """Whether the service is reached by https."""
        return self._context is not None

    def context(self) -> ssl.SSLContext | None:
        """Return the TLS context for a new connection."""
        self.refresh()
        return self._context

    def refresh(self) -> None:
        """Read the file again if it has changed."""
        if self._file is None or self._now() == self._stamp:
            return
        try:
            self._read(self._file)
            log.info("%s was read again", self._file)
        except UserFacingError as error:
            self._stamp = self._now()
            log.error("%s: what was in force before stays: %s", self._file, error)

    def _read(self, file: Path) -> None:
        # only where there is a file: this import takes longer than all others of the entrance
        from collector.config.web_file import load_web_file  # noqa: PLC0415

        self._stamp = self._now()
        options = load_web_file(file)
        tls = options.tls_server_config
        context = None if tls is None else tls_context(tls)
        if self._tls is not None and tls is None:
            raise CannotServe("TLS cannot be switched off while the service runs; restart it")
        self._tls, self._context, self.users = tls, context, options.basic_auth_users
        self._stamp = self._now()
        self._passwords.clear()

    def _now(self) -> object:
        tls = self._tls
        files = (tls.cert_file, tls.key_file, tls.client_ca_file) if tls else ()
        return tuple(stamp_of(None if each is None else str(each)) for each in (self._file, *files))

    def knows(self, user: str, password: str) -> bool:
        """Whether this password was found right before, without computing its hash again."""
        return self._key(user, password) in self._passwords

    def verify(self, user: str, password: str) -> bool:
        """Whether the password is that of the user. As slow for a user who does not exist."""
        expected, given = self.users.get(user), password.encode()
        fits = len(given) <= _LONGEST_PASSWORD
        right = bcrypt.checkpw(given if fits else b"", (expected or _of_nobody()).encode())
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


@cache
def _of_nobody() -> str:
    """What the password of a user who does not exist is compared with: it takes as long."""
    return bcrypt.hashpw(secrets.token_bytes(16), bcrypt.gensalt(10)).decode()
