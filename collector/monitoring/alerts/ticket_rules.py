"""Alert rules about tickets and their deadlines, by priority and organization."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from collector.config.settings import Settings, sources_delivering
from collector.model.bilingual import Text
from collector.monitoring.alerts.model import Rule, Severity, escaped_for_templates
from collector.monitoring.alerts.scope import (
    Deadlines,
    calendars_of,
    deadlines,
    longest_poll_interval,
)
from collector.monitoring.promql import aggregated, all_of, is_fresh, is_open, quoted

_WEEK_BEFORE = "[6d:1h] offset 1d"
_ENOUGH_HOURS = 100
"""How many hours of the week before must have data for a comparison with it."""

_AT = "{{ with $labels.organization }}&organization={{ . | urlquery }}{{ end }}"


def ticket_rules(settings: Settings) -> Iterator[Rule]:
    """Rules for each priority: overdue and soon due tickets. None without ticket systems."""
    sources = sources_delivering(settings, "tickets")
    if not sources:
        return
    for each in deadlines(settings):
        if each.response:
            yield _response_overdue(settings, each, sources)
        if each.other:
            pages = each.priority in settings.paging
            yield (_resolution_overdue if pages else _backlog_grows)(settings, each, sources)
        if settings.due_soon.get(each.priority):
            yield _due_soon(settings, each, sources)


CLOCK_TOLERANCE = 60
"""Seconds by which the clocks of a source and the collector may differ. Rules about passed
deadlines need no other wait: they count what a poll found that began after the deadline."""

_MAX_WAIT = 900


def _known_by_then(settings: Settings, sources: list[str]) -> int:
    """Seconds until an event at the source has been read: up to one poll interval of waiting, plus
    the poll itself. So a ticket that was just answered is not reported as due soon.

    At most a quarter of an hour: a source that is read twice a day must not silence the others.
    ``check`` warns about such a source.
    """
    return max(60, min(2 * longest_poll_interval(settings, sources), _MAX_WAIT))


def _response_overdue(settings: Settings, each: Deadlines, sources: list[str]) -> Rule:
    severity: Severity = "page" if each.priority in settings.paging else "warn"
    who = _who(settings, each)
    return Rule(
        name="ServicedeskResponseOverdue",
        of=each.priority,
        expr=all_of(
            f"{_of('tickets_unanswered_overdue_when_read', each)} > 0",
            *_gates(settings, each.response, sources),
        ),
        severity=severity,
        labels=_labels(each, sources),
        calendars=calendars_of(settings, each.response),
        summary=Text(
            en=f"{{{{ $value }}}} unanswered past the deadline: {who.en}{_whose(settings)}",
            sv=f"{{{{ $value }}}} utan återkoppling i tid: {who.sv}{_whose(settings)}",
        ),
        description=Text(
            en="So many open tickets have had no first response by their deadline, and still wait "
            "for it. Answer them, the longest waiting first.",
            sv="Så många öppna ärenden har inte fått återkoppling inom sin tid och väntar "
            "fortfarande. Besvara dem, det äldsta först.",
        ),
        runbook="response-overdue",
        explain=_open(each) + _AT,
        for_seconds=CLOCK_TOLERANCE,
        keep_firing_for_seconds=300,
    )


def _resolution_overdue(settings: Settings, each: Deadlines, sources: list[str]) -> Rule:
    who = _who(settings, each)
    return Rule(
        name="ServicedeskResolutionOverdue",
        of=each.priority,
        expr=all_of(
            f"{_of('tickets_overdue_when_read', each)} - "
            f"{_of('tickets_unanswered_overdue_when_read', each)} > 0",
            *_gates(settings, each.other, sources),
        ),
        severity="warn",
        labels=_labels(each, sources),
        calendars=calendars_of(settings, each.other),
        summary=Text(
            en=f"{{{{ $value }}}} past the deadline for being solved: {who.en}{_whose(settings)}",
            sv=f"{{{{ $value }}}} inte lösta i tid: {who.sv}{_whose(settings)}",
        ),
        description=Text(
            en="So many open tickets were answered and have not been solved by their deadline.",
            sv="Så många öppna ärenden har besvarats men inte lösts inom sin tid.",
        ),
        runbook="resolution-overdue",
        explain=_open(each) + _AT,
        for_seconds=CLOCK_TOLERANCE,
        keep_firing_for_seconds=300,
    )


def _backlog_grows(settings: Settings, each: Deadlines, sources: list[str]) -> Rule:
    """Every desk has some tickets past a deadline of days, so only unusual growth alerts."""
    late = f"sum({_of('tickets_overdue', each)})"
    week_before = f"({late}){_WEEK_BEFORE}"
    who = _who(settings, each)
    return Rule(
        name="ServicedeskBacklogGrows",
        of=each.priority,
        expr=all_of(
            f"{late} >= 5",
            f"{late} > 1.5 * max_over_time({week_before})",
            f"count_over_time({week_before}) >= {_ENOUGH_HOURS}",
            *_gates(settings, each.other, sources),
        ),
        severity="warn",
        labels=_labels(each, sources),
        calendars=calendars_of(settings, each.other),
        summary=Text(
            en=f"{{{{ $value }}}} past a deadline, far more than last week: {who.en}",
            sv=f"{{{{ $value }}}} över tiden, långt fler än förra veckan: {who.sv}",
        ),
        description=Text(
            en="So many open tickets are past a deadline: half as many again as at any time in the "
            "week before.",
            sv="Så många öppna ärenden har passerat en tidsgräns: minst hälften fler än någon gång "
            "under veckan före.",
        ),
        runbook="backlog-grows",
        explain=_open(each),
        for_seconds=1800,
        keep_firing_for_seconds=3600,
    )


def _due_soon(settings: Settings, each: Deadlines, sources: list[str]) -> Rule:
    ahead = settings.due_soon[each.priority]
    deadline = _of("ticket_next_deadline_timestamp_seconds", each, pick="min")
    severity: Severity = "warn" if each.priority in settings.paging else "info"
    who = _who(settings, each)
    return Rule(
        name="ServicedeskDueSoon",
        of=each.priority,
        expr=all_of(f"{deadline} - time() > 0 <= {ahead}", *_gates(settings, each.all, sources)),
        severity=severity,
        labels=_labels(each, sources),
        calendars=calendars_of(settings, each.all),
        summary=Text(
            en=f"A deadline in {{{{ $value | humanizeDuration }}}}: {who.en}{_whose(settings)}",
            sv=f"En tidsgräns om {{{{ $value | humanizeDuration }}}}: {who.sv}{_whose(settings)}",
        ),
        description=Text(
            en="The next deadline among the open tickets is near: a first response, or a solution.",
            sv="Nästa tidsgräns bland de öppna ärendena är nära: återkoppling eller lösning.",
        ),
        runbook="due-soon",
        explain=_open(each) + _AT,
        # the deadline must be ahead all that time, so at least half of it is left to act in
        for_seconds=min(_known_by_then(settings, sources), max(ahead // 2, 60)),
        keep_firing_for_seconds=120,
    )


def _gates(settings: Settings, names: tuple[str, ...], sources: list[str]) -> tuple[str, str]:
    return is_open(calendars_of(settings, names)), is_fresh(sources)


def _of(metric: str, each: Deadlines, pick: str = "max") -> str:
    return aggregated(metric, "organization", f"priority={quoted(each.priority)}", pick=pick)


def _open(each: Deadlines) -> str:
    """The page of open tickets: they need not be in any figure of today or this month."""
    return f"open?priority={quote(each.priority, safe='') or '-'}"


def _labels(each: Deadlines, sources: list[str]) -> dict[str, str]:
    own = {"priority": escaped_for_templates(each.priority)} if each.priority else {}
    return {**own, "sources": ",".join(sources)}


def _who(settings: Settings, each: Deadlines) -> Text:
    if not each.priority:
        return Text(en="tickets without a priority", sv="ärenden utan prioritet")
    if each.priority not in settings.priorities:
        return Text(en="tickets of other priorities", sv="ärenden med övriga prioriteter")
    # spelled out, since templates see the labels of the expression, not those of the rule
    name = escaped_for_templates(each.priority)
    return Text(en=f"tickets of priority {name}", sv=f"ärenden med prioritet {name}")


def _whose(settings: Settings) -> str:
    """A template for the organization of the tickets; it says nothing where none is configured."""
    if not settings.organizations:
        return ""
    return "{{ with $labels.organization }}, {{ . }}{{ end }}"
