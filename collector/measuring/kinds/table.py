"""The table of kinds: one line each. Nothing else in the program asks which kind it has."""

from __future__ import annotations

from typing import Any

from collector.config.indicators import Indicator
from collector.measuring.kinds.base import Kind
from collector.measuring.kinds.count import CountKind
from collector.measuring.kinds.manual import ManualKind
from collector.measuring.kinds.mean_duration import MeanDurationKind
from collector.measuring.kinds.service_level import ServiceLevelKind
from collector.measuring.kinds.share_where import ShareWhereKind
from collector.measuring.kinds.share_within import ShareWithinKind

_KINDS: tuple[Kind[Any], ...] = (
    ShareWithinKind(),
    ShareWhereKind(),
    MeanDurationKind(),
    ServiceLevelKind(),
    CountKind(),
    ManualKind(),
)

KINDS: dict[str, Kind[Any]] = {kind.name: kind for kind in _KINDS}
"""The kinds by the value of ``kind:`` in the configuration."""


def kind_of(indicator: Indicator) -> Kind[Any]:
    """Return the kind of an indicator."""
    return KINDS[indicator.kind]
