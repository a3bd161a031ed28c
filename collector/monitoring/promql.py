"""Building blocks of the PromQL expressions in alert rules; the boards share the selectors.

Every block of the rules aggregates its series to the labels named, so that an alert stays the same
alert when the collector's address changes, or when two collectors serve the same store.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from collector.measuring.engine.freshness import FROZEN_AFTER
from collector.monitoring.names import PREFIX

_NEXT_CHANGE = "calendar_next_change_timestamp_seconds"
LOOKBACK = "14d"


def quoted(text: str) -> str:
    """A text as a PromQL string literal."""
    return json.dumps(text, ensure_ascii=False)


def label_in(label: str, names: Iterable[str]) -> str:
    """A label matcher for any of several identifiers; they must not need regex escaping."""
    return f'{label}=~"{"|".join(names)}"'


def series(metric: str, *matchers: str) -> str:
    """A selector for one of our metrics; ``metric`` is its name without the prefix."""
    return PREFIX + metric + (f"{{{','.join(matchers)}}}" if matchers else "")


def aggregated(metric: str, by: str, *matchers: str, pick: str = "max") -> str:
    """A gauge aggregated to the labels ``by`` (comma-separated; empty: none) with ``pick``."""
    grouped = f"{pick} by ({by})" if by else pick
    return f"{grouped} ({series(metric, *matchers)})"


def all_of(*conditions: str, on: str = "") -> str:
    """The first condition's series while all the others hold too; empty ones are left out."""
    first, *rest = [each for each in conditions if each]
    return f"\nand on ({on}) ".join([first, *(f"({each})" for each in rest)])


def is_measured() -> str:
    """True while the collector is measuring; its gauges keep old values when it hangs."""
    return f"abs(time() - {aggregated('measured_timestamp_seconds', '')}) <= {FROZEN_AFTER}"


def known_closed(calendars: Iterable[str]) -> str:
    """True while all calendars are known to be closed, even if the collector has been gone.

    The collector exports each calendar's next opening and closing. A calendar that was open then
    is closed from that closing to that opening, one that was closed until that opening. After
    that its state is unknown, and this is not true.
    """
    names = sorted(set(calendars))
    chosen = label_in("calendar", names)
    opens, closes = (
        f"max by (calendar) (last_over_time({series(_NEXT_CHANGE, chosen, of)}[{LOOKBACK}]))"
        for of in ('to="open"', 'to="closed"')
    )
    closed = f"({opens} > time()) and on (calendar) ({closes} <= time() or {opens} < {closes})"
    return f"count({closed}) == {len(names)}"


def is_open(calendars: Iterable[str]) -> str:
    """True while any of the calendars is open and the collector is measuring; empty without
    calendars."""
    names = sorted(set(calendars))
    if not names:
        return ""
    return (
        f"{aggregated('calendar_open', '', label_in('calendar', names))} == 1 and {is_measured()}"
    )


def source_age(sources: Iterable[str]) -> str:
    """Wall-clock seconds between now and when each source was last read to its end, which lies
    ahead after a clock was set back."""
    seen = aggregated(
        "source_last_success_timestamp_seconds", "source", label_in("source", sources)
    )
    return f"abs(time() - {seen})"


def stale_limit() -> str:
    """The age in seconds from which a source is stale, as exported by the collector."""
    return aggregated("source_stale_after_seconds", "source")


def is_fresh(sources: Iterable[str]) -> str:
    """True while every source was read within its limit.

    The fresh ones are counted, because a source that was never read has no age series.
    """
    names = sorted(set(sources))
    return f"count({source_age(names)} <= on (source) {stale_limit()}) == {len(names)}"
