"""How much is tried: less in `make test`, all of it in `make test-long` and in CI.

Properties and seeded simulations try the same cases in each run (tests/conftest.py): what a larger
number would add, it would find once, and every run after that would pay for it. So full sizes are
about three times the usual ones, where every rule and reason occurs many times; to look for what
is new there is `--hypothesis-profile random`.
"""

from __future__ import annotations

import os

LONG = os.environ.get("TEST_SIZES") == "long"
"""Whether this run is to try as much as it can."""


def sample_size(usual: int, long: int) -> int:
    """How many cases, records or seeds a test takes in this run."""
    return long if LONG else usual
