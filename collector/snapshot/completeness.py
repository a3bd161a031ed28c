"""Check whether the sources behind the figures cover a period from start to end. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from collector.business_time.zone import DAY
from collector.config.settings import Settings, sources_of
from collector.measuring.engine.tallies import FIRST_WEEK
from collector.model.bilingual import Text
from collector.model.codes import GapReason
from collector.store import PollState


@dataclass(frozen=True, slots=True)
class Gap:
    """A reason why a period is incomplete; ``source`` is None if the period itself is not over.

    ``at``: the instant concerned, in epoch seconds, or None. By reason it is when a running period
    is judged, up to when a source is known, or the time of its first or newest record.
    ``skew``: seconds by which a clock is ahead of ours, that of the source or, without one, of the
    store's database. ``exported``: the source is known up to when its newest file was written,
    however late that was read. ``fault``: the error of its last poll, empty if polls succeed.
    ``title``: of an indicator without a source.
    """

    source: str | None
    reason: GapReason
    at: int | None = None
    exported: bool = False
    fault: str = ""
    title: Text | None = None
    skew: int | None = None


@dataclass(frozen=True, slots=True)
class RequiredSpan:
    """The time span that sources must cover, in epoch seconds.

    ``start`` and ``end``: the period, half-open; ``known_at``: when it is judged.
    ``database_skew``: seconds by which the clock of the store's database is ahead of ours; None if
    it has none of its own. ``clock``: the present; None: ``known_at``.
    """

    start: int
    end: int
    known_at: int
    database_skew: float | None = None
    clock: int | None = None


def used_sources(settings: Settings) -> list[str]:
    """Return the configured sources that at least one indicator uses."""
    used = {name for each in settings.indicators for name in sources_of(settings, each)}
    return [name for name in settings.sources if name in used]


def gaps(
    settings: Settings,
    span: RequiredSpan,
    states: Mapping[str, PollState],
    since: Mapping[str, int],
) -> list[Gap]:
    """Return what keeps a period from being frozen as complete.

    ``since``: the first record of each source that has any (epoch seconds).
    """
    found = []
    if span.known_at < span.end:
        found.append(Gap(None, GapReason.RUNNING, span.known_at))
    found += wrong_clocks(settings, states, span.database_skew)
    clock = span.known_at if span.clock is None else span.clock
    for name in used_sources(settings):
        state = states.get(name)
        ahead = (clock if state is None or state.as_of is None else state.as_of) - clock
        if ahead > settings.snapshot.max_clock_skew:  # it was read while our clock was ahead
            found.append(Gap(name, GapReason.CLOCK, skew=-ahead))
        unread = _unread(name, span, state)
        if unread is not None:
            found.append(unread)
        begun = unread is None or unread.reason not in {GapReason.NEVER_READ, GapReason.READING}
        first = since.get(name)
        if state is not None and begun and (first is None or first >= span.end):
            # no records from a source does not mean that nothing happened
            found.append(Gap(name, GapReason.NO_RECORDS, first))
    return found


def wrong_clocks(
    settings: Settings, states: Mapping[str, PollState], database_skew: float | None
) -> Iterator[Gap]:
    """Yield the clocks that differ too much from ours: if ours is wrong, a period may not be over.

    ``database_skew``: as in :class:`RequiredSpan`.
    """
    used = (name for name in used_sources(settings) if name in states)
    clocks = [(None, database_skew), *((name, states[name].clock_skew) for name in used)]
    for name, skew in clocks:
        if skew is not None and abs(skew) > settings.snapshot.max_clock_skew:
            yield Gap(name, GapReason.CLOCK, skew=round(skew))


def _unread(name: str, span: RequiredSpan, state: PollState | None) -> Gap | None:
    """The gap of a source that is not read far enough, or None.

    It must be known up to the period's end and up to the instant of judgement: otherwise a deadline
    could count as missed only because the answer has not been read.
    """
    failing = state is not None and state.consecutive_failures > 0
    fault = f"{state.last_error}" if state is not None and failing else ""
    if state is not None and state.partial:
        return Gap(name, GapReason.READING, fault=fault)
    if state is None or state.as_of is None:
        return Gap(name, GapReason.NEVER_READ, fault=fault)
    behind = min(round(state.clock_skew or 0), 0)  # by its own time the period must be over, too
    if state.as_of + behind >= span.end and state.as_of >= span.known_at:
        return None
    exported = state.read_at is not None and state.as_of < state.read_at
    reason = GapReason.FAILING if failing else GapReason.NOT_READ
    return Gap(name, reason, state.as_of, exported, fault)


def notes(
    settings: Settings,
    span: RequiredSpan,
    year: int,
    states: Mapping[str, PollState],
    since: Mapping[str, int],
) -> list[Gap]:
    """Return limitations that do not block freezing but must be shown with the figures.

    A source whose records begin well within the period or the year so far (``year``: its first
    instant, epoch seconds) or end well before the period does, and an indicator without a source.
    A gap of less than a week is ignored, as in forecasts: it may be chance.
    """
    found = []
    for name in used_sources(settings):
        first = since.get(name)
        if first is not None and min(span.start, year) + FIRST_WEEK * DAY <= first < span.end:
            within = first >= span.start + FIRST_WEEK * DAY
            reason = GapReason.BEGINS_WITHIN if within else GapReason.BEGINS_WITHIN_YEAR
            found.append(Gap(name, reason, first))
        newest = states[name].newest_record_at if name in states else None
        if newest is not None and newest < span.end - FIRST_WEEK * DAY:
            found.append(Gap(name, GapReason.ENDS_EARLY, newest))
    return [*found, *_without_source(settings)]


def _without_source(settings: Settings) -> Iterator[Gap]:
    for name, indicator in settings.indicators.items():
        if indicator.measured_on is not None and not sources_of(settings, name):
            yield Gap(None, GapReason.NO_SOURCE, title=indicator.title)


def default_known_at(
    settings: Settings, end: int, states: Mapping[str, PollState], clock: int
) -> int:
    """Return the instant as of which figures are judged, from the data, not from when one asks.

    Of the sources known up to the period's ``end``, the earliest instant up to which one is known.
    If there is none: the period's end, or the present (``clock``) if that is earlier. All in epoch
    seconds.
    """
    known = (states[name].as_of for name in used_sources(settings) if name in states)
    after = [at for at in known if at is not None and at >= end]
    return min(after, default=min(end, clock))
