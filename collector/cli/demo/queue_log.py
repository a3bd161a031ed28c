"""A simulated telephone system that writes the queue log of an Asterisk.

Everything follows from the seed and the calendar, day by day, so the bytes are the same however
often and in whatever steps the log is continued. The phone numbers are from the series reserved
for fiction; nobody has them.
"""

from __future__ import annotations

import gzip
import math
import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from operator import attrgetter
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from collector.cli.demo.hours import ZONE, is_working_day

CALLS_A_DAY = 60
_ZONE = ZoneInfo(ZONE)
SUPPORT, VIP = "it-support", "it-vip"
AGENTS = {
    SUPPORT: ("Agent Anna", "Agent Bo", "Agent Cia", "Agent David"),
    VIP: ("Agent Eva", "Agent Bo"),
}
RING_SECONDS = 15
LONGEST_WAIT = 600
# Calls by the hour from 8: mornings are busy, lunch is not
_HOURS = (14, 13, 11, 8, 9, 10, 9, 7, 4)
_LINE_TIME = re.compile(rb"(\d+)\|")


@dataclass(slots=True)
class _Caller:
    """A stay in a queue: ``ended_at`` is the end of the wait, ``lines`` what follows it."""

    queue: str
    entered_at: int
    callid: str
    ended_at: int
    answered: bool = False


_Entry = tuple[int, int, str]  # instant, order within it, line without its end


class QueueLogModel:
    """Writes the log at ``path`` from the instant ``start`` (epoch seconds) on.

    On the first of every month the log is renamed to ``<name>.1``, the previous ``.1`` becomes
    ``.2.gz`` and so on. An existing log that this model wrote at ``path`` is continued.
    """

    def __init__(self, seed: int, start: int, path: Path) -> None:
        self._seed = seed
        self._start = start
        self._path = path
        self._written = _last_instant(path)

    def advance(self, to: int) -> None:
        """Append every line up to and including the instant ``to`` (epoch seconds).

        Raises OSError when the log cannot be written.
        """
        since = self._start - 1 if self._written is None else self._written
        if to <= since:
            return
        lines: list[str] = []
        for instant, _, line in self._entries(since, to):
            if line == _ROTATE:
                self._append(lines)
                lines = []
                _rotate(self._path)
                line = _plain(instant, "CONFIGRELOAD")  # noqa: PLW2901 as the file's first
            lines.append(line)
        self._append(lines)
        self._written = to

    def _append(self, lines: list[str]) -> None:
        if lines:
            with self._path.open("a", encoding="utf-8", newline="\n") as file:
                file.writelines(f"{line}\n" for line in lines)

    def _entries(self, since: int, to: int) -> Iterator[_Entry]:
        """The entries after ``since`` up to ``to``, in order."""
        if since < self._start <= to:
            yield self._start, 0, _plain(self._start, "QUEUESTART")
        day, end = _local_date(max(since, self._start)), _local_date(to)
        while day <= end:
            for entry in sorted(_day(self._seed, day, self._start)):
                if since < entry[0] <= to:
                    yield entry
            day += timedelta(days=1)


_ROTATE = "rotate"


def _day(seed: int, day: date, start: int) -> list[_Entry]:
    """The entries of one local date that lie after ``start``."""
    random = Random(f"{seed}/{day.isoformat()}")
    entries: list[_Entry] = []
    if day.day == 1:
        entries.append((_at(day, 0), 0, _ROTATE))
    if day.weekday() == 6 and random.random() < 0.12:  # maintenance
        moment = _at(day, 4) + random.randrange(1800)
        entries.append((moment, 0, _plain(moment, "QUEUESTART")))
    if is_working_day(day):
        entries += _office_day(random, day)
        if random.random() < 0.01:
            entries = _crashed(entries, _at(day, 9) + random.randrange(6 * 3600), random)
    return [entry for entry in entries if entry[0] > start]


