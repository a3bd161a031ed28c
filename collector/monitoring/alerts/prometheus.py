"""Alert rules for Prometheus, and inhibition rules for Alertmanager."""

from __future__ import annotations

from typing import Any

import yaml

from collector.config.settings import Settings
from collector.monitoring.alerts.model import Rule, annotations_of, duration_text
from collector.monitoring.alerts.rules import alert_groups
from collector.monitoring.alerts.source_rules import COLLECTOR_ABSENT, SOURCE_STALE

_HEAD = """\
# Alert rules, made from the configuration by servicedesk-kpi. Change that, not this file.
# What each one means and how they are deployed: docs/alerts.md
"""


def rule_file(settings: Settings) -> dict[str, Any]:
    """A Prometheus rule file, ready to be written as YAML."""
    return {
        "groups": [
            {
                "name": group.name,
                "interval": duration_text(group.interval),
                "rules": [_rule(rule, settings) for rule in group.rules],
            }
            for group in alert_groups(settings)
        ]
    }


def rule_text(settings: Settings) -> str:
    """The rule file as YAML text; without rules if Grafana evaluates them, lest alerts double."""
    evaluated_by_grafana = settings.alerts.deploy == "grafana"
    return _HEAD + yaml.dump(
        {"groups": []} if evaluated_by_grafana else rule_file(settings),
        Dumper=_Dumper,
        allow_unicode=True,
        sort_keys=False,
        width=100,
    )


def inhibitions(settings: Settings) -> list[dict[str, Any]]:
    """``inhibit_rules`` for Alertmanager.

    The expressions themselves return nothing while their sources are stale. These inhibit alerts
    that ``keep_firing_for`` prolongs meanwhile, and a warning about the same thing as a page.
    """
    ours = 'alertname =~ "Servicedesk.*"'
    not_sources = [ours, f'alertname !~ "{SOURCE_STALE}|{COLLECTOR_ABSENT}"']
    of_sources = [
        {
            "source_matchers": [f'alertname = "{SOURCE_STALE}"', f'source = "{name}"'],
            "target_matchers": [*not_sources, f'sources =~ "(.+,)?{name}(,.+)?"'],
        }
        for name in settings.sources
    ]
    return [
        {
            "source_matchers": [f'alertname = "{COLLECTOR_ABSENT}"'],
            "target_matchers": [ours, f'alertname != "{COLLECTOR_ABSENT}"'],
        },
        *of_sources,
        {
            "source_matchers": [f'alertname =~ "{SOURCE_STALE}|{COLLECTOR_ABSENT}"', _is("page")],
            "target_matchers": [f'alertname =~ "{SOURCE_STALE}|{COLLECTOR_ABSENT}"', _is("warn")],
            "equal": ["alertname", "source"],
        },
    ]


def _is(severity: str) -> str:
    return f'severity = "{severity}"'


def _rule(rule: Rule, settings: Settings) -> dict[str, Any]:
    waits = {"for": rule.for_seconds, "keep_firing_for": rule.keep_firing_for_seconds}
    return {
        "alert": rule.name,
        "expr": rule.expr,
        **{key: duration_text(seconds) for key, seconds in waits.items() if seconds},
        "labels": rule.all_labels(),
        "annotations": annotations_of(rule, settings),
    }


class _Dumper(yaml.SafeDumper):
    """Writes multi-line strings as YAML block scalars."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)
