"""The parts that the expressions of rules are built of.

Every part reduces its series to the labels named, so that neither the address of the collector
nor a second collector of the same store makes an alert another one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from collector.measuring.engine.freshness import FROZEN
from collector.monitoring.names import PREFIX

_NEXT_CHANGE = "calendar_next_change_timestamp_seconds"
REMEMBERED = "14d"


def quoted(text: str) -> str:
    """A text as a PromQL string."""
    return json.dumps(text, ensure_ascii=False)


def among(label: str, names: Iterable[str]) -> str:
    """The matcher for one of several identifiers, which have no characters that mean more."""
    return f'{label}=~"{"|".join(names)}"'


def series(metric: str, *matchers: str) -> str:
    """The bare series of a metric of ours."""
    return PREFIX + metric + (f"{{{','.join(matchers)}}}" if matchers else "")


def latest(metric: str, by: str, *matchers: str, pick: str = "max") -> str:
    """A gauge by some labels, the others dropped."""
    grouped = f"{pick} by ({by})" if by else pick
    return f"{grouped} ({series(metric, *matchers)})"


def joined(*conditions: str, on: str = "") -> str:
    """What is there and fulfils every condition; those that are empty are left out."""
    first, *rest = [each for each in conditions if each]
    return f"\nand on ({on}) ".join([first, *(f"({each})" for each in rest)])


def is_measured() -> str:
    """The collector measures; where it stands still its gauges say what was."""
    return f"time() - {latest('measured_timestamp_seconds', '')} <= {FROZEN}"


def known_closed(calendars: Iterable[str]) -> str:
    """Each of the calendars is closed by what the collector told last, which may be long ago.

    It tells the next opening and the next closing: what was open then is closed from that closing
    to that opening, what was closed until that opening. Afterwards nobody knows.
    """
    names = sorted(set(calendars))
    chosen = among("calendar", names)
    opens, closes = (
        f"max by (calendar) (last_over_time({series(_NEXT_CHANGE, chosen, of)}[{REMEMBERED}]))"
        for of in ('to="open"', 'to="closed"')
    )
    closed = f"({opens} > time()) and on (calendar) ({closes} <= time() or {opens} < {closes})"
    return f"count({closed}) == {len(names)}"


def is_open(calendars: Iterable[str]) -> str:
    """One of the calendars is open, by a gauge that is not an old one. No condition without
    calendars."""
    names = sorted(set(calendars))
    if not names:
        return ""
    return f"{latest('calendar_open', '', among('calendar', names))} == 1 and {is_measured()}"


def age(sources: Iterable[str]) -> str:
    """Seconds since each source was read to its end."""
    seen = latest("source_last_success_timestamp_seconds", "source", among("source", sources))
    return f"time() - {seen}"


def limit() -> str:
    """The age in seconds at which a source is stale, as the collector itself has it."""
    return latest("source_stale_after_seconds", "source")


def is_fresh(sources: Iterable[str]) -> str:
    """Every one of the sources was read within its limit.

    They are counted, because one that never answered has no age at all.
    """
    names = sorted(set(sources))
    return f"count({age(names)} <= on (source) {limit()}) == {len(names)}"