def _office_day(random: Random, day: date) -> list[_Entry]:
    log = _DayLog(random, day)
    # more calls on Mondays, and in the months after the holidays
    load = (
        CALLS_A_DAY * (1.25 if day.weekday() == 0 else 0.94) * (1.2 if day.month in {1, 8} else 1)
    )
    for _ in range(round(random.gauss(load, load / 8))):
        hour = random.choices(range(8, 17), _HOURS)[0]
        log.call(
            _at(day, hour) + random.randrange(3600), VIP if random.random() < 0.15 else SUPPORT
        )
    for agent in AGENTS[SUPPORT]:
        lunch = _at(day, 11) + random.randrange(5400)
        log.write(lunch, "NONE", SUPPORT, agent, "PAUSE", "Lunch")
        log.write(lunch + random.randint(1800, 2700), "NONE", SUPPORT, agent, "UNPAUSE", "")
    return log.with_positions()


def _crashed(entries: list[_Entry], moment: int, random: Random) -> list[_Entry]:
    """The entries if the telephone system crashes at ``moment``: calls in progress have no end."""
    restart = moment + random.randint(20, 90)
    kept = [
        entry
        for entry in entries
        if entry[0] < moment or (entry[0] > restart and _begun(entry[2]) > restart)
    ]
    return [*kept, (restart, 0, _plain(restart, "QUEUESTART"))]


def _begun(line: str) -> int:
    """When the caller of a line called; for lines without a caller, the line's own instant."""
    instant, callid = line.split("|", 2)[:2]
    return int(instant if callid == "NONE" else callid.split(".")[0])


class _DayLog:
    """The lines of one day. Queue positions depend on all callers, so they are filled in last."""

    def __init__(self, random: Random, day: date) -> None:
        self._random = random
        # the share answered varies over the year, and a little from day to day
        season = math.sin((day.timetuple().tm_yday - 60) / 365 * 2 * math.pi)
        self._within_20 = 0.655 + 0.04 * season + random.gauss(0, 0.03)
        self._lines: list[tuple[int, str, str, str, str, Callable[[], str]]] = []
        self._callers: dict[str, list[_Caller]] = {SUPPORT: [], VIP: []}
        self._channel = day.toordinal() % 1000 * 1000

    def write(
        self,
        at: int,
        callid: str,
        queue: str,
        agent: str,
        event: str,
        data: str | Callable[[], str],
    ) -> None:
        """Add one line; a callable ``data`` is called once the day is complete."""
        later = data if callable(data) else lambda: data
        self._lines.append((at, callid, queue, agent, event, later))

    def call(self, at: int, queue: str) -> None:
        """Add a call that enters a queue at ``at`` (epoch seconds)."""
        self._channel += 4
        self._enter(at, queue, f"{at}.{self._channel}")

    def with_positions(self) -> list[_Entry]:
        """The entries, with their order of writing within one second."""
        for callers in self._callers.values():
            callers.sort(key=attrgetter("entered_at"))
        return [
            (at, order, f"{at}|{callid}|{queue}|{agent}|{event}|{data()}")
            for order, (at, callid, queue, agent, event, data) in enumerate(self._lines)
        ]

    def _enter(self, at: int, queue: str, callid: str) -> None:
        random = self._random
        number = f"07017406{random.randint(5, 99):02}"
        caller = _Caller(queue, at, callid, at)
        self.write(
            at, callid, queue, "NONE", "ENTERQUEUE", lambda: f"|{number}|{self._came(caller)}"
        )
        fate, wait = self._fate(queue)
        caller.ended_at = at + wait
        self._callers[queue].append(caller)
        self._ring(caller, wait)
        if fate == "answered":
            self._answered(caller, wait)
            return
        end = caller.ended_at
        data = {"EXITWITHKEY": "1|", "WITHDRAW": ""}.get(fate, "")
        after = "|callback" if fate == "WITHDRAW" else ""
        self.write(
            end,
            callid,
            queue,
            "NONE",
            fate,
            lambda: f"{data}{self._left(caller)}|{self._came(caller)}|{wait}{after}",
        )

    def _fate(self, queue: str) -> tuple[str, int]:
        """The event that ends the wait, or ``answered``, and the wait in seconds."""
        random, share = self._random, self._random.random()
        quick = self._within_20 + (0.12 if queue == VIP else -0.02)
        if share < quick:
            return "answered", min(20, 1 + int(random.expovariate(1 / 7)))
        if share < quick + 0.145:
            return "answered", random.randint(21, 60)
        if share < 0.875:
            return "answered", 60 + int(random.expovariate(1 / 70)) % 300
        if share < 0.965:
            short = random.random() < 0.3  # a wrong number, or a second thought
            return "ABANDON", random.randint(1, 5) if short else 6 + int(
                random.expovariate(1 / 60)
            ) % 500
        if share < 0.98:
            return "EXITWITHKEY", random.randint(8, 90)
        if share < 0.992:
            return "EXITWITHTIMEOUT", 300
        return random.choice(("WITHDRAW", "EXITEMPTY")), random.randint(20, 120)

    def _ring(self, caller: _Caller, wait: int) -> None:
        for tried in range(RING_SECONDS, wait, RING_SECONDS + 1):
            agent = self._random.choice(AGENTS[caller.queue])
            at = caller.entered_at + tried
            data = str(RING_SECONDS * 1000)
            self.write(at, caller.callid, caller.queue, agent, "RINGNOANSWER", data)

    def _answered(self, caller: _Caller, wait: int) -> None:
        random, at = self._random, caller.ended_at
        agent = random.choice(AGENTS[caller.queue])
        stem, channel = caller.callid.split(".")
        ring = min(wait, random.randint(1, 8))
        talk = 20 + int(random.gammavariate(2, 140)) % 3600
        end, share = at + talk, random.random()
        write = self.write
        write(
            at,
            caller.callid,
            caller.queue,
            agent,
            "CONNECT",
            f"{wait}|{stem}.{int(channel) + 2}|{ring}",
        )
        event, lead = "COMPLETECALLER" if random.random() < 0.6 else "COMPLETEAGENT", ""
        if share < 0.03:
            event, lead = "BLINDTRANSFER", "2nd|agents|"
        elif share < 0.04:
            event, lead = "ATTENDEDTRANSFER", f"BRIDGE|{stem}-{channel}|"
        elif share < 0.06 and caller.queue == SUPPORT:
            event, lead = "BLINDTRANSFER", f"{VIP}|queues|"
        write(
            end,
            caller.callid,
            caller.queue,
            agent,
            event,
            lambda: f"{lead}{wait}|{talk}|{self._came(caller)}",
        )
        if lead.startswith(VIP):
            self._enter(end, VIP, caller.callid)

    def _came(self, caller: _Caller) -> int:
        return 1 + self._ahead(caller, caller.entered_at)

    def _left(self, caller: _Caller) -> int:
        return 1 + self._ahead(caller, caller.ended_at)

    def _ahead(self, caller: _Caller, at: int) -> int:
        """How many earlier callers still wait in the queue at an instant."""
        line = self._callers[caller.queue]
        earlier = bisect_left(line, caller.entered_at, key=attrgetter("entered_at"))
        waiting = 0
        for other in reversed(line[:earlier]):
            if other.entered_at < at - LONGEST_WAIT:
                break
            waiting += other.ended_at > at
        return waiting


