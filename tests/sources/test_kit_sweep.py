"""What a sweep believes, and what it does with tickets for which the system fails."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from collector.io.errors import SourceError
from collector.io.http import HttpError
from collector.sources.kit.reading import read_existing
from collector.sources.kit.system import is_plausible


@pytest.mark.parametrize(
    ("gone", "of", "believed"),
    [
        (0, 0, True),
        (0, 5, True),
        (1, 1, True),  # of a single ticket nothing more can be known
        (2, 2, False),
        (3, 4, True),
        (4, 9, False),
        (4, 10, True),
        (13, 100, True),
        (14, 100, False),
        (100, 100, False),
        (103, 1000, True),
        (104, 1000, False),
    ],
)
def test_how_many_may_be_gone_at_once(gone: int, of: int, believed: bool) -> None:
    assert is_plausible(gone, of) is believed


class System:
    """Shows even numbers, and fails for a batch with one of ``poisoned``."""

    def __init__(self, poisoned: set[str], status: int = 500) -> None:
        self.poisoned, self.status = poisoned, status
        self.asked = 0

    def existing(self, ids: Sequence[str]) -> set[str]:
        self.asked += 1
        if self.poisoned & set(ids):
            raise HttpError("it fails", permanent=False, status=self.status)
        return {each for each in ids if int(each) % 2 == 0}


def test_a_ticket_for_which_the_system_fails_counts_as_existing() -> None:
    system = System({"7"})
    found = read_existing(system.existing, [str(n) for n in range(40)])
    assert found == {str(n) for n in range(0, 40, 2)} | {"7"}
    assert system.asked < 20


def test_a_system_that_fails_for_all_is_an_error() -> None:
    everything = [str(n) for n in range(40)]
    with pytest.raises(SourceError, match="it fails"):
        read_existing(System(set(everything)).existing, everything)
    with pytest.raises(SourceError, match="it fails"):
        read_existing(System({"7"}, status=503).existing, everything)
