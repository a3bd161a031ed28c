"""What the first records of CSV files show of what their columns tell. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from collector.model.records import Call, CallOutcome, Ticket, Unrecorded
from collector.sources.csv.formats import date_only
from collector.sources.csv.options import FACTS, CsvOptions
from collector.sources.csv.plausible import (
    begun_twice,
    exchanged_days,
    good_by_default,
    ids_of_one,
    implausible_calls,
    implausible_tickets,
    only_zero_clocks,
)
from collector.sources.csv.table import Notes
from collector.sources.kit.contract import Look

_YEAR_LAST = re.compile(r"(?<!\d)\d{1,2}[-_. ]\d{1,2}[-_. ]20\d\d(?!\d)")


def look_at(
    records: Sequence[Ticket | Call], options: CsvOptions, notes: Notes, paths: Sequence[Path]
) -> Look:
    """Return what ``records``, in reading which ``notes`` were taken, do not tell.

    Without any, it is what the options say.
    """
    should, without = Counter[Unrecorded](), Counter[Unrecorded]()
    for each in records:
        if isinstance(each, Call):
            answered = each.outcome is CallOutcome.ANSWERED
            should.update([Unrecorded.OUTCOME, *[Unrecorded.WAIT] * answered])
            without[Unrecorded.WAIT] += answered and each.wait_seconds is None
            without[Unrecorded.OUTCOME] += each.outcome is CallOutcome.UNKNOWN
        else:
            should.update(Unrecorded)
            without.update(each.unrecorded)
    partly = {fact: (n, should[fact]) for fact, n in (+without).items()}
    whole = frozenset(fact for fact, (n, of) in partly.items() if n == of)
    return Look(
        unrecorded=whole if should else options.unrecorded,
        partly={fact: shares for fact, shares in partly.items() if fact not in whole},
        doubts=[
            *((("map", "status"), text) for text in notes.kept_ends(options.map.get("status"))),
            *((("path",), text) for text in order_in_doubt(paths)),
            *implausible_calls([each for each in records if isinstance(each, Call)]),
            *good_by_default(notes.by_default),
            *only_zero_clocks(notes.empty, records),
            *implausible_tickets(
                [each for each in records if isinstance(each, Ticket)],
                registered_afterwards=options.registers_later,
                dates=[name for name in FACTS if date_only(options.form_of(name))],
            ),
            *((("path",), text) for text in [exchanged_days(notes.beginnings)] if text),
            *(
                (("columns", "id"), text)
                for text in (ids_of_one(each.id for each in records), begun_twice(records))
                if text
            ),
        ],
    )


def order_in_doubt(paths: Sequence[Path]) -> Iterator[str]:
    """Yield that files are read in another order than that of the numbers or dates in their
    names."""
    for one, other in pairwise(paths):
        year_last = _YEAR_LAST.search(one.name) and _YEAR_LAST.search(other.name)
        if year_last or _numbers(other.name) < _numbers(one.name):
            yield (
                f"{one.name} is read before {other.name}, whose rows win: files are read in the "
                "order of their names; write numbers with leading zeros and dates as 2026-11-30"
            )
            return


def _numbers(name: str) -> list[int]:
    return list(map(int, re.findall(r"\d+", name)))
