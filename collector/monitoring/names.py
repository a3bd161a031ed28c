"""The prefix of all metric names."""

from __future__ import annotations

PREFIX = "servicedesk_"
