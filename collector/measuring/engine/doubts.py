"""What the configuration asks of records, compared with what the sources record and have delivered.

A filter that no record passes and a fact that no source records give figures without a fault to be
seen in them; here they are named. Nothing of this is an error: what is asked may still come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from collector.config.checks.consistency import versions_of
from collector.config.rules import CallFilter, TicketFilter
from collector.config.settings import BEGINNING, Settings, sources_delivering
from collector.io.yaml import Place
from collector.measuring.kinds.table import kind_of
from collector.measuring.verdicts.needs import Need
from collector.measuring.verdicts.timeline import Timeline
from collector.model.bilingual import Language
from collector.model.columns import CallProfile, TicketProfile
from collector.model.records import Status, Unrecorded
from collector.store import Store
from collector.text.words.facts import instead_text, lacking_text, unknown_text, unseen_text

Profile = TicketProfile | CallProfile
BySource = Mapping[str, frozenset[Unrecorded]]

_VALUES: dict[str, Callable[[Profile], Iterable[str | None]]] = {
    "kind": lambda p: [p.kind],  # type: ignore[union-attr]
    "priority": lambda p: [p.priority, *p.priorities],  # type: ignore[union-attr]
    "organization": lambda p: [p.organization],
    "category": lambda p: [p.category],  # type: ignore[union-attr]
    "team": lambda p: [p.team, *p.teams],  # type: ignore[union-attr]
    "status": lambda p: [p.status],  # type: ignore[union-attr]
    "queue": lambda p: [p.queue],  # type: ignore[union-attr]
}
"""The values that a record has or had in each field of a filter. Outcomes are not among them: they
are our own words, and some come seldom."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that is asked in vain. ``place``: where in the configuration; ``text``: in words of
    a language."""

    place: Place
    text: Callable[[Language], str]

    def line(self, language: Language = "en") -> str:
        """Return one line with the place."""
        return f"{'.'.join(map(str, self.place))}: {self.text(language)}"

    def concerns(self, indicator: str) -> bool:
        """Return whether it is about this indicator, rather than another one."""
        return self.place[0] != "indicators" or self.place[1] == indicator


def doubts(settings: Settings, store: Store, timelines: Sequence[Timeline]) -> list[Doubt]:
    """Return all doubts about what the store holds. Raises StoreError."""
    profiles = store.records.profiles()
    recorded = unrecorded_in(profiles[0])
    return [*lacking_facts(settings, timelines, recorded), *unseen_values(settings, *profiles)]


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
            yield Doubt(("indicators", timeline.id), _lacking(settings, names, each, whole=whole))


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
    """Yield the values of filters that no record has, and words that are none of ours.

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
                yield Doubt((*place, key), _unseen_in_words(field, value, seen))


def _unseen_in_words(field: str, value: str, seen: Sequence[str]) -> Callable[[Language], str]:
    return lambda language: unseen_text(field, value, seen, language)


def _unknown_words(settings: Settings, tickets: Sequence[TicketProfile]) -> Iterator[Doubt]:
    """The priorities and statuses of each source that are none of ours."""
    for field, known in (("priority", settings.priorities), ("status", tuple(Status))):
        for name in sources_delivering(settings, "tickets"):
            own = (value for p in tickets if p.source == name for value in _VALUES[field](p))
            if values := sorted({value for value in own if value is not None} - {*known}):
                yield Doubt(
                    ("sources", name, "map", field), _unknown_in_words(field, values, known)
                )


def _unknown_in_words(
    field: str, values: Sequence[str], known: Sequence[str]
) -> Callable[[Language], str]:
    return lambda language: unknown_text(field, values, known, language)
