"""Definitions in words: what configuration paths and values mean to people."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from collector.model.bilingual import Language
from collector.model.codes import WEEKDAYS
from collector.model.quantities import YES_NO_UNIT, Target
from collector.text.characters import DASH
from collector.text.measures import Measure, target_text
from collector.text.numbers import with_unit
from collector.text.vocabulary import NO, WEEKDAY_NAMES, YES, is_time_unit, time_unit
from collector.text.words import lower
from collector.text.words.facts import FACT_WORDS

SettingValue = str | Sequence[str]
Both = tuple[str, str]

_LABELS: dict[str, Both] = {
    "kind": ("Mått", "Measure"),
    "of": ("Räknar", "Counts"),
    "records.kind": ("Ärendetyp", "Kind of ticket"),
    "records.priority": ("Prioritet", "Priority"),
    "records.organization": ("Organisation", "Organization"),
    "records.category": ("Kategori", "Category"),
    "records.team": ("Grupp", "Team"),
    "records.status": ("Status", "Status"),
    "records.queue": ("Kö", "Queue"),
    "records.outcome": ("Utfall", "Outcome"),
    "from": ("Klockan går från", "The clock runs from"),
    "to": ("Klockan går till", "The clock runs to"),
    "within": ("Gräns", "Limit"),
    "calendar": ("Kalender", "Calendar"),
    "where.only_teams": ("Har bara hållits av", "Only ever held by"),
    "where.own_response": (
        "Källans bedömning av första svaret",
        "The source's verdict on the first response",
    ),
    "where.own_resolution": (
        "Källans bedömning av lösningen",
        "The source's verdict on the resolution",
    ),
    "formula": ("Formel", "Formula"),
    "rejoin_within": ("Samma uppringare om åter i kön inom", "The same caller if back within"),
    "short_abandon": ("Räknas inte om man lagt på inom", "Not counted if hung up within"),
    "target": ("Målvärde", "Target"),
    "unit": ("Enhet", "Unit"),
    "valid_days": ("Gäller i dagar", "Valid for days"),
    "rules.counted_by": (
        "Räknas i den period då ärendet",
        "Counted in the period in which the ticket was",
    ),
    "rules.priority": ("Prioritet som gäller", "Priority in force"),
    "rules.response_pauses": (
        "Svarsklockan pausar när ärendet är vilande",
        "The response clock pauses while on hold",
    ),
    "rules.resolution_pauses": (
        "Lösningsklockan pausar när ärendet är vilande",
        "The resolution clock pauses while on hold",
    ),
    "rules.closed_pauses": (
        "Tiden fram till återöppnandet räknas inte",
        "Time until a reopening does not count",
    ),
    "rules.resolution": ("Lösning som räknas", "Resolution that counts"),
    "rules.answers": ("Räknas som svar", "Counts as an answer"),
    "rules.phone_solved_within": (
        "Räknas som besvarat direkt om löst i telefon inom",
        "Answered at once if solved on the phone within",
    ),
    "rules.before_opening": ("Svar före öppnandet", "A response before the opening"),
    "rules.withdrawn": (
        "Samtal som telefonisystemet tog ur kön",
        "Calls that the system took out of the queue",
    ),
    "rules.refused": (
        "Samtal som inte släpptes in i kön",
        "Calls that were not let into the queue",
    ),
    "rules.min_n": ("Minsta antal för en bedömning", "Fewest records for an assessment"),
    "sources": ("Källor", "Sources"),
    "organizations": ("Organisationer", "Organizations"),
    "priorities": ("Prioriteter", "Priorities"),
    "records.hour": ("Timme", "Hour"),
    "records.weekday": ("Veckodag", "Weekday"),
    "records.teams": ("Grupper", "Teams"),
    "records.source": ("Källa", "Source"),
    "hours": ("Öppet", "Open"),
    "holidays.country": ("Helgdagar i", "Public holidays of"),
    "holidays.subdivision": ("Del av landet", "Part of the country"),
    "holidays.categories": ("Slag av helgdagar", "Categories of holidays"),
    "holidays.add": ("Även stängt", "Also closed"),
    "holidays.remove": ("Öppet fast helgdag", "Open although a holiday"),
    "holidays.half_days": ("Kort dag", "Short day"),
    "holidays.half_days_before": ("Dagen före", "The day before"),
    "holidays.open": ("Öppet", "Open"),
    "timezone": ("Tidszon", "Time zone"),
    "fiscal_year_start": ("Räkenskapsåret börjar i månad", "The fiscal year begins in month"),
    "tertials": ("Tertial", "Tertials"),
}
_VALUES: dict[str, Both] = {
    "tickets": ("ärenden", "tickets"),
    "calls": ("samtal", "calls"),
    "apart": ("visas för sig", "shown apart"),
    "stays": ("varje gång i en kö", "each stay in a queue"),
    "callers": ("uppringare", "callers"),
    "incident": ("incident", "incident"),
    "request": ("begäran", "request"),
    "order": ("beställning", "order"),
    "urgent": ("akut", "urgent"),
    "high": ("hög", "high"),
    "normal": ("normal", "normal"),
    "low": ("låg", "low"),
    "other": ("annat", "other"),
    "opened": ("öppnandet", "opening"),
    "first_response": ("första svaret", "the first response"),
    "resolved": ("lösningen", "the resolution"),
    "closed": ("stängningen", "closing"),
    "at_open": ("den vid öppnandet", "that at opening"),
    "at_response": ("den vid svaret", "that at the response"),
    "strictest": ("den strängaste", "the strictest"),
    "last": ("den sista", "the last one"),
    "by_source": ("som källan säger", "as the source says"),
    "exclude": ("räknas inte", "does not count"),
    "zero": ("räknas som 0 s", "counts as 0 s"),
    "ever": ("alla som har haft ärendet", "all that ever held the ticket"),
    "met": ("uppfylld", "met"),
    "missed": ("missad", "missed"),
    "first": ("den första", "the first one"),
    "reply": ("svar till den som frågat", "a reply to who asked"),
    "note": ("intern anteckning", "an internal note"),
    "status": ("ändrad status", "a change of status"),
    "assigned": ("ärendet får en handläggare", "the ticket gets an owner"),
    "unanswered": ("räknas som obesvarade", "count as unanswered"),
    "callback": ("räknas som återuppringning", "count as a callback"),
    "true": ("ja", "yes"),
    "false": ("nej", "no"),
    "separate": ("var för sig", "each by itself"),
    "cumulative": ("från årets början", "from the beginning of the year"),
    "answered_of_offered": (
        "besvarade i tid av alla besvarade och obesvarade",
        "answered in time of all answered and unanswered",
    ),
    "answered_of_answered": (
        "besvarade i tid av de besvarade",
        "answered in time of those answered",
    ),
    "without_early_abandons": (
        "besvarade i tid, utan dem som lade på inom gränsen",
        "answered in time, without those who hung up within the limit",
    ),
    "abandons_met": (
        "besvarade i tid och de som lade på inom gränsen, av alla",
        "answered in time and those who hung up within the limit, of all",
    ),
    "short_abandons_met": (
        "besvarade i tid och de som lade på strax, av alla",
        "answered in time and those who hung up at once, of all",
    ),
    "none": ("inget", "none"),
}
_COUNTED: dict[str, Both] = {
    "opened": ("öppnades", "opened"),
    "responded": ("besvarades", "answered"),
    "resolved": ("löstes", "resolved"),
}
_REASONS: dict[str, Both] = {
    "merged": ("sammanslagna", "merged"),
    "deleted": ("raderade", "deleted"),
    "spam": ("skräppost", "spam"),
    "not_visible": ("syns inte längre i källan", "no longer visible in the source"),
    "ends_before_start": ("slutar före sin början", "end before they start"),
    "no_resolved_at": ("utan tid för lösning", "without a time of resolution"),
    "no_team": ("utan grupp", "without a team"),
    "unanswered": ("obesvarade", "unanswered"),
    "early_abandon": ("lade på inom gränsen", "hung up within the limit"),
    "short_abandon": ("lade på strax", "hung up at once"),
    "key_exit": ("valde sig ur kön", "left the queue by a key"),
    "callback": ("återuppringning", "callback"),
    "refused": ("släpptes inte in i kön", "not let into the queue"),
    "same_caller": ("samma uppringare igen", "the same caller again"),
    "unknown": ("okänt utfall", "unknown outcome"),
    "unknown_wait": ("okänd väntetid", "unknown wait"),
    "no_own_verdict": ("utan källans bedömning", "not judged by the source"),
    **{
        f"unrecorded_{fact}": (
            f"{words['sv']} registreras inte i källan",
            f"{words['en']} not recorded by the source",
        )
        for fact, words in FACT_WORDS.items()
    },
}
_ONE: dict[str, Both] = {
    "merged": ("sammanslaget", "merged"),
    "deleted": ("raderat", "deleted"),
    "unanswered": ("obesvarat", "unanswered"),
    "ends_before_start": ("slutar före sin början", "ends before it starts"),
}
"""The singular of ``_REASONS``, where it differs."""
_CALENDARS: dict[str, Both] = {"office": ("kontorstid", "office hours")}
"""Common calendar names in words; any other name was chosen by the user and stays as it is."""
_DURATION = re.compile(r"(\d+)(s|min|h|d)")
_IN_DAYS = re.compile(r"(\d+) business_days?")
_TRANSLATED = frozenset(
    {"kind", "of", "from", "to", "formula", "records.kind", "records.priority"}
    | {"where.own_response", "where.own_resolution", "where.kind", "where.priority"}
)
"""Settings whose values are the program's own words; other values are names the user chose."""


