"""The metrics of a desk in a registry, to be asked for single samples."""

from __future__ import annotations

from typing import Any

from prometheus_client import CollectorRegistry

from collector.monitoring.metrics.collector import DeskCollector


def metrics_registry(*told: Any, **more: Any) -> CollectorRegistry:
    """A registry of what a DeskCollector made of these arguments gives."""
    result = CollectorRegistry()
    result.register(DeskCollector(*told, **more))
    return result
