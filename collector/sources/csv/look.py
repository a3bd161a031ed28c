"""What the first records of CSV files show of what their columns tell. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from collector.model.records import Call, CallOutcome, Ticket, Unrecorded
from collector.sources.csv.options import CsvOptions
from collector.sources.csv.table import Notes
from collector.sources.kit.contract import Look


def look_at(records: Iterable[Ticket | Call], options: CsvOptions, notes: Notes) -> Look:
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
        doubts=[(("map", "status"), text) for text in notes.kept_ends(options.map.get("status"))],
    )
