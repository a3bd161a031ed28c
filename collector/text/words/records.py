"""Words for records: their verdicts, their facts, and the arithmetic of their clocks."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from collector.model.bilingual import Language, Text
from collector.model.columns import Fact
from collector.text.characters import NBSP
from collector.text.vocabulary import VERDICT_SYMBOLS, WEEKDAY_NAMES
from collector.text.words import lower
from collector.text.words.definitions import label, value_in_words

VERDICT_WORDS: Mapping[str, Text] = {
    "met": Text(sv="nådd", en="met"),
    "missed": Text(sv="missad", en="missed"),
    "pending": Text(sv="väntar", en="pending"),
    "excluded": Text(sv="undantagen", en="excluded"),
}


def verdict_text(verdict: str, language: Language) -> str:
    """``✗ missed``: symbol and word of a verdict, joined by a no-break space."""
    return f"{VERDICT_SYMBOLS[verdict]}{NBSP}{VERDICT_WORDS[verdict][language]}"


PAUSE_WORDS: Mapping[Fact, Text] = {
    Fact.HOLD: Text(sv="vilande", en="on hold"),
    Fact.GAP: Text(sv="stängt till återöppnandet", en="closed until reopened"),
}
"""Why a clock was paused."""

_OUTCOMES: Mapping[str, Text] = {
    "answered": Text(sv="besvarat", en="answered"),
    "abandoned": Text(sv="lade på", en="hung up"),
    "timeout": Text(sv="släppt av kön", en="given up by the queue"),
    "empty": Text(sv="ingen i kön att svara", en="nobody in the queue to answer"),
    "withdrawn": Text(sv="uttaget ur kön", en="taken out of the queue"),
    "key_exit": Text(sv="valde sig ur kön", en="left the queue by a key"),
    "callback": Text(sv="återuppringning", en="callback"),
    "refused": Text(sv="släpptes inte in i kön", en="not let into the queue"),
    "unanswered": Text(sv="obesvarat", en="unanswered"),
    "unknown": Text(sv="okänt", en="unknown"),
    "open": Text(sv="väntar", en="waiting"),
}
_STATUSES: Mapping[str, Text] = {
    "new": Text(sv="nytt", en="new"),
    "open": Text(sv="öppet", en="open"),
    "on_hold": Text(sv="vilande", en="on hold"),
    "resolved": Text(sv="löst", en="resolved"),
    "closed": Text(sv="stängt", en="closed"),
    "merged": Text(sv="sammanslaget", en="merged"),
    "deleted": Text(sv="raderat", en="deleted"),
    "spam": Text(sv="skräppost", en="spam"),
    "not_visible": Text(sv="syns inte längre", en="no longer visible"),
}
_OF_THE_PROGRAM = frozenset({"kind", "priority"})
_UNSTATED = Text(sv="uppgift saknas", en="not stated")


def value_of_field(field: str, value: str | int | None, language: Language) -> str:
    """The value of a record's field in words: the program's own words are translated, names that
    people chose stay; an hour is the span of the clock, a weekday 1 is Monday."""
    if value is None:
        return _UNSTATED[language]
    if field == "weekday" and isinstance(value, int):
        return WEEKDAY_NAMES[language][value - 1]
    if isinstance(value, int):
        return f"{value:02d}:00\N{EN DASH}{value + 1:02d}:00"
    if field in _OF_THE_PROGRAM:
        return value_in_words(f"records.{field}", value, language)
    own = {"outcome": _OUTCOMES, "status": _STATUSES}.get(field, {})
    return own[value][language] if value in own else value


@lru_cache(maxsize=4096)
def fact_in_words(field: str, value: str, language: Language) -> str:
    """``prioritet akut``: a fact of a record with its name; ``-`` where it is not known."""
    shown = value if value == "-" else value_of_field(field, value, language)
    return f"{field_name(field, language)} {shown}"


def field_name(field: str, language: Language) -> str:
    """``prioritet``: a field of records, as within a sentence."""
    return (
        _SHORT[field][language] if field in _SHORT else lower(label(f"records.{field}", language))
    )


_SHORT: Mapping[str, Text] = {"kind": Text(sv="typ", en="kind")}

ARITHMETIC: Mapping[str, Text] = {
    "entered": Text(sv="kom in {at}, väntade {wait}", en="entered {at}, waited {wait}"),
    "unknown": Text(sv="okänt länge", en="unknown"),
    "limit_of_call": Text(sv=", gräns {limit} s", en=", limit {limit} s"),
    "ended": Text(sv="slutade", en="ended"),
    "runs": Text(sv="går ännu, avläst", en="still runs, read"),
    "started": Text(
        sv="började {start}, {read} {until}, kalender {calendar}",
        en="started {start}, {read} {until}, calendar {calendar}",
    ),
    "open": Text(sv="öppet   ", en="open    "),
    "closed": Text(sv="stängt  ", en="closed  "),
    "more_days": Text(sv="… och {n} dagar till", en="… and {n} more days"),
    "more_windows": Text(sv="{n} pass till = {time}", en="{n} more windows = {time}"),
    "paused": Text(
        sv="{why} {start} till {end}, räknas inte", en="{why} {start} to {end}, taken off"
    ),
    "elapsed": Text(sv="åtgått {time}", en="elapsed {time}"),
    "limit": Text(sv=" {sign} gränsen {limit}", en=" {sign} {limit} limit"),
    "due": Text(sv="; {until} {sign} sista tid {due}", en="; {until} {sign} due {due}"),
    "version": Text(
        sv="mätt enligt versionen från {since}", en="measured by the version valid from {since}"
    ),
    "source": Text(sv="källan  ", en="source  "),
    "own_response": Text(sv="första svar {at}", en="first response {at}"),
    "own_due": Text(sv="sista tid {at}", en="due {at}"),
    "own_met": Text(sv="uppfylld", en="met"),
    "own_missed": Text(sv="missad", en="missed"),
    "differs": Text(sv="; avviker i {what}", en="; disagrees on {what}"),
    "verdict": Text(sv="bedömningen", en="the verdict"),
    "first response": Text(sv="första svaret", en="the first response"),
    "and": Text(sv=" och ", en=" and "),
}
"""The lines of an explanation, with placeholders."""
