"""How much is tried: less in `make test`, all of it in `make test-long` and in CI."""

from __future__ import annotations

import os

LONG = os.environ.get("TEST_SIZES") == "long"
"""Whether this run is to try as much as it can."""


def sample_size(usual: int, long: int) -> int:
    """How many cases, records or seeds a test takes in this run."""
    return long if LONG else usual
