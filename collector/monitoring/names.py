"""."""

from __future__ import annotations

PREFIX = "servicedesk_"
