"""The PromQL of the boards. Figures are read as measured, never recomputed from counters.

Every selector drops the scrape's labels with ``max by``: two collectors of the same desk, or one
that moved, give one series, and joins stay one to one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from collector.measuring.engine.freshness import FROZEN_AFTER
from collector.measuring.kinds.base import Kind
from collector.measuring.kinds.table import KINDS
from collector.model.bilingual import Language
from collector.model.codes import WORST_FIRST
from collector.model.quantities import YES_NO_UNIT
from collector.monitoring.promql import LOOKBACK, series
from dashboards.look import CODES, NONE_RUNS, YES_OR_NO


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

VERDICTS = ("missed", "at_risk", "met")
"""The states of what was judged."""

_HOUR = 3600
_PLACES = 1000
"""More than there are indicators or organizations: the place of a state counts for so many."""
_UNJUDGED = _PLACES * WORST_FIRST.index(None)
_BY_GOAL = 100 * _PLACES
_LAST_GOAL = 1000 * _BY_GOAL
_REMEMBERED = "7d"


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


def title_rows(
    kinds: str, language: Language, where: str, *labels: str, goals: bool = False
) -> str:
    """A row for each indicator, with its title, even without a figure; its number is its place in
    the order of :func:`worst_first`. ``labels``: others of ``indicator_info``; ``goals``: goal by
    goal, with the goal's title."""
    by = ", ".join(("indicator", f"title_{language}", *labels))
    rows = f"0 * max by ({by}) ({info(kinds)})"
    placed_rows = placed(rows, where)
    if not goals:
        return placed_rows
    label = f"goal_{language}"
    goal = by_labels("indicator_goal_rank", f"indicator, {label}")
    of_goal = f"{rows} + on (indicator) group_left ({label}) {_BY_GOAL} * {goal}"
    return f"{placed(of_goal, where)} or on (indicator) {_LAST_GOAL} + {placed_rows}"


def placed(rows: str, where: str) -> str:
    """Rows by indicator, each with its place in the order of :func:`worst_first` added."""
    return f"{rows} + on (indicator) group_left () ({worst_first(where)})"


def worst_first(where: str, by: str = "indicator", prefix: str = "indicator") -> str:
    """The place of each figure, by ``indicator`` or also ``organization``: failing ones first, and
    among those alike as configured."""
    severity = _severity(where, by, prefix)
    known = by_labels(f"{prefix}_eligible", by, where)
    by_hand = by_labels(f"{prefix}_value", by, where)
    rank = by_labels("indicator_rank", "indicator")
    if prefix == "indicator":
        return f"{severity} + on (indicator) {rank} or on (indicator) {_UNJUDGED} + {rank}"
    unjudged = f"{_UNJUDGED} + 0 * ({known} or {by_hand})"
    whose = by_labels("organization_rank", "organization")
    placed = f"(({severity} or {unjudged}) + on (indicator) group_left () {rank})"
    return f"{placed} + on (organization) group_left () {whose} / {_PLACES}"


def _severity(where: str, by: str, prefix: str) -> str:
    graded = " or ".join(
        f"{_PLACES * place} * (" + series(f"{prefix}_state", f'state="{state}", {where}') + " == 1)"
        for place, state in enumerate(WORST_FIRST)
        if state is not None
    )
    return f"max by ({by}) ({graded})"


def in_order(expr: str, label: str) -> str:
    """A vector by ``priority``, ``organization`` or ``source`` in the order of the configuration.

    An instant query keeps the order that ``sort`` gives the left side of the addition.
    """
    return f"0 * sort({by_labels(f'{label}_rank', label)}) + on ({label}) ({expr})"


def known(metric: str, where: str = "") -> str:
    """A metric; once the collector has gone, as it was last."""
    chosen = series(metric, where) if where else series(metric)
    return f"({chosen} or (last_over_time({chosen}[{_REMEMBERED}]) unless on () {chosen}))"


def choosable_indicators(kinds: str, where: str) -> str:
    """The indicators of some kinds with their titles, in the order of :func:`worst_first`."""
    chosen = known("indicator_info", f'kind=~"{kinds}"')
    each = f"topk by (indicator) (1, {chosen})"
    return f"sort({placed(f'0 * {each}', where)} or 0 * {each})"


def choosable_organizations(metric: str) -> str:
    """The organizations of a metric, in the order of the configuration."""
    ranked = known("organization_rank")
    return f"sort(max by (organization) ({ranked}) and on (organization) {known(metric)})"


def desk_rows(where: str) -> str:
    """A row for each priority and organization of open tickets, the strictest priority first."""
    by = "priority, organization"
    rows = f"0 * {by_labels('tickets_open', by, where)}"
    urgency, whose = (by_labels(f"{label}_rank", label) for label in by.split(", "))
    by_urgency = f"{rows} + on (priority) group_left () {_PLACES} * {urgency}"
    return f"({by_urgency}) + on (organization) group_left () {whose}"


def gone_since() -> str:
    """When figures were last measured (epoch milliseconds), only if that is too long ago, or the
    collector does not answer any more; otherwise empty."""
    measured = by_labels("measured_timestamp_seconds")
    last = f"max(last_over_time({series('measured_timestamp_seconds')}[{LOOKBACK}]))"
    old = f"{last} and abs(time() - {last}) > {FROZEN_AFTER}"
    return f"1000 * ({old} or ({last} unless on () {measured}))"


