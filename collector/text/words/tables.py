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
    "met": {"sv": "nådda", "en": "met"},
    "missed": {"sv": "missade", "en": "missed"},
    "pending": {"sv": "väntar", "en": "pending"},
    "excluded": {"sv": "undantagna", "en": "excluded"},
    "not counted": {"sv": "ej räknade", "en": "not counted"},
}


def word(name: str, language: Language) -> str:
    """Return a word of these tables. Raises KeyError for an unknown name."""
    return _WORDS[name][language]