def label(path: str, language: Language) -> str:
    """The label of a configuration path: ``Gräns`` for ``within``; the path itself if it has
    none."""
    found = _LABELS.get(path) or _LABELS.get(path.replace("where.", "records.", 1))
    return path.replace("_", " ") if found is None else _in(found, language)


def in_order(items: Iterable[tuple[str, SettingValue]]) -> list[tuple[str, SettingValue]]:
    """(path, value) pairs in the order of ``_LABELS``, paths without a label last, by name."""
    places = {path: index for index, path in enumerate(_LABELS)}
    return sorted(items, key=lambda item: (places.get(item[0], len(places)), item[0]))


def value_in_words(path: str, value: SettingValue, language: Language) -> str:
    """The value of a configuration path in words."""
    values = [value] if isinstance(value, str) else list(value)
    if path == "calendar":
        return ", ".join(calendar_name(each, language) for each in values)
    if path == "unit" and values == [YES_NO_UNIT]:
        return f"{YES[language]}/{NO[language]}"
    if path == "target":
        return ", ".join(_target(each, language) for each in values)
    translate = path in _TRANSLATED or path.startswith("rules.") or path == "tertials"
    return ", ".join(_value(path, each, language, translate=translate) for each in values) or _in(
        _VALUES["none"], language
    )


