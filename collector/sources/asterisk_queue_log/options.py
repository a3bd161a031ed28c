"""The configuration of a queue log source."""

from __future__ import annotations

from typing import Literal

from pydantic import field_validator

from collector.io.files import ConfigPath
from collector.model.bilingual import Text
from collector.model.records import CallOutcome
from collector.sources.asterisk_queue_log.events import ENDED_AS, KNOWN
from collector.sources.kit.contract import SourceOptions
from collector.sources.kit.mapping import ValueMap


class QueueLogOptions(SourceOptions):
    """The keys of every source that reads a queue log, which is one telephone system.

    ``map``: ``organization`` maps the queue's name to an organization, ``queue`` renames and merges
    queues, ``outcome`` turns one of our outcomes into another. ``event`` names events that are not
    Asterisk's own: the name of one of Asterisk's events, one of our outcomes of an unanswered call,
    or ``ignore``.
    """

    delivers = "calls"

    @field_validator("map")
    @classmethod
    def _known_maps(cls, maps: dict[str, ValueMap]) -> dict[str, ValueMap]:
        if unknown := sorted(maps.keys() - {"event", "organization", "outcome", "queue"}):
            raise ValueError(
                f"{unknown[0]} cannot be mapped: only event, organization, outcome and queue"
            )
        for ours in [text for pair in maps.get("outcome", {}).items() for text in pair]:
            if ours not in set(CallOutcome):
                raise ValueError(f"outcome {ours!r} is not one of {', '.join(CallOutcome)}")
        for ours in maps.get("event", {}).values():
            if ours.upper() not in KNOWN and ours.lower() not in ENDED_AS:
                raise ValueError(
                    f"event {ours!r} is neither an event of Asterisk (ABANDON, EXITWITHTIMEOUT …),"
                    f" nor {', '.join(sorted(ENDED_AS))}, nor ignore"
                )
        return maps


class AsteriskOptions(QueueLogOptions):
    """The keys of an ``asterisk_queue_log`` source.

    ``path``: the file, or a glob. Rotated files such as ``queue_log.1`` and
    ``queue_log-20260101.gz`` are found without a glob.

    ``encoding``: that of the names of queues; by default UTF-8.
    """

    ACCESS = frozenset({"path"})
    LOCAL = True

    implementation = "collector.sources.asterisk_queue_log.source:AsteriskQueueLog"
    title = Text(sv="Asterisks kölogg", en="Asterisk's queue log")
    type: Literal["asterisk_queue_log"]
    path: ConfigPath
    encoding: str | None = None

    @field_validator("encoding")
    @classmethod
    def _usable_encoding(cls, name: str | None) -> str | None:
        try:
            usable = name is None or "|".encode(name) == b"|"
        except (LookupError, ValueError):
            usable = False
        if not usable:
            raise ValueError(f"{name!r} is not an encoding of queue logs; write one such as cp1252")
        return name
