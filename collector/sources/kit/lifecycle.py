"""."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from collector.model.records import OUT_OF_WORK, Change, Status


def _resolutions(statuses: Sequence[Change]) -> tuple[list[int], int]:
    """The instants at which the ticket went out of work, and how often it came back."""
    ended = [statuses[0].at] if statuses and statuses[0].value in OUT_OF_WORK else []
    reopened = 0
    for before, after in pairwise(statuses):
        was, is_now = before.value in OUT_OF_WORK, after.value in OUT_OF_WORK
        if is_now and not was:
            ended.append(after.at)
        reopened += was and not is_now
    return ended, reopened


def _closed_at(statuses: Sequence[Change]) -> int | None:
    return statuses[-1].at if statuses and statuses[-1].value == Status.CLOSED else None
