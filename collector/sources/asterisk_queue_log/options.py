"""The configuration of a queue log source."""

from __future__ import annotations

from typing import Literal

from pydantic import field_validator

from collector.io.files import ConfigPath
from collector.model.bilingual import Text
from collector.model.records import CallOutcome
from collector.sources.kit.contract import SourceOptions
from collector.sources.kit.mapping import ValueMap


class AsteriskOptions(SourceOptions):
    """The keys of an ``asterisk_queue_log`` source, which is one telephone system.

    ``path``: the file, or a glob. Rotated files such as ``queue_log.1`` and
    ``queue_log-20260101.gz`` are found without a glob.

    ``map``: ``organization`` maps the queue's name to an organization, ``queue`` renames and merges
    queues, ``outcome`` turns one of our outcomes into another.
    """

    ACCESS = SourceOptions.ACCESS | {"path"}

    implementation = "collector.sources.asterisk_queue_log.source:AsteriskQueueLog"
    delivers = "calls"
    title = Text(sv="Asterisks kölogg", en="Asterisk's queue log")
    type: Literal["asterisk_queue_log"]
    path: ConfigPath

    @field_validator("map")
    @classmethod
    def _known_maps(cls, maps: dict[str, ValueMap]) -> dict[str, ValueMap]:
        if unknown := sorted(maps.keys() - {"organization", "queue", "outcome"}):
            raise ValueError(f"{unknown[0]} cannot be mapped: only organization, queue and outcome")
        for ours in [text for pair in maps.get("outcome", {}).items() for text in pair]:
            if ours not in set(CallOutcome):
                raise ValueError(f"outcome {ours!r} is not one of {', '.join(CallOutcome)}")
        return maps
