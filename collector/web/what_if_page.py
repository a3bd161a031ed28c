"""What if: one indicator in one month, with another limit, target or other hours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import ClassVar

from starlette.requests import Request

from collector.config.settings import Settings
from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.what_if import Alternative, alternatives
from collector.measuring.figures.figure import Figure, definition_date
from collector.measuring.figures.rules import rules_in_words
from collector.model.bilingual import Language, Text
from collector.model.periods import Period
from collector.text.characters import MINUS
from collector.text.dates import month
from collector.text.measures import amount_text, target_text
from collector.text.numbers import points
from collector.text.words import capital
from collector.text.words.records import VERDICT_WORDS
from collector.text.words.tables import word
from collector.web.desk import Desk
from collector.web.goals_content import choosable_months, months_ago
from collector.web.levers import NAMES, Lever, moved, scales
from collector.web.page import Page, Words
from collector.web.parameters import Options, Parameter, Question
from collector.web.rooms import room
from collector.web.standing import Standing, standing

_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Side:
    """The figure by one of the two configurations, its target, and how it is measured."""

    figure: Standing
    target: str
    rule: str


@dataclass(frozen=True, slots=True)
class Moved:
    """So many records (``n``) whose verdict changes from ``was`` to ``becomes``."""

    was: str
    becomes: str
    n: int
    text: str


@dataclass(frozen=True, slots=True)
class WhatIf:
    """An indicator in a month (``2020-07``), in force and with its levers where they stand.

    ``change``: from the one figure to the other, in the unit of the figure. Without any lever
    moved both sides are the same. ``in_force`` is None without an indicator that is measured.
    """

    indicator: str
    title: str
    month: str
    month_text: str
    levers: list[Lever]
    in_force: Side | None
    what_if: Side | None
    change: float | None
    change_text: str
    moved: list[Moved]


def _measured(desk: Desk) -> list[str]:
    """The indicators that are measured on records."""
    return [each.id for each in desk.measuring.timelines if each.clock]


def _indicators(desk: Desk, language: Language) -> Options:
    return [(each, desk.settings.indicators[each].title[language]) for each in _measured(desk)]


def _months(desk: Desk, language: Language) -> Options:
    return [(each, _month_text(each, language)) for each in choosable_months(desk)]


def _month_text(text: str, language: Language) -> str:
    return capital(month(date.fromisoformat(f"{text}-01"), language))


def _amount(name: str) -> Parameter:
    about = {
        "within": "The limit, in seconds (in business days where it is in those).",
        "target": "The number of the target, in its own unit.",
        "opens": "When the first open weekday opens, in minutes after midnight; others follow.",
        "closes": "When the first open weekday closes, in minutes after midnight; others follow.",
    }[name]

    def check(_: Desk, text: str) -> str:
        try:
            amount = Decimal(text) if text.isascii() and len(text) <= _DIGITS else None
        except InvalidOperation:
            amount = None
        if amount is None or not amount.is_finite():
            raise ValueError(f"{name}: {text[:20]!r} is not a number")
        return text

    return Parameter(name, about, check=check, schema={"type": "number"})


class WhatIfPage(Page[WhatIf]):
    """Answers ``/what-if?indicator=&month=&within=&target=&opens=&closes=``."""

    NAME = "what-if"
    PATH = "/what-if"
    LABEL = Text(sv="Tänk om", en="What if")
    ABOUT = (
        "One indicator in one month with another limit, target or other hours, beside the one in "
        "force. Nothing is changed. At most two are measured at once; others get 503 with "
        "Retry-After."
    )
    PARAMETERS = (
        Parameter(
            "indicator",
            "The id of a measured indicator; without it the first.",
            Text(sv="Indikator", en="Indicator"),
            _indicators,
        ),
        Parameter(
            "month",
            "This month or one of the twelve before, such as 2020-07; without it last month.",
            Text(sv="Månad", en="Month"),
            _months,
        ),
        *(_amount(name) for name in NAMES),
        Parameter(
            "of",
            "The indicator that limit, target and hours are meant for: they are left out for "
            "another. Without it they are meant for the one asked for.",
            check=lambda _, text: text[:100],
        ),
    )
    CONTENT = WhatIf
    WORDS: ClassVar[Words] = {
        "title": {"sv": "Tänk om", "en": "What if"},
        "intro": {
            "sv": "Dra i reglagen och se vad månaden hade blivit. Ingenting ändras.",
            "en": "Move the sliders and see what the month would have been. Nothing is changed.",
        },
        "pending": {"sv": "väntar", "en": "pending"},
        "levers": {"sv": "Reglage", "en": "Sliders"},
        "in_force": {"sv": "Som det gäller", "en": "In force"},
        "what_if": {"sv": "Om i stället", "en": "What if"},
        "target": {"sv": "Mål", "en": "Target"},
        "applies": {"sv": "gäller: {0}", "en": "in force: {0}"},
        "measure": {"sv": "Räkna om", "en": "Measure again"},
        "back": {"sv": "Återställ", "en": "Reset"},
        "difference": {"sv": "Skillnad", "en": "Difference"},
        "same": {
            "sv": "Reglagen står som det gäller: inget skiljer.",
            "en": "The sliders stand as in force: nothing differs.",
        },
        "no_change": {
            "sv": "Ingen post bedöms annorlunda.",
            "en": "No record is judged differently.",
        },
        "moved": {"sv": "Poster som bedöms annorlunda", "en": "Records judged differently"},
        "rule": {"sv": "Så räknas det", "en": "How it is measured"},
        "hours": {
            "sv": "Öppnings- och stängningstiden flyttas lika mycket alla öppna dagar.",
            "en": "Opening and closing move by the same time on every open day.",
        },
        "nothing": {
            "sv": "Indikatorn har varken gräns, mål eller kalender att ändra.",
            "en": "This indicator has no limit, target or calendar to move.",
        },
        "none": {"sv": "Inga indikatorer mäts.", "en": "No indicators are measured."},
        "taken_apart": {"sv": "Siffran i delar", "en": "The figure taken apart"},
        "busy": {
            "sv": "Servern är upptagen, försöker igen …",
            "en": "The server is busy, trying again …",
        },
        "working": {"sv": "Räknar …", "en": "Measuring …"},
    }

    def asked(self, desk: Desk, request: Request) -> Question:
        """The question, with the indicator and the month that stand for none, and without levers
        that are meant for another indicator."""
        question = super().asked(desk, request)
        first = next(iter(_measured(desk)), None)
        values = {"month": months_ago(desk, 1), **question.values}
        if first is not None:
            values.setdefault("indicator", first)
        meant = values.pop("of", None)
        if meant not in {None, values.get("indicator")}:
            values = {k: v for k, v in values.items() if k not in NAMES}
        if set(NAMES) & values.keys():
            values["of"] = values["indicator"]
        return replace(question, values=values)

    def content(self, desk: Desk, asked: Question) -> WhatIf:
        """Both figures. Raises ValueError for a lever out of its range, and Busy."""
        name, chosen, language = asked.get("indicator"), asked.values["month"], asked.language
        text = _month_text(chosen, language)
        if name is None:
            return WhatIf("", "", chosen, text, [], None, None, None, "", [])
        settings, period = desk.settings, desk.measuring.period(chosen, desk.now)
        day = definition_date(period, desk.today)
        figure = _figure(desk, name, period)
        levers = [
            each.lever(language, asked.get(each.name))
            for each in scales(settings, figure, day, language)
        ]
        away = {each.name: each for each in levers if each.moved}
        both, other = Alternative(figure, figure, {}), settings
        if away:
            other = moved(settings, name, day, away)
            both = _alternative(desk, name, period, other)
        before, after = both.in_force, both.other
        change = None
        if before.value is not None and after.value is not None:
            change = after.value - before.value
        return WhatIf(
            name,
            settings.indicators[name].title[language],
            chosen,
            text,
            levers,
            _side(settings, before, language),
            _side(other, after, language),
            change,
            "" if change is None else _change_text(after, change, language),
            [
                Moved(was, becomes, n, f"{_verdict(was, language)} → {_verdict(becomes, language)}")
                for (was, becomes), n in sorted(both.moved.items(), key=lambda each: -each[1])
            ],
        )

    def title(self, content: WhatIf, language: Language) -> str:
        """The title, with the indicator and the month."""
        title = self.WORDS["title"][language]
        if not content.title:
            return title
        return f"{title} · {content.title} · {content.month_text}"

    def sources(self, desk: Desk, content: WhatIf) -> list[str] | None:
        """Those of the indicator."""
        return desk.measuring.sources[content.indicator] if content.indicator else None

    def extras(self, desk: Desk, content: WhatIf, asked: Question) -> Mapping[str, object]:
        """Numbers as a form sends them, and whether any lever was moved."""
        return {
            "plain": lambda amount: format(Decimal(str(amount)).normalize(), "f"),
            "moved": any(each.moved for each in content.levers),
        }


def _figure(desk: Desk, name: str, period: Period) -> Figure:
    """The figure in force: as published, otherwise measured. Raises Busy."""
    for each in desk.months(name, None):
        if each.period.name == period.name:
            return each
    with room():
        measuring = desk.measuring
        tallies = measuring.tallies(period.first, period.after, desk.now, only=[name])
        states = dict(desk.stored_states())
        return next(measuring.figures(tallies, period, desk.now, states, [name]))


def _alternative(desk: Desk, name: str, period: Period, other: Settings) -> Alternative:
    """The month by both configurations. Raises Busy."""
    with room():
        alternative = Measuring(other, desk.measuring.store)
        sides = (desk.measuring, period), (alternative, period)
        return next(alternatives(*sides, desk.now, [name]))


def _side(settings: Settings, figure: Figure, language: Language) -> Side:
    days = (figure.period.first, *figure.turns)
    rule = capital(rules_in_words(settings, figure.indicator, days, language))
    return Side(standing(figure, language), target_text(figure.measure, language), f"{rule}.")


def _change_text(figure: Figure, change: float, language: Language) -> str:
    sign = "+" if change > 0 else "±" if change == 0 else MINUS
    if figure.is_share:
        return f"{sign}{points(change, language)}"
    return f"{sign}{amount_text(figure.measure, abs(change), language)}"


def _verdict(name: str, language: Language) -> str:
    """The verdict of one record in words."""
    return VERDICT_WORDS[name][language] if name in VERDICT_WORDS else word(name, language)
