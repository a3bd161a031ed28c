"""What every metric of ours is called by."""

from __future__ import annotations

PREFIX = "servicedesk_"
