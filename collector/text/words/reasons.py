"""Words for codes of ``model.codes``: what to do about a gap, why a verdict changed, what a day is.

What a frozen snapshot says itself is not written here: its sentences are part of its format, see
``snapshot.sentences``.
"""

from __future__ import annotations

from collector.model.bilingual import Language, Text
from collector.model.codes import ChangeReason, DayKind, GapReason, SpecialDay
from collector.text.characters import DASH

CHANGE_WORDS: dict[ChangeReason, Text] = {
    ChangeReason.LATE_ANSWER: Text(sv="besvarat sedan dess", en="answered since then"),
    ChangeReason.LATE_RESOLUTION: Text(
        sv="löst eller stängt sedan dess", en="resolved or closed since then"
    ),
    ChangeReason.DEADLINE_PASSED: Text(sv="tidsgränsen har passerat", en="its deadline has passed"),
    ChangeReason.MERGED: Text(sv="sammanslaget med ett annat", en="merged into another one"),
    ChangeReason.DELETED: Text(sv="borttaget i källan", en="deleted in its source"),
    ChangeReason.SPAM: Text(sv="märkt som skräppost", en="marked as spam"),
    ChangeReason.CHANGED_TEXTS: Text(
        sv="prioritet, typ, grupp eller status ändrad sedan dess",
        en="its priority, kind, team or status was changed since then",
    ),
    ChangeReason.RESTATED_DEFINITION: Text(
        sv="måttet är definierat på nytt", en="the definition was restated"
    ),
    ChangeReason.NEW_RECORD: Text(sv="fanns inte i källan då", en="it was not there then"),
    ChangeReason.OTHER_ORGANIZATION: Text(
        sv="tillhör en annan organisation nu", en="it belongs to another organization now"
    ),
    ChangeReason.CORRECTED: Text(
        sv="finns kvar, med andra texter eller tider, och räknas inte längre här",
        en="it is there, with other texts or times, and does not count here any more",
    ),
    ChangeReason.RECORD_GONE: Text(sv="räknas inte längre", en="it does not count any more"),
    ChangeReason.RECORDED_LATER: Text(
        sv="källan berättade det först efteråt", en="its source told it only afterwards"
    ),
}
"""Why a record has another verdict than when it was frozen."""

_REMEDIES: dict[GapReason, str] = {
    GapReason.RUNNING: "wait until it ends ({end}), and for the next reading of the sources",
    GapReason.NEVER_READ: "read it: {poll}{fault}",
    GapReason.READING: "wait until it is read, or read it now: {poll}{fault}",
    GapReason.FAILING: "see why with servicedesk-kpi check, then read it: {poll}{fault}",
    GapReason.NOT_READ: "read it: {poll}",
    GapReason.NO_RECORDS: "check what it is configured to read, and from when on",
}
_EXPORT = "export it anew, then read it: {poll}"
"""The remedy of NOT_READ where the file that was read is too old, not the reading."""


def gap_remedy(
    reason: GapReason, source: str | None, end: str, fault: str, *, exported: bool
) -> str:
    """What to do about an incomplete period, in English, without a full stop.

    ``end``: when the period ends, as people read it; ``fault``: the error of the source's polls,
    empty where they do not fail; ``exported``: the source tells as much as its newest file does.
    Raises KeyError for a reason that keeps no period from being frozen.
    """
    old = exported and reason is GapReason.NOT_READ
    return (_EXPORT if old else _REMEDIES[reason]).format(
        end=end,
        poll=f"servicedesk-kpi poll {source}",
        fault=f"; its polls fail: {fault}" if fault else "",
    )


_DAYS: dict[DayKind, Text] = {
    DayKind.HOLIDAY: Text(sv="{0}", en="{0}"),
    DayKind.CLOSED: Text(sv="stängt enligt konfigurationen", en="closed by configuration"),
    DayKind.SHORT: Text(sv="kort dag {0}", en="short day {0}"),
    DayKind.NO_HOURS: Text(sv="stängt hela dagen", en="closed all day"),
}


def day_words(day: SpecialDay, language: Language) -> str:
    """What a date is: ``Julafton``, ``kort dag 08:00–12:00``."""
    kind, detail = day
    if kind is DayKind.SHORT:
        kind = DayKind.SHORT if detail else DayKind.CLOSED
        detail = detail.replace("-", DASH)
    return _DAYS[kind][language].format(detail)
