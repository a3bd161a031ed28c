"""An alert rule, whoever evaluates it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from collector.config.settings import Settings
from collector.model.bilingual import Text

Severity = Literal["page", "warn", "info"]
"""``page`` wakes somebody, ``warn`` is read within the hour, ``info`` is there for who looks."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    ``name`` is the alert's; ``of`` tells it from others of that name (a priority, the sources it
    rests on) and is empty where there is one alone. ``expr`` is PromQL that gives a series, above
    0, for what is wrong, and none where all is well or nothing is known. ``summary`` and
    ``description`` may use ``{{ $labels.x }}`` of the labels that it gives and ``{{ $value }}``.
    ``runbook``: the page docs/runbooks/NAME.md. ``explain``: what to open, below the collector's
    address. ``watches_collector``: that it cannot be evaluated is itself what it tells of.
    """

    name: str
    expr: str
    severity: Severity
    summary: Text
    description: Text
    runbook: str
    explain: str
    of: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    for_seconds: int = 0
    keep_firing_for_seconds: int = 0
    watches_collector: bool = False

    @property
    def title(self) -> str:
        """A name that no other rule has."""
        return f"{self.name} {self.of}".rstrip()

    def all_labels(self) -> dict[str, str]:
        """The labels that its alerts carry beside those that ``expr`` gives."""
        return {"severity": self.severity, **self.labels}


@dataclass(frozen=True, slots=True)
class Group:
    """Rules that are evaluated together, every ``interval`` seconds."""

    name: str
    interval: int
    rules: tuple[Rule, ...]


def annotations_of(rule: Rule, settings: Settings) -> dict[str, str]:
    """What an alert tells people, in both languages, and where to read on."""
    address = settings.server.address
    return {
        "summary": rule.summary.en,
        "description": rule.description.en,
        "summary_sv": rule.summary.sv,
        "description_sv": rule.description.sv,
        "runbook_url": (settings.alerts.runbooks or f"{address}runbook/") + rule.runbook,
        "explain_url": address + rule.explain,
    }


def literal(text: str) -> str:
    """A person's text within a template: labels and annotations are templates to both engines."""
    return text.replace("{{", '{{ "{{" }}')


def period(seconds: int) -> str:
    """A duration as both engines write it: 30s, 2m, 16h."""
    for unit, length in (("h", 3600), ("m", 60)):
        if seconds and seconds % length == 0:
            return f"{seconds // length}{unit}"
    return f"{seconds}s"
