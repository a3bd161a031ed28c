"""What ``init`` found out about a system: everything that the starter configuration is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from collector.model.bilingual import Language


@dataclass(frozen=True, slots=True)
class Place:
    """Where the desk is: the zone of its days, the country of its holidays, and its language."""

    timezone: str
    country: str | None
    language: Language


@dataclass(slots=True)
class Draft:
    """A source, what its records tell, and what was guessed about them.

    ``options``: the keys of the source; ``remarks``: key → a comment beside it. ``facts``: which of
    first_response, resolved and closed its tickets have. ``priorities``: strictest first.
    ``queues``: queue → its calls. ``guesses``: a line for each thing that was guessed.
    ``newest``: the last day on which a record begins.
    """

    name: str
    origin: str
    options: dict[str, Any]
    calls: bool = False
    remarks: dict[str, str] = field(default_factory=dict)
    facts: frozenset[str] = frozenset()
    priorities: Sequence[str] = ()
    organizations: Sequence[str] = ()
    queues: Mapping[str, int] = field(default_factory=dict)
    guesses: list[str] = field(default_factory=list)
    newest: date | None = None
