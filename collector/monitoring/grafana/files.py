"""The desired objects as files: for Grafana's file provisioning, and the rules for Prometheus.

The layout is that of ``/etc/grafana/provisioning``. Secrets are written as references that Grafana
resolves itself; no file ever contains a secret.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from collector.config.settings import Settings
from collector.io.files import write_file
from collector.io.secrets import Secret
from collector.monitoring.alerts import prometheus
from collector.monitoring.grafana.desired import Body, DesiredState
from collector.monitoring.grafana.ownership import is_our_board

_FOLDER = "servicedesk-kpi"
_GRAFANA = "grafana"
BOARDS = f"{_GRAFANA}/dashboards/{_FOLDER}"
"""The boards' path below the output directory, the same as below Grafana's."""

RULES = "prometheus/servicedesk.rules.yml"

PROVISIONING = "/etc/grafana/provisioning"
"""Grafana's default provisioning directory."""

_HEADER = "# Written by servicedesk-kpi provision --out; changes are lost.\n"
_REPLACED = ("title", "labels", "notification_settings")
"""The keys of a rule in which Grafana expands variables."""

_WITHOUT = frozenset({"orgID", "folderUID", "ruleGroup", "id", "provenance", "keep_firing_for"})


class _Reference(str):
    """A variable that Grafana replaces by a secret."""


def reference(secret: Secret) -> str:
    """The reference to a secret in Grafana's syntax; a path is made absolute."""
    written = secret.reference
    if written.startswith("file:"):
        written = f"$__file{{{Path(written.removeprefix('file:')).absolute()}}}"
    return _Reference(written)


def files(settings: Settings, wanted: DesiredState) -> dict[str, str]:
    """Path below the output directory → content.

    ``wanted`` must hold references in place of secrets: ``desired(settings, secret=reference)``.
    """
    made = {
        f"{_GRAFANA}/dashboards/{_FOLDER}.yaml": _yaml(
            {"apiVersion": 1, "providers": [_provider(wanted)]}
        )
    }
    for uid, board in wanted.boards.items():
        made[f"{BOARDS}/{uid}.json"] = json.dumps(board, indent=2, ensure_ascii=False) + "\n"
    if wanted.data_source is not None:
        sources = {"apiVersion": 1, "datasources": [_plain(wanted.data_source)]}
        made[f"{_GRAFANA}/datasources/{_FOLDER}.yaml"] = _yaml(sources)
    if alerting := _alerting(wanted):
        made[f"{_GRAFANA}/alerting/{_FOLDER}.yaml"] = _yaml({"apiVersion": 1, **alerting})
    made[RULES] = prometheus.rule_text(settings)  # empty, if Grafana evaluates them
    return made


def write_files(target: Path, content: Mapping[str, str]) -> list[str]:
    """Write the files that differ, each atomically; the paths written or removed.

    Our boards that are no longer desired are removed. Raises OSError.
    """
    changed: list[str] = []
    for name, text in content.items():
        if write_file(target / name, text):
            changed.append(name)
    for path in sorted((target / BOARDS).glob("*.json")):
        name = path.relative_to(target).as_posix()
        if name not in content and _is_ours(path):
            path.unlink()
            changed.append(name)
    return changed


def _is_ours(path: Path) -> bool:
    try:
        board = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return False
    return isinstance(board, dict) and is_our_board(board)


def _yaml(content: Any) -> str:
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=1000)
    return _HEADER + str(text)


def _provider(wanted: DesiredState) -> Body:
    return {
        "name": _FOLDER,
        "type": "file",
        "folder": _escaped(wanted.folder["title"]),
        "folderUid": wanted.folder["uid"],
        "allowUiUpdates": False,
        "options": {"path": f"{PROVISIONING}/dashboards/{_FOLDER}"},
    }


def _escaped(text: str) -> str:
    """Text escaped so that Grafana expands nothing in it; references are left as they are."""
    return str(text) if isinstance(text, _Reference) else text.replace("$", "$$")


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(own) for key, own in value.items()}
    if isinstance(value, list):
        return [_plain(own) for own in value]
    return _escaped(value) if isinstance(value, str) else value


def _alerting(wanted: DesiredState) -> Body:
    """Contact points, mute timings and rules. No policies: a file would replace the whole tree."""
    made: Body = {}
    if wanted.contact_points:
        made["contactPoints"] = [
            {
                "name": _escaped(point["name"]),
                "receivers": [{key: _plain(point[key]) for key in ("uid", "type", "settings")}],
            }
            for point in wanted.contact_points.values()
        ]
    if wanted.mute_timings:
        made["muteTimes"] = [dict(timing) for timing in wanted.mute_timings.values()]
    if wanted.groups:
        made["groups"] = [
            {
                "name": group["title"],
                "folder": _escaped(wanted.folder["title"]),
                "interval": f"{group['interval']}s",
                "rules": [_rule(rule) for rule in group["rules"]],
            }
            for group in wanted.groups.values()
        ]
    return made


def _rule(rule: Body) -> Body:
    """A rule with the keys of file provisioning. Grafana expands nothing in annotations and models,
    so those are not escaped."""
    kept = {key: value for key, value in rule.items() if key not in _WITHOUT}
    kept |= {key: _plain(kept[key]) for key in _REPLACED if key in kept}
    if "keep_firing_for" in rule:
        kept["keepFiringFor"] = rule["keep_firing_for"]
    if "missingSeriesEvalsToResolve" in kept:
        kept["missing_series_evals_to_resolve"] = kept.pop("missingSeriesEvalsToResolve")
    return kept
