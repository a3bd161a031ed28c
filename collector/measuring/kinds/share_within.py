"""share_within: the share of tickets whose clock stays within a limit."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from collector.config.indicators import ShareWithin
from collector.measuring.kinds.base import Share, counted_by
from collector.measuring.kinds.clocked import ClockedKind
from collector.measuring.kinds.saying import Said, calendar_of, counting, joined, phrase, setting
from collector.measuring.verdicts.clocks import ClockReading, Clocks, deadlines, read_clocks
from collector.measuring.verdicts.needs import lacking
from collector.measuring.verdicts.selection import Bool, select
from collector.measuring.verdicts.timeline import NEVER, Yardstick
from collector.model.bilingual import Language, Text
from collector.model.columns import Int64, TicketTable


class ShareWithinKind(ClockedKind[ShareWithin], Share[ShareWithin]):
    """A clock that ends within the limit is met; one that runs past it is missed at once."""

    settings = ShareWithin
    words = Text(sv="andel inom en gräns", en="share within a limit")
    has_deadlines = True

    def _late(self, yardstick: Yardstick, readings: Clocks) -> tuple[Bool, Int64]:
        within, calendar = self.own(yardstick).within, yardstick.calendar
        assert calendar is not None
        if within.seconds is None:
            due = self._due(yardstick, readings)
            late = readings.until > due
            return late, np.where(readings.running & ~late, due + 1, NEVER)
        late = readings.seconds > within.seconds
        waiting = np.flatnonzero(readings.running & ~late)
        wakes_at = np.full(len(readings.row), NEVER, dtype=np.int64)
        left = within.seconds + 1 - readings.seconds[waiting]
        wakes_at[waiting] = calendar.add(readings.until[waiting], left)
        return late, wakes_at

    def _due(self, yardstick: Yardstick, readings: Clocks, at: Int64 | None = None) -> Int64:
        """The deadlines of the clocks at the indices ``at``, by default of all (epoch seconds)."""
        assert yardstick.calendar is not None
        at = np.arange(len(readings.row)) if at is None else at
        return deadlines(yardstick.calendar, self.own(yardstick).within, readings, at)

    def deadlines(self, yardstick: Yardstick, table: TicketTable, now: int) -> tuple[Int64, Int64]:
        """See ``Kind.deadlines``. Tickets whose clock is paused have no deadline, nor have those of
        which their source does not record what it takes to tell that it still runs."""
        chosen, needs = select(yardstick, table, now), list(self.needs(yardstick))
        readings = read_clocks(yardstick, self.own(yardstick), chosen)
        known = [not lacking(needs, profile.unrecorded) for profile in chosen.table.profiles]
        at = np.flatnonzero(readings.running & chosen.of_profiles(known))
        return readings.row[at], self._due(yardstick, readings, at)

    def limit(self, yardstick: Yardstick) -> int | None:
        return self.own(yardstick).within.seconds

    def clock_reading(self, yardstick: Yardstick, table: TicketTable, now: int) -> ClockReading:
        reading = super().clock_reading(yardstick, table, now)
        limit = self.limit(yardstick)
        due = self._due(yardstick, reading.readings) if limit is None else None
        return reading._replace(limit=limit, due=due)

    def formula(self, yardstick: Yardstick) -> str:
        within = self.own(yardstick).within.text
        clock = self.clock_in_words(yardstick)
        return f"elapsed <= {within} / all due; {clock}; {counted_by(yardstick)}"

    def in_words(self, said: Said, language: Language) -> str:
        return joined(self._in_words(said, language))

    def _in_words(self, said: Said, language: Language) -> Iterator[str]:
        limit, calendar = setting(said, "within", language), calendar_of(said, language)
        key = "in_days" if "business_day" in str(said["within"]) else "in_business_time"
        within = phrase(key, language, limit=limit, calendar=calendar)
        yield phrase(f"{said['from']}_{said['to']}", language, limit=within)
        yield from self.rules_of_clock(said, language)
        yield from counting(said, language)
