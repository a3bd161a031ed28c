"""Whether all that figures draw on is known up to a period's end, and from its beginning. Pure."""

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
    """Why a period is not complete: by a source, or because it is not over (``source`` None).

    ``at``: the instant that this is about (epoch seconds): by which figures are judged of a period
    that runs, up to which a source is known, of its first record or its newest one; None where
    there is none. ``exported``: a source is known up to when its newest file was written, however
    late it was read. ``fault``: the error of its polls, empty where they do not fail. ``title``: of
    an indicator without a source.
    """

    source: str | None
    reason: GapReason
    at: int | None = None
    exported: bool = False
    fault: str = ""
    title: Text | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """What a period asks of the sources: ``start`` is its first instant, ``end`` the one behind it,
    ``known_at`` that by which it is judged. In epoch seconds."""

    start: int
    end: int
    known_at: int


def drawn_on(settings: Settings) -> list[str]:
    """The configured sources that any indicator draws on."""
    used = {name for each in settings.indicators for name in sources_of(settings, each)}
    return [name for name in settings.sources if name in used]


def gaps(
    settings: Settings, reach: Reach, states: Mapping[str, PollState], since: Mapping[str, int]
) -> list[Gap]:
    """What is missing of a period; ``since``: the first record of each source that has any (epoch
    seconds)."""
    found = []
    if reach.known_at < reach.end:
        found.append(Gap(None, GapReason.RUNNING, reach.known_at))
    for name in drawn_on(settings):
        state = states.get(name)
        unread = _unread(name, reach, state)
        if unread is not None:
            found.append(unread)
        begun = unread is None or unread.reason not in {GapReason.NEVER_READ, GapReason.READING}
        first = since.get(name)
        if state is not None and begun and (first is None or first >= reach.end):
            # that it tells nothing of the period is not that nothing happened
            found.append(Gap(name, GapReason.NO_RECORDS, first))
    return found


def _unread(name: str, reach: Reach, state: PollState | None) -> Gap | None:
    """A source must have told all up to the period's end, and up to the instant by which it is
    judged: a deadline must not pass unanswered in what nobody read."""
    failing = state is not None and state.consecutive_failures > 0
    fault = f"{state.last_error}" if state is not None and failing else ""
    if state is not None and state.partial:
        return Gap(name, GapReason.READING, fault=fault)
    if state is None or state.as_of is None:
        return Gap(name, GapReason.NEVER_READ, fault=fault)
    if state.as_of >= max(reach.end, reach.known_at):
        return None
    exported = state.read_at is not None and state.as_of < state.read_at
    reason = GapReason.FAILING if failing else GapReason.NOT_READ
    return Gap(name, reason, state.as_of, exported, fault)


def notes(
    settings: Settings,
    reach: Reach,
    year: int,
    states: Mapping[str, PollState],
    since: Mapping[str, int],
) -> list[Gap]:
    """What keeps no period from being frozen, and must stand beside its figures: a source whose
    records begin well within the period, or within the year so far (its first instant: ``year``),
    or end well before the period does; and an indicator that no source delivers to.

    Of a week nobody can tell; as for forecasts it is taken for whole.
    """
    found = []
    for name in drawn_on(settings):
        first = since.get(name)
        if first is not None and min(reach.start, year) + FIRST_WEEK * DAY <= first < reach.end:
            within = first >= reach.start + FIRST_WEEK * DAY
            reason = GapReason.BEGINS_WITHIN if within else GapReason.BEGINS_WITHIN_YEAR
            found.append(Gap(name, reason, first))
        newest = states[name].newest_record_at if name in states else None
        if newest is not None and newest < reach.end - FIRST_WEEK * DAY:
            found.append(Gap(name, GapReason.ENDS_EARLY, newest))
    return [*found, *_without_source(settings)]


def _without_source(settings: Settings) -> Iterator[Gap]:
    for name, indicator in settings.indicators.items():
        if indicator.measured_on is not None and not sources_of(settings, name):
            yield Gap(None, GapReason.NO_SOURCE, title=indicator.title)


def default_known_at(
    settings: Settings, end: int, states: Mapping[str, PollState], clock: int
) -> int:
    """The instant by which figures are judged: what the data tell, not when one asks.

    The earliest instant up to which a source is known, of those sources that are known up to the
    period's ``end``; where none is, that end, or the present (``clock``) if it is not over. In
    epoch seconds.
    """
    known = (states[name].as_of for name in drawn_on(settings) if name in states)
    after = [at for at in known if at is not None and at >= end]
    return min(after, default=min(end, clock))
