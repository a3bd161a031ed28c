"""Whether all that figures draw on was read to its end after a period was over. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from collector.freshness import is_stale, sources_of
from collector.settings import Settings
from collector.store import PollState
from collector.values import Text

When = Callable[[int], Text]


@dataclass(frozen=True, slots=True)
class Gap:
    """Why a period is not complete: by a source, or because it is not over (``source`` None).

    ``why``: running, never_read, reading, failing or not_read. ``last_success``: when the source
    was last read to its end (epoch seconds).
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


def drawn_on(settings: Settings) -> list[str]:
    """The configured sources that any indicator draws on."""
    used = {name for each in settings.indicators for name in sources_of(settings, each)}
    return [name for name in settings.sources if name in used]


def gaps(
    settings: Settings,
    end: int,
    known_at: int,
    states: Mapping[str, PollState],
    when: When,
) -> list[Gap]:
    """What is missing of a period that ends at the instant ``end``, as known at ``known_at``.

    Both in epoch seconds; ``when`` writes such an instant for people.
    """
    found = []
    if known_at < end:
        found.append(
            Gap(
                None,
                "running",
                Text(
                    sv=f"Perioden är inte slut: siffrorna är från {when(known_at).sv}.",
                    en=f"The period is not over: the figures are of {when(known_at).en}.",
                ),
                f"wait until it ends ({when(end).en}), and for the next reading of the sources",
            )
        )
    for name in drawn_on(settings):
        found += _of_source(settings, name, end, known_at, states.get(name), when)
    return found


def _of_source(
    settings: Settings,
    name: str,
    end: int,
    known_at: int,
    state: PollState | None,
    when: When,
) -> Iterator[Gap]:
    read = None if state is None else state.last_success
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
    elif read is None:
        yield Gap(
            name,
            "never_read",
            Text(
                sv=f"Källan {name} har aldrig lästs till slut.",
                en=f"The source {name} was never read to its end.",
            ),
            f"read it: servicedesk-kpi poll {name}{fault}",
        )
    elif _too_early(settings, name, end, known_at, state):
        yield Gap(
            name,
            "failing" if failing else "not_read",
            Text(
                sv=f"Källan {name} lästes senast till slut {when(read).sv}.",
                en=f"The source {name} was last read to its end {when(read).en}.",
            ),
            f"{again}{fault}" if failing else f"read it: servicedesk-kpi poll {name}",
        )


def _too_early(
    settings: Settings, name: str, end: int, known_at: int, state: PollState | None
) -> bool:
    """Whether a source was not read after the period's end, or is stale by when it is judged: a
    deadline must not pass unanswered in what nobody read."""
    assert state is not None
    assert state.last_success is not None
    early = end <= known_at and state.last_success < end
    return early or is_stale(settings, [name], known_at, {name: state})


def default_known_at(
    settings: Settings, end: int, states: Mapping[str, PollState], clock: int
) -> int:
    """The instant by which figures are judged: what the data tell, not when one asks.

    The earliest of the last whole readings, of those sources that were read after the period's
    end; where none was, that end; of a period that still runs the latest reading. In epoch
    seconds. ``clock``: the present.
    """
    read = [
        state.last_success
        for name in drawn_on(settings)
        if (state := states.get(name)) and state.last_success is not None
    ]
    if after := [at for at in read if at >= end]:
        return min(after)
    return end if clock >= end else max(read, default=clock)
