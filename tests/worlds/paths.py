"""Where things lie: the repository, the recorded fixtures, and the folder shared beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "config" / "servicedesk.yaml"
"""The shipped configuration."""

BOARDS = ROOT / "dashboards"
FIXTURES = ROOT / "tests" / "fixtures"
SHARED = ROOT.parent / "shared"
"""Data that lie beside the repository, and not everywhere: see ``shared``."""


def shared(name: str) -> Path:
    """A file of the shared folder, as in ``data/helpdesk_monthly.csv``; skips where it is absent.

    Called inside a test or a fixture, never while a module is imported.
    """
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"no {name} in shared/ beside the repository")
    return path
