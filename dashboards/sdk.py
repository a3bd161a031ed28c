"""The parts of the Grafana Foundation SDK that are used: panel builders and the classic model.

The classic dashboard model is accepted by every Grafana since 10 and by file provisioning;
importing it warns that a newer one exists.
"""

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from grafana_foundation_sdk.builders import common as build
    from grafana_foundation_sdk.builders import dashboard as boards
    from grafana_foundation_sdk.builders import prometheus, stat, statetimeline, table, timeseries
    from grafana_foundation_sdk.cog.encoder import JSONEncoder
    from grafana_foundation_sdk.models import common
    from grafana_foundation_sdk.models import dashboard as model
    from grafana_foundation_sdk.models.prometheus import PromQueryFormat

__all__ = [
    "JSONEncoder",
    "PromQueryFormat",
    "boards",
    "build",
    "common",
    "model",
    "prometheus",
    "stat",
    "statetimeline",
    "table",
    "timeseries",
]
