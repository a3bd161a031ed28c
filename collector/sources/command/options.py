"""The configuration of a ``command`` source."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, Tag, ValidationInfo, field_validator, model_validator

from collector.io.files import ConfigPath, resolve_path
from collector.io.secrets import Secret
from collector.model.bilingual import Text
from collector.model.fields import Interval
from collector.sources.mapped.options import MappedOptions

INHERITED = (
    *("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"),
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
)
"""The variables of this program's environment that the command gets: none that holds secrets, so a
proxy with a password (:func:`holds_password`) is left out."""

_REFERENCES = ("${", "file:")

EnvironmentValue = Annotated[
    Annotated[Secret, Tag("secret")] | Annotated[str, Tag("plain")],
    Discriminator(
        lambda value: (
            "secret" if isinstance(value, Secret) or str(value).startswith(_REFERENCES) else "plain"
        )
    ),
]
"""A secret by reference, or a text as it is."""


def holds_password(name: str, value: str) -> bool:
    """Return whether an inherited variable is a proxy's address with a password in it."""
    return name.lower().endswith("_proxy") and "@" in value


class CommandOptions(MappedOptions):
    """The keys of a ``command`` source.

    ``command``: the program and its arguments, run without a shell. ``environment``: the variables
    that it gets besides those of ``INHERITED``. ``folder``: where it runs.
    ``format``: singer, of which the records of ``stream`` are read, or ndjson: one ticket a line.
    ``state``: how the state that it wrote last is given to it: file (after ``state_argument``),
    stdin, or none. ``timeout``: after which it is ended. ``output_limit``: megabytes of output
    after which it is ended.
    """

    ACCESS = MappedOptions.ACCESS | {
        *("command", "environment", "folder", "timeout", "output_limit", "state_argument"),
    }
    implementation = "collector.sources.command.source:CommandTickets"
    delivers = "tickets"
    title = Text(sv="Ett program som läser ärenden", en="A program that reads tickets")

    type: Literal["command"]
    command: Annotated[list[str], Field(min_length=1)]
    environment: dict[str, EnvironmentValue] = {}
    folder: ConfigPath | None = None
    format: Literal["singer", "ndjson"] = "singer"
    stream: str | None = None
    state: Literal["file", "stdin", "none"] = "file"
    state_argument: str = "--state"
    timeout: Interval = 600
    output_limit: Annotated[int, Field(ge=1, le=10_000)] = 200

    @field_validator("command")
    @classmethod
    def _no_nul(cls, command: list[str], info: ValidationInfo) -> list[str]:
        if any("\0" in part for part in command) or not command[0]:
            raise ValueError("a part of the command is empty or contains a NUL character")
        if "/" in command[0]:  # as other paths, relative to the configuration
            return [resolve_path(command[0], info), *command[1:]]
        return command

    @model_validator(mode="after")
    def _of_its_format(self) -> Self:
        if self.format == "ndjson" and self.stream is not None:
            raise ValueError("stream is for format: singer; lines of ndjson have none")
        if self.format == "ndjson" and "state" in self.model_fields_set and self.state != "none":
            raise ValueError("only format: singer has a state: remove the key state")
        return self
