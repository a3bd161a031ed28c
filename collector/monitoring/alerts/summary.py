"""Who is woken by what: the alert rules of a configuration in a few lines."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from math import inf
from textwrap import wrap

from collector.config.opening_hours import week_text
from collector.config.settings import Settings, sources_delivering
from collector.monitoring.alerts.model import Rule
from collector.monitoring.alerts.rules import alert_groups
from collector.monitoring.alerts.scope import versions
from collector.monitoring.alerts.ticket_rules import ticket_rules

_WIDTH = 80
_IN_ORDER = ("response-overdue", "resolution-overdue", "due-soon", "backlog-grows")
_POLICIES = "whom the notification policies name"


def alert_summary(
    settings: Settings, day: date, seen: Collection[str] | None = None
) -> Iterator[str]:
    """Yield lines of at most 80 columns: what pages somebody and at which hours, what only warns,
    and what is missing for a page or for links.

    ``day``: the date whose opening hours are shown. ``seen``: the priorities that tickets have;
    empty if they have none, None if that is not known.
    """
    tickets = list(ticket_rules(settings))
    titles = {rule.title for rule in tickets}
    others = [
        rule for group in alert_groups(settings) for rule in group.rules if rule.title not in titles
    ]
    engine = settings.alerts.deploy
    yield f"alerts by {engine}: page wakes somebody, warn is read within the hour"
    nobody = _why_nobody_is_paged(settings, tickets, seen)
    if nobody:
        yield from _folded("page", f"nobody for tickets: {nobody}")
    else:
        for text in _by_priority(rule for rule in tickets if rule.severity == "page"):
            yield from _folded("page", text)
    pages = [rule for rule in others if rule.severity == "page"]
    for text in _by_calendars(pages):
        yield from _folded("page", text)
    if not pages:
        text = "nobody for sources and the collector: add calendars, opening hours are not known"
        yield from _folded("page", text)
    warned = list(_by_priority(rule for rule in tickets if rule.severity == "warn"))
    number = len({rule.name for rule in others if rule.severity == "warn"})
    warned.append(f"{number} {'others' if warned else 'alerts'} (docs/alerts.md)")
    yield from _folded("warn", "; ".join(warned))
    for name in sorted({name for rule in [*tickets, *pages] for name in rule.calendars}):
        yield from _folded("hours", f"{name}: {_hours(settings, name, day)}")
    if engine == "grafana" and settings.grafana is not None:
        receivers = settings.grafana.receivers
        named = (f"{each} to {receivers.get(each, _POLICIES)}" for each in ("page", "warn"))
        yield from _folded("sent", ", ".join(named))
    if settings.server.public_address is None:
        text = "none: set server.url to the address at which people reach the pages"
        yield from _folded("links", text)


def _by_priority(rules: Iterable[Rule]) -> Iterator[str]:
    """A text for each alert about tickets and its hours: ``response overdue: P2, P3 (office)``."""
    found: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for rule in sorted(rules, key=lambda each: _IN_ORDER.index(each.runbook)):
        found.setdefault((_words(rule), tuple(rule.calendars)), []).append(rule.of or "none")
    for (name, calendars), priorities in found.items():
        yield f"{name}: {', '.join(priorities)} ({', '.join(calendars)})"


def _by_calendars(rules: Iterable[Rule]) -> Iterator[str]:
    """A text for all alerts with the same hours: ``source stale, collector absent (office)``."""
    hours: dict[str, set[str]] = {}
    for rule in rules:
        hours.setdefault(_words(rule), set()).update(rule.calendars)
    found: dict[tuple[str, ...], list[str]] = {}
    for name, calendars in hours.items():
        found.setdefault(tuple(sorted(calendars)), []).append(name)
    for shared, names in found.items():
        yield f"{', '.join(names)} ({', '.join(shared)})"


def _words(rule: Rule) -> str:
    return rule.runbook.replace("-", " ")


def _hours(settings: Settings, name: str, day: date) -> str:
    calendar = settings.calendars[name].in_force(day)
    holidays = calendar.holidays.country
    closed = f", closed on holidays of {holidays}" if holidays else ""
    return f"{week_text(calendar.hours)} {calendar.timezone}{closed}"


def _why_nobody_is_paged(
    settings: Settings, tickets: Iterable[Rule], seen: Collection[str] | None
) -> str | None:
    """Why no unanswered ticket pages anybody, and what to write; None if one can, and without
    ticket systems."""
    sources, listed = sources_delivering(settings, "tickets"), settings.priorities
    if not sources:
        return None
    if not settings.paging:
        key = "priorities" if not listed else "alerts.page"
        return f"{key} is empty; list the priorities, the strictest first"
    if seen is not None and not seen:
        return (
            f"they have no priority; to page for all of them, set sources.{sources[0]}.map to "
            f"{{priority: {{default: {settings.paging[0]}}}}}"
        )
    unlisted = _named_by_limit(settings) if seen is None else sorted(seen)
    if unlisted and not {*unlisted} & {*listed}:
        names = ", ".join(unlisted)
        return f"priorities lists none of theirs: {names}; list them there, the strictest first"
    if not any(rule.severity == "page" for rule in tickets):
        named = ", ".join(settings.paging)
        return (
            f"no indicator limits the time to their first response for priority {named}; add one, "
            "or name another priority in alerts.page"
        )
    return None


def _named_by_limit(settings: Settings) -> list[str]:
    """The priorities that indicators of first responses name, those with the shortest limit first
    and those with a limit in days last."""
    found: dict[str, float] = {}
    for name in settings.indicators:
        for each in versions(settings, name):
            if each.deadline_event == "first_response":
                for priority in each.priorities or ():
                    limit = inf if each.deadline_seconds is None else each.deadline_seconds
                    found[priority] = min(limit, found.get(priority, inf))
    return sorted(found, key=lambda priority: found[priority])


def _folded(head: str, text: str) -> list[str]:
    start = f"  {head:<5} "
    return wrap(
        text,
        _WIDTH,
        initial_indent=start,
        subsequent_indent=" " * len(start),
        break_on_hyphens=False,
    )
