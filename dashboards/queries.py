"""The PromQL of the boards. Figures are read as measured, never recomputed from counters.

Every selector drops the scrape's labels with ``max by``: two collectors of the same desk, or one
that moved, give one series, and joins stay one to one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from collector.measuring.kinds.base import Kind
from collector.measuring.kinds.table import KINDS
from collector.model.bilingual import Language
from collector.monitoring.promql import series
from dashboards.look import CODES, NONE_RUNS


def _kinds(chosen: Callable[[Kind[Any]], bool]) -> str:
    """The names of some kinds of indicators, as a pattern for the label ``kind``."""
    return "|".join(name for name, kind in KINDS.items() if chosen(kind))


SHARES = _kinds(lambda kind: kind.is_share)
DURATIONS = _kinds(lambda kind: kind.is_mean)
VALUES = _kinds(lambda kind: kind.family == "value")
MEASURED = f"{SHARES}|{DURATIONS}|{_kinds(lambda kind: kind.is_count)}"
CALLS = _kinds(lambda kind: kind.is_share and "calls" in kind.settings.RECORDS)
TICKET_CLOCKS = _kinds(lambda kind: kind.is_timed and "tickets" in kind.settings.RECORDS)
TICKET_SHARES = _kinds(lambda kind: kind.is_share and "tickets" in kind.settings.RECORDS)

_HOUR = 3600


def by_labels(name: str, by: str = "", where: str = "", *, before: str = "") -> str:
    """A metric (without prefix) by some labels; ``before``: as of that long ago."""
    group = f" by ({by}) " if by else ""
    ago = f" offset {before}" if before else ""
    chosen = series(name, where) if where else series(name)
    return f"max{group}({chosen}{ago})"


_DAY = by_labels("day_start_timestamp_seconds")
_DAY_BEFORE = by_labels("day_start_timestamp_seconds", before="1h")


def info(kinds: str, where: str = "") -> str:
    """The indicators of some kinds, one series each even if two collectors differ in its titles."""
    chosen = series("indicator_info", f'kind=~"{kinds}"' + (f", {where}" if where else ""))
    return f"topk by (indicator) (1, {chosen})"


def title_rows(kinds: str, language: Language, where: str = "", *labels: str) -> str:
    """A row for each indicator, with its title, even without a figure."""
    by = ", ".join(("indicator", f"title_{language}", *labels))
    return f"max by ({by}) ({info(kinds, where)})"


def with_titles(expr: str, kinds: str, language: Language) -> str:
    """A vector by indicator, reduced to ``kinds``, with the indicators' titles added."""
    return f"{expr} * on (indicator) group_left (title_{language}) {info(kinds)}"


def organizations(where: str, kinds: str, language: Language) -> str:
    """A row, with the title, for each indicator and organization that has data."""
    by = "indicator, organization"
    counted, by_hand = (
        by_labels(f"organization_{name}", by, where) for name in ("eligible", "value")
    )
    return f"0 * {with_titles(f'({counted} or {by_hand})', kinds, language)}"


def of_kind(expr: str, kinds: str) -> str:
    """A vector by indicator, reduced to indicators of some kinds."""
    return f"{expr} and on (indicator) {info(kinds)}"


def state(by: str, where: str, prefix: str = "indicator") -> str:
    """The code of a figure's state (``look.CODES``)."""
    coded = " or ".join(
        f"{code} * " + series(f"{prefix}_state", f'state="{word}", {where}')
        for word, code in CODES.items()
    )
    return f"max by ({by}) ({coded})"


def in_hours(expr: str) -> str:
    """An expression of seconds converted to hours."""
    return f"{expr} / {_HOUR}"


def targets(language: Language, where: str = "") -> str:
    """The targets in words, one series for each indicator that has one, with ``target_sv`` or
    ``target_en``."""
    known = f"topk by (indicator) (1, {series('indicator_target_info', where)})"
    return f"max by (indicator, target_{language}) ({known})"


