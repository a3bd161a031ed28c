"""Whether all that figures draw on is known up to a period's end, and from its beginning. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from collector.business_time.zone import DAY
from collector.config.settings import Settings, sources_of
from collector.measuring.engine.tallies import FIRST_WEEK
from collector.model.bilingual import Text
from collector.store import PollState

When = Callable[[int], Text]


@dataclass(frozen=True, slots=True)
class Gap:
    """Why a period is not complete: by a source, or because it is not over (``source`` None).

    ``why``: running, never_read, reading, failing, not_read, no_records (none from before the
    period's end); of what is only to be told begins_within (its first record lies well within the
    period), begins_within_year, ends_early (its newest one lies well before the period's end) or
    no_source (an indicator has none).
    """

    source: str | None
    why: str
    text: Text
    remedy: str = ""

    def record(self) -> dict[str, Any]:
        """For programs."""
        return {
            "source": self.source, "why": self.why, "sv": self.text.sv, "en": self.text.en,
        }  # fmt: skip


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
    settings: Settings,
    reach: Reach,
    states: Mapping[str, PollState],
    since: Mapping[str, int],
    when: When,
) -> list[Gap]:
    """What is missing of a period.

    ``since``: the first record of each source that has any (epoch seconds); ``when`` writes such
    an instant for people.
    """
    found = []
    if reach.known_at < reach.end:
        known, end = when(reach.known_at), when(reach.end)
        found.append(
            Gap(
                None,
                "running",
                Text(
                    sv=f"Perioden är inte slut: siffrorna är från {known.sv}.",
                    en=f"The period is not over: the figures are of {known.en}.",
                ),
                f"wait until it ends ({end.en}), and for the next reading of the sources",
            )
        )
    for name in drawn_on(settings):
        state = states.get(name)
        unread = list(_unread(name, reach, state, when))
        found += unread
        if state is not None and not any(gap.why in ("never_read", "reading") for gap in unread):
            found += _no_records(name, reach, since.get(name), when)
    return found


def _unread(name: str, reach: Reach, state: PollState | None, when: When) -> Iterator[Gap]:
    """A source must have told all up to the period's end, and up to the instant by which it is
    judged: a deadline must not pass unanswered in what nobody read."""
    known = None if state is None else state.as_of
    failing = state is not None and state.consecutive_failures > 0
    fault = f"; its polls fail: {state.last_error}" if state is not None and failing else ""
    again = f"see why with servicedesk-kpi check, then read it: servicedesk-kpi poll {name}"
    if state is not None and state.partial:
        yield Gap(
            name,
            "reading",
            Text(
                sv=f"Källan {name} håller på att läsas om från början.",
                en=f"The source {name} is being read anew and not to its end yet.",
            ),
            f"wait until it is read, or read it now: servicedesk-kpi poll {name}{fault}",
        )
    elif known is None:
        yield Gap(
            name,
            "never_read",
            Text(
                sv=f"Källan {name} har aldrig lästs till slut.",
                en=f"The source {name} was never read to its end.",
            ),
            f"read it: servicedesk-kpi poll {name}{fault}",
        )
    elif known < max(reach.end, reach.known_at):
        assert state is not None
        written = state.read_at is not None and known < state.read_at
        yield _told_till(name, when(known), written=written, again=f"{again}{fault}" * failing)


def _told_till(name: str, known: Text, *, written: bool, again: str) -> Gap:
    """``written``: not the reading, but the export that was read is too old."""
    if written:
        text = Text(
            sv=f"Källan {name} är känd till {known.sv}: då skrevs den senaste filen.",
            en=f"The source {name} is known up to {known.en}: its newest file was written then.",
        )
        remedy = f"export it anew, then read it: servicedesk-kpi poll {name}"
    else:
        text = Text(
            sv=f"Källan {name} är känd till {known.sv}: då började den senaste hela läsningen.",
            en=f"The source {name} is known up to {known.en}: its last whole reading began then.",
        )
        remedy = f"read it: servicedesk-kpi poll {name}"
    return Gap(name, "failing" if again else "not_read", text, again or remedy)


def _no_records(name: str, reach: Reach, since: int | None, when: When) -> Iterator[Gap]:
    """A source without a record from before the period's end tells nothing of it: that is not
    nothing."""
    if since is None or since >= reach.end:
        first = None if since is None else when(since)
        yield Gap(
            name,
            "no_records",
            Text(
                sv=f"Källan {name} har inget från före periodens slut"
                + (f": det första är från {first.sv}." if first else ", inte en enda post."),
                en=f"The source {name} has nothing from before the period's end"
                + (f": its first record is of {first.en}." if first else ", not a single record."),
            ),
            "check what it is configured to read, and from when on",
        )


def notes(
    settings: Settings,
    reach: Reach,
    year: int,
    states: Mapping[str, PollState],
    since: Mapping[str, int],
    when: When,
) -> list[Gap]:
    """What keeps no period from being frozen, and must be told beside its figures: a source whose
    records begin well within the period, or within the year so far (its first instant: ``year``),
    or end well before the period does; and an indicator that no source delivers to.

    Of a week nobody can tell; as for forecasts it is taken for whole.
    """
    found = []
    for name in drawn_on(settings):
        first = since.get(name)
        if first is not None and min(reach.start, year) + FIRST_WEEK * DAY <= first < reach.end:
            within = first >= reach.start + FIRST_WEEK * DAY
            found.append(_begins(name, when(first), "within" if within else "within_year"))
        newest = states[name].newest_record_at if name in states else None
        if newest is not None and newest < reach.end - FIRST_WEEK * DAY:
            found.append(_ends(name, when(newest)))
    return [*found, *_without_source(settings)]


def _begins(name: str, first: Text, where: str) -> Gap:
    text = Text(
        sv=f"Källan {name} börjar {first.sv}: inget före det är mätt.",
        en=f"The source {name} begins {first.en}: nothing before that was measured.",
    )
    return Gap(name, f"begins_{where}", text)


def _ends(name: str, newest: Text) -> Gap:
    text = Text(
        sv=f"Källan {name} har inget nyare än {newest.sv}: kanske saknas slutet av perioden.",
        en=f"The source {name} has nothing newer than {newest.en}: its end may be missing.",
    )
    return Gap(name, "ends_early", text)


def _without_source(settings: Settings) -> Iterator[Gap]:
    for name, indicator in settings.indicators.items():
        if indicator.measured_on is not None and not sources_of(settings, name):
            title = indicator.title
            yield Gap(
                None,
                "no_source",
                Text(
                    sv=f"{title.sv}: ingen källa är inställd, så den är inte mätt.",
                    en=f"{title.en}: no source is configured, so it is not measured.",
                ),
            )


def default_known_at(
    settings: Settings, end: int, states: Mapping[str, PollState], clock: int
) -> int:
    """The instant by which figures are judged: what the data tell, not when one asks.

    The earliest instant up to which a source is known, of those sources that are known up to the
    period's ``end``; where none is, that end, or the present (``clock``) if it is not over. In
    epoch seconds.
    """
    told = (states[name].as_of for name in drawn_on(settings) if name in states)
    after = [at for at in told if at is not None and at >= end]
    return min(after, default=min(end, clock))