def _value(path: str, value: str, language: Language, *, translate: bool) -> str:
    if match := _IN_DAYS.fullmatch(value):
        unit = time_unit("business_days", language, one=match[1] == "1")
        return with_unit(match[1], unit, language)
    if match := _DURATION.fullmatch(value):
        return with_unit(match[1], match[2], language)
    words = _COUNTED if path == "rules.counted_by" else _VALUES
    if translate and value in words:
        return _in(words[value], language)
    return value


def setting_in_words(path: str, language: Language) -> str:
    """A whole configuration path in words: ``urgent: gräns`` for ``indicators.urgent.within``; ids
    stay as they are."""
    head, _, rest = path.partition(".")
    name, _, own = rest.partition(".")
    if head == "indicators":
        return f"{name}: {lower(label(own, language))}"
    if head == "calendars":
        return f"{calendar_name(name, language)}: {calendar_setting(own, language)}"
    return lower(label(path, language))


def calendar_setting(path: str, language: Language) -> str:
    """One setting of a calendar in words; ``path`` is relative to the calendar."""
    head, _, rest = path.partition(".")
    if head == "hours" and rest in WEEKDAYS:
        return WEEKDAY_NAMES[language][WEEKDAYS.index(rest)]
    if head == "holidays" and "." in rest:
        key, _, day = rest.partition(".")
        return f"{lower(label(f'holidays.{key}', language))} {day}"
    return lower(label(path, language))


def changed_value_in_words(path: str, value: str | None, nothing: str, language: Language) -> str:
    """A setting's value before or after a change: a target in words, any other value as written, or
    ``nothing`` if the setting was empty or absent."""
    if not value:
        return nothing
    return _target(value, language) if path == "target" else value


def _target(written: str, language: Language) -> str:
    """``minst 90 %`` for ``>= 90%``; text that is not a target is returned as written."""
    try:
        return target_in_words(Target.parse(written), language)
    except ValueError:
        return written


def target_in_words(target: Target, language: Language) -> str:
    """``minst 90 %``: a target in the unit it is written in."""
    shown_in = (target.unit, 1) if target.unit and is_time_unit(target.unit) else None
    return target_text(Measure("", shown_in=shown_in, target=target), language)


def calendar_name(name: str, language: Language) -> str:
    """A calendar's display name: common names in words, any other as configured."""
    found = _CALENDARS.get(name)
    return name if found is None else _in(found, language)


def exclusion_reason(name: str, language: Language, n: int = 2) -> str:
    """The words for why ``n`` records are excluded; a reason named in the configuration stays."""
    found = _ONE.get(name) if n == 1 else None
    found = found or _REASONS.get(name)
    return name.replace("_", " ") if found is None else _in(found, language)


def _in(both: Both, language: Language) -> str:
    return both[0] if language == "sv" else both[1]


def weekly_hours(hours: Mapping[str, SettingValue], language: Language) -> list[tuple[str, str]]:
    """Weekly hours as (days, windows), such as ``måndag–fredag``, ``08:00–17:00``.

    Consecutive weekdays with the same hours are joined; days without hours are left out.
    """
    lines: list[tuple[str, str]] = []
    names = WEEKDAY_NAMES[language]
    first = ""
    for index, day in enumerate(WEEKDAYS):
        if day not in hours:
            first = ""
            continue
        windows = hours[day]
        text = windows if isinstance(windows, str) else ", ".join(windows)
        text = text.replace("-", DASH)
        if first and lines[-1][1] == text:
            lines[-1] = (f"{first}{DASH}{names[index]}", text)
        else:
            first = names[index]
            lines.append((first, text))
    return lines
