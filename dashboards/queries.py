"""PromQL. A figure is read as it was measured, never computed again from counters.

Every selector drops the labels of the scrape by ``max by``: two collectors that serve the same
desk, or one that moved, give one series, and joins stay one to one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from collector.measuring.kinds.base import Kind
from collector.measuring.kinds.table import KINDS
from collector.model.bilingual import Language
from dashboards.look import CODES, NONE_RUNS


def _kinds(chosen: Callable[[Kind[Any]], bool]) -> str:
    """Some kinds of indicators, as a pattern for the label ``kind``."""
    return "|".join(name for name, kind in KINDS.items() if chosen(kind))


SHARES = _kinds(lambda kind: kind.is_share)
DURATIONS = _kinds(lambda kind: kind.is_mean)
VALUES = _kinds(lambda kind: kind.family == "value")
MEASURED = f"{SHARES}|{DURATIONS}|{_kinds(lambda kind: kind.is_count)}"
CALLS = _kinds(lambda kind: kind.is_share and "calls" in kind.settings.RECORDS)
TICKET_CLOCKS = _kinds(lambda kind: kind.is_timed and "tickets" in kind.settings.RECORDS)
TICKET_SHARES = _kinds(lambda kind: kind.is_share and "tickets" in kind.settings.RECORDS)

_HOUR = 3600


def one(name: str, by: str = "", where: str = "", *, before: str = "") -> str:
    """A metric by the labels it is about; as it was so long ago, with ``before``."""
    group = f" by ({by}) " if by else ""
    chosen = f"{{{where}}}" if where else ""
    ago = f" offset {before}" if before else ""
    return f"max{group}(servicedesk_{name}{chosen}{ago})"


_DAY = one("day_start_timestamp_seconds")
_DAY_BEFORE = one("day_start_timestamp_seconds", before="1h")


def info(kinds: str, where: str = "") -> str:
    """The indicators of some kinds, one series each whatever titles two releases give it."""
    where = f", {where}" if where else ""
    return f'topk by (indicator) (1, servicedesk_indicator_info{{kind=~"{kinds}"{where}}})'


def titled(kinds: str, language: Language, where: str = "", *labels: str) -> str:
    """A row for each indicator, with its title, also where it has no figure."""
    by = ", ".join(("indicator", f"title_{language}", *labels))
    return f"max by ({by}) ({info(kinds, where)})"


def entitled(expr: str, kinds: str, language: Language) -> str:
    """A vector by indicator with the titles of its indicators; others than of ``kinds`` go."""
    return f"{expr} * on (indicator) group_left (title_{language}) {info(kinds)}"


def organizations(where: str, kinds: str, language: Language) -> str:
    """A row for each indicator and organization that there is anything of, with the title."""
    by = "indicator, organization"
    counted, given = (one(f"organization_{name}", by, where) for name in ("eligible", "value"))
    return f"0 * {entitled(f'({counted} or {given})', kinds, language)}"


def of_kind(expr: str, kinds: str) -> str:
    """A vector by indicator, of indicators of some kinds."""
    return f"{expr} and on (indicator) {info(kinds)}"


def state(by: str, where: str, prefix: str = "indicator") -> str:
    """The code of the state that a figure is in (``look.CODES``)."""
    name = f"servicedesk_{prefix}_state"
    coded = " or ".join(
        f'{code} * {name}{{state="{word}", {where}}}' for word, code in CODES.items()
    )
    return f"max by ({by}) ({coded})"


def in_hours(expr: str) -> str:
    """Seconds as hours."""
    return f"{expr} / {_HOUR}"


def tile(metric: str, unit: str, where: str, word: str, scale: str) -> str:
    """A figure whose labels tell its ``n`` and, if it has one, its ``target`` as written words."""
    chosen = 'indicator=~"$indicator"'
    n = f'count_values by (indicator) ("n", {one("indicator_eligible", "indicator", where)})'
    goal = one(f"indicator_target_{metric}", "indicator", chosen)
    goal = f'count_values by (indicator) ("target", round({goal} {scale}, 0.01))'
    goal = f'label_replace({goal}, "target", " · {word} $1{unit}", "target", "(.*)")'
    figure = f"{one(f'indicator_{metric}', 'indicator', where)}"
    if metric == "seconds":
        figure = in_hours(figure)
    figure = f"({figure} * on (indicator) group_left (n) {n})"
    return f"{figure} * on (indicator) group_left (target) {goal} or on (indicator) {figure}"


def age(name: str = "last_success") -> str:
    """Wall-clock seconds since an instant of each source."""
    return f"time() - {one(f'source_{name}_timestamp_seconds', 'source')}"


def stale_after() -> str:
    """The age from which the collector calls what rests on a source stale."""
    return one("source_stale_after_seconds", "source")


def freshness() -> str:
    """By source 0 where it was read lately, 1 where not, 2 where it never was."""
    never = f"2 + 0 * {one('source_up', 'source')}"
    return f"({age()}) > bool on (source) ({stale_after()}) or on (source) {never}"


def while_fresh(expr: str, records: str) -> str:
    """What rests on ``tickets`` or ``calls``, while all their sources were read lately."""
    return f"({expr}) and on () ({_stale(records)} == 0)"


def while_stale(expr: str, records: str) -> str:
    """The same as it was read last, while one of them was not."""
    return f"({expr}) and on () ({_stale(records)} == 1)"


def staleness(base: str, records: str) -> str:
    """For each series of ``base`` 1 while it is old, else 0."""
    return f"0 * {base} + on () group_left () {_stale(records)}"


def _stale(records: str) -> str:
    return one("records_stale", where=f'records="{records}"')


def by_priority(name: str) -> str:
    """A number of tickets, added up by priority; – for tickets that have none."""
    added = f"sum by (priority) ({one(name, 'priority, organization')})"
    return _shown(added)


def due_in() -> str:
    """Wall-clock seconds to the next deadline by priority; NONE_RUNS where no clock runs."""
    ahead = "min by (priority) (servicedesk_ticket_next_deadline_timestamp_seconds) - time()"
    nothing = f"0 * sum by (priority) (servicedesk_tickets_open) + {NONE_RUNS:.0f}"
    return _shown(f"{ahead} or {nothing}")


def _shown(expr: str) -> str:
    return f'label_replace({expr}, "priority", "–", "priority", "")'


def waiting_for(by: str = "") -> str:
    """Wall-clock seconds that the caller who waits longest has waited; 0 where nobody does."""
    group = f" by ({by})" if by else ""
    since = f'min{group} (servicedesk_calls_waiting_since_timestamp_seconds{{queue=~"$queue"}})'
    nobody = f'0 * sum{group} (servicedesk_calls_waiting{{queue=~"$queue"}})'
    return f"time() - {since} or {nobody}"


def calls(outcomes: str, by: str = "") -> str:
    """Calls of today with one of some outcomes."""
    where = f'queue=~"$queue", outcome=~"{outcomes}"'
    group = f" by ({by})" if by else ""
    return f"sum{group} ({one('calls_today', 'queue, outcome', where)})"


def hourly(outcomes: str, by: str = "") -> str:
    """Calls of the hour that ends at each instant, exactly: today's count less that of an hour ago.

    An hour ago another day may have been today, or no call yet have come in to the queue: then
    nothing is taken away. Where the collector was not scraped an hour ago, nothing is told.
    """
    where = f'queue=~"$queue", outcome=~"{outcomes}"'
    now = one("calls_today", "queue, outcome", where)
    before = one("calls_today", "queue, outcome", where, before="1h")
    same_day = f"({before} and on () {_DAY} == {_DAY_BEFORE})"
    group = f" by ({by})" if by else ""
    return f"sum{group} ({now} - ({same_day} or {_from_nothing(now)}))"


def counted_hourly(name: str, by: str) -> str:
    """How much a counter that is kept in the store grew in the hour that ends at each instant."""
    now = one(name, by)
    return f"{now} - ({one(name, by, before='1h')} or {_from_nothing(now)})"


def _from_nothing(now: str) -> str:
    """0 for each series of now, if the collector was scraped an hour ago."""
    return f"(0 * {now} and on () {_DAY_BEFORE})"
