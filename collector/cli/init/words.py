"""The words of exports, in English and Swedish, and what they mean to us. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from collector.model.records import CallOutcome, Status
from collector.sources.csv.durations import Unit

_WORD = re.compile(r"[^\W\d_]+|\d+")
_CAMEL = re.compile(r"(?<=[a-zåäö])(?=[A-ZÅÄÖ])")
_OF_TIMES = frozenset({"at", "on", "date", "time", "datetime", "timestamp", "utc", "the"}) | {
    *("datum", "tid", "tidpunkt", "den", "klockslag", "ts"),
}
"""Words beside the name of a column of times that do not say which time it is."""
_UNITS: dict[str, Unit] = {
    **dict.fromkeys(("s", "sec", "secs", "seconds", "sek", "sekunder"), "s"),
    **dict.fromkeys(("ms", "milliseconds", "millisekunder"), "ms"),
    **dict.fromkeys(("min", "mins", "minutes", "minuter"), "min"),
    **dict.fromkeys(("h", "hrs", "hours", "tim", "timmar"), "h"),
}

TICKETS: Mapping[str, str] = {
    "id": "id, ticket id, ticket number, ticket no, ticket nr, ticket, issue key, key, number, "
    "case number, case id, incident number, incident id, request id, issue id, reference, ref, "
    "ärendenummer, ärende nummer, ärende id, ärendeid, ärendenr, ärende, nummer, nr, referens",
    "opened_at": "opened, created, open, creation, registered, reported, logged, submitted, "
    "skapad, skapat, skapades, öppnad, öppnat, öppnades, registrerad, registrerat, "
    "registrerades, inkom, inkommen, anmäld, anmält",
    "first_response_at": "first response, first responded, initial response, first reply, "
    "first replied, first answer, first answered, responded, första svar, första återkoppling, "
    "återkoppling, återkopplad, återkopplat, besvarad, besvarat, första kontakt",
    "resolved_at": "resolved, solved, fixed, completed, resolution, löst, löstes, åtgärdad, "
    "åtgärdat, åtgärdades, klar, klart",
    "closed_at": "closed, close, closure, stängd, stängt, stängdes, avslutad, avslutat, avslutades",
    "status": "status, state, current status, ticket status, ärendestatus, läge",
    "kind": "kind, type, ticket type, issue type, request type, typ, ärendetyp",
    "priority": "priority, prio, severity, prioritet, prioritering",
    "team": "team, group, assignment group, assigned group, support group, team name, queue, "
    "grupp, handläggargrupp, ansvarig grupp, kö",
    "organization": "organization, organisation, company, department, municipality, kommun, "
    "förvaltning, bolag",
    "category": "category, kategori",
    "url": "url, link, länk",
}
"""Our fields of a ticket, and the names of their columns, the likeliest first."""

CALLS: Mapping[str, str] = {
    "id": "id, call id, unique id, uniqueid, linkedid, session id, contact id, conversation id, "
    "interaction id, call, idcallcent queuecalls, samtals id, samtalsid, samtal",
    "queue": "queue, queue name, skill, q num, kö, könamn, svarsgrupp",
    "entered_at": "entered, entered queue, queued, start, started, call start, arrived, arrival, "
    "offered, call, inkom, ringde, ankomst, starttid, samtalsstart, date, datum, time",
    "outcome": "outcome, result, call result, disposition, status, call status, "
    "reason noanswerdesc, utfall, resultat, samtalsstatus, avslutsorsak",
    "wait_seconds": "wait, waited, wait time, waiting time, ts waiting, queue time, "
    "time in queue, hold time, speed of answer, väntetid, kötid, väntan, väntade",
    "answered_at": "answered, connected, besvarad, besvarat, besvarades",
    "left_at": "left, left queue, ended, end, finished, hangup, avslutat, slut, sluttid",
    "talk_seconds": "talk, talk time, ts servicing, conversation, duration, call duration, "
    "billsec, samtalstid, taltid",
    "organization": "organization, organisation, company, municipality, kommun, bolag",
}
"""Our fields of a call, and the names of their columns, the likeliest first."""


def guessed_columns(header: Sequence[str], fields: Mapping[str, str]) -> dict[str, str]:
    """Return our field → the column that is probably meant; each column and field at most once.

    ``header``: the names of columns as they stand; a name that occurs twice is passed over.
    """
    once = [name for name in header if name and header.count(name) == 1]
    found: dict[str, str] = {}
    for field, synonyms in fields.items():
        free = [name for name in once if name not in found.values()]
        forms = {name: _forms(name, field) for name in free}
        for synonym in (field.replace("_", " "), *synonyms.split(", ")):
            if name := next((name for name in free if synonym in forms[name]), None):
                found[field] = name
                break
    return found


def _forms(name: str, field: str) -> set[str]:
    """Return the texts by which a column's name is looked up."""
    words = [word.lower() for word in _WORD.findall(_CAMEL.sub(" ", name))]
    forms = {" ".join(words)}
    if field.endswith("_at"):
        forms.add(" ".join(word for word in words if word not in _OF_TIMES))
    if field.endswith("_seconds"):
        forms.add(" ".join(word for word in words if word not in _UNITS))
    return forms


