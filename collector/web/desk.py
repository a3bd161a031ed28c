"""What pages are made of: the published figures and the store, at one instant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from collector.config.settings import Settings
from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.freshness import is_stale, is_unread, with_true_ages
from collector.measuring.engine.live import Live, LiveSnapshot
from collector.measuring.figures.figure import Figure
from collector.model.bilingual import Language
from collector.model.codes import State
from collector.monitoring.health import Health
from collector.monitoring.queues import BySource
from collector.monitoring.readings import Reading
from collector.store import PollState
from collector.text.dates import LocalTimes, local_times
from collector.text.durations import age
from collector.text.words.tables import word

_JUST_NOW: dict[Language, str] = {"sv": "läst nyss", "en": "read just now"}
_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Desk:
    """One instant of the desk: all that a page may look at.

    ``published``: the figures as last measured, marked stale if that was too long ago; None before
    the first measurement. ``now``: epoch seconds. ``live``: what publishes them, with its tallies.
    ``readings``: what is known of the reading of sources beside the store. ``queues``: by source,
    what telephone systems say of this moment. ``health``: of the service itself.
    """

    measuring: Measuring
    now: int
    published: LiveSnapshot | None = None
    live: Live | None = None
    readings: Mapping[str, Reading] = field(default_factory=dict)
    queues: BySource = field(default_factory=dict)
    health: Health = field(default_factory=Health)

    @property
    def settings(self) -> Settings:
        """The configuration in use."""
        return self.measuring.settings

    @property
    def today(self) -> date:
        """The local date of ``now``."""
        return self.measuring.today(self.now)

    def states(self) -> Mapping[str, PollState]:
        """How far the sources were read: as published, otherwise as stored. Raises StoreError."""
        return self.published.sources if self.published else self.measuring.store.polls.states()

    def stored_states(self) -> Mapping[str, PollState]:
        """How far the sources were read, as stored, to judge by how old they are: a reading that
        lies ahead, since the clock was set back, makes nothing new. Raises StoreError."""
        return with_true_ages(self.now, self.measuring.store.polls.states())

    def figures(self, period: str, organization: str | None) -> dict[str, Figure]:
        """The published figures by indicator, of one of the exported periods (``model/periods``) or
        of one of the last months, such as ``2020-07``; empty where there are none."""
        if self.published is None:
            return {}
        return {
            each.indicator: each
            for each in (*self.published.figures, *self.published.months)
            if each.period.name == period and each.organization == organization
        }

    def months(self, indicator: str, organization: str | None) -> list[Figure]:
        """The published figures of an indicator by month, the earliest first."""
        if self.published is None:
            return []
        return [
            each
            for each in self.published.months
            if each.indicator == indicator and each.organization == organization
        ]

    def moment(self, instant: int) -> datetime:
        """An instant (epoch seconds) as local time, for JSON."""
        return datetime.fromtimestamp(instant, ZoneInfo(self.settings.timezone))

    def times(self, language: Language) -> LocalTimes:
        """A formatter of instants, to the second."""
        return local_times(self.settings.timezone, language, self.settings.locale)


@dataclass(frozen=True, slots=True)
class SourceAge:
    """How old the data of a source are. ``state``: stale, no_data (never read to its end), or None
    if they are recent; ``read_at``: when it was last read to its end."""

    source: str
    text: str
    state: State | None
    read_at: datetime | None


def source_ages(
    desk: Desk, language: Language, only: Iterable[str] | None = None
) -> list[SourceAge]:
    """The age of each source's data in words, in the order of the configuration.

    ``only``: the sources to tell about; None for all. Raises StoreError.
    """
    states = desk.states()
    names = desk.settings.sources if only is None else only
    return [_age(desk, name, states, language) for name in names]


def _age(desk: Desk, name: str, states: Mapping[str, PollState], language: Language) -> SourceAge:
    state = states.get(name)
    if state is None or state.last_success is None:
        return SourceAge(name, word("never_read", language), "no_data", None)
    passed = abs(desk.now - state.last_success)
    text = _JUST_NOW[language]
    if passed >= _MINUTE:
        whole = passed - passed % _MINUTE
        text = word("read", language, word("ago", language, age(whole, language)))
    aged = with_true_ages(desk.now, states)
    old = is_stale(desk.settings, [name], desk.now, aged) or is_unread([name], states)
    return SourceAge(name, text, "stale" if old else None, desk.moment(state.last_success))