def tile(metric: str, where: str, language: Language) -> str:
    """A figure with the labels ``n`` and, if it has one, ``target``: a dot and the target."""
    n = f'count_values by (indicator) ("n", {by_labels("indicator_eligible", "indicator", where)})'
    named = targets(language, 'indicator=~"$indicator"')
    goal = f'label_replace({named}, "target", " · $1", "target_{language}", "(.*)")'
    figure = f"{by_labels(f'indicator_{metric}', 'indicator', where)}"
    if metric == "seconds":
        figure = in_hours(figure)
    figure = f"({figure} * on (indicator) group_left (n) {n})"
    return f"{figure} * on (indicator) group_left (target) {goal} or on (indicator) {figure}"


def age(name: str = "last_success") -> str:
    """Wall-clock seconds between now and a timestamp of each source."""
    return f"abs(time() - {by_labels(f'source_{name}_timestamp_seconds', 'source')})"


def stale_after() -> str:
    """The age in seconds from which the collector considers a source stale."""
    return by_labels("source_stale_after_seconds", "source")


def freshness() -> str:
    """By source: 0 if fresh, 1 if stale, 2 if never read."""
    never = f"2 + 0 * {by_labels('source_up', 'source')}"
    return f"({age()}) > bool on (source) ({stale_after()}) or on (source) {never}"


def while_fresh(expr: str, records: str) -> str:
    """An expression about ``tickets`` or ``calls``, only while all their sources are fresh."""
    return f"({expr}) and on () ({_stale(records)} == 0)"


def while_stale(expr: str, records: str) -> str:
    """An expression about ``tickets`` or ``calls``, only while one of their sources is stale."""
    return f"({expr}) and on () ({_stale(records)} == 1)"


def staleness(base: str, records: str) -> str:
    """For each series of ``base``: 1 while its sources are stale, otherwise 0."""
    return f"0 * {base} + on () group_left () {_stale(records)}"


def _stale(records: str) -> str:
    return by_labels("records_stale", where=f'records="{records}"')


def by_priority(name: str) -> str:
    """A number of tickets summed by priority; a dash is the label of tickets without one."""
    added = f"sum by (priority) ({by_labels(name, 'priority, organization')})"
    return _shown(added)


def due_in() -> str:
    """Wall-clock seconds to the next deadline by priority; NONE_RUNS where no clock runs."""
    ahead = f"min by (priority) ({series('ticket_next_deadline_timestamp_seconds')}) - time()"
    nothing = f"0 * sum by (priority) ({series('tickets_open')}) + {NONE_RUNS:.0f}"
    return _shown(f"{ahead} or {nothing}")


def _shown(expr: str) -> str:
    return f'label_replace({expr}, "priority", "–", "priority", "")'


def waiting_for(by: str = "") -> str:
    """Wall-clock seconds that the longest-waiting caller has waited; 0 if nobody waits."""
    group = f" by ({by})" if by else ""
    queues = 'queue=~"$queue"'
    since = f"min{group} ({series('calls_waiting_since_timestamp_seconds', queues)})"
    nobody = f"0 * sum{group} ({series('calls_waiting', queues)})"
    return f"time() - {since} or {nobody}"


def calls(outcomes: str, by: str = "") -> str:
    """The number of today's calls with some outcomes (a pattern)."""
    where = f'queue=~"$queue", outcome=~"{outcomes}"'
    group = f" by ({by})" if by else ""
    return f"sum{group} ({by_labels('calls_today', 'queue, outcome', where)})"


def hourly(outcomes: str, by: str = "") -> str:
    """The exact number of calls in the hour before each instant: today's count minus that of an
    hour ago.

    If that was on the previous day, or before the queue's first call, nothing is subtracted. If the
    collector was not scraped an hour ago there is no result.
    """
    where = f'queue=~"$queue", outcome=~"{outcomes}"'
    now = by_labels("calls_today", "queue, outcome", where)
    before = by_labels("calls_today", "queue, outcome", where, before="1h")
    same_day = f"({before} and on () {_DAY} == {_DAY_BEFORE})"
    group = f" by ({by})" if by else ""
    return f"sum{group} ({now} - ({same_day} or {_from_nothing(now)}))"


def counted_hourly(name: str, by: str) -> str:
    """The growth, in the hour before each instant, of a counter that is kept in the store."""
    now = by_labels(name, by)
    return f"{now} - ({by_labels(name, by, before='1h')} or {_from_nothing(now)})"


def _from_nothing(now: str) -> str:
    """0 for each series of ``now``, if the collector was scraped an hour ago."""
    return f"(0 * {now} and on () {_DAY_BEFORE})"
