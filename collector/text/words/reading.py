"""Words for the codes by which sources count what they could not use, or did not need."""

from __future__ import annotations

from collections.abc import Mapping

from collector.model.bilingual import Language, Text

_REASONS: Mapping[str, Text] = {
    "bad_event": Text(sv="en händelse kan inte tolkas", en="an event cannot be read"),
    "bad_expression": Text(sv="ett uttryck kan inte räknas ut", en="an expression has no value"),
    "bad_field": Text(sv="ett fält kan inte tolkas", en="a field cannot be read"),
    "bad_line": Text(sv="raden kan inte tolkas", en="the line cannot be read"),
    "bad_number": Text(sv="ett tal kan inte tolkas", en="a number cannot be read"),
    "bad_quotes": Text(sv="citattecken går inte ihop", en="quotation marks do not match"),
    "bad_seconds": Text(sv="en tidslängd kan inte tolkas", en="a duration cannot be read"),
    "bad_time": Text(sv="en tidpunkt kan inte tolkas", en="an instant cannot be read"),
    "bad_yes_no": Text(sv="varken ja eller nej", en="neither yes nor no"),
    "cut_history": Text(sv="historiken är avklippt", en="the history is cut off"),
    "cut_line": Text(sv="raden är avklippt", en="the line is cut off"),
    "ends_before_start": Text(sv="slutar innan det börjar", en="it ends before it begins"),
    "in_future": Text(sv="daterat i framtiden", en="dated in the future"),
    "lost_rows": Text(sv="rader saknas", en="rows are missing"),
    "malformed_line": Text(sv="raden har fel form", en="the line is malformed"),
    "missing_id": Text(sv="saknar id", en="it has no id"),
    "missing_opening": Text(sv="saknar tidpunkt då det öppnades", en="when it opened is missing"),
    "missing_outcome": Text(sv="hur samtalet slutade saknas", en="how the call ended is missing"),
    "missing_queue": Text(sv="kön saknas", en="the queue is missing"),
    "missing_wait": Text(sv="väntetiden saknas", en="the wait is missing"),
    "no_rows": Text(sv="inga rader om ärendet", en="no rows about the ticket"),
    "no_timezone": Text(sv="tidpunkt utan tidszon", en="an instant without a time zone"),
    "rounded_id": Text(sv="id:t är avrundat", en="the id was rounded"),
    "row_limit": Text(sv="för många rader om ärendet", en="too many rows about the ticket"),
    "unknown_act": Text(sv="okänd händelse", en="an unknown act"),
    "unknown_field": Text(sv="okänt fält", en="an unknown field"),
    "unknown_outcome": Text(sv="okänt slut på samtalet", en="an unknown end of the call"),
    "unreadable": Text(sv="källan kan inte visa det", en="the source cannot show it"),
    "unstorable": Text(sv="ryms inte i databasen", en="it does not fit into the store"),
    "wrong_fields": Text(sv="fel antal fält", en="the wrong number of fields"),
    "after_end": Text(sv="kom efter slutet", en="it came after the end"),
    "before_header": Text(sv="före rubrikraden", en="before the header"),
    "blank_line": Text(sv="tom rad", en="blank line"),
    "blank_row": Text(sv="tom rad", en="blank row"),
    "corrected_row": Text(sv="ersatt av en senare rad", en="replaced by a later row"),
    "duplicate_id": Text(sv="samma id flera gånger", en="the same id several times"),
    "header_row": Text(sv="rubriken upprepad", en="the header again"),
    "erased": Text(sv="raderad på begäran", en="erased on request"),
    "purged": Text(sv="från en gallrad månad", en="of a purged month"),
    "no_entry": Text(sv="samtal utan början", en="a call without its beginning"),
    "no_opening": Text(sv="historik utan öppning", en="a history without an opening"),
    "not_admitted": Text(sv="aldrig insläppt i kön", en="never let into the queue"),
    "not_listed": Text(sv="finns inte i listan", en="not in the list"),
    "not_utf8": Text(sv="filen är inte UTF-8", en="the file is not UTF-8"),
    "not_visible": Text(
        sv="syns inte med vår inloggning", en="not visible to the login we use"
    ),
    "reopened": Text(sv="återöppnat utan historik", en="reopened, without a history"),
    "renumbered": Text(sv="raderna är numrerade på nytt", en="the rows have new numbers"),
    "repeated_line": Text(sv="upprepad rad", en="a repeated line"),
    "repeated_row": Text(sv="upprepad rad", en="a repeated row"),
    "time_of_day": Text(sv="datum utan klockslag", en="a date without a time of day"),
    "total_row": Text(sv="summarad", en="a row of totals"),
    "unit_row": Text(sv="rad med enheter", en="a row of units"),
    "unknown_event": Text(sv="okänd händelse", en="an unknown event"),
}  # fmt: skip
_FOUND: Mapping[str, Text] = {
    "merged": Text(sv="sammanslagna", en="merged"),
    "deleted": Text(sv="raderade", en="deleted"),
    "spam": Text(sv="skräppost", en="spam"),
    "not_visible": Text(sv="syns inte längre", en="no longer visible"),
    "visible_again": Text(sv="syns igen", en="visible again"),
    "changed": Text(sv="ändrade utan ny ändringstid", en="changed without a new time of change"),
}
_UNMAPPED = Text(sv="värde på {0} som saknas i map", en="a value of {0} that map does not name")
_MISSING = Text(sv="{0} saknas", en="{0} is missing")


def reason_in_words(reason: str, language: Language) -> str:
    """``an instant cannot be read``: why a row was rejected or ignored. A code without words, as a
    plug-in may have, is shown as it is."""
    if reason in _REASONS:
        return _REASONS[reason][language]
    for beginning, words in (("unmapped_", _UNMAPPED), ("missing_", _MISSING)):
        if reason.startswith(beginning):
            return words[language].format(reason.removeprefix(beginning).replace("_", " "))
    return reason.replace("_", " ")


def found_in_words(found: str, language: Language) -> str:
    """``no longer visible``: what a sweep found of tickets (``model.stored.FOUND``).

    Raises KeyError for anything else.
    """
    return _FOUND[found][language]
