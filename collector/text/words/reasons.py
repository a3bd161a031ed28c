"""Words for the codes of ``model.codes``: remedies for gaps, reasons of changes, special days.

The sentences within snapshots are not here: they belong to the sealed format, see
``snapshot.sentences``.
"""

from __future__ import annotations

from collector.model.bilingual import Language, Text
from collector.model.codes import ChangeReason, DayKind, GapReason, NoClock, SpecialDay
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
    ChangeReason.NOT_VISIBLE: Text(
        sv="källan visar det inte längre", en="its source no longer shows it"
    ),
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
"""Why a record's verdict changed since it was frozen."""

_WITHOUT_CLOCK: dict[NoClock, Text] = {
    NoClock.ON_HOLD: Text(sv="vilande: klockan står still", en="on hold: the clock stands still"),
    NoClock.NOT_TOLD: Text(
        sv="källan talar inte om ifall klockan går", en="the source does not tell if a clock runs"
    ),
    NoClock.ENDED: Text(
        sv="det som har en tidsgräns är gjort", en="what had a deadline has been done"
    ),
    NoClock.NO_DEADLINE: Text(
        sv="ingen indikator ger en tidsgräns", en="no indicator sets a deadline"
    ),
}


def without_clock(reason: NoClock, language: Language) -> str:
    """Why an open ticket has no running clock with a deadline."""
    return _WITHOUT_CLOCK[reason][language]


_REMEDIES: dict[GapReason, str] = {
    GapReason.RUNNING: "wait until it ends ({end}) and the sources have been polled again",
    GapReason.NEVER_READ: "read it: {poll}{fault}",
    GapReason.READING: "wait until the reading is complete, or read it now: {poll}{fault}",
    GapReason.FAILING: "run servicedesk-kpi check to see why, then read it: {poll}{fault}",
    GapReason.NOT_READ: "read it: {poll}",
    GapReason.NO_RECORDS: "check what it is configured to read, and from which date",
    GapReason.CLOCK: "set the wrong clock right, then let the source be polled again (poll)",
}
_EXPORT = "export it again, then read it: {poll}"
"""The remedy for NOT_READ if the file is too old rather than its last reading."""


def gap_remedy(
    reason: GapReason, source: str | None, end: str, fault: str, *, exported: bool
) -> str:
    """Return what to do about a gap, in English, without a full stop.

    ``end``: the formatted end of the period; ``fault``: the error of the source's last poll, empty
    if polls succeed; ``exported``: the source is as new as its newest exported file. Raises
    KeyError for a reason that does not block freezing.
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
    DayKind.OPEN: Text(sv="öppet {0}", en="open {0}"),
    DayKind.NO_HOURS: Text(sv="stängt hela dagen", en="closed all day"),
}


def day_words(day: SpecialDay, language: Language) -> str:
    """``Julafton``, ``kort dag 08:00–12:00``: what makes a date special."""
    kind, detail = day
    if kind is DayKind.SHORT and not detail:
        kind = DayKind.CLOSED
    if kind is not DayKind.HOLIDAY:
        detail = detail.replace("-", DASH)
    return _DAYS[kind][language].format(detail)
