"""The web configuration file: TLS and passwords of the service, in the form that Prometheus and its
exporters share (prometheus/exporter-toolkit, docs/web-configuration.md)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator

from collector.io.files import ConfigPath
from collector.io.yaml import Fault, FaultyFile, read_yaml
from collector.model.fields import Strict

_BCRYPT = re.compile(r"\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{31}")
"""Of the salt's last letter only two bits count; with others it can be compared with nothing."""
_COSTLIEST = 14
"""Each step doubles the time of a check; this one takes about a second."""

TlsVersion = Literal["TLS12", "TLS13"]


def _hash(text: str) -> str:
    match = _BCRYPT.fullmatch(text)
    if match is None:  # never quoted: somebody may have written the password itself
        raise ValueError("is not a bcrypt hash; make one with htpasswd -nBC 10 NAME")
    if not 4 <= int(match[1]) <= _COSTLIEST:
        raise ValueError(f"has a cost of {match[1]}; use one from 04 to {_COSTLIEST}")
    return text


class TlsServer(Strict):
    """``tls_server_config``. Certificates are PEM files, relative to the folder of this file."""

    cert_file: ConfigPath
    key_file: ConfigPath
    client_auth_type: Literal["NoClientCert", "RequireAndVerifyClientCert"] = "NoClientCert"
    client_ca_file: ConfigPath | None = None
    min_version: TlsVersion = "TLS12"
    max_version: TlsVersion = "TLS13"

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.min_version > self.max_version:
            raise ValueError("min_version is higher than max_version")
        if (self.client_ca_file is None) != (self.client_auth_type == "NoClientCert"):
            raise ValueError("client_ca_file and RequireAndVerifyClientCert belong together")
        return self


class WebFile(Strict):
    """The whole file. ``basic_auth_users``: bcrypt hashes by user; empty: no password."""

    tls_server_config: TlsServer | None = None
    basic_auth_users: dict[
        Annotated[str, Field(min_length=1, pattern=r"^[^:]*$")],
        Annotated[str, AfterValidator(_hash)],
    ] = {}


def load_web_file(file: Path) -> WebFile:
    """Read a web configuration file. Raises FaultyFile with every fault; no hash is quoted."""
    read = read_yaml(file, "see server.web_config")
    if not isinstance(read.data, dict):
        raise FaultyFile(file, [Fault("has neither tls_server_config nor basic_auth_users")])
    try:
        context = {"folder": str(file.absolute().parent)}  # of a link: where the link is
        return WebFile.model_validate(read.data, context=context)
    except ValidationError as error:
        # the entrance has no other use for the models of a whole configuration
        from collector.config.loading.load import faults_of  # noqa: PLC0415

        raise FaultyFile(file, faults_of(error, read)) from None
