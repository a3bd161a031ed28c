"""The page about one figure: its value, its parts, its definition, and the records behind it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar

from collector.measuring.engine.record_list import ORDERS
from collector.model.bilingual import Language, Text
from collector.model.periods import EXPORTED, require_measurable
from collector.text.characters import DASH
from collector.text.dates import day
from collector.text.durations import duration, in_largest_unit
from collector.text.period_names import RUNNING
from collector.text.vocabulary import VERDICT_SYMBOLS
from collector.text.words import capital
from collector.text.words.records import field_name, value_of_field
from collector.web.desk import Desk
from collector.web.goals_content import choosable_months
from collector.web.indicator_content import IndicatorContent, indicator_content, own_name
from collector.web.indicator_drawings import clock_line, spread, trend
from collector.web.indicator_parts import is_exact
from collector.web.indicator_records import NUMBERS, VALUES
from collector.web.page import Page, Words
from collector.web.parameters import ORGANIZATION, PAGE, Options, Parameter, Question, Unknown

_AHEAD = timedelta(days=366)
_LONGEST = 200
VERDICTS: tuple[str, ...] = ("met", "missed", "pending", "excluded")
_SORTS = tuple(sign + each for each in ORDERS for sign in ("", "-"))

_WORDS: Words = {
    "now": {"sv": "Nuvärde", "en": "Now"},
    "target": {"sv": "Målvärde", "en": "Target"},
    "of": {"sv": "av", "en": "of"},
    "state": {"sv": "Läge", "en": "State"},
    "pending": {"sv": "väntar", "en": "pending"},
    "excluded": {"sv": "undantagna", "en": "excluded"},
    "met": {"sv": "nådda", "en": "met"},
    "missed": {"sv": "missade", "en": "missed"},
    "counted_in": {"sv": "räknas med", "en": "counted"},
    "all": {"sv": "Alla", "en": "All"},
    "formula": {"sv": "Så räknas det", "en": "How it is made"},
    "definition": {"sv": "Gällande definition", "en": "Definition in force"},
    "changes": {"sv": "Ändringar under perioden", "en": "Changes within the period"},
    "from": {"sv": "från", "en": "from"},
    "behind": {"sv": "Posterna bakom siffran", "en": "The records behind the figure"},
    "none": {"sv": "Inga poster.", "en": "No records."},
    "verdict": {"sv": "Bedömning", "en": "Verdict"},
    "record": {"sv": "Post", "en": "Record"},
    "organization": {"sv": "Organisation", "en": "Organization"},
    "counted": {"sv": "Räknas", "en": "Counts"},
    "time": {"sv": "Tid", "en": "Time"},
    "limit": {"sv": "Gräns", "en": "Limit"},
    "sorted": {"sv": "sorterat", "en": "sorted"},
    "clock": {"sv": "Klockan", "en": "The clock"},
    "show_clock": {"sv": "tidslinje", "en": "timeline"},
    "close": {"sv": "Stäng", "en": "Close"},
    "doubts": {"sv": "Frågas efter förgäves", "en": "Asked in vain"},
    "what_if": {
        "sv": "Tänk om: annan gräns, annat mål, andra tider",
        "en": "What if: another limit, target or other hours",
    },
    "skip": {"sv": "Till posterna", "en": "To the records"},
    "trend": {"sv": "Månad för månad", "en": "Month by month"},
    "distribution": {"sv": "Tider", "en": "Times"},
    "median": {"sv": "median", "en": "median"},
    "ninety": {"sv": "90 % inom", "en": "90% within"},
    "within": {
        "sv": "gränsen {0} ligger inom en av grupperna",
        "en": "the limit of {0} lies within one of the groups",
    },
    "by": {"sv": "Delar", "en": "Parts"},
    "more_parts": {"sv": "och {0} mindre", "en": "and {0} smaller ones"},
    "other_organizations": {
        "sv": "utanför de inlagda organisationerna: {0}",
        "en": "outside the configured organizations: {0}",
    },
    "csv": {"sv": "Alla som CSV", "en": "All of them as CSV"},
    "chosen": {"sv": "Bara", "en": "Only"},
    "without": {"sv": "ta bort", "en": "remove"},
    "too_many": {
        "sv": "Perioden har för många poster för en sida. Välj en månad:",
        "en": "The period holds too many records for a page. Choose a month:",
    },
    "or_command": {"sv": "Uppdelat för hela perioden:", "en": "Split for the whole period:"},
    "not_kept": {
        "sv": "Perioden är inte mätt för sidorna. Kommandot mäter den:",
        "en": "This period is not kept for pages. The command measures it:",
    },
}


def _periods(desk: Desk, language: Language) -> Options:
    return [(name, capital(RUNNING[name][language])) for name in EXPORTED]


def _period(desk: Desk, text: str) -> str:
    period = require_measurable(desk.measuring.period(text, desk.now))
    if period.last > desk.today + _AHEAD:
        raise ValueError(f"{period.name!r} ends more than a year ahead: there are no data for it")
    return text


def _verdicts(desk: Desk, language: Language) -> Options:
    return [("", _WORDS["all"][language]), *((each, _WORDS[each][language]) for each in VERDICTS)]


def _sort(_: Desk, text: str) -> str:
    if text not in _SORTS:
        raise ValueError(f"sort: {text[:20]!r} is not one of {', '.join(_SORTS)}")
    return text


def _record(_: Desk, text: str) -> str:
    if "/" not in text or len(text) > _LONGEST or "\0" in text:
        raise ValueError(f"record: {text[:60]!r} is not a record, written SOURCE/ID")
    return text


def _value(name: str) -> Parameter:
    """A parameter that chooses records by a field."""

    def check(_: Desk, text: str) -> str:
        if name in NUMBERS:
            if (
                len(text) > 2
                or not text.isascii()
                or not text.isdigit()
                or int(text) not in NUMBERS[name]
            ):
                low, *_more, high = NUMBERS[name]
                raise ValueError(f"{name}: {text[:20]!r} is not a number from {low} to {high}")
            return str(int(text))
        if len(text) > _LONGEST:
            raise ValueError(f"{name}: {text[:60]!r} is too long for a name")
        return "-" if text == DASH else text

    numbers = NUMBERS.get(name)
    about = f", {numbers[0]} to {numbers[-1]}" if numbers else "; - for those without one"
    return Parameter(name, f"Only records of this {name}{about}.", check=check)


PERIOD = Parameter(
    "period",
    f"One of {', '.join(EXPORTED)}, or a period written with dates, such as 2020-07.",
    Text(sv="Period", en="Period"),
    _periods,
    _period,
    default="month",
    named=own_name,
)
_VERDICT = Parameter(
    "verdict",
    f"Only records of this verdict: {', '.join(VERDICTS)}.",
    Text(sv="Bedömning", en="Verdict"),
    _verdicts,
)
_SORT = Parameter(
    "sort",
    f"What the records are sorted by: {', '.join(ORDERS)}; with - before it the highest first. "
    "Without it the latest first.",
    check=_sort,
    schema={"type": "string", "enum": list(_SORTS)},
)
_RECORD = Parameter("record", "One record whose clock is shown, written SOURCE/ID.", check=_record)


class IndicatorPage(Page[IndicatorContent]):
    """Answers ``/indicator/ID?period=&organization=&verdict=&sort=&record=&page=&lang=``, and
    fields of the records, such as ``&team=``."""

    NAME = "indicator"
    PATH = "/indicator/{name}"
    ABOUT = "A figure taken apart: its value, its parts, its definition, and its records."
    PARAMETERS = (
        *(PERIOD, ORGANIZATION, _VERDICT, _SORT, _RECORD),
        *(_value(name) for name in VALUES),
        PAGE,
    )
    CONTENT = IndicatorContent
    WORDS: ClassVar[Words] = _WORDS

    def content(self, desk: Desk, asked: Question) -> IndicatorContent:
        """The figure as published or kept, with the records of a period that a page may read."""
        known(desk, asked.path)
        period = desk.measuring.period(asked.get("period") or PERIOD.default, desk.now)
        return indicator_content(desk, asked, period)

    def title(self, content: IndicatorContent, language: Language) -> str:
        """The indicator's title, with the organization."""
        whole = content.organization is None
        return content.title if whole else f"{content.title} · {content.organization}"

    def sources(self, desk: Desk, content: IndicatorContent) -> list[str]:
        """Those that the figure draws on."""
        return list(desk.measuring.sources[content.indicator])

    def extras(
        self, desk: Desk, content: IndicatorContent, asked: Question
    ) -> Mapping[str, object]:
        """Drawings; instants and dates in words; what is chosen beside the filter."""
        language, locale = asked.language, desk.settings.locale
        when = desk.times(language)
        months, told, times = (
            desk.months(content.indicator, content.organization),
            content.told,
            content.distribution,
        )
        limit = times.limit if times else None
        return {
            "span": _span(content, language, locale),
            "given_on": content.given_on and day(content.given_on, language, locale),
            "trend": trend(content.trend, months[-1], language) if months else None,
            "spread": times and spread(times, language),
            "line": told and clock_line(told, when, language),
            "chosen": [
                (name, f"{field_name(name, language)} {_value_text(name, text, language)}")
                for name in VALUES
                if (text := asked.get(name)) is not None
            ],
            "sort": asked.get("sort") or "-counted",
            "symbols": VERDICT_SYMBOLS,
            "inexact": None
            if limit is None or is_exact(limit)
            else in_largest_unit(limit, language),
            "duration": duration,
            "month": _month(desk, content),
        }


def _span(content: IndicatorContent, language: Language, locale: str | None) -> str:
    """The first and the last day of the period, or its only one."""
    first, last = content.first.date(), (content.after - timedelta(seconds=1)).date()
    return " – ".join(day(each, language, locale) for each in dict.fromkeys((first, last)))


def known(desk: Desk, name: str) -> None:
    """Raise Unknown if there is no such indicator."""
    if name not in desk.settings.indicators:
        there_are = ", ".join(desk.settings.indicators)
        raise Unknown(f"there is no indicator {name[:60]!r}; there are: {there_are}")


def _month(desk: Desk, content: IndicatorContent) -> str | None:
    """The period if it is a month that can be asked about on the page of what if, as in 2020-07."""
    whole = desk.measuring.period(f"{content.first:%Y-%m}", desk.now)
    if tuple(map(desk.moment, desk.measuring.instants(whole))) != (content.first, content.after):
        return None
    return whole.name if whole.name in choosable_months(desk) else None


def _value_text(name: str, text: str, language: Language) -> str:
    value = None if text == "-" else int(text) if name in NUMBERS else text
    return value_of_field(name, value, language)
