"""The words of the terminal's tables, shared with the Grafana boards."""

from __future__ import annotations

from collector.model.bilingual import Language
from collector.model.codes import NoForecast

_WORDS: dict[str, dict[Language, str]] = {
    "indicator": {"sv": "Indikator", "en": "Indicator"},
    "now": {"sv": "Nuvärde", "en": "Now"},
    "forecast": {"sv": "Prognos (80 %)", "en": "Forecast (80%)"},
    "target": {"sv": "Målvärde", "en": "Target"},
    "state": {"sv": "Läge", "en": "State"},
    "required": {"sv": "Krävs resten av året", "en": "Needed for the rest"},
    "misses": {"sv": "Missar kvar", "en": "Misses left"},
    "chance": {"sv": "Chans", "en": "Chance"},
    "change": {"sv": "Ändring", "en": "Change"},
    "previous": {"sv": "Perioden före", "en": "Period before"},
    "year_before": {"sv": "Ett år tidigare", "en": "Year before"},
    "year_to_date": {"sv": "Hittills i år", "en": "Year to date"},
    "better": {"sv": "bättre", "en": "better"},
    "worse": {"sv": "sämre", "en": "worse"},
    "other": {"sv": "annorlunda", "en": "different"},
    "may_be_chance": {"sv": "kan vara slump", "en": "may be chance"},
    "too_few": {"sv": "för få att säga", "en": "too few to tell"},
    "not_comparable": {"sv": "ej jämförbart", "en": "not comparable"},
    "too_early": {"sv": "för tidigt att säga", "en": "too early to tell"},
    "stale": {"sv": "ej färdigläst", "en": "not read to its end"},
    "by_the_day": {"sv": "per dygn", "en": "by the day"},
    "median": {"sv": "median", "en": "median"},
    "ninety": {"sv": "90 % inom", "en": "90% within"},
    "over": {"sv": "över", "en": "over"},
    "unreachable": {"sv": "går inte", "en": "out of reach"},
    "safe": {"sv": "redan nått", "en": "reached already"},
    NoForecast.SHORT_HISTORY: {"sv": "för kort historik", "en": "history too short"},
    NoForecast.NOTHING_ELIGIBLE: {"sv": "inget att räkna", "en": "nothing to count"},
    NoForecast.NOT_READ: {"sv": "källan är inte läst", "en": "source not read"},
    "odd": {
        "sv": "är olik de 12 månaderna före: nya regler? breaks delar historiken",
        "en": "is unlike the 12 months before it: new rules? breaks cuts the history",
    },
    "calibrated": {
        "sv": "80 %-intervallet: i {2} avslutade år rymde det {0} av {1} utfall ({3})",
        "en": "80% interval: in {2} finished years it held {0} of {1} outcomes ({3})",
    },
    "untested": {
        "sv": "80 %-intervallet är inte prövat här: det finns inte två avslutade år",
        "en": "80% interval: not tested here yet, there are no two finished years",
    },
    "set_by": {"sv": "satt av", "en": "set by"},
    "by_hand": {"sv": "satt för hand", "en": "set by hand"},
    "computed": {"sv": "beräknad", "en": "computed"},
    "in_force": {"sv": "Gällande", "en": "In force"},
    "what_if": {"sv": "Om i stället", "en": "What if"},
    "records": {"sv": "Poster", "en": "Records"},
    "none": {"sv": "inga ändras", "en": "none change"},
    "left_out": {"sv": "Utelämnat, ryms inte: {}", "en": "Left out for want of room: {}"},
    "not_split": {
        "sv": "Inte uppdelat på {0}, som posterna saknar: {1}",
        "en": "Not split by {0}, which their records have not: {1}",
    },
    "target_of": {"sv": "mål {0}", "en": "target {0}"},
    "no_target": {"sv": "inget mål", "en": "no target"},
    "is_pending": {"sv": "väntar {0}", "en": "pending {0}"},
    "is_excluded": {"sv": "undantagna {0}", "en": "excluded {0}"},
    "nobody": {"sv": "inga", "en": "none"},
    "not_measured": {
        "sv": "ej mätt, undantagna: {0}",
        "en": "not measured, excluded: {0}",
    },
    "purged": {
        "sv": "ej mätt: periodens ärenden och samtal gallrades {0}",
        "en": "not measured: the records of the period were purged on {0}",
    },
    "purged_list": {
        "sv": "ärenden och samtal från före {0} gallrades {1}: listan har bara de som är kvar",
        "en": "records from before {0} were purged on {1}: the list has only those that are left",
    },
    "lacking": {
        "sv": "räknas inte med, eftersom uppgifter saknas: {0} av {1}",
        "en": "left out for want of data: {0} of {1}",
    },
    "note": {"sv": "obs", "en": "note"},
    "rules": {"sv": "regler: {0}", "en": "rules: {0}"},
    "without": {"sv": "utan {0}", "en": "without {0}"},
    "changed": {"sv": "från {0}: {1}: {2} → {3}", "en": "from {0}: {1}: {2} → {3}"},
    "restated": {
        "sv": "omräknat {0}: {1}: {2} → {3}, från och med {4}",
        "en": "restated {0}: {1}: {2} → {3}, from {4} on",
    },
    "from": {"sv": "från {0}:", "en": "from {0}:"},
    "no_longer": {"sv": "inte längre", "en": "no longer"},
    "closed": {"sv": "stängt", "en": "closed"},
    "as every week": {"sv": "som varje vecka", "en": "as every week"},
    "hour": {"sv": "timme", "en": "hour"},
    "nothing": {"sv": "inget", "en": "nothing"},
    "definition": {"sv": "definition", "en": "definition"},
    "rules_section": {"sv": "regler", "en": "rules"},
    "sources": {"sv": "källor", "en": "sources"},
    "exclude": {"sv": "undantas", "en": "left out"},
    "calendar": {"sv": "kalender", "en": "calendar"},
    "general": {"sv": "allmänt", "en": "general"},
    "taken_back": {"sv": "återtaget", "en": "taken back"},
    "seen": {"sv": "sett {0}", "en": "seen {0}"},
    "replaced": {"sv": "sett {0}, ersatt sedan dess", "en": "seen {0}, replaced since"},
    "until": {"sv": "{0} till {1}", "en": "{0} until {1}"},
    "value": {"sv": "värde", "en": "value"},
    "comment": {"sv": "kommentar", "en": "comment"},
    "given_forecast": {"sv": "prognos", "en": "forecast"},
    "never_read": {"sv": "aldrig läst", "en": "never read"},
    "read": {"sv": "läst {0}", "en": "read {0}"},
    "ago": {"sv": "för {0} sedan", "en": "{0} ago"},
    "rejected": {
        "sv": "{0} avvisade eller ofullständiga ({1})",
        "en": "{0} rejected or incomplete ({1})",
    },
    "failing": {"sv": "misslyckas: {0}", "en": "failing: {0}"},
    "met": {"sv": "nådda", "en": "met"},
    "missed": {"sv": "missade", "en": "missed"},
    "pending": {"sv": "väntar", "en": "pending"},
    "excluded": {"sv": "undantagna", "en": "excluded"},
    "not counted": {"sv": "ej räknade", "en": "not counted"},
}


def word(name: str, language: Language, *filled: object) -> str:
    """Return a word of these tables, its placeholders filled in if any are given. Raises KeyError
    for an unknown name."""
    text = _WORDS[name][language]
    return text.format(*filled) if filled else text
