"""What the configuration asks of records, compared with what the sources record and have delivered.

A filter that no record passes, a fact that no source records and one that many records lack give
figures without a fault to be seen in them; here they are named. Nothing of this is an error: what
is asked may still come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

from collector.config.checks.consistency import versions_of
from collector.config.rules import CallFilter, TicketFilter
from collector.config.settings import BEGINNING, Settings, sources_delivering
from collector.io.yaml import Place
from collector.measuring.engine.engine import Measuring
from collector.measuring.figures.figure import LACKING_LIMIT, Lacking, lacking_in
from collector.measuring.figures.tally import counts
from collector.measuring.kinds.table import kind_of
from collector.measuring.verdicts.needs import Need
from collector.measuring.verdicts.timeline import Timeline
from collector.model.bilingual import Language
from collector.model.columns import CallProfile, TicketProfile
from collector.model.records import Status, Unrecorded
from collector.sources.kit.contract import Look
from collector.text.words.facts import (
    also_text,
    instead_text,
    lacking_text,
    same_text,
    unknown_text,
    unseen_text,
)
from collector.text.words.lacking import left_out_text, partly_text

Profile = TicketProfile | CallProfile
BySource = Mapping[str, frozenset[Unrecorded]]

_VALUES: dict[str, Callable[[Any], Iterable[str | None]]] = {
    "kind": lambda p: [p.kind],
    "priority": lambda p: [p.priority, *p.priorities],
    "organization": lambda p: [p.organization],
    "category": lambda p: [p.category],
    "team": lambda p: [p.team, *p.teams],
    "status": lambda p: [p.status],
    "queue": lambda p: [p.queue],
}
"""The values that a record has or had in each field of a filter. Outcomes are not among them: they
are our own words, and some come seldom. A field is asked only of profiles that have it."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that is asked in vain. ``place``: where in the configuration; ``text``: in words of
    a language. ``reason``: that for which records are excluded then, where it is about a fact."""

    place: Place
    text: Callable[[Language], str]
    reason: str = ""

    def line(self, language: Language = "en") -> str:
        """Return one line with the place."""
        return f"{'.'.join(map(str, self.place))}: {self.text(language)}"

    def concerns(self, indicator: str) -> bool:
        """Return whether it is about this indicator, rather than another one."""
        return self.place[0] != "indicators" or self.place[1] == indicator


def doubts(
    measuring: Measuring, now: int, lacking: Iterable[tuple[Timeline, Lacking]] | None = None
) -> list[Doubt]:
    """Return all doubts about what the store holds, as known at ``now`` (epoch seconds).

    ``lacking``: what indicators leave out for want of data; by default of the last year. Raises
    StoreError.
    """
    settings, profiles = measuring.settings, measuring.store.records.profiles()
    told = list(lacking_facts(settings, measuring.timelines, unrecorded_in(profiles[0])))
    for each in lacking_lately(measuring, now) if lacking is None else lacking:
        told += left_out(*each, told)
    return [*told, *unseen_values(settings, *profiles)]


def unrecorded_in(profiles: Iterable[TicketProfile]) -> dict[str, frozenset[Unrecorded]]:
    """Return, for each source with tickets, what none of these tells."""
    found: dict[str, frozenset[Unrecorded]] = {}
    for each in profiles:
        own = frozenset(map(Unrecorded, each.unrecorded))
        found[each.source] = found.get(each.source, own) & own
    return found


def lacking_facts(
    settings: Settings, timelines: Iterable[Timeline], by_source: BySource
) -> Iterator[Doubt]:
    """Yield the facts that indicators need and sources do not record.

    ``by_source``: what is known not to be recorded; of other sources what their options say.
    """
    for timeline in timelines:
        found: dict[Need, tuple[tuple[str, ...], bool]] = {}
        for yardstick in timeline.versions:
            needs = list(kind_of(yardstick.indicator).needs(yardstick))
            sources = {name: by_source.get(name, own) for name, own in yardstick.sources.items()}
            for each in needs:
                silent = tuple(n for n, missing in sources.items() if each.any_of <= missing)
                if silent:
                    found[each] = silent, len(silent) == len(sources)
        for each, (names, whole) in found.items():
            text = _lacking(settings, names, each, whole=whole)
            yield Doubt(("indicators", timeline.id), text, each.reason)


def partly_lacking(timelines: Iterable[Timeline], looks: Mapping[str, Look]) -> Iterator[Doubt]:
    """Yield the facts that indicators need and many of the first records of a source lack.

    ``looks``: what these show, by source.
    """
    for timeline in timelines:
        needs = {
            (name, each): None
            for yardstick in timeline.versions
            for each in kind_of(yardstick.indicator).needs(yardstick)
            for name in yardstick.sources.keys() & looks.keys()
        }
        for name, each in sorted(needs, key=lambda found: found[0]):
            shares = looks[name].partly
            told = each.any_of - shares.keys() - looks[name].unrecorded
            n, of = min((shares[fact] for fact in each.any_of if fact in shares), default=(0, 0))
            if each.essential and not told and n > LACKING_LIMIT * of:
                text = partial(partly_text, name, each.fact, n, of)
                yield Doubt(("indicators", timeline.id), text, each.reason)


def lacking_lately(measuring: Measuring, now: int) -> list[tuple[Timeline, Lacking]]:
    """Return what each indicator leaves out for want of data in the year that ends with the newest
    record known at ``now`` (epoch seconds). Raises StoreError."""
    span = measuring.store.records.span()
    if span is None:
        return []
    after = measuring.today(min(now, span[1])) + timedelta(days=1)
    first = after - timedelta(days=366)
    tallies = measuring.tallies(first, after, now)
    measured = [timeline for timeline in measuring.timelines if timeline.clock]
    found = [counts(t, tallies.of(t.id, first, after).sum(axis=(0, 1))) for t in measured]
    lacking = [lacking_in(each.eligible, each.pending, each.excluded) for each in found]
    return list(zip(measured, lacking, strict=True))


def left_out(timeline: Timeline, lacking: Lacking, told: Iterable[Doubt] = ()) -> Iterator[Doubt]:
    """Yield that an indicator leaves many records out, for other reasons than those ``told``."""
    named = {each.reason for each in told if each.place == ("indicators", timeline.id)}
    reasons = {reason: n for reason, n in lacking.reasons.items() if reason not in named}
    if lacking._replace(reasons=reasons).is_doubtful:
        on = str(timeline.versions[0].indicator.measured_on)
        text = partial(left_out_text, reasons, lacking.of, on)
        yield Doubt(("indicators", timeline.id), text)


def _lacking(
    settings: Settings, names: Sequence[str], lacked: Need, *, whole: bool
) -> Callable[[Language], str]:
    keys = [
        f"sources.{name}.{key}"
        for name in names
        if (key := settings.sources[name].REMEDIES.get(lacked.fact)) is not None
    ]

    def text(language: Language) -> str:
        if not lacked.essential:
            return instead_text(names, lacked.fact, language)
        return lacking_text(names, lacked.fact, ", ".join(keys), language, whole=whole)

    return text


def unseen_values(
    settings: Settings, tickets: Sequence[TicketProfile], calls: Sequence[CallProfile]
) -> Iterator[Doubt]:
    """Yield the values of filters that no record has or that records write in other ways, too, and
    words that are none of ours.

    A source without records raises no doubt: it may not have been read yet.
    """
    for name in settings.indicators:
        on_calls = settings.indicators[name].measured_on == "calls"
        every: Sequence[Profile] = calls if on_calls else tickets
        for each, place, sets in versions_of(settings, name):
            sources = settings.sources_of(name, _day_of(settings, place))
            own = [p for p in every if p.source in sources]
            for key in ("records", "where"):
                if (chosen := getattr(each, key, None)) is not None and sets((*place, key)):
                    yield from _unseen(chosen, (*place, key), own)
    for name, exclusion in settings.exclude.items():
        yield from _unseen(exclusion, ("exclude", name), tickets)
    yield from _unknown_words(settings, tickets)


def _day_of(settings: Settings, place: Place) -> date:
    """The date from which the version at a place of an indicator is in force."""
    if len(place) == 2:
        return BEGINNING
    return settings.indicators[str(place[1])].versions[int(place[3])].valid_from


def _unseen(
    chosen: TicketFilter | CallFilter, place: Place, profiles: Sequence[Profile]
) -> Iterator[Doubt]:
    """The doubts about one filter, if there are records at all whose source tells the field."""
    for key, values in chosen.model_dump(exclude_none=True).items():
        field = "team" if key == "only_teams" else key
        telling = [p for p in profiles if field not in getattr(p, "unrecorded", ())]
        if field not in _VALUES or not telling:
            continue
        seen = sorted({value for p in telling for value in _VALUES[field](p) if value is not None})
        ours = frozenset(Status) if field == "status" else frozenset[str]()
        for value in dict.fromkeys(values):
            if value not in seen and value not in ours:
                yield Doubt((*place, key), partial(unseen_text, field, value, seen))
            elif also := [each for each in seen if each not in values and same_text(each, value)]:
                yield Doubt((*place, key), partial(also_text, field, value, also))


def _unknown_words(settings: Settings, tickets: Sequence[TicketProfile]) -> Iterator[Doubt]:
    """The priorities and statuses of each source that are none of ours."""
    for field, known in (("priority", settings.priorities), ("status", tuple(Status))):
        for name in sources_delivering(settings, "tickets"):
            own = (value for p in tickets if p.source == name for value in _VALUES[field](p))
            if values := sorted({value for value in own if value is not None} - {*known}):
                text = partial(unknown_text, field, values, known)
                yield Doubt(("sources", name, "map", field), text)
