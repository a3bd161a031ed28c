"""The fields of one row of a CSV file. Pure: no files, no clock.

An error in a field that a record needs is a RejectedRow. One in any other field is noted, and the
record is kept without the field. Both name the field and the value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime, time
from enum import StrEnum

from collector.model.page import RejectedRow
from collector.sources.csv.durations import read_duration
from collector.sources.csv.empties import CLOCK, never, no_text, no_time
from collector.sources.csv.formats import date_only, instant, read_time, real_time
from collector.sources.csv.options import RowOptions
from collector.sources.csv.table import Notes
from collector.sources.kit.mapping import DEFAULT, Mapper

LONGEST_BEFORE = 366 * 86_400
"""Seconds. A time that is longer than this before the beginning of its record stands for none, such
as 2000-01-01, also where years of two digits make it that of another century."""

_EXCEL_DAYS = re.compile(r"[34]\d{4}([.,]\d+)?")
_BEGINNINGS = frozenset({"opened_at", "entered_at"})
_END_OF_DAY = time(23, 59, 59)
_YES_NO = {
    **dict.fromkeys(("yes", "true", "1", "ja"), True),
    **dict.fromkeys(("no", "false", "0", "nej"), False),
}


class CsvRow:
    """One row by our field names, with methods that read its fields.

    Unless a method says otherwise, it returns None if the field is empty or cannot be used.
    ``left_out``: the errors of fields that cannot be used. ``unknown``: those of these fields that
    do have a value, which nobody knows.
    """

    def __init__(
        self, texts: Mapping[str, str], options: RowOptions, mapper: Mapper, notes: Notes
    ) -> None:
        self._texts = texts
        self._options = options
        self._mapper = mapper
        self._notes = notes
        self.left_out: list[RejectedRow] = []
        self.unknown: set[str] = set()

    def tells(self, name: str) -> bool:
        """Return whether the file has a column for the field, or its map a default."""
        return name in self._texts or DEFAULT in self._options.map.get(name, ())

    def text(self, name: str) -> str | None:
        """Return the stripped text of a field."""
        value = self._texts.get(name)
        if not value or not (value := value.strip()):
            return None
        if value in self._options.map.get(name, ()):
            return value
        if no_text(value, self._options.empty):
            self._notes.empty[name, value] += 1
            return None
        return value

    def required(self, name: str) -> str:
        """Return the text of a field. Raises RejectedRow if it is empty."""
        if value := self._texts.get(name, "").strip():
            return value
        raise RejectedRow(f"missing_{name}", f"{name} is empty")

    def looked_up(
        self, name: str, ours: type[StrEnum] | None = None
    ) -> tuple[str | None, RejectedRow | None]:
        """Return our value by the configured map, or the value as it is and why it has none there.

        Members of the vocabulary ``ours`` are accepted as they are, in upper or lower case.
        """
        if name not in self._texts and name not in self._options.map:
            return None, None
        value, error = self.text(name), None
        if ours and value and value not in self._options.map.get(name, {}):
            with suppress(ValueError):
                return ours(value.lower()), None
        try:
            value = self._translated(name, value)
        except RejectedRow as unmapped:
            error = unmapped
        if ours and value:
            with suppress(ValueError):
                return ours(value.lower()), None
        return value, error

    def mapped(self, name: str, ours: type[StrEnum] | None = None) -> str | None:
        """Return our value as :meth:`looked_up`.

        A value that the map does not list is noted and kept as it is. Only priority, team and
        organization are left out then, by which figures choose their records.
        """
        value, error = self.looked_up(name, ours)
        if error is None:
            return value
        self.leave_out(name, error)
        return None if name in {"priority", "team", "organization"} else value

    def start(self, name: str, since: int | None = None) -> int:
        """Return the time at which the record begins as epoch seconds.

        A time before ``since`` that the clock showed twice in autumn is the second one. Raises
        RejectedRow as :meth:`starts`.
        """
        first, again = self.starts(name)
        return first if since is None or since <= first else again

    def starts(self, name: str) -> tuple[int, int]:
        """Return a time as epoch seconds, and the second time if the clock showed it twice; else
        the same.

        Raises RejectedRow if it is empty, not a time of the field's format between 1971 and 2200,
        or if it contains no zone and none is configured.
        """
        value = self.required(name)
        try:
            moment = self._moment(name, value)
            if not isinstance(moment, datetime):
                if self._form(name) == "iso":  # a date alone is not the time of a record
                    raise ValueError
                moment = datetime.combine(moment, time())
            found = self._epoch(name, value, moment)
            again = self._epoch(name, value, moment, later=True)
            if not never(moment):
                return found, again
        except (ValueError, OverflowError, OSError):
            pass
        raise self._no_time(name, value)

    def time(self, name: str, since: int | None = None) -> int | None:
        """Return a time as epoch seconds.

        A time before ``since`` that the clock showed twice in autumn is the second one, and one
        more than LONGEST_BEFORE earlier is none. A date alone is the last second of that day; in a
        column of dates its beginning, or ``since`` if that is on the same day, unless the date is a
        deadline.
        """
        value = self._texts.get(name)
        if not value or not (value := value.strip()):
            return None
        try:
            moment = self._moment(name, value)
            found = None if never(moment) else self._found(name, value, moment, since)
        except (ValueError, OverflowError, OSError):
            if not no_time(value, self._options.empty):
                self.leave_out(name, self._no_time(name, value), known=_is_word(value))
                return None
            found = None
        if found is None or (since is not None and found < since - LONGEST_BEFORE):
            self._notes.empty[name, value] += 1
            return None
        return found

    def _moment(self, name: str, value: str) -> datetime | date:
        """Read a time. Raises ValueError or OverflowError if it is none."""
        real = real_time(value) if self._notes.workbook else None
        return real or read_time(value, self._form(name), self._options.language)

    def _found(self, name: str, value: str, moment: datetime | date, since: int | None) -> int:
        if isinstance(moment, datetime):
            found = self._epoch(name, value, moment)
            later = since is not None and found < since
            return self._epoch(name, value, moment, later=True) if later else found
        end = self._epoch(name, value, datetime.combine(moment, _END_OF_DAY))
        if date_only(self._form(name)) and not name.endswith("_due_at"):
            start = self._epoch(name, value, datetime.combine(moment, time()))
            return since if since is not None and start < since <= end else start
        self._notes.ignored["time_of_day"] += 1
        return end

    def end(self, name: str, start: int) -> int | None:
        """Return a time as :meth:`time`, left out if it is before ``start``."""
        found = self.time(name, start)
        if found is not None and found < start:
            value = self._texts[name].strip()
            message = f"{name} {value!r} is before its start"
            self.leave_out(name, RejectedRow("ends_before_start", message))
            return None
        return found

    def seconds(self, name: str) -> int | None:
        """Return a duration in whole seconds, see :func:`~.durations.read_duration`."""
        value = self._texts.get(name)
        if not value or not (value := value.strip()):
            return None
        unit = self._options.units.get(name, "s")
        try:
            return read_duration(value, unit, self._options.decimal)
        except ValueError as error:
            if no_text(value, self._options.empty):
                self._notes.empty[name, value] += 1
                return None
            message = f"{name} {value!r} is not a duration: it {error}; see units.{name}"
            self.leave_out(name, RejectedRow("bad_seconds", message))
            return None

    def yes_or_no(self, name: str) -> bool | None:
        """Return the truth value of a word for yes or no, by the configured map.

        The words of ``_YES_NO`` are accepted as they are, in upper or lower case.
        """
        value = self.text(name)
        if (
            value is None
            or value.lower() not in _YES_NO
            or value in self._options.map.get(name, {})
        ):
            try:
                value = self._translated(name, value)
            except RejectedRow as error:
                self.leave_out(name, error)
                return None
        if value is None:
            return None
        if value.lower() not in _YES_NO:
            words = ", ".join(_YES_NO)
            message = f"{name} {value!r} is not one of {words}: map it under map.{name}"
            self.leave_out(name, RejectedRow("bad_yes_no", message))
        return _YES_NO.get(value.lower())

    def _translated(self, name: str, value: str | None) -> str | None:
        """Our value by the configured map; what only its default decides is noted."""
        found, table = self._mapper(name, value), self._options.map.get(name, {})
        if found is not None and found == table.get(DEFAULT) and value not in {found, *table}:
            self._notes.by_default[name, found, value or ""] += 1
        return found

    def _form(self, name: str) -> str:
        return self._options.form_of(name)

    def _epoch(self, name: str, value: str, moment: datetime, *, later: bool = False) -> int:
        zone = self._options.timezones.get(name, self._options.timezone)
        if moment.tzinfo is None and zone is None:
            raise RejectedRow(
                "no_timezone",
                f"{value!r} contains no time zone: set timezone, for example Europe/Stockholm",
            )
        return instant(moment, zone or "UTC", later=later)

    def _no_time(self, name: str, value: str) -> RejectedRow:
        form = self._form(name)
        message = f"{name} {value!r} is not a time of format {form} between 1971 and 2200"
        if CLOCK.fullmatch(value):
            message += "; it is a duration or has no date: set the column to null, or name another"
        elif _EXCEL_DAYS.fullmatch(value):
            message += "; if it counts the days as spreadsheets do, export it formatted as a date"
        elif name not in _BEGINNINGS and _is_word(value):
            message += "; if it means that there is none yet, add it under empty"
        elif form == "iso" and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            message += f"; if these are dates alone, set time_formats: {{{name}: '%Y-%m-%d'}}"
        return RejectedRow("bad_time", message)

    def note_end(self, *, ended: bool, still_open: bool) -> None:
        """Count the row by its status as it is written, by whether it has an end, and by whether
        it is open nevertheless."""
        self._notes.ends[self._texts.get("status", "").strip(), ended, still_open] += 1
        self._notes.ignored["reopened"] += ended and still_open

    def valued(self, name: str, column: str) -> CsvRow:
        """Return a row in which a field has the value that ``column`` has in this one."""
        texts = {name: self._texts[column]} if column in self._texts else {}
        return CsvRow(texts, self._options, self._mapper, self._notes)

    def note_unmapped(self, name: str, value: str) -> None:
        """Count a value of a field that means nothing here."""
        self._notes.unmapped[name, value] += 1

    def leave_out(self, name: str, error: RejectedRow, *, known: bool = False) -> None:
        """Note that a field cannot be used. ``known``: its value says that there is none yet."""
        self.left_out.append(error)
        if not known:
            self.unknown.add(name)


def _is_word(value: str) -> bool:
    """Whether a text holds no time, not even one that was too wide for a spreadsheet's cell."""
    return not re.search(r"[\d#]", value)
