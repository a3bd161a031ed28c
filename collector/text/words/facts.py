"""Words for what a source may not record, and for what an indicator asks of records in vain."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from collector.model.bilingual import Language, Text
from collector.model.records import OF_CALLS, Unrecorded

FACT_WORDS: dict[Unrecorded, Text] = {
    Unrecorded.FIRST_RESPONSE: Text(sv="första svaret", en="first response"),
    Unrecorded.NOTE: Text(sv="första anteckningen", en="first note"),
    Unrecorded.STATUS_CHANGE: Text(sv="första statusändringen", en="first change of status"),
    Unrecorded.ASSIGNMENT: Text(sv="första tilldelningen", en="first assignment"),
    Unrecorded.RESOLUTION: Text(sv="tid för lösning", en="time of resolution"),
    Unrecorded.CLOSING: Text(sv="tid för stängning", en="time of closing"),
    Unrecorded.HOLDS: Text(sv="vilande tid", en="time on hold"),
    Unrecorded.REOPENINGS: Text(sv="återöppnanden", en="reopenings"),
    Unrecorded.REGISTRAR: Text(sv="vem som registrerade", en="who registered it"),
    Unrecorded.KIND: Text(sv="ärendetyp", en="kind"),
    Unrecorded.PRIORITY: Text(sv="prioritet", en="priority"),
    Unrecorded.PRIORITIES: Text(sv="tidigare prioriteter", en="earlier priorities"),
    Unrecorded.TEAM: Text(sv="grupp", en="team"),
    Unrecorded.TEAMS: Text(sv="tidigare grupper", en="earlier teams"),
    Unrecorded.ORGANIZATION: Text(sv="organisation", en="organization"),
    Unrecorded.CATEGORY: Text(sv="kategori", en="category"),
    Unrecorded.STATUS: Text(sv="status", en="status"),
    Unrecorded.WAIT: Text(sv="väntetid", en="wait"),
    Unrecorded.OUTCOME: Text(sv="utfall", en="outcome"),
}
"""What a source may not record of a ticket or a call."""

_FIELDS = {
    "kind": Text(sv="ärendetyp", en="kind"),
    "priority": Text(sv="prioritet", en="priority"),
    "team": Text(sv="grupp", en="team"),
    "organization": Text(sv="organisation", en="organization"),
    "category": Text(sv="kategori", en="category"),
    "status": Text(sv="status", en="status"),
    "queue": Text(sv="kö", en="queue"),
}
_MOST = 8  # values that are listed


def unseen_text(field: str, value: str, seen: Sequence[str], language: Language) -> str:
    """Return that no record has ``value`` in ``field``, and which ones have been seen instead: the
    one that may be meant comes first."""
    name, near = _FIELDS[field][language], _nearest(value, seen)
    values = sorted(seen, key=lambda each: (each != near, each.casefold()))
    listed = ", ".join(values[:_MOST])
    if len(values) > _MOST:
        listed += f", … ({len(values)})"
    if language == "sv":
        text = f"ingen post har {name} {value!r}; sedda: {listed or 'inga'}"
        return text + (f"; menas {near!r}?" if near else "")
    text = f"no record has {name} {value!r}; seen: {listed or 'none'}"
    return text + (f"; did you mean {near!r}?" if near else "")


def same_text(one: str, other: str) -> bool:
    """Return whether two values differ in nothing but case, spaces and signs."""
    return _plain(one) == _plain(other)


def also_text(field: str, value: str, also: Sequence[str], language: Language) -> str:
    """Return that records write a filter's ``value`` of a field in other ways, too."""
    name, others = _FIELDS[field][language], ", ".join(map(repr, also))
    if language == "sv":
        return f"poster har även {name} {others} bredvid {value!r}, som inte räknas: ange båda"
    return f"records also have {name} {others} beside {value!r}, which do not count: name them, too"


def _nearest(value: str, seen: Sequence[str]) -> str | None:
    """The value that was seen and is nearly the same, whatever its case and spaces."""
    plain = {_plain(each): each for each in sorted(seen, reverse=True)}
    found = get_close_matches(_plain(value), plain, n=1, cutoff=0.75)
    return plain[found[0]] if found else None


def _plain(text: str) -> str:
    return "".join(each for each in text.casefold() if each.isalnum())


def unknown_text(
    field: str, values: Sequence[str], known: Sequence[str], language: Language
) -> str:
    """Return that records have values of a field (priority, status) that are none of ours."""
    name, found = _FIELDS[field][language], ", ".join(sorted(values)[:_MOST])
    if language == "sv":
        return f"poster har {name} {found}, som inte finns bland {', '.join(known)}: översätt dem"
    return f"records have {name} {found}, which is none of {', '.join(known)}: map it"


def lacking_text(
    sources: Sequence[str], fact: Unrecorded, remedy: str, language: Language, *, whole: bool
) -> str:
    """Return that sources do not record a fact that an indicator needs, and what can be done.

    ``remedy``: the configuration keys that help; empty without any. ``whole``: none of the
    indicator's sources records it.
    """
    names, what = ", ".join(sources), FACT_WORDS[fact][language]
    if language == "sv":
        some = "samtal" if fact in OF_CALLS else "ärenden"
        so = "kan inte mätas" if whole else f"{some} därifrån räknas inte"
        return f"{names} registrerar inte {what}: {so}" + (f"; ange {remedy}" if remedy else "")
    some = "calls" if fact in OF_CALLS else "tickets"
    so = "cannot be measured" if whole else f"its {some} are left out"
    verb = "records" if len(sources) == 1 else "record"
    return f"{names} {verb} no {what}: {so}" + (f"; give {remedy}" if remedy else "")


_INSTEAD = {
    Unrecorded.TEAMS: Text(
        sv="den nuvarande gruppen avgör, även om en annan har haft ärendet",
        en="the present team decides, even where another one had the ticket before",
    )
}
"""What decides where a source does not record a fact that a figure can do without."""


def instead_text(sources: Sequence[str], fact: Unrecorded, language: Language) -> str:
    """Return that sources do not record a fact, and what decides instead."""
    names, what = ", ".join(sources), FACT_WORDS[fact][language]
    if language == "sv":
        return f"{names} registrerar inte {what}: {_INSTEAD[fact]['sv']}"
    verb = "records" if len(sources) == 1 else "record"
    return f"{names} {verb} no {what}: {_INSTEAD[fact]['en']}"
