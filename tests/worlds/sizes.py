"""How much is tried: less in `make test`, more in CI, and all of it in `make reliability`.

Properties and seeded simulations try the same cases in each run (tests/conftest.py): what a larger
number would add, it would find once, and every run after that would pay for it. So CI tries about
three times as much as `make test`, where every rule and reason occurs many times. Several times
more is tried with `TEST_SIZES=full`, and other cases with `--hypothesis-profile random`.
"""

from __future__ import annotations

import os

import pytest

FULL = os.environ.get("TEST_SIZES") == "full"
"""Whether this is a run of `make reliability`, which may take its time."""
LONG = FULL or os.environ.get("TEST_SIZES") == "long"
"""Whether this run is to try as much as CI has time for."""

heavy = pytest.mark.skipif(not FULL, reason="takes long: made by `make reliability` alone")
"""A test that is only run by `make reliability`."""


def sample_size(usual: int, long: int, full: int | None = None) -> int:
    """How many cases, records or seeds a test takes in this run; ``full``: where that is more."""
    if FULL and full is not None:
        return full
    return long if LONG else usual