def _rotate(path: Path) -> None:
    """``queue_log`` → ``.1``, ``.1`` → ``.2.gz``, ``.n.gz`` → ``.n+1.gz``."""
    if not path.exists():
        return
    last = 1
    while _packed(path, last + 1).exists():
        last += 1
    for number in range(last, 1, -1):
        _packed(path, number).rename(_packed(path, number + 1))
    newest = path.with_name(f"{path.name}.1")
    if newest.exists():
        # no name and no time in the file, so that equal logs are equal bytes
        _packed(path, 2).write_bytes(gzip.compress(newest.read_bytes(), 6, mtime=0))
        newest.unlink()
    path.rename(newest)


def _packed(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.{number}.gz")


def _last_instant(path: Path) -> int | None:
    """The instant of the last complete line in ``path``; an incomplete one is cut off."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    whole = content[: content.rfind(b"\n") + 1]
    if len(whole) < len(content):
        path.write_bytes(whole)
    match = _LINE_TIME.match(whole, whole.rfind(b"\n", 0, -1) + 1)
    return int(match[1]) if match else None


def _plain(instant: int, event: str) -> str:
    return f"{instant}|NONE|NONE|NONE|{event}|"


def _local_date(instant: int) -> date:
    return datetime.fromtimestamp(instant, _ZONE).date()


def _at(day: date, hour: int) -> int:
    return int(datetime.combine(day, time(hour), _ZONE).timestamp())
