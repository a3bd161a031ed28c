"""Rules as Prometheus reads them, and what Alertmanager is to hold back."""

from __future__ import annotations

from typing import Any

import yaml

from collector.config.settings import Settings
from collector.monitoring.alerts.model import Rule, annotations_of, period
from collector.monitoring.alerts.rules import groups
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
                "interval": period(group.interval),
                "rules": [_rule(rule, settings) for rule in group.rules],
            }
            for group in groups(settings)
        ]
    }


def rule_text(settings: Settings) -> str:
    """The rule file as text; without rules where Grafana evaluates them, or all is told twice."""
    theirs = settings.alerts.deploy == "grafana"
    return _HEAD + yaml.dump(
        {"groups": []} if theirs else rule_file(settings),
        Dumper=_Dumper,
        allow_unicode=True,
        sort_keys=False,
        width=100,
    )


def inhibitions(settings: Settings) -> list[dict[str, Any]]:
    """``inhibit_rules`` for Alertmanager.

    The expressions themselves give nothing while their sources are stale. These hold back what
    ``keep_firing_for`` still carries then, and the warning beside a page of the same thing.
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
        **{key: period(seconds) for key, seconds in waits.items() if seconds},
        "labels": rule.all_labels(),
        "annotations": annotations_of(rule, settings),
    }


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as such."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)
