"""Verdicts summed, in words: what a figure is made of."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Checks:
    """What the source's own calculation gave, in numbers of records; see :class:`CrossCheck`.

    ``good`` of the ``checked`` are met by ours and ``own_good`` by theirs.
    """

    checked: int = 0
    good: int = 0
    own_good: int = 0
    disagree: int = 0
    compared: int = 0
    differ: int = 0


@dataclass(frozen=True, slots=True)
class Counts:
    """A tally in words: records that are good, eligible, pending, excluded by reason.

    ``seconds`` is the sum over the good ones (clocks that still run would make it depend on now),
    ``squares`` that of their squares. ``histogram`` counts the ended clocks of all eligible ones by
    bucket; of calls the waits of those answered.
    """

    good: int = 0
    eligible: int = 0
    pending: int = 0
    seconds: int = 0
    squares: int = 0
    excluded: dict[str, int] = field(default_factory=dict)
    checks: Checks = field(default_factory=Checks)
    histogram: tuple[int, ...] = ()
