"""Sums of verdicts with a name each: the numbers that a figure is made of."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Checks:
    """How the source's own calculation compares with ours, as numbers of records.

    Of the ``checked`` records ``good`` are met by our calculation and ``own_good`` by the source's;
    on ``disagree`` of them the two differ. Of the ``compared`` ones ``differ`` have another first
    response. See ``crosscheck.CrossCheck``.
    """

    checked: int = 0
    good: int = 0
    own_good: int = 0
    disagree: int = 0
    compared: int = 0
    differ: int = 0


@dataclass(frozen=True, slots=True)
class Counts:
    """The columns of one tally by name: numbers of records, and sums of seconds.

    ``excluded``: number of records by reason, without zeros. ``seconds`` is the sum over the good
    records (clocks that still run would make it depend on now), ``squares`` the sum of their
    squares. ``histogram`` counts the ended clocks of all eligible records by bucket of
    ``distribution.BOUNDS``; of calls the waits of those answered. Empty for kinds without
    durations.
    """

    good: int = 0
    eligible: int = 0
    pending: int = 0
    seconds: int = 0
    squares: int = 0
    excluded: dict[str, int] = field(default_factory=dict)
    checks: Checks = field(default_factory=Checks)
    histogram: tuple[int, ...] = ()
