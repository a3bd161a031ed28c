"""The model of an alert rule, independent of what evaluates it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from collector.config.settings import Settings
from collector.model.bilingual import Language, Text

Severity = Literal["page", "warn", "info"]
"""``page`` wakes somebody, ``warn`` is read within the hour, ``info`` is only looked up."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One alert rule.

    ``name`` is the alert's name; ``of`` distinguishes rules with the same name (by priority or
    sources) and is empty for a single one. ``expr`` is PromQL that returns a series above 0 for
    everything that is wrong, and none when nothing is wrong or known. ``summary`` and
    ``description`` may use ``{{ $value }}`` and ``{{ $labels.x }}`` for the labels of ``expr``.
    ``calendars``: it fires only while one of them is open; empty: at any hour. ``runbook``: the
    page docs/runbooks/NAME.md. ``explain``: the page to open, relative to the collector's address.
    ``watches_collector``: being unable to evaluate it is itself the fault that it reports.
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
    calendars: Sequence[str] = ()
    for_seconds: int = 0
    keep_firing_for_seconds: int = 0
    watches_collector: bool = False

    @property
    def title(self) -> str:
        """A unique name: ``name`` and ``of``."""
        return f"{self.name} {self.of}".rstrip()

    def all_labels(self) -> dict[str, str]:
        """The labels of its alerts in addition to those of ``expr``."""
        return {"severity": self.severity, **self.labels}


@dataclass(frozen=True, slots=True)
class Group:
    """Rules that are evaluated together every ``interval`` seconds."""

    name: str
    interval: int
    rules: tuple[Rule, ...]


def annotations_of(rule: Rule, settings: Settings) -> dict[str, str]:
    """The annotations of an alert: its texts in the languages in use, where Swedish beside English
    has names of its own, and the links that open.

    Without an address at which others reach the collector there is no link to it, and none in the
    alert that says that the collector is gone.
    """
    runbooks, address = settings.alerts.runbooks, settings.server.public_address
    links: dict[str, str] = {}
    if rule.watches_collector:
        address = None
    if runbooks or address:
        links["runbook_url"] = (runbooks or f"{address}runbook/") + rule.runbook
    if address:
        links["explain_url"] = address + rule.explain
    in_use = settings.languages
    first: Language = "en" if "en" in in_use else "sv"
    texts = {"summary": rule.summary[first], "description": rule.description[first]}
    if len(in_use) > 1:
        texts |= {"summary_sv": rule.summary.sv, "description_sv": rule.description.sv}
    return {
        **texts,
        **links,
    }


def escaped_for_templates(text: str) -> str:
    """Escape a user's text, since labels and annotations are templates to both engines."""
    return text.replace("{{", '{{ "{{" }}')


def duration_text(seconds: int) -> str:
    """A duration as both engines write it: 30s, 2m, 16h."""
    for unit, length in (("h", 3600), ("m", 60)):
        if seconds and seconds % length == 0:
            return f"{seconds // length}{unit}"
    return f"{seconds}s"
