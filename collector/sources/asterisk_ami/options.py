"""The configuration of a source that asks Asterisk's manager interface."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from collector.io.files import ConfigPath
from collector.io.secrets import Secret
from collector.model.bilingual import Text
from collector.model.fields import Interval
from collector.sources.kit.contract import SourceOptions
from collector.sources.kit.mapping import ValueMap


class AsteriskAmiOptions(SourceOptions):
    """The keys of an ``asterisk_ami`` source, which is one telephone system.

    ``user`` and ``secret``: of ``manager.conf``. Without ``tls`` the secret itself is not sent.
    ``timeout``: the most that a whole exchange may take. ``map``: ``queue`` renames and merges
    queues.
    """

    ACCESS = frozenset({"host", "port", "user", "secret", "tls", "ca_file", "timeout"})

    implementation = "collector.sources.asterisk_ami.source:AsteriskAmi"
    delivers = "queues"
    title = Text(sv="Asterisks köer just nu", en="Asterisk's queues at this moment")
    type: Literal["asterisk_ami"]
    every: Interval = 15
    host: Annotated[str, Field(min_length=1)]
    port: Annotated[int, Field(gt=0, lt=65536)] = 5038
    user: Annotated[str, Field(min_length=1)]
    secret: Secret
    tls: bool = False
    ca_file: ConfigPath | None = None
    timeout: Interval = 10

    @field_validator("user")
    @classmethod
    def _one_line(cls, user: str) -> str:
        if not user.isprintable():
            raise ValueError("must be one line of printable characters")
        return user

    @field_validator("map")
    @classmethod
    def _known_maps(cls, maps: dict[str, ValueMap]) -> dict[str, ValueMap]:
        if unknown := sorted(maps.keys() - {"queue"}):
            raise ValueError(f"{unknown[0]} cannot be mapped: only queue")
        return maps
