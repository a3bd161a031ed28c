"""``promtool test rules`` on our rules: which alerts fire at which minute, given series."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from collector.config.loading.load import load_settings
from collector.config.settings import Settings
from collector.monitoring.alerts.prometheus import rule_file
from tests.worlds.paths import CONFIG
from tests.worlds.programs import program

_LABEL = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*")')
_PLACE = 'job="servicedesk",instance="kpi:9109"'


@dataclass(frozen=True)
class Alert:
    """A firing alert, with its texts rendered."""

    labels: dict[str, str]
    annotations: dict[str, str]


def promtool(*arguments: str | Path, text: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run promtool; skips where there is none."""
    return subprocess.run(
        [program("promtool"), *map(str, arguments)],
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )


def board() -> Settings:
    """The shipped configuration."""
    return load_settings(CONFIG)


def series(samples: int, changes: Mapping[str, str | None], step: int = 60) -> dict[str, str]:
    """A healthy desk in office hours, a sample each ``step`` seconds, and what differs.

    ``changes``: metric, without prefix but with its own labels → values as promtool writes them;
    None: no such series.
    """
    runs, on = f"0+{step}x{samples}", f"1x{samples}"
    healthy: dict[str, str | None] = {
        'calendar_open{calendar="office"}': on,
        "measured_timestamp_seconds": runs,
        "build_info": on,
    }
    for source, every in (("desk", 60), ("phone", 30)):
        of = f'{{source="{source}"}}'
        healthy |= {
            f"source_last_success_timestamp_seconds{of}": runs,
            f"source_poll_interval_seconds{of}": f"{every}x{samples}",
            f"source_stale_after_seconds{of}": f"900x{samples}",
            f"source_up{of}": on,
        }
    healthy |= changes
    return {_placed(name): values for name, values in healthy.items() if values is not None}


def _placed(name: str) -> str:
    """The series as Prometheus scrapes it: with the labels of the place it comes from."""
    if "instance=" in name:
        return f"servicedesk_{name}"
    if name.endswith("}"):
        return f"servicedesk_{name[:-1]},{_PLACE}}}"
    return f"servicedesk_{name}{{{_PLACE}}}"


def firing(
    folder: Path,
    alert: str,
    given: Mapping[str, str],
    minutes: list[int],
    *,
    settings: Settings | None = None,
    step: int = 60,
) -> dict[int, list[Alert]]:
    """The alerts of a name that fire at each minute.

    ``step``: seconds between samples, and between evaluations.
    """
    whole = rule_file(settings or board())
    groups = [
        {**group, "interval": f"{step}s", "rules": rules}
        for group in whole["groups"]
        if (rules := [rule for rule in group["rules"] if rule["alert"] == alert])
    ]
    assert groups, f"there is no alert {alert}"
    return evaluated(folder, groups, alert, given, minutes, step=step)


def evaluated(
    folder: Path,
    groups: list[dict[str, Any]],
    alert: str,
    given: Mapping[str, str],
    minutes: list[int],
    *,
    step: int = 60,
) -> dict[int, list[Alert]]:
    """The alerts of a name that fire at each minute by the rules of some groups."""
    (folder / "rules.yml").write_text(yaml.safe_dump({"groups": groups}, allow_unicode=True))
    test: dict[str, Any] = {
        "interval": f"{step}s",
        "input_series": [{"series": name, "values": values} for name, values in given.items()],
        "alert_rule_test": [
            {"eval_time": f"{minute}m", "alertname": alert, "exp_alerts": []} for minute in minutes
        ],
    }
    file = folder / "test.yml"
    whole_test = {
        "rule_files": ["rules.yml"],
        "evaluation_interval": f"{step}s",
        "tests": [test],
    }
    file.write_text(yaml.safe_dump(whole_test, allow_unicode=True))
    done = promtool("test", "rules", file)
    said = done.stdout + done.stderr
    assert ("SUCCESS" in said) is (done.returncode == 0), said
    found = _found(said)
    assert bool(found) is (done.returncode != 0), said
    return {minute: found.get(minute, []) for minute in minutes}


def _found(said: str) -> dict[int, list[Alert]]:
    """What promtool got where none was expected."""
    found: dict[int, list[Alert]] = {}
    for part in re.split(r"\n\s+alertname: \w+, time: ", said)[1:]:
        time = part.partition(",")[0]
        got = re.findall(r"Labels:\{(.*)\}\n\s+Annotations:\{(.*)\}", part)
        found[_minutes(time)] = [Alert(_read(labels), _read(texts)) for labels, texts in got]
    return found


def _minutes(text: str) -> int:
    units = {"w": 10080, "d": 1440, "h": 60, "m": 1}
    return sum(int(number) * units[unit] for number, unit in re.findall(r"(\d+)([wdhm])", text))


def _read(pairs: str) -> dict[str, str]:
    return {name: json.loads(text) for name, text in _LABEL.findall(pairs)}