def unit_in(name: str) -> Unit | None:
    """Return the unit of a duration that the name of its column says, as in ``Wait (ms)``."""
    words = [word.lower() for word in _WORD.findall(name)]
    return next((_UNITS[word] for word in words if word in _UNITS), None)


_RANKS = (
    "blocker, critical, emergency, kritisk, kritiskt, omedelbar, omedelbart, immediate",
    "urgent, highest, very high, akut, brådskande, mycket hög, top",
    "high, major, hög, högt",
    "normal, medium, moderate, standard, medel, mellan, default",
    "low, minor, låg, lågt",
    "lowest, very low, trivial, planning, planned, planerad, mycket låg",
)
_RANK_OF = {word: rank for rank, words in enumerate(_RANKS) for word in words.split(", ")}


def _rank(priority: str) -> int | None:
    words = [word.lower() for word in _WORD.findall(priority)]
    pairs = [" ".join(pair) for pair in pairwise(words)]
    return next((_RANK_OF[word] for word in [*pairs, *words] if word in _RANK_OF), None)


def _number(priority: str) -> int | None:
    digits = re.search(r"\d+", priority)
    return int(digits[0]) if digits else None


def strictest_first(priorities: Iterable[str]) -> tuple[list[str], str]:
    """Return priorities in order, the strictest first, and in a few words by what.

    By their words, else by their numbers, of which 1 is the strictest; unknown ones come last.
    """
    names = sorted(set(priorities))
    ranks = {name: rank for name in names if (rank := _rank(name)) is not None}
    numbers = {name: number for name in names if (number := _number(name)) is not None}
    known, by = (ranks, "by their words") if len(ranks) >= len(numbers) else (numbers, "1 first")
    last = max(known.values(), default=0) + 1
    ordered = sorted(names, key=lambda n: (known.get(n, last), numbers.get(n, last), n))
    unknown = [name for name in names if name not in known]
    return ordered, f"{by}; {', '.join(unknown)}: unknown, put last" if unknown else by


_STATUSES = {
    Status.NEW: "new, ny, nytt, registered, registrerad, submitted, logged",
    Status.OPEN: "open, opened, öppen, öppet, reopened, återöppnad, assigned, tilldelad, active, "
    "aktiv, in progress, work in progress, wip, started, pågår, pågående, under arbete, todo",
    Status.ON_HOLD: "on hold, hold, pending, waiting, awaiting, stalled, suspended, vilande, "
    "väntar, parkerad, paused, pausad",
    Status.RESOLVED: "resolved, solved, done, fixed, completed, complete, löst, åtgärdad, "
    "åtgärdat, klar, klart, färdig",
    Status.CLOSED: "closed, stängd, stängt, avslutad, avslutat, rejected, avvisad, cancelled, "
    "canceled, avbruten, makulerad",
    Status.MERGED: "merged, duplicate, sammanslagen, dubblett",
    Status.DELETED: "deleted, borttagen, raderad",
    Status.SPAM: "spam, junk, skräppost",
}
_OUTCOMES = {
    CallOutcome.ANSWERED: "answered, answer, completed, completeagent, completecaller, connected, "
    "handled, served, success, transferred, besvarad, besvarat, besvarade, kopplad, kopplat",
    CallOutcome.ABANDONED: "abandoned, abandon, hung up, hangup, user requested, caller hung up, "
    "lost, cancelled, canceled, no answer, noanswer, missed, avbruten, avbrutet, tappat, tappad, "
    "förlorat, missat, missad, lagt på, la på",
    CallOutcome.TIMEOUT: "timeout, timed out, exitwithtimeout, max wait time reached, "
    "max wait time, overflow",
    CallOutcome.EMPTY: "empty, exitempty, no agents, closed, full, stängt, busy, upptaget",
    CallOutcome.WITHDRAWN: "withdrawn, withdraw",
    CallOutcome.KEY_EXIT: "key exit, exitwithkey, voicemail, röstbrevlåda",
    CallOutcome.REFUSED: "refused, joinempty, joinunavail, not admitted, nekad, avvisad",
    CallOutcome.CALLBACK: "callback, call back, återuppringning",
}


def _lookup(word: str, table: Mapping[Status, str] | Mapping[CallOutcome, str]) -> str | None:
    words = [each.lower() for each in _WORD.findall(_CAMEL.sub(" ", word))]
    whole = " ".join(words)
    exact = {text: str(ours) for ours, texts in table.items() for text in texts.split(", ")}
    if whole in exact:
        return exact[whole]
    # "Waiting for customer", "Closed by system": the first word that is known
    return next((exact[each] for each in words if each in exact), None)


def status_of(word: str) -> str | None:
    """Return our status of a system's word for one, None if it is not known."""
    return _lookup(word, _STATUSES)


def outcome_of(word: str) -> str | None:
    """Return our outcome of a system's word for how a call ended, None if it is not known."""
    if re.match(r"(un|not |no |ej |inte |o(?=be))", word.strip().lower()):
        return _lookup(word, {CallOutcome.ABANDONED: _OUTCOMES[CallOutcome.ABANDONED]}) or str(
            CallOutcome.UNANSWERED
        )
    return _lookup(word, _OUTCOMES)
