"""The same records measured another way: figures side by side, and the records that change."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from collector.configuration import settings_of
from collector.indicators.figures import Figure
from collector.indicators.periods import Period
from collector.indicators.verdicts import Timeline, Verdict
from collector.measuring import Measuring, chunks
from collector.settings import Settings
from collector.tables import Int64
from collector.yaml_file import Fault, FaultyFile, dotted, parse_yaml, read_yaml

_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_OUTSIDE = "not counted"


@dataclass(frozen=True, slots=True)
class Alternative:
    """A figure in force, the same under the other configuration, and what became of the records.

    ``moved``: (verdict in force, the other verdict) → number of records, where they differ;
    ``not counted`` is a record that the figure does not look at.
    """

    in_force: Figure
    other: Figure
    moved: dict[tuple[str, str], int]


def with_changes(file: Path, assignments: Sequence[str]) -> Settings:
    """The configuration with some values set, as in ``indicators.urgent.within=20min``.

    A path goes by keys and ``[n]`` into lists; keys that are not there are added; a value is YAML.
    Raises FaultyFile for what cannot be set, and for what is then wrong.
    """
    data = deepcopy(read_yaml(file).data)
    faults: list[Fault] = []
    for text in assignments:
        try:
            _assign(data, text)
        except ValueError as error:
            faults.append(Fault(f"--set {text}: {error}"))
    if faults:
        raise FaultyFile(file, faults)
    settings, found = settings_of(file, data)
    if settings is None or found:
        told = ", ".join(f"--set {text}" for text in assignments)
        raise FaultyFile(file, [Fault(f"with {told}: {f.message}", f.path) for f in found])
    return settings


def _assign(data: Any, text: str) -> None:
    path, equals, value = text.partition("=")
    steps = [int(n) if n else key for key, n in _STEP.findall(path.strip())]
    if not equals or not steps or dotted(tuple(steps)) != path.strip():
        raise ValueError("write PATH=VALUE, as in indicators.urgent_response.within=20min")
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        if isinstance(step, int) != isinstance(data, list):
            kind = "a list: name an entry, as in [0]" if isinstance(data, list) else "not a list"
            raise ValueError(f"what holds {step!r} is {kind}")
        if isinstance(step, int) and step >= len(data):
            raise ValueError(f"there are only {len(data)} entries")
        if following is None:
            data[step] = parse_yaml(value)
        elif isinstance(data, dict) and not isinstance(data.get(step), dict | list):
            data[step] = {}
        data = data[step]


def also_set_later(settings: Settings, assignments: Sequence[str]) -> list[str]:
    """The paths whose value a later version replaces, so that setting them alone does little."""
    found: list[str] = []
    for text in assignments:
        path = text.partition("=")[0].strip()
        steps = path.split(".")
        if len(steps) != 3 or steps[0] not in {"indicators", "calendars"}:
            continue
        holder: Any = getattr(settings, steps[0])[steps[1]]
        for index, version in enumerate(holder.versions):
            if steps[2] in version.model_fields_set:
                place = f"{steps[0]}.{steps[1]}.versions[{index}].{steps[2]}"
                found.append(f"{path} is another one from {version.valid_from} on: set {place}")
    return found


def alternatives(
    in_force: Measuring,
    other: Measuring,
    period: Period,
    now: int,
    only: Sequence[str],
    on_progress: Callable[[float], None] = lambda share: None,
) -> Iterator[Alternative]:
    """The figures of a period by both configurations; indicators that only one has are left out.

    ``period`` is as the configuration in force reads it. Nothing is written.
    """
    states = in_force.store.poll_states()
    sides = (in_force, other)
    figures: list[dict[str, Figure]] = []
    for n, side in enumerate(sides):

        def report(share: float, n: int = n) -> None:
            on_progress((n + share) / 3)

        first = side.history_of(period, now)
        tallies = side.tallies(first, period.after, now, report, only or None)
        found = side.figures(tallies, period, now, states, only or None)
        figures.append({f.indicator: f for f in found if f.organization is None})
    shared = [name for name in figures[0] if name in figures[1]]
    for done, name in enumerate(shared):
        moved = _moved(*(_verdicts(s, s.timeline(name), period, now) for s in sides))
        on_progress((2 + (done + 1) / len(shared)) / 3)
        yield Alternative(figures[0][name], figures[1][name], moved)


def _verdicts(
    measuring: Measuring, timeline: Timeline, period: Period, now: int
) -> tuple[Int64, Int64]:
    """Keys and verdicts of all records that a figure looks at."""
    keys = [np.empty(0, dtype=np.int64)]
    verdicts = [np.empty(0, dtype=np.int64)]
    if timeline.clock:
        start, end = measuring.instants(period)
        for first, after in chunks(period.first, period.after):
            span = measuring.local.midnight(first), measuring.local.midnight(after)
            table = measuring.table(timeline.clock, span)
            found = measuring.judge(timeline, table, now).found
            counted = (found.counted_at >= max(start, span[0])) & (found.counted_at < span[1])
            chosen = counted & (found.counted_at < end) & (found.verdict != Verdict.LATER)
            keys.append(table.key[found.row[chosen]])
            verdicts.append(found.verdict[chosen].astype(np.int64))
    return np.concatenate(keys), np.concatenate(verdicts)


def _moved(before: tuple[Int64, Int64], after: tuple[Int64, Int64]) -> dict[tuple[str, str], int]:
    was = dict(zip(before[0].tolist(), before[1].tolist(), strict=True))
    becomes = dict(zip(after[0].tolist(), after[1].tolist(), strict=True))
    words = {verdict.value: verdict.name.lower() for verdict in Verdict} | {None: _OUTSIDE}
    pairs = Counter(
        (words[was.get(key)], words[becomes.get(key)]) for key in was.keys() | becomes.keys()
    )
    return {pair: n for pair, n in sorted(pairs.items()) if pair[0] != pair[1]}
