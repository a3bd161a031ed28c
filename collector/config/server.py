"""Where the service is reached."""

from __future__ import annotations

from contextlib import suppress
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Annotated, Literal

from pydantic import Field

from collector.config.alerts import Address
from collector.io.files import ConfigPath
from collector.model.fields import Strict


class TrustedHeader(Strict):
    """The header ``name`` in which a proxy that asks for passwords names its user. ``proxies``:
    their addresses or networks; from others the header is refused."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,64}$")]
    proxies: Annotated[list[IPv4Network | IPv6Network], Field(min_length=1)]


class ServerSettings(Strict):
    """Where ``run`` serves metrics, health and web pages; on the loopback address by default.

    ``url``: the address at which people reach it, for links in boards and alerts. Without it they
    can be led only to a ``host`` that is neither this machine's own nor every address it has.
    ``documents``: which documents of frozen months its readers may download: ``publishable`` ones,
    or ``all``, with the snapshots, which also hold the numbers that documents hide.
    ``web_config``: a file with TLS and passwords, see ``web_file``; read again when it changes.
    ``trusted_header``: lets in who comes through a proxy that has asked for a password.
    ``poll_now``: whether the page of sources can start a poll; by default only where nobody but
    this machine reaches it, with a loopback ``host`` and without ``url``.
    """

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 9109
    url: Address | None = None
    documents: Literal["publishable", "all"] = "publishable"
    web_config: ConfigPath | None = None
    trusted_header: TrustedHeader | None = None
    poll_now: bool | None = None

    @property
    def polls_on_request(self) -> bool:
        """Whether the page of sources can start a poll."""
        if self.poll_now is not None:
            return self.poll_now
        only_here = self.host == "localhost"
        with suppress(ValueError):  # a name, not an address
            only_here = only_here or ip_address(self.host).is_loopback
        return only_here and self.url is None

    @property
    def address(self) -> str:
        """The URL at which people reach the server; it ends in a slash."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.url or f"http://{host}:{self.port}/"

    @property
    def public_address(self) -> str | None:
        """The URL at which others than this machine can reach the server; None if not known."""
        only_here = self.host == "localhost" or self.port == 0
        with suppress(ValueError):  # a name, not an address
            address = ip_address(self.host)
            only_here = only_here or address.is_loopback or address.is_unspecified
        return self.url or (None if only_here else self.address)