def unless_gone(expr: str) -> str:
    """An expression, only while the collector measures."""
    return f"({expr}) unless on () ({gone_since()})"


def with_titles(expr: str, kinds: str, language: Language) -> str:
    """A vector by indicator, reduced to ``kinds``, with the indicators' titles added."""
    return f"{expr} * on (indicator) group_left (title_{language}) {info(kinds)}"


def organizations(where: str, kinds: str, language: Language) -> str:
    """A row, with the title, for each indicator and organization that has data; its number is its
    place in the order of :func:`worst_first`."""
    by = "indicator, organization"
    counted, by_hand = (
        by_labels(f"organization_{name}", by, where) for name in ("eligible", "value")
    )
    placed = worst_first(where, by, "organization")
    rows = f"0 * {with_titles(f'({counted} or {by_hand})', kinds, language)}"
    return f"{rows} + on ({by}) group_left () ({placed})"


def for_organizations(expr: str, label: str, where: str) -> str:
    """A vector by indicator, with its ``label``, for each organization that has a figure."""
    known = by_labels("organization_eligible", "indicator, organization", where)
    return f"0 * {known} + on (indicator) group_left ({label}) {expr}"


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


def in_state(state: str, where: str) -> str:
    """By organization, how many of its figures are in a state; nothing without any verdict, since
    that none is off target is good news only where something was judged."""

    def counted(states: str) -> str:
        found = series("organization_state", f'{where}, state=~"{states}"')
        return f"sum by (organization) (max by (organization, indicator, state) ({found}))"

    return f"{counted(state)} and on (organization) {counted('|'.join(VERDICTS))} > 0"


def in_hours(expr: str) -> str:
    """An expression of seconds converted to hours."""
    return f"{expr} / {_HOUR}"


def targets(language: Language, where: str = "") -> str:
    """The targets in words, one series for each indicator that has one, with ``target_sv`` or
    ``target_en``."""
    known = f"topk by (indicator) (1, {series('indicator_target_info', where)})"
    return f"max by (indicator, target_{language}) ({known})"


def misses_in_words(left: str, label: str, too_many: str) -> str:
    """Misses left by indicator, also in words as a label; of fewer than none, how many are too
    many."""
    named = f'count_values by (indicator) ("{label}", {left})'
    said = f'label_replace({named}, "{label}", "✗ $1 {too_many}", "{label}", "-(.+)")'
    return f"({left}) * on (indicator) group_left ({label}) {said}"


def yes_or_no(expr: str, language: Language) -> str:
    """Values by indicator, with ``look.YES_OR_NO`` added to those that mean yes or no."""
    asked = info(VALUES, f'unit_{language}="{YES_NO_UNIT}"')
    return f"({expr}) + on (indicator) group_left () {YES_OR_NO} * {asked} or {expr}"


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


def source_rows() -> str:
    """A row for each source, those never read first, then the stale ones; each as configured."""
    rank = by_labels("source_rank", "source")
    return f"{rank} - on (source) {_PLACES} * ({freshness()})"


def queue_rows(where: str) -> str:
    """A row for each queue whose callers are known, as configured."""
    known = by_labels("calls_waiting", "queue", where)
    return f"{by_labels('queue_rank', 'queue')} and on (queue) {known}"


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
    """A number of tickets summed by priority, in the order of the configuration."""
    return in_order(f"sum by (priority) ({by_labels(name, 'priority, organization')})", "priority")


def due_in() -> str:
    """Wall-clock seconds to the next deadline by priority; NONE_RUNS where no clock runs."""
    ahead = f"min by (priority) ({series('ticket_next_deadline_timestamp_seconds')}) - time()"
    nothing = f"0 * sum by (priority) ({series('tickets_open')}) + {NONE_RUNS:.0f}"
    return in_order(f"{ahead} or {nothing}", "priority")


def without_priority(expr: str) -> str:
    """An expression by priority, in which the tickets without one are called –."""
    return f'label_replace({expr}, "priority", "–", "priority", "")'


def waiting_for(by: str = "") -> str:
    """Wall-clock seconds that the longest-waiting caller has waited; 0 if nobody waits."""
    group = f" by ({by})" if by else ""
    queues = 'queue=~"$queue"'
    since = f"min{group} ({series('calls_waiting_since_timestamp_seconds', queues)})"
    nobody = f"0 * sum{group} ({series('calls_waiting', queues)})"
    return f"time() - {since} or {nobody}" + ("" if by else f" or {_no_calls()}")


def waiting(by: str = "") -> str:
    """The callers who wait; 0 if nobody does and the telephone was read."""
    callers = by_labels("calls_waiting", "queue", 'queue=~"$queue"')
    return callers if by else f"sum({callers}) or {_no_calls()}"


def _no_calls() -> str:
    """0 once all sources of calls were read, even if no call has ever come."""
    return f"0 * {_stale('calls')}"


def calls(outcomes: str, by: str = "") -> str:
    """The number of today's calls with some outcomes (a pattern)."""
    where = f'queue=~"$queue", outcome=~"{outcomes}"'
    group = f" by ({by})" if by else ""
    summed = f"sum{group} ({by_labels('calls_today', 'queue, outcome', where)})"
    return summed if by else f"{summed} or {_no_calls()}"


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
